"""The live window: a fixed prefix and the newest frames, decoded as they come.

A question forks it, so it costs only its own tokens and leaves the stream as it was. The window is
a cache: everything in it can be decoded again from the pictures that were encoded before.

Three ways to let go of the oldest frame:

- *rolled*: its tokens are taken out, the rest stays as it was decoded. The frames that remain have
  attended to those that are gone, and positions grow.
- *rebuilt*: rolled, but after every so many frames the window is decoded anew beside the stream,
  and then takes its place.
- *redecoded*: frames are only kept; a question decodes the window from the prefix on.
"""

import logging
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from engine.inference.llama import Llama
from engine.inference.native import ContextFull, Encoded, Logits
from engine.inference.protocol import Policy

log = logging.getLogger(__name__)

SOON = 0.9
"""Of the positions there are: a window that has come so far is decoded anew behind the stream."""

Piece = tuple[int, ...] | Encoded
"""Token ids, or a picture."""

RESERVE = 1024
STREAM, ASKED, BUILT, PROBES = 0, 1, 2, 3
"""Sequences: the stream, a question, the window that is being built; probes from there on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowConfig:
    """How much of the stream is in view, and how it moves on."""

    frames: int = 4
    policy: Policy = "rebuilt"
    rebuild_every: int = 32
    reserve: int | None = None
    """Positions kept free for a question and its answer; None: RESERVE, of a small model half."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """One frame of the window, as it is decoded: its mark, what the model wants around a picture,
    the picture."""

    pieces: tuple[Piece, ...]
    pts: int


@dataclass(frozen=True, slots=True)
class Head:
    """A sequence and its next free position."""

    sequence: int
    position: int


class LiveWindow:
    """The window over one model. Not for several threads."""

    def __init__(self, llama: Llama, config: WindowConfig | None = None) -> None:
        self._llama = llama
        self.config = config or WindowConfig()
        trained = llama.facts.trained_context
        places = trained if trained > 0 else llama.facts.context
        given = self.config.reserve
        self._reserve = RESERVE if given is None else given
        self._last = places - (min(RESERVE, places // 2) if given is None else given)
        self._prefix: tuple[Piece, ...] = ()
        self._stood: tuple[Piece, ...] | None = None
        """The prefix that is decoded; another than is wanted, until that is built."""
        self._prefix_end = 0
        self._shown: deque[Shown] = deque(maxlen=self.config.frames)
        self._starts: deque[int] = deque(maxlen=self.config.frames)
        """Where each frame that is decoded in the stream begins."""
        self._next = 0
        self._taken = 0
        """Frames since the window was last decoded anew."""
        self._building: Iterator[None] | None = None
        self._again = False
        """Another build follows the one that is under way."""
        self._hollow = False
        """The stream was emptied to build it, and that was broken off."""
        self._roomy = True
        """Two windows have fitted into the context side by side, so far."""
        self.evictions = 0

    @property
    def shown(self) -> tuple[Shown, ...]:
        """The frames in view, oldest first."""
        return tuple(self._shown)

    @property
    def stood(self) -> tuple[Piece, ...] | None:
        """The prefix that is decoded, the very tuple; None before there is one."""
        return self._stood

    @property
    def newest_pts(self) -> int | None:
        return self._shown[-1].pts if self._shown else None

    @property
    def head(self) -> Head:
        """Where the stream goes on."""
        return Head(STREAM, self._next)

    # --- the stream ------------------------------------------------------------------------------

    def begin(self, prefix: Sequence[Piece], shown: Sequence[Shown] = ()) -> None:
        """Decode a prefix and frames that were seen before, and nothing else.

        Raises:
            ContextFull: the prefix does not fit.
        """
        self._prefix = tuple(prefix)
        self._shown = deque(shown, maxlen=self.config.frames)
        self._build_now()

    def stand(self, prefix: Sequence[Piece]) -> None:
        """Another prefix: the window is decoded anew by `work`, a piece at a time; until that is
        done it stays as it is.

        Raises:
            ContextFull: the prefix would leave no room for anything else; all stays as it is.
        """
        tokens = sum(map(len, prefix))
        if tokens + self._spared > self._llama.facts.context or _positions(prefix) > self._last:
            raise ContextFull
        self._prefix = tuple(prefix)
        self._building = self._build()

    @property
    def _spared(self) -> int:
        """Tokens that a prefix leaves free: of a small context, half."""
        return min(self._reserve, self._llama.facts.context // 2)

    def add(self, shown: Shown) -> None:
        """Take in a frame; the oldest goes when there are too many.

        Raises:
            Stopped: it was not taken in; the window is as it was.
            ContextFull: it does not fit, not even alone.
        """
        if self.config.policy == "redecoded":
            self._keep(shown)
            return
        if self._hollow or self._next + _positions(shown.pieces) > self._last:
            before = self._shown.copy(), self.evictions
            self._keep(shown)
            try:
                self._build_now()
            except BaseException:
                self._shown, self.evictions = before
                raise
            return
        start = self._next
        self._next = self._lay_newest(shown, start)
        if len(self._starts) == self.config.frames:
            # The oldest may be the only one: then the prefix is followed by this frame.
            oldest = self._starts.popleft()
            end = self._starts[0] if self._starts else start
            self._llama.remove(STREAM, oldest, end)
        self._starts.append(start)
        self._keep(shown)
        self._taken += 1
        due = self.config.policy == "rebuilt" and self._taken >= self.config.rebuild_every
        if due or self._next > SOON * self._last:
            self._taken = 0
            self._build_behind()

    def _build_behind(self) -> None:
        """Begin a build, or another one after that which is under way: so a build that takes
        longer than its turn comes to an end all the same."""
        if not self._roomy:
            return
        self._again = self._building is not None
        self._building = self._building or self._build()

    def _lay_newest(self, shown: Shown, start: int) -> int:
        """Decode a frame in the stream; where the context has no room for all of the window, it
        gets shorter."""
        while True:
            try:
                return self._lay(shown.pieces, Head(STREAM, start))
            except ContextFull:
                if not self._starts:
                    raise
                oldest = self._starts.popleft()
                self._llama.remove(STREAM, oldest, self._starts[0] if self._starts else start)
                self._shown.popleft()
                self.evictions += 1

    def _keep(self, shown: Shown) -> None:
        if len(self._shown) == self.config.frames:
            self.evictions += 1
        self._shown.append(shown)

    def clear(self) -> None:
        """Only the prefix stays."""
        self._shown.clear()
        self._starts.clear()
        if self._building is not None:
            self._building = self._build()
        self._llama.remove(STREAM, self._prefix_end)
        self._next = self._prefix_end

    def work(self) -> bool:
        """Decode one more piece of a window that is being built; False when there is nothing to
        do. To be called when nothing else is."""
        if self._building is None:
            return False
        try:
            if next(self._building, self) is self:
                self._building = self._build() if self._again else None
                self._again = False
        except ContextFull:
            # There is no room for two windows: this one goes on as it is, until positions end, if
            # its prefix is the one that is wanted.
            self._roomy = False
            log.info("the context has no room to build a window behind the stream")
            if self._prefix is self._stood:
                self._llama.remove(BUILT)
                self._building = None
            else:
                self._make_room()
                self._building = self._build()
        except BaseException:
            self._building = self._build()
            raise
        return True

    def _build_now(self) -> None:
        self._building, self._again = None, False
        while True:
            try:
                _finish(self._build())
                return
            except ContextFull:
                self._make_room()

    def _make_room(self) -> None:
        """For a build that had none: the present window goes first, then its oldest frame.

        Raises:
            ContextFull: there is nothing left that could go.
        """
        self._llama.remove(BUILT)
        if not self._hollow:
            self._hollow = True
            self._llama.remove(STREAM)
        elif self._shown:
            self._shown.popleft()
            self.evictions += 1
        else:
            raise ContextFull

    def _build(self) -> Iterator[None]:
        """Decode prefix and window on a sequence of its own, then let it be the stream. Frames
        that come meanwhile are decoded on both."""
        llama, head = self._llama, Head(BUILT, 0)
        llama.remove(BUILT)
        prefix = self._prefix
        for piece in prefix:
            head = Head(BUILT, self._lay((piece,), head))
            yield
        end = head.position
        starts: list[int] = []
        laid: list[Shown] = []
        while self.config.policy != "redecoded":
            left = [one for one in self._shown if one not in laid]
            if not left:
                break
            starts.append(head.position)
            laid.append(left[0])
            head = Head(BUILT, self._lay(left[0].pieces, head))
            yield
        # Frames that were laid and have gone meanwhile.
        gone = sum(one not in self._shown for one in laid)
        places = [*starts, head.position]
        if gone:
            llama.remove(BUILT, places[0], places[gone])
        llama.remove(STREAM)
        llama.fork(BUILT, STREAM)
        llama.remove(BUILT)
        self._stood, self._hollow = prefix, False
        self._prefix_end, self._next = end, head.position
        self._starts = deque(starts[gone:], maxlen=self.config.frames)

    def _lay(self, pieces: Sequence[Piece], head: Head) -> int:
        return lay(self._llama, pieces, head)

    # --- questions -------------------------------------------------------------------------------

    @contextmanager
    def asked(
        self,
        *,
        window: bool = True,
        before: Sequence[Piece] = (),
        anew: bool = False,
        sequence: int = ASKED,
    ) -> Generator[Head]:
        """A fork on which a question is put; it is dropped at the end, and the stream is
        byte-identical to what it was.

        With `before` (what was recalled) it is the prefix, that, and the window decoded again
        behind it; without `window` the prefix alone. `anew` decodes the window again in any case:
        what a policy is measured against.
        """
        if self._hollow:
            self._build_now()
        llama = self._llama
        llama.fork(STREAM, sequence)
        try:
            head = Head(sequence, self._next)
            if anew or before or not window or self.config.policy == "redecoded":
                llama.remove(sequence, self._prefix_end)
                head = Head(sequence, self._prefix_end)
                head = Head(sequence, self._lay(before, head))
                for shown in self._shown if window else ():
                    head = Head(sequence, self._lay(shown.pieces, head))
            yield head
        finally:
            llama.remove(sequence)


def _finish(build: Iterator[None]) -> None:
    for _ in build:
        pass


def lay(llama: Llama, pieces: Sequence[Piece], head: Head) -> int:
    """Decode pieces one after the other; the next free position. What follows in a piece of
    another kind is decoded by itself: the same pieces give the same numbers wherever they stand.

    Raises:
        Stopped, ContextFull: the sequence is as it was.
    """
    position = head.position
    try:
        for piece in pieces:
            if isinstance(piece, Encoded):
                position = llama.decode_encoded(piece, sequence=head.sequence, position=position)
            elif piece:
                llama.decode(piece, sequence=head.sequence, position=position)
                position += len(piece)
    except BaseException:
        llama.remove(head.sequence, head.position)
        raise
    return position


def follow(llama: Llama, tokens: Sequence[int], head: Head) -> tuple[Logits, Head]:
    """Decode tokens; the logits after the last, and where it goes on."""
    logits = llama.decode(tokens, sequence=head.sequence, position=head.position)
    return logits, Head(head.sequence, head.position + len(tokens))


def _positions(pieces: Sequence[Piece]) -> int:
    return sum(piece.advance if isinstance(piece, Encoded) else len(piece) for piece in pieces)
