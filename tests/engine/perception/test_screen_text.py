from collections.abc import Sequence
from threading import Event

import pytest

from engine.facts import ScreenText
from engine.media import Box, Frame, Image, nanoseconds
from engine.perception.screen_text import TextFollower
from tests.fakes.perception import THING, WORDS, FakeTextReader, paint, wall

WORDS_OF = {
    1: "The build has finished",
    2: "The kettle is hot",
    3: "It boils over",
    4: "A much longer note",
}
NEAR_TOP, BELOW = Box(100, 60, 300, 24), Box(100, 400, 300, 24)
AT = 5_000_000_000


def _frame(seconds: float, image: Image) -> Frame:
    pts = nanoseconds(seconds)
    return Frame(image=image, pts=pts, at=AT + pts, run="r")


def _screen(*lines: tuple[int, Box]) -> Image:
    image = wall()
    for which, box in lines:
        paint(image, WORDS, box, which)
    return image


class Watch:
    def __init__(self) -> None:
        self.reader = FakeTextReader(WORDS_OF)
        self.follower = TextFollower(self.reader, "r", live=False)
        self.now = 0.0

    def show(self, image: Image, looks: int = 2) -> list[tuple[str, str, float, float]]:
        """What comes of looks 0.5 s apart: sign, text, from, to."""
        texts: list[tuple[ScreenText, bool]] = []
        for _ in range(looks):
            texts += self.follower.look(_frame(self.now, image))
            self.now += 0.5
        return _told(texts)


def _told(texts: Sequence[tuple[ScreenText, bool]]) -> list[tuple[str, str, float, float]]:
    return [
        ("-" if gone else "+", text.text, text.span.start / 1e9, text.span.end / 1e9)
        for text, gone in texts
    ]


def test_words_are_told_when_they_come_and_with_their_span_when_they_go() -> None:
    watch = Watch()
    assert watch.show(wall()) == []
    assert watch.show(_screen((1, NEAR_TOP))) == [("+", WORDS_OF[1], 1.0, 1.5)]
    assert watch.show(_screen((1, NEAR_TOP)), 8) == []
    assert watch.show(wall()) == [("-", WORDS_OF[1], 1.0, 5.5)]


def test_wall_time_is_that_of_the_end_of_the_span() -> None:
    watch = Watch()
    watch.show(wall())
    for n in range(4):
        for text, _ in watch.follower.look(_frame(1 + n / 2, _screen((1, NEAR_TOP)))):
            assert text.at == AT + text.span.end
    ((text, gone),) = watch.follower.close()
    assert gone
    assert text.at == AT + text.span.end == AT + nanoseconds(2.5)


def test_only_what_changed_is_read() -> None:
    watch = Watch()
    watch.show(_screen((1, NEAR_TOP)), 3)
    assert watch.reader.read_sizes == [(640, 480)]
    told = watch.show(_screen((1, NEAR_TOP), (2, BELOW)), 5)
    assert [(sign, text) for sign, text, *_ in told] == [("+", WORDS_OF[2])]
    ((width, height),) = watch.reader.read_sizes[1:]
    assert height < 150
    assert width < 500


def test_what_scrolls_is_not_read_until_it_rests() -> None:
    watch = Watch()
    watch.show(wall())
    for n in range(6):
        assert watch.show(_screen((1, Box(100, 60 + 40 * n, 300, 24))), 1) == []
    told = watch.show(_screen((1, Box(100, 260, 300, 24))), 2)
    assert [(sign, text) for sign, text, *_ in told] == [("+", WORDS_OF[1])]


def test_words_that_only_moved_are_not_told_again() -> None:
    watch = Watch()
    watch.show(_screen((1, NEAR_TOP)), 3)
    assert watch.show(_screen((1, Box(100, 100, 300, 24))), 3) == []
    assert watch.show(wall()) == [("-", WORDS_OF[1], 0.0, 2.5)]


def test_lines_below_each_other_are_one_text() -> None:
    watch = Watch()
    told = watch.show(_screen((1, NEAR_TOP), (3, Box(100, 92, 280, 24)), (2, BELOW)))
    assert [text for _, text, *_ in told] == ["The build has finished It boils over", WORDS_OF[2]]


def test_a_line_that_is_added_is_told_alone() -> None:
    watch = Watch()
    watch.show(_screen((1, NEAR_TOP)), 3)
    told = watch.show(_screen((1, NEAR_TOP), (3, Box(100, 92, 280, 24))), 3)
    assert [(sign, text) for sign, text, *_ in told] == [("+", WORDS_OF[3])]


def test_other_words_in_the_same_place() -> None:
    watch = Watch()
    watch.show(_screen((1, NEAR_TOP)), 3)
    told = watch.show(_screen((2, NEAR_TOP)), 3)
    assert [(sign, text) for sign, text, *_ in told] == [("-", WORDS_OF[1]), ("+", WORDS_OF[2])]


def test_words_under_a_film_are_gone() -> None:
    watch = Watch()
    watch.show(_screen((1, NEAR_TOP)), 3)
    told: list[tuple[str, str, float, float]] = []
    for n in range(8):
        told += watch.show(paint(wall(), THING, Box(80, 40, 400, 100), 2 + n % 2 * 8), 1)
    assert told == [("-", WORDS_OF[1], 0.0, 1.0)]


def test_a_picture_of_another_size_starts_anew() -> None:
    watch = Watch()
    watch.show(_screen((1, NEAR_TOP)), 3)
    image = paint(wall(800, 600), WORDS, NEAR_TOP, 1)
    assert watch.show(image, 3) == []
    assert [sign for sign, *_ in _told(watch.follower.close())] == ["-"]


class SlowReader(FakeTextReader):
    """Reads when it is let."""

    def __init__(self) -> None:
        super().__init__(WORDS_OF)
        self.begun = Event()
        self.let = Event()

    def read(self, image: Image) -> Sequence[tuple[Box, str]]:
        self.begun.set()
        assert self.let.wait(10)
        return super().read(image)


def test_a_live_source_is_not_held_up_by_the_reader() -> None:
    reader = SlowReader()
    follower = TextFollower(reader, "r", live=True)
    image = _screen((1, NEAR_TOP))
    assert follower.look(_frame(0, image)) == ()
    assert follower.look(_frame(0.5, image)) == ()
    assert reader.begun.wait(10)
    assert follower.look(_frame(1.0, image)) == ()
    reader.let.set()
    told = _told(follower.close())
    assert [(sign, text) for sign, text, *_ in told] == [("+", WORDS_OF[1]), ("-", WORDS_OF[1])]


class BrokenReader(FakeTextReader):
    def read(self, image: Image) -> Sequence[tuple[Box, str]]:
        raise RuntimeError("broken")


def test_what_breaks_in_the_reader_is_not_swallowed() -> None:
    follower = TextFollower(BrokenReader(WORDS_OF), "r", live=True)
    image = _screen((1, NEAR_TOP))
    follower.look(_frame(0, image))
    with pytest.raises(RuntimeError, match="broken"):  # noqa: PT012 - in the next look or at the end
        follower.look(_frame(0.5, image))
        follower.close()
