"""Follow the words in a picture: when they come, and when they are gone."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from difflib import SequenceMatcher

from engine.facts import ScreenText
from engine.media import Box, Frame, Image, Span, nanoseconds
from engine.perception.steadiness import SteadyRegions
from engine.ports.seeing import TextReader

MARGIN = 8
"""Pixels around a region that are read with it: letters at the very edge are misread."""
SAME_WORDS = 0.88
"""Readings of one line differ by a letter here and there."""
LEAST_LETTERS = 2
"""What is shorter is an icon taken for a letter."""
RESTLESS = nanoseconds(2.0)
"""Where it keeps moving for so long, the words that stood there are gone."""
LAST_READING_S = 5.0

Line = tuple[Box, str]
Texts = tuple[tuple[ScreenText, bool], ...]


@dataclass(slots=True, eq=False)
class _Block:
    """Lines that came together, and until when they were known to stand there."""

    lines: list[Line]
    text: str
    began: int
    seen: int
    seen_at: int

    @property
    def box(self) -> Box:
        return Box.around([box for box, _ in self.lines])


@dataclass(frozen=True, slots=True)
class _Reading:
    """Regions of one frame that are being read."""

    frame: Frame
    regions: tuple[Box, ...]
    lines: Future[list[Line]]


class TextFollower:
    """Reads only what changed and has come to rest.

    A recording is read in place, so that it always gives the same. A live source is read in a
    thread of its own, one reading at a time; what changes meanwhile is read afterwards, as it is
    then.
    """

    def __init__(self, reader: TextReader, run: str, *, live: bool) -> None:
        self._reader = reader
        self._run = run
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="reading") if live else None
        self._steady = SteadyRegions()
        self._blocks: list[_Block] = []
        self._reading: _Reading | None = None

    def look(self, frame: Frame) -> Texts:
        """What came and what is gone, as (text, gone) pairs."""
        texts = self._finished()
        regions = self._steady.look(frame.image, frame.pts)
        for block in self._blocks:
            if not self._steady.unread(block.box):
                block.seen, block.seen_at = frame.pts, frame.at
        texts += self._overrun(frame)
        if regions and self._reading is None:
            self._begin(frame, regions)
            texts += self._finished()
        return tuple(texts)

    def close(self) -> Texts:
        """The run is over; everything that still stood there is reported with its span."""
        texts: list[tuple[ScreenText, bool]] = []
        if self._reading is not None:
            texts += self._finished(wait_s=LAST_READING_S)
        if self._aside is not None:
            self._aside.shutdown(wait=False, cancel_futures=True)
        texts += [self._gone(block) for block in self._blocks]
        self._blocks = []
        return tuple(texts)

    def _begin(self, frame: Frame, regions: tuple[Box, ...]) -> None:
        """Read the regions, with the lines that they cut."""
        width, height = frame.size
        whole: list[Box] = []
        for region in regions:
            wide = _grown(region, 3 * MARGIN, MARGIN)
            cut = [
                box for block in self._blocks for box, _ in block.lines if box.intersection(wide)
            ]
            whole.append(_grown(Box.around([region, *cut]), MARGIN, MARGIN).clipped(width, height))
            self._steady.take(whole[-1])
        crops = [(box, box.crop(frame.image)) for box in whole]
        if self._aside is not None:
            lines = self._aside.submit(_read, self._reader, crops)
        else:
            lines = Future[list[Line]]()
            lines.set_result(_read(self._reader, crops))
        self._reading = _Reading(frame, tuple(whole), lines)

    def _finished(self, wait_s: float = 0.0) -> list[tuple[ScreenText, bool]]:
        """What the reading brought, if it is done."""
        reading = self._reading
        if reading is None:
            return []
        if not reading.lines.done():
            if not wait_s:
                return []
            try:
                reading.lines.result(wait_s)
            except TimeoutError:
                return []
        self._reading = None
        return self._apply(reading, reading.lines.result())

    def _apply(self, reading: _Reading, lines: list[Line]) -> list[tuple[ScreenText, bool]]:
        texts: list[tuple[ScreenText, bool]] = []
        free = list(lines)
        for block in list(self._blocks):
            if not any(box.intersection(block.box) for box in reading.regions):
                continue
            kept = _still_there(block, reading.regions, free)
            standing = sum(len(words) for _, words, _ in kept)
            if 2 * standing >= sum(len(words) for _, words in block.lines):
                free = [line for line in free if all(line is not used for _, _, used in kept)]
                block.lines = [(box, words) for box, words, _ in kept]
                block.seen, block.seen_at = reading.frame.pts, reading.frame.at
            else:
                self._blocks.remove(block)
                texts.append(self._gone(block))
        for together in _blocks(free):
            box = Box.around([box for box, _ in together])
            block = _Block(
                lines=together,
                text=" ".join(words for _, words in together),
                began=min(self._steady.rested_at(box), reading.frame.pts),
                seen=reading.frame.pts,
                seen_at=reading.frame.at,
            )
            self._blocks.append(block)
            texts.append((self._as_text(block), False))
        return texts

    def _overrun(self, frame: Frame) -> list[tuple[ScreenText, bool]]:
        """Words that something moving has covered for long."""
        over = [
            block
            for block in self._blocks
            if frame.pts - block.seen > RESTLESS and self._steady.moving(block.box)
        ]
        self._blocks = [block for block in self._blocks if block not in over]
        return [self._gone(block) for block in over]

    def _gone(self, block: _Block) -> tuple[ScreenText, bool]:
        return self._as_text(block), True

    def _as_text(self, block: _Block) -> ScreenText:
        return ScreenText(
            run=self._run,
            span=Span(start=min(block.began, block.seen), end=block.seen),
            at=block.seen_at,
            text=block.text,
            box=block.box,
        )


def _read(reader: TextReader, crops: Sequence[tuple[Box, Image]]) -> list[Line]:
    """Lines in pixels of the whole picture."""
    return [
        (Box(box.x + region.x, box.y + region.y, box.w, box.h), words)
        for region, crop in crops
        for box, words in reader.read(crop)
        if sum(letter.isalnum() for letter in words) >= LEAST_LETTERS
    ]


def _still_there(
    block: _Block, regions: Sequence[Box], read: Sequence[Line]
) -> list[tuple[Box, str, Line | None]]:
    """The block's lines that were read again, each with its new box and the reading of it, and
    those that lie outside of what was read."""
    kept: list[tuple[Box, str, Line | None]] = []
    free = list(read)
    for box, words in block.lines:
        if not any(region.intersection(box) for region in regions):
            kept.append((box, words, None))
            continue
        again = [line for line in free if _same(words, line[1])]
        if again:
            # The nearest: a list may show the same words many times.
            line = min(again, key=lambda item: abs(item[0].x - box.x) + abs(item[0].y - box.y))
            free = [item for item in free if item is not line]
            kept.append((line[0], words, line))
    return kept


def _same(one: str, other: str) -> bool:
    a, b = ("".join(text.lower().split()) for text in (one, other))
    return a == b or SequenceMatcher(None, a, b, autojunk=False).ratio() >= SAME_WORDS


def _blocks(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines that stand close below each other and are of one height, put together."""
    blocks: list[list[Line]] = []
    for line in sorted(lines, key=lambda item: (item[0].y, item[0].x)):
        for block in blocks:
            if _continues(block[-1][0], line[0]):
                block.append(line)
                break
        else:
            blocks.append([line])
    return blocks


def _continues(above: Box, below: Box) -> bool:
    gap = below.y - (above.y + above.h)
    shared = min(above.x + above.w, below.x + below.w) - max(above.x, below.x)
    height = min(above.h, below.h)
    return (
        -0.5 * height <= gap <= 0.8 * height
        and shared >= 0.3 * min(above.w, below.w)
        and max(above.h, below.h) <= 1.5 * height
    )


def _grown(box: Box, x: int, y: int) -> Box:
    return Box(box.x - x, box.y - y, box.w + 2 * x, box.h + 2 * y)
