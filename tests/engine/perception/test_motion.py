from engine.media import Box
from engine.perception.motion import MotionFinder
from tests.fakes.perception import THING, paint, wall


def _learnt() -> MotionFinder:
    finder = MotionFinder()
    assert [finder.find(wall()) for _ in range(5)] == [[]] * 5
    return finder


def test_what_comes_into_the_picture_is_found_where_it_is() -> None:
    box = Box(200, 120, 160, 240)
    (found,) = _learnt().find(paint(wall(), THING, box, 9))
    assert found.kind == "motion"
    assert found.box.overlap(box) > 0.85


def test_pieces_close_together_are_one_and_those_apart_are_two() -> None:
    image = paint(wall(), THING, Box(100, 100, 80, 60), 9)
    paint(image, THING, Box(110, 170, 60, 60), 9)
    paint(image, THING, Box(450, 300, 120, 120), 9)
    found = _learnt().find(image)
    assert len(found) == 2
    assert found[0].box.overlap(Box(100, 100, 80, 130)) > 0.5 or found[0].box.x > 400


def test_a_speck_and_a_changed_light_are_not_motion() -> None:
    assert _learnt().find(paint(wall(), THING, Box(100, 100, 20, 20), 9)) == []
    finder = _learnt()
    bright = (wall() + 90).astype("uint8")
    assert finder.find(bright) == []
    assert finder.find(bright) == []


def test_what_rests_is_background_in_the_end() -> None:
    finder = _learnt()
    image = paint(wall(), THING, Box(200, 120, 160, 240), 9)
    assert [len(finder.find(image)) for _ in range(40)][::39] == [1, 0]
