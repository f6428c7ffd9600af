"""Pictures of the engine (numpy, BGR) as pictures of Qt, and files as pictures of the engine."""

from pathlib import Path
from typing import cast

import cv2
import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QImageReader

from engine.errors import UnreadableMedia
from engine.media import Image

LARGEST_SIDE = 4096


def as_qimage(image: Image) -> QImage:
    """The same pixels, copied once; for small pictures that are kept."""
    pixels = np.ascontiguousarray(image)
    height, width = pixels.shape[:2]
    return QImage(
        pixels.data, width, height, int(pixels.strides[0]), QImage.Format.Format_BGR888
    ).copy()


def fitted(image: Image, width: int, height: int) -> tuple[QImage, Image]:
    """The picture as large as fits into `width` x `height` device pixels, ready to be blitted.

    The QImage shares the memory of the returned array, which must be kept as long.
    """
    rows, columns = image.shape[:2]
    scale = min(width / columns, height / rows)
    size = (max(round(columns * scale), 1), max(round(rows * scale), 1))
    if scale != 1.0:
        how = cv2.INTER_AREA if scale < 0.4 else cv2.INTER_LINEAR
        image = cast(Image, cv2.resize(image, size, interpolation=how))
    pixels = cast(Image, cv2.cvtColor(image, cv2.COLOR_BGR2BGRA))
    shown = QImage(
        pixels.data, size[0], size[1], int(pixels.strides[0]), QImage.Format.Format_RGB32
    )
    return shown, pixels


def thumbnail(image: Image, width: int, height: int) -> QImage:
    """The middle of the picture, filling `width` x `height` pixels."""
    rows, columns = image.shape[:2]
    scale = max(width / columns, height / rows)
    w, h = min(round(width / scale), columns), min(round(height / scale), rows)
    x, y = (columns - w) // 2, (rows - h) // 2
    middle = np.ascontiguousarray(image[y : y + h, x : x + w])
    return as_qimage(cast(Image, cv2.resize(middle, (width, height), interpolation=cv2.INTER_AREA)))


def from_file(path: Path) -> Image:
    """A picture file, upright as its camera marked it, longer side at most 4096.

    Raises:
        UnreadableMedia: it is not a picture.
    """
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if max(size.width(), size.height()) > LARGEST_SIDE:
        scale = LARGEST_SIDE / max(size.width(), size.height())
        reader.setScaledSize(QSize(round(size.width() * scale), round(size.height() * scale)))
    picture = reader.read().convertToFormat(QImage.Format.Format_BGR888)
    if picture.isNull():
        raise UnreadableMedia(
            f"{path.name} is not a picture that can be read. Choose another file."
        )
    rows = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), -1)
    return rows[:, : picture.width() * 3].reshape(picture.height(), picture.width(), 3).copy()
