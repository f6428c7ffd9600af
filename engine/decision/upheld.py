"""Is what was said still so? A statement that stops being true while it can still be read is taken
back, with the reason (after the idea of LiveStar)."""

from dataclasses import dataclass

from engine.media import nanoseconds

VISIBLE_S = 20.0
"""A caption, and the newest answer, are read within so long."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Said to be here, or (not `here`) to be gone."""

    said: str
    concept: str
    here: bool
    run: str
    pts: int


class Upheld:
    """The statements that can still be read. One thread."""

    def __init__(self) -> None:
        self._open: list[Statement] = []

    def say(self, said: str, concept: str, run: str, pts: int, *, here: bool) -> None:
        """`said` is what it is known by: the ref of an answer, or a remark's text."""
        self._open = [*self._open[-15:], Statement(said, concept, here, run, pts)]

    def changed(self, concept: str | None, run: str, pts: int, *, here: bool) -> list[Statement]:
        """The concept came (`here`) or left: the statements that this makes untrue."""
        visible = nanoseconds(VISIBLE_S)
        self._open = [one for one in self._open if one.run != run or pts - one.pts <= visible]
        untrue = [
            one
            for one in self._open
            if (one.run, one.concept) == (run, concept) and one.here != here and one.pts < pts
        ]
        self._open = [one for one in self._open if one not in untrue]
        return untrue

    def mistaken(self, concept: str, run: str, pts: int) -> list[Statement]:
        """It was not this concept after all."""
        visible = nanoseconds(VISIBLE_S)
        untrue = [
            one
            for one in self._open
            if (one.run, one.concept) == (run, concept) and pts - one.pts <= visible
        ]
        self._open = [one for one in self._open if one not in untrue]
        return untrue
