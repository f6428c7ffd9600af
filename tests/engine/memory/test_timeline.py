"""The folds: visits, unions, stretches, what newer watchings replace."""

from dataclasses import replace

from engine.facts import Sighting, Visit
from engine.media import nanoseconds
from engine.memory.timeline import (
    Coverage,
    RunLog,
    fold_visits,
    in_telling_order,
    unite,
    watched_stretches,
)
from tests.fakes.facts import concept, run, sighting, span, state, wall, wall_span


def log(
    name: str = "r1", *states: tuple[float, str], last: float = 100, identity: str | None = None
) -> RunLog:
    return RunLog(
        run=run(name, kind="recording" if identity else "camera", identity=identity),
        states=tuple(state(name, s, kind) for s, kind in states),  # pyright: ignore[reportArgumentType]
        last_pts=nanoseconds(last),
        last_at=wall(last),
    )


def fold(*sightings: Sighting, logs: tuple[RunLog, ...] = (log(),)) -> tuple[Visit, ...]:
    return fold_visits(sightings, {each.run.run: each for each in logs}, {"c1": concept("Mum")})


def test_a_visit_opens_and_closes() -> None:
    (visit,) = fold(sighting("r1", 1, concept="c1"), sighting("r1", 1, 9, concept="c1"))
    assert (visit.span, visit.at, visit.open) == (span(1, 9), wall_span(1, 9), False)
    assert (visit.name, visit.label, visit.recorded) == ("Mum", "Desk", False)


def test_two_strangers_at_once_are_told_apart_by_their_tracks() -> None:
    visits = fold(
        sighting("r1", 1, track=1),
        sighting("r1", 2, track=2),
        sighting("r1", 1, 5, track=1),
        sighting("r1", 2, 7, track=2),
    )
    assert [visit.span for visit in visits] == [span(1, 5), span(2, 7)]


def test_a_named_visit_rides_several_tracks() -> None:
    visits = fold(
        sighting("r1", 1, concept="c1", track=1), sighting("r1", 1, 9, concept="c1", track=4)
    )
    assert [visit.span for visit in visits] == [span(1, 9)]


def test_coming_back_is_a_second_visit() -> None:
    visits = fold(
        sighting("r1", 1, concept="c1"),
        sighting("r1", 1, 4, concept="c1"),
        sighting("r1", 20, concept="c1"),
    )
    assert [(visit.span, visit.open) for visit in visits] == [
        (span(1, 4), False),
        (span(20, 100), True),
    ]


def test_an_unclosed_visit_lasts_as_long_as_its_run() -> None:
    begun = sighting("r1", 20)
    (still_there,) = fold(begun)
    assert (still_there.span, still_there.open) == (span(20, 100), True)
    (over,) = fold(begun, logs=(log("r1", (0, "open"), (100, "ended")),))
    assert (over.span, over.at, over.open) == (span(20, 100), wall_span(20, 100), False)
    (unknown,) = fold(begun, logs=())
    assert (unknown.span, unknown.label) == (span(20, 20), "")


def test_overlapping_visits_of_one_concept_are_one() -> None:
    visits = fold(
        sighting("r1", 1, 5, concept="c1"),
        sighting("r1", 4, 9, concept="c1", track=2),
        sighting("r1", 6, 7, track=3),
    )
    assert [(visit.name, visit.span) for visit in visits] == [
        ("Mum", span(1, 9)),
        ("someone", span(6, 7)),
    ]


def test_a_concept_that_is_gone_has_no_name() -> None:
    (visit,) = fold(sighting("r1", 1, 5, concept="erased", kind="pet"))
    assert visit.name == "something"


def test_uniting_bridges_short_gaps_and_drops_names_that_differ() -> None:
    visits = fold(
        sighting("r1", 0, 10, concept="c1"),
        sighting("r1", 11.9, 15, concept="c1"),
        sighting("r1", 17.1, 18, concept="c1"),
        sighting("r1", 17.5, 21, track=5),
    )
    united = unite(visits)
    assert [(visit.span, visit.name) for visit in united] == [
        (span(0, 15), "Mum"),
        (span(17.1, 21), "someone"),
    ]
    assert united[1].at == wall_span(17.1, 21)


def test_uniting_keeps_sources_apart() -> None:
    visits = fold(sighting("r1", 0, 10), sighting("r2", 5, 15), logs=(log("r1"), log("r2")))
    assert len(unite(visits)) == 2


