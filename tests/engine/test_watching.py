"""What is remembered of the tracks of a run, and what is let go of."""

import pytest

from engine.config import EngineConfig
from engine.facts import Sighting, Track
from engine.memory.gallery import Gallery
from engine.reports import Perceived
from engine.watching import TRACKS_REMEMBERED, Watching
from tests.engine.conftest import CAMERA, MUM_FACE, START, a_frame, a_person

IN_VIEW = 0


@pytest.fixture
def watching() -> Watching:
    return Watching(CAMERA, EngineConfig(), START)


def look(watching: Watching, t: float, *tracks: Track) -> None:
    watching.look(Perceived(frame=a_frame(t), tracks=tracks), Gallery())


def test_who_stays_is_remembered_however_many_pass_by(watching: Watching) -> None:
    look(watching, 0, a_person(IN_VIEW, MUM_FACE))
    stayed = watching.identity(IN_VIEW)
    assert stayed is not None
    stayed.pin("mum")
    passed = 5 * TRACKS_REMEMBERED
    for n in range(1, passed + 1):
        look(watching, n, a_person(IN_VIEW), a_person(n, MUM_FACE))
    assert watching.identity(IN_VIEW) is stayed
    remembered = [n for n in range(passed + 1) if watching.identity(n)]
    assert remembered == [IN_VIEW, *range(passed - TRACKS_REMEMBERED + 2, passed + 1)]


def test_a_crowd_in_view_is_remembered_whole(watching: Watching) -> None:
    crowd = range(2 * TRACKS_REMEMBERED)
    for t in range(3):
        look(watching, t, *(a_person(n, MUM_FACE) for n in crowd))
        known = [watching.identity(n) for n in crowd]
        assert all(known)
    look(watching, 3)
    assert sum(watching.identity(n) is not None for n in crowd) == TRACKS_REMEMBERED


def test_a_visit_ends_by_the_track_that_it_began_with(watching: Watching) -> None:
    """A track that breaks and goes on under another number is the same visitor: what was noted of
    the beginning is found again at the end."""
    facts = [
        fact
        for t, track in enumerate([5, 5, 7, 7, None, None, None])
        for fact in _changes(watching, t, *([] if track is None else [a_person(track)]))
    ]
    assert [(fact.phase, fact.track) for fact in facts] == [("began", 5), ("ended", 5)]


def _changes(watching: Watching, t: float, *tracks: Track) -> list[Sighting]:
    seen = watching.look(Perceived(frame=a_frame(t), tracks=tracks), Gallery())
    return [*seen.named, *seen.ended, *seen.began]
