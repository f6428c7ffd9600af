"""The clips of two people who sign a word each."""

from pathlib import Path

import cv2

from engine.media import Image
from engine.perception.yunet import YuNet

SNAPSHOT_SCORE = 0.8
SHOWN = {"A": "student", "B": "milk"}
"""The clips that the snapshots are taken from."""


def first_clear_frame(path: Path, detector: YuNet) -> Image:
    capture = cv2.VideoCapture(str(path))
    try:
        while (read := capture.read())[0]:
            if any(face.score >= SNAPSHOT_SCORE for face in detector.detect(read[1])):
                return read[1]
    finally:
        capture.release()
    raise AssertionError("no face in this clip is clear enough")


def clip(real_data: Path, sign: str) -> Path:
    return real_data / "people" / f"asl_{sign}.mkv"
