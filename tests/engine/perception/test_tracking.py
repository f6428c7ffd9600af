from collections.abc import Sequence

from engine.facts import TrackKind
from engine.media import Box, nanoseconds
from engine.perception.detections import FoundObject
from engine.perception.finding import body_around, people
from engine.perception.tracking import Found, Tracker
from tests.fakes.perception import FACE, FakeFaceDetector, paint, wall


class Looks:
    """A tracker that is given one look after another; where it says so, nothing moved."""

    def __init__(self) -> None:
        self.tracker = Tracker()

    def at(self, seconds: float, *found: Found, stirred: bool = True) -> list[int]:
        """Ids of what is there."""
        present = self.tracker.update(nanoseconds(seconds), found, lambda _: stirred)
        return [track.id for track in present]


def _body(x: int, y: int = 100, score: float = 0.9, kind: TrackKind = "person") -> Found:
    return Found(kind=kind, box=Box(x, y, 100, 250), score=score)


def test_one_look_alone_is_a_ghost() -> None:
    looks = Looks()
    assert looks.at(0, _body(100)) == []
    assert [looks.at(t) for t in (0.5, 1.0, 1.5, 2.0)] == [[], [], [], []]
    assert looks.at(2.5, _body(100)) == []
    assert looks.at(3.0, _body(100)) == [1]


def test_somebody_walking_is_one_track() -> None:
    looks = Looks()
    ids = [looks.at(n / 2, _body(20 + 70 * n)) for n in range(10)]
    assert ids == [[]] + [[1]] * 9


def test_two_who_pass_each_other_stay_two() -> None:
    looks = Looks()
    seen: list[Sequence[int]] = []
    for n in range(9):
        seen.append(looks.at(n / 5, _body(40 + 60 * n), _body(520 - 60 * n, y=130)))
    assert seen[1:] == [[1, 2]] * 8
    first, second = looks.tracker.tracks
    assert first.box.x == 40 + 60 * 8
    assert second.box.x == 520 - 60 * 8


def test_who_is_lost_for_a_moment_comes_back_and_who_is_gone_does_not() -> None:
    looks = Looks()
    looks.at(0, _body(100))
    assert looks.at(0.5, _body(100)) == [1]
    assert looks.at(1.0) == []
    assert looks.at(2.0, _body(120)) == [1]
    for n in range(5, 12):
        assert looks.at(n / 2) == []
    looks.at(6, _body(120))
    assert looks.at(6.5, _body(120)) == [2]


def test_another_place_after_a_gap_is_another_track() -> None:
    looks = Looks()
    looks.at(0, _body(100))
    assert looks.at(0.5, _body(100)) == [1]
    looks.at(1.0)
    looks.at(1.5, _body(500))
    assert looks.at(2.0, _body(500)) == [2]


def test_a_person_is_never_continued_as_a_thing() -> None:
    looks = Looks()
    looks.at(0, _body(100))
    assert looks.at(0.5, _body(100)) == [1]
    assert looks.at(1.0, _body(100, kind="thing")) == []


def test_what_has_not_moved_has_not_gone() -> None:
    looks = Looks()
    for n in range(3):
        looks.at(n / 2, _body(100))
    assert looks.at(1.5, stirred=False) == [1]
    assert looks.at(3.0, stirred=False) == [1]
    assert looks.at(3.5, stirred=True) == []


def test_motion_that_rests_is_gone() -> None:
    looks = Looks()
    for n in range(3):
        assert looks.at(n / 2, _body(100, kind="motion")) == ([1] if n else [])
    assert looks.at(1.5, stirred=False) == []


def test_a_weak_detection_continues_a_track_and_begins_none() -> None:
    weak = Found(kind="person", box=Box(100, 100, 100, 250), score=0.3, weak=True)
    looks = Looks()
    assert looks.at(0, weak) == looks.at(0.5, weak) == []
    looks.at(1.0, _body(100))
    assert looks.at(1.5, weak) == [1]


def test_a_slow_source_has_tracks_too() -> None:
    looks = Looks()
    ids = [looks.at(3.0 * n, _body(100)) for n in range(4)]
    assert ids == [[], [1], [1], [1]]


def test_after_a_gap_in_the_stream_everybody_is_new() -> None:
    looks = Looks()
    looks.at(0, _body(100))
    assert looks.at(0.5, _body(100)) == [1]
    assert looks.at(6.5, _body(100)) == []
    assert looks.at(7.0, _body(100)) == [2]


def test_a_face_belongs_to_the_body_around_it_and_else_stands_alone() -> None:
    image = paint(paint(wall(), FACE, Box(150, 120, 60, 70)), FACE, Box(480, 60, 80, 90), 2)
    faces = FakeFaceDetector().detect(image)
    body = FoundObject(box=Box(100, 100, 160, 370), score=0.8, is_person=True)
    worn, alone = people([body], faces, (640, 480))
    assert worn.face is not None
    assert worn.face.box.overlap(Box(150, 120, 60, 70)) > 0.9
    assert worn.body_seen
    assert alone.face is not None
    assert not alone.body_seen
    assert alone.face.box.intersection(alone.box) == alone.face.box.area


def test_a_face_on_the_belly_is_not_the_face_of_the_body() -> None:
    faces = FakeFaceDetector(score=0.65).detect(paint(wall(), FACE, Box(150, 380, 60, 70)))
    body = FoundObject(box=Box(100, 100, 160, 370), score=0.8, is_person=True)
    (only,) = people([body], faces, (640, 480))
    assert only.face is None


def test_body_and_face_in_turn_are_one_track() -> None:
    image = paint(wall(), FACE, Box(290, 60, 70, 90))
    (face,) = FakeFaceDetector().detect(image)
    body = Found(kind="person", box=Box(180, 40, 290, 440), score=0.9, face=face)
    lone = Found(
        kind="person",
        box=body_around(face.box, (640, 480)),
        score=0.9,
        face=face,
        body_seen=False,
    )
    looks = Looks()
    ids = [looks.at(n / 2, lone if n % 2 else body) for n in range(8)]
    assert ids == [[]] + [[1]] * 7


def test_who_comes_after_a_still_empty_picture_is_somebody_new() -> None:
    looks = Looks()
    looks.at(0, _body(100))
    assert looks.at(0.5, _body(100)) == [1]
    assert looks.at(1.0) == []
    for n in range(3, 20):
        assert looks.tracker.hold(nanoseconds(n / 2)) == ()
    assert looks.at(10.0, _body(100)) == []
    assert looks.at(10.5, _body(100)) == [2]
