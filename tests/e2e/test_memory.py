"""What was watched is remembered: asked in a new process, with spans that fit the video."""

import shutil
from pathlib import Path

import pytest

from tests.fakes.program import Line, Program

VISITS = ((6.0, 19.5), (23.0, 44.5), (50.5, 70.0), (74.5, 86.5), (92.5, 119.5), (123.5, 136.0))
"""When somebody is there in the video, in seconds, as people see it."""
TOLERANCE_S = 1.0
HOW_OFTEN = "how many times did somebody appear?"
WHEN_LAST = "when did somebody last appear?"


@pytest.fixture
def afterwards(nacre: Program, visits_watched: Path) -> Program:
    """Another day, on the same data folder."""
    shutil.rmtree(nacre.data)
    shutil.copytree(visits_watched, nacre.data)
    return nacre


def spans(answer: Line) -> list[tuple[float, float]]:
    return [(one["from"], one["to"]) for one in answer["evidence"]]


def assert_fits(found: list[tuple[float, float]], truth: tuple[tuple[float, float], ...]) -> None:
    assert len(found) == len(truth), found
    for seen, true in zip(found, truth, strict=True):
        assert seen == pytest.approx(true, abs=TOLERANCE_S)


def test_visits_are_counted_and_timed_afterwards(afterwards: Program) -> None:
    often = afterwards.ask(HOW_OFTEN)
    assert "6 times" in often["text"]
    assert_fits(spans(often), VISITS)
    last = afterwards.ask(WHEN_LAST)
    assert_fits(spans(last), VISITS[-1:])
    assert "2:04" in last["text"]


def test_watching_it_again_is_a_second_run_and_no_second_truth(
    afterwards: Program, visits_video: Path
) -> None:
    afterwards.do("watch", visits_video)
    assert_fits(spans(afterwards.ask(HOW_OFTEN)), VISITS)
    assert afterwards.do("memory", "stats", "--json").json["runs"] == 2


def test_watching_only_the_beginning_again_forgets_nothing(
    afterwards: Program, visits_video: Path
) -> None:
    afterwards.do("watch", visits_video, "--until", "30")
    assert_fits(spans(afterwards.ask(HOW_OFTEN)), VISITS)
    assert_fits(spans(afterwards.ask("when did somebody last appear?")), VISITS[-1:])


def test_a_part_of_the_recording_is_told_by_itself(afterwards: Program) -> None:
    between = afterwards.ask("what happened between 0:20 and 0:48?")
    assert_fits(spans(between), VISITS[1:2])


def test_nothing_watched_is_nothing_seen(bare: Program) -> None:
    answer = bare.ask(HOW_OFTEN)
    assert answer["evidence"] == []
    assert answer["confidence"] == 0
    assert answer["help"]