def test_a_short_visit_inside_a_long_one_does_not_end_it() -> None:
    visits = fold(
        sighting("r1", 0, 50), sighting("r1", 5, 6, track=2), sighting("r1", 30, 31, track=3)
    )
    assert [visit.span for visit in unite(visits)] == [span(0, 50)]


def test_visits_of_a_recording_watched_faster_than_it_plays_stay_apart() -> None:
    played = [sighting("r1", *at, track=at[0]) for at in ((6, 19), (23, 44), (50, 70))]
    # A visit of many seconds was over within one: by the wall clock they overlap.
    hurried = [replace(seen, at=wall(seen.span.end / 1e9 / 12)) for seen in played]
    visits = unite(fold(*hurried, logs=(log(identity="file:1"),)))
    assert [visit.span for visit in visits] == [span(6, 19), span(23, 44), span(50, 70)]


def test_stretches() -> None:
    def spans(*states: tuple[float, str]) -> list[object]:
        return [part.span for part in watched_stretches(log("r1", *states))]

    assert spans() == [span(0, 100)]
    assert spans((0, "open"), (40, "ended")) == [span(0, 40)]
    assert spans((0, "open"), (10, "paused"), (20, "open")) == [span(0, 10), span(20, 100)]
    assert spans((0, "open"), (10, "stalled"), (12, "lost"), (15, "ended")) == [span(0, 10)]
    assert spans((40, "ended")) == [span(0, 40)]


def test_the_newest_watching_tells() -> None:
    logs = (
        log("a", (0, "open"), (60, "ended"), last=60, identity="same"),
        log("b", (0, "open"), (20, "ended"), last=20, identity="same"),
        log("other", (0, "open"), (60, "ended"), last=60, identity="else"),
    )
    coverage = Coverage(logs)
    assert coverage.replaces("a", nanoseconds(10))
    assert not coverage.replaces("a", nanoseconds(30))
    assert not coverage.replaces("b", nanoseconds(10))
    assert not coverage.replaces("other", nanoseconds(10))
    visits = fold(
        sighting("a", 1, 5),
        sighting("a", 15, 40, track=2),
        sighting("a", 45, 50, track=3),
        sighting("b", 1, 5),
        sighting("b", 15, 20, track=2, stayed=True),
        sighting("other", 1, 5),
        logs=logs,
    )
    assert sorted((visit.run, visit.span.start) for visit in coverage.newest_visits(visits)) == [
        ("a", nanoseconds(15)),
        ("a", nanoseconds(45)),
        ("b", nanoseconds(1)),
        ("other", nanoseconds(1)),
    ]


def test_a_recording_watched_in_parts_is_told_in_its_own_order() -> None:
    logs = (
        log("a", (0, "open"), (60, "ended"), last=60, identity="same"),
        log("b", (0, "open"), (20, "ended"), last=20, identity="same"),
    )
    again = replace(sighting("b", 1, 5), at=wall(900))
    visits = fold(sighting("a", 30, 40), sighting("a", 45, 50, track=2), again, logs=logs)
    told = in_telling_order(visits)
    assert [visit.span.start for visit in told] == [nanoseconds(s) for s in (1, 30, 45)]
    assert {visit.recording for visit in told} == {"same"}


def test_while_it_is_watched_again_the_new_visit_is_the_open_one() -> None:
    logs = (
        log("a", (0, "open"), (60, "ended"), last=60, identity="same"),
        log("b", (0, "open"), last=20, identity="same"),
    )
    visits = fold(sighting("a", 15, 40), sighting("b", 15), logs=logs)
    (visit,) = Coverage(logs).newest_visits(visits)
    assert (visit.run, visit.open) == ("b", True)


def test_while_it_is_watched_again_what_is_to_come_is_not_known() -> None:
    logs = (
        log("a", (0, "open"), (60, "ended"), last=60, identity="same"),
        log("b", (0, "open"), last=20, identity="same"),
    )
    coming = fold(sighting("a", 30, 40), logs=logs)
    assert Coverage(logs).newest_visits(coming) == ()
    stopped = (logs[0], log("b", (0, "open"), (20, "ended"), last=20, identity="same"))
    assert Coverage(stopped).newest_visits(coming) == coming


def test_what_only_the_older_watching_saw_begins_where_the_newer_stopped() -> None:
    logs = (
        log("a", (0, "open"), (60, "ended"), last=60, identity="same"),
        log("b", (0, "open"), (20, "ended"), last=20, identity="same"),
    )
    visits = fold(sighting("a", 15, 40, concept="c1"), logs=logs)
    (visit,) = Coverage(logs).newest_visits(visits)
    assert (visit.span, visit.at) == (span(20, 40), wall_span(20, 40))
