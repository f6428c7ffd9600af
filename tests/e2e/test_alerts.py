"""Alerts on real input: one remark per arrival and per departure, none between; a word that appears
once is told of once; and the same is found when an alert is tried on what is remembered."""

from pathlib import Path

import pytest

from tests.fakes.program import Line, Program

VISITS_S = ((6.0, 19.5), (23.0, 44.5), (50.5, 70.0), (74.5, 86.5), (92.5, 119.5), (123.5, 136.0))
"""When somebody is in view, seen on frames half a second apart."""
WORDS_S = {"laughing": (18.0, 22.0), "gymnastics": (28.0, 30.0)}
"""When a word stands on the recorded screen; while an answer is being written, it grows."""
LATE_S = 2.5


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
