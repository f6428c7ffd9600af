"""Visits: who came and went, over looks two a second."""

from engine.config import PresenceConfig
from engine.decision.presence import Presence, Seen
from engine.media import Box, nanoseconds

BOX = Box(10, 10, 50, 100)


def person(track: int, concept: str | None = None) -> Seen:
    return Seen(track=track, kind="person", concept=concept, box=BOX, score=0.8)


def play(looks: list[list[Seen]], *, every_s: float = 0.5) -> list[tuple[float, str, str | None]]:
    """The changes as (time, what, concept)."""
    presence = Presence(PresenceConfig(arrive_s=0.5, leave_s=2.0))
    log: list[tuple[float, str, str | None]] = []
    for number, seen in enumerate(looks):
        t = number * every_s
        changes = presence.look(seen, nanoseconds(t), 0)
        log += [(t, "named", s.concept) for s in changes.named]
        log += [(t, "began", s.concept) for s in changes.began]
        log += [(t, "ended", s.concept) for s in changes.ended]
    return log


def test_a_flicker_is_nobody() -> None:
    assert play([[person(1)], [], [], [], [], []]) == []


def test_someone_comes_and_goes_once() -> None:
    looks = [[person(1)]] * 4 + [[]] * 6
    assert play(looks) == [(0.5, "began", None), (3.5, "ended", None)]


def test_a_short_gap_is_no_departure() -> None:
    looks = [[person(1)]] * 4 + [[]] * 3 + [[person(1)]] * 4
    assert [what for _, what, _ in play(looks)] == ["began"]


def test_a_broken_track_is_no_arrival() -> None:
    looks = [[person(1)]] * 4 + [[]] + [[person(2)]] * 4 + [[person(3)]] * 4
    assert [what for _, what, _ in play(looks)] == ["began"]


def test_a_second_person_is_a_second_visit() -> None:
    looks = [[person(1)]] * 4 + [[person(1), person(2)]] * 4 + [[person(1)]] * 6
    assert [what for _, what, _ in play(looks)] == ["began", "began", "ended"]


def test_a_name_is_there_at_once_and_nobody_left() -> None:
    looks = [[person(1)]] * 4 + [[person(1, "mum")]] * 8
    assert play(looks) == [(0.5, "began", None), (2.0, "named", None), (2.0, "began", "mum")]


def test_a_visit_that_gets_its_name_late_began_when_it_began() -> None:
    presence = Presence(PresenceConfig())
    for number in range(4):
        presence.look([person(1)], nanoseconds(number * 0.5), 0)
    (stay,) = presence.look([person(1, "mum")], nanoseconds(2.0), 0).began
    assert stay.since == 0


def test_a_visit_ends_where_it_was_last_seen() -> None:
    presence = Presence(PresenceConfig(leave_s=2.0))
    presence.look([person(1, "mum")], nanoseconds(1.0), 0)
    presence.look([person(1, "mum")], nanoseconds(2.0), 0)
    assert presence.look([], nanoseconds(3.9), 0).ended == ()
    (stay,) = presence.look([], nanoseconds(4.0), 0).ended
    assert (stay.since, stay.last) == (nanoseconds(1.0), nanoseconds(2.0))


def test_the_same_name_on_two_tracks_is_one_visit() -> None:
    looks = [[person(1, "mum"), person(2, "mum")]] * 3 + [[person(2, "mum")]] * 8
    assert play(looks) == [(0.0, "began", "mum")]


def test_closing_hands_out_what_is_still_there() -> None:
    presence = Presence(PresenceConfig())
    presence.look([person(1, "mum"), person(2)], 0, 0)
    assert [stay.concept for stay in presence.close()] == ["mum"]
    assert presence.stays == ()


def test_a_name_is_not_given_to_the_bodies_that_were_there_before() -> None:
    presence = Presence(PresenceConfig())
    looks = [[person(1)]] * 40 + [[person(2)]] + [[person(2, "mum")]]
    for number, seen in enumerate(looks):
        changes = presence.look(seen, nanoseconds(number * 0.5), 0)
    (stay,) = changes.began
    assert (stay.concept, stay.since) == ("mum", nanoseconds(20.0))
