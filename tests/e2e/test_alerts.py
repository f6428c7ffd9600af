"""Alerts on real input: one remark per arrival and per departure, none between; a word that appears
once is told of once; and the same is found when an alert is tried on what is remembered."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.e2e.signers import clip
from tests.fakes.program import Line, Program

VISITS_S = ((6.0, 19.5), (23.0, 44.5), (50.5, 70.0), (74.5, 86.5), (92.5, 119.5), (123.5, 136.0))
"""When somebody is in view, seen on frames half a second apart."""
WORDS_S = {"laughing": (18.0, 22.0), "gymnastics": (28.0, 30.0)}
"""When a word stands on the recorded screen; while an answer is being written, it grows."""
LATE_S = 2.5
FPS = 30.0
SPLICED = (
    (4.0, "help"), (0.0, "yes"), (9.0, "please"), (9.0, "brother"), (2.0, "no"), (9.0, "thanks"),
    (9.0, "again"),
)  # fmt: skip
"""Clips of one person (help, yes, brother, no, again) and of another (please, thanks), each after
an empty picture of so many seconds."""
VISITS_OF = ("help", "brother", "again")
"""The clips in which the first one comes; who is away for two seconds has not left."""


def remarks(lines: list[Line], sentence: str) -> list[float]:
    return [
        line["t"] for line in lines if line["event"] == "remarked" and line["alert"] == sentence
    ]


def test_one_remark_per_arrival_and_per_departure(nacre: Program, visits_video: Path) -> None:
    came, left = "tell me when somebody appears", "tell me when somebody leaves"
    nacre.do("alerts", "add", came)
    nacre.do("alerts", "add", left)
    lines = nacre.do("watch", visits_video, "--json", limit_s=600).lines
    for told, truth in (
        (remarks(lines, came), [start for start, _ in VISITS_S]),
        (remarks(lines, left), [end for _, end in VISITS_S]),
    ):
        assert len(told) == len(truth)
        for said, was in zip(told, truth, strict=True):
            assert -1.0 <= said - was <= LATE_S, (said, was)
    tried = nacre.do("alerts", "backtest", came, "--json").json
    assert tried["count"] == len(VISITS_S)
    assert [one["t"] for one in tried["remarks"]] == pytest.approx(remarks(lines, came), abs=1.0)


def test_a_word_that_appears_once_is_told_of_once(nacre: Program, real_data: Path) -> None:
    for word in WORDS_S:
        nacre.do("alerts", "add", f"tell me when the screen shows {word}")
    screen = real_data / "screen" / "screen_recording.mp4"
    lines = nacre.do("watch", screen, "--as-screen", "--json", limit_s=900).lines
    for word, (first, last) in WORDS_S.items():
        (said,) = remarks(lines, f"tell me when the screen shows {word}")
        assert first <= said <= last + 0.5


def test_a_registered_person_is_told_of_once_a_visit(
    nacre: Program, real_data: Path, snapshots: dict[str, Path], tmp_path: Path
) -> None:
    sentence = "tell me when A comes"
    nacre.do("concepts", "add", "A", "--kind", "person", "--image", snapshots["A"])
    nacre.do("alerts", "add", sentence)
    spliced = tmp_path / "visits.mkv"
    begins = splice(spliced, real_data)
    lines = nacre.do("watch", spliced, "--json", limit_s=600).lines
    told, truth = remarks(lines, sentence), [begins[sign] for sign in VISITS_OF]
    assert len(told) == len(truth), (told, truth)
    for said, was in zip(told, truth, strict=True):
        assert -1.0 <= said - was <= LATE_S, (said, was)


def splice(path: Path, real_data: Path) -> dict[str, float]:
    """Write the clips one after another; when each begins, in seconds."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, (640, 480))
    begins: dict[str, float] = {}
    empty = np.full((480, 640, 3), 120, np.uint8)
    frames = 0
    for gap_s, sign in SPLICED:
        for _ in range(int(gap_s * FPS)):
            writer.write(empty)
        frames += int(gap_s * FPS)
        begins[sign] = frames / FPS
        capture = cv2.VideoCapture(str(clip(real_data, sign)))
        while (read := capture.read())[0]:
            writer.write(read[1])
            frames += 1
        capture.release()
    writer.release()
    return begins
