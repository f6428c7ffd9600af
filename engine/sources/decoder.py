"""OpenCV's decoder, told to keep its complaints to itself: our errors say what is wrong."""

import os

import cv2

# Both are read when the first stream is opened, not when OpenCV is imported.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def open_capture(
    address: str | int, backend: int = cv2.CAP_FFMPEG, settings: dict[int, int] | None = None
) -> cv2.VideoCapture | None:
    """The opened stream; None when OpenCV cannot open it. `settings` are `cv2.CAP_PROP_…`."""
    pairs = [item for pair in (settings or {}).items() for item in pair]
    try:
        capture = cv2.VideoCapture(address, backend, pairs)
    except cv2.error:
        return None
    if capture.isOpened():
        return capture
    capture.release()
    return None
