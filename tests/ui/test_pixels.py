from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtGui import QColor

from engine.errors import UnreadableMedia
from ui.pixels import as_qimage, fitted, from_file, thumbnail

BLUE_LEFT = np.zeros((40, 60, 3), np.uint8)
BLUE_LEFT[:, :30] = (255, 0, 0)


def test_bgr_stays_bgr() -> None:
    assert as_qimage(BLUE_LEFT).pixelColor(5, 5) == QColor(0, 0, 255)


def test_a_crop_that_is_a_view_is_shown_right() -> None:
    assert as_qimage(BLUE_LEFT[:, 20:40]).pixelColor(5, 5) == QColor(0, 0, 255)


@pytest.mark.parametrize(("width", "height"), [(120, 200), (30, 10), (60, 40)])
def test_fitted_keeps_the_shape_and_fits(width: int, height: int) -> None:
    shown, _pixels = fitted(BLUE_LEFT, width, height)
    assert shown.width() <= width
    assert shown.height() <= height
    assert abs(shown.width() / shown.height() - 1.5) < 0.1
    assert shown.pixelColor(1, 1) == QColor(0, 0, 255)


def test_a_thumbnail_fills_its_place() -> None:
    image = thumbnail(BLUE_LEFT, 20, 20)
    assert (image.width(), image.height()) == (20, 20)
    assert image.pixelColor(2, 10) == QColor(0, 0, 255)


def test_a_picture_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "ü.png"
    file.write_bytes(cv2.imencode(".png", BLUE_LEFT)[1].tobytes())
    assert np.array_equal(from_file(file), BLUE_LEFT)


def test_what_is_no_picture_is_refused_in_words(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_text("hello")
    with pytest.raises(UnreadableMedia, match="not a picture"):
        from_file(file)
