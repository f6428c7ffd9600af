"""A stream as a file: what plays is what was drawn, and the truth lies beside it."""

import json
from pathlib import Path

import cv2
import numpy as np

from app.eval.world.camera import Camera
from app.eval.world.stream import Stream
from app.eval.world.video import SIZE, write_video


def test_a_written_stream_plays_and_has_a_line_of_truth_for_each_frame(tmp_path: Path) -> None:
    path = tmp_path / "world.mp4"
    lines = write_video(Stream(4, "dev"), path, until_s=1.5, fps=6)
    truths = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    assert len(truths) == 9
    assert [truth["time"] for truth in truths] == [round(n / 6, 4) for n in range(9)]
    assert {"seen", "room", "door_open"} <= truths[0].keys()

    film = cv2.VideoCapture(str(path))
    played: list[np.ndarray] = []
    while True:
        there, picture = film.read()
        if not there:
            break
        played.append(np.asarray(picture))
    film.release()
    drawn = list(Stream(4, "dev").frames(until_s=1.5, fps=6, camera=Camera(SIZE)))
    assert len(played) == len(drawn)
    for a, b in zip(played, drawn, strict=True):
        assert b.picture is not None
        assert np.abs(a.astype(int) - b.picture.astype(int)).mean() < 6
    assert sorted(one.name for one in tmp_path.iterdir()) == ["world.mp4", "world.truth.jsonl"]
