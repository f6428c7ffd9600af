"""What the model's process is to see: its prefix and the frames of its live window. And what of
that it has seen already, since it may have been started again."""

from collections import deque
from dataclasses import dataclass, replace

from engine.inference import protocol
from engine.inference.requests import Show
from engine.media import Frame
from engine.prompts import Prefix


@dataclass(slots=True, kw_only=True, eq=False)
class Seen:
    """A frame for the live window."""

    frame: Frame
    mark: str
    epoch: int
    """How often the view had been emptied when it came."""
    paced: bool = True
    """Not: it is owed before anything is asked."""
    losses: int = 0
    """How often the process was lost over it."""

    def order(self, number: int, show: Show) -> protocol.Take:
        return protocol.Take(
            id=number, picture=show(self.frame.image, self.mark), pts=self.frame.pts
        )


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """A prefix that is to stand before everything."""

    prefix: Prefix
    left_out: int = 0
    """Cards that it should have, and that did not fit."""

    def lighter(self) -> "Standing | None":
        """The same with half its cards; None where it has none."""
        cards = self.prefix.cards
        if not cards:
            return None
        fewer = replace(self.prefix, cards=cards[: len(cards) // 2])
        return Standing(fewer, self.left_out + len(cards) - len(fewer.cards))

    def order(self, number: int, show: Show) -> protocol.Stand:
        cards = tuple(
            protocol.ShownCard(
                name=card.name,
                kind=card.kind,
                text=card.text,
                picture=None if card.picture is None else show(card.picture, ""),
            )
            for card in self.prefix.cards
        )
        return protocol.Stand(
            id=number, system=self.prefix.system, standing=self.prefix.standing, cards=cards
        )


@dataclass(frozen=True, slots=True, eq=False)
class Emptying:
    """The live window is to be emptied."""

    def order(self, number: int, show: Show) -> protocol.Clear:
        return protocol.Clear(id=number)


Step = Seen | Standing | Emptying

LOSSES = 2
"""A frame over which the process was lost so often is left out."""


class View:
    """One thread owns it. A step that is handed out comes back through `done` or `undone`."""

    def __init__(self, frames: int) -> None:
        self._standing: Standing | None = None
        self._stands: Standing | None = None
        self._wanted: Prefix | None = None
        self._refused: Standing | None = None
        self._window: deque[Seen] = deque(maxlen=frames)
        self._restoring: deque[Seen] = deque()
        self._coming: Seen | None = None
        self._recorded: deque[Seen] = deque(maxlen=frames)
        """Frames that wait and are not left out, unless they would be out of view again."""
        self._run: str | None = None
        self._epoch = 0
        self._emptying = False

    def stand(self, prefix: Prefix) -> None:
        self._wanted = prefix
        self._standing = Standing(prefix)

    def stand_again(self) -> None:
        """The whole prefix, where only a part of it fitted."""
        standing = self._standing
        if standing and self._wanted and (standing.left_out or standing is self._refused):
            self._standing, self._refused = Standing(self._wanted), None

    def take(self, frame: Frame, mark: str, *, paced: bool = True) -> None:
        """The newest frame wins, of those that are paced; one of another run empties the
        window."""
        if frame.run != self._run:
            self.empty()
            self._run = frame.run
        if paced:
            self._coming = Seen(frame=frame, mark=mark, epoch=self._epoch)
        else:
            self._recorded.append(Seen(frame=frame, mark=mark, epoch=self._epoch, paced=False))

    def empty(self) -> None:
        """Nothing of what was seen stays."""
        self._window.clear()
        self._restoring.clear()
        self._recorded.clear()
        self._epoch += 1
        self._coming = self._run = None
        self._emptying = True

    def restart(self) -> None:
        """The process knows nothing any more."""
        self._stands = None
        self._emptying = False
        self._restoring = deque(self._window)

    def owed(self) -> Step | None:
        """What must be done before anything is asked."""
        if self._emptying:
            self._emptying = False
            return Emptying()
        if self._standing and self._stands is None:
            return self._standing
        waiting = self._restoring or self._recorded
        return waiting.popleft() if waiting else None

    def first_frame(self) -> Step | None:
        """The frame that waits, while the window is empty: a question waits for it."""
        return None if self._window else self.new_frame()

    @property
    def frame_waits(self) -> bool:
        return self._coming is not None

    def new_prefix(self) -> Step | None:
        """What now stands before everything, where it is another than before."""
        return self._standing if self._standing is not self._stands else None

    def new_frame(self) -> Step | None:
        coming, self._coming = self._coming, None
        return coming

    def wants(self, step: Seen) -> bool:
        """Whether it still belongs to what is seen."""
        return step.epoch == self._epoch

    def done(self, step: Step) -> None:
        """The process has seen it."""
        match step:
            case Standing():
                self._stands = step
            case Seen() if step.epoch == self._epoch and step not in self._window:
                self._window.append(step)
            case _:
                pass

    def failed(self, step: Step) -> bool:
        """The process could not do it, and has changed nothing. Whether it is given up: a prefix
        is tried with fewer cards, a frame once more."""
        match step:
            case Standing() if step is self._standing:
                lighter = step.lighter()
                self._standing = lighter or step
                if lighter is None:
                    self._stands = self._refused = step
                return lighter is None
            case Seen():
                step.losses += 1
                if step.losses < LOSSES:
                    self.undone(step)
                    return False
                if step in self._window:
                    self._window.remove(step)
                return True
            case _:
                return False

    def undone(self, step: Step, *, lost: bool = False) -> None:
        """It was stopped, or the process was lost over it: it is to be done again. A newer frame
        goes before an older one."""
        match step:
            case Emptying():
                self._emptying = not lost
            case Seen() if step in self._window:
                step.losses += lost
                if step.losses >= LOSSES:
                    self._window.remove(step)
                elif not lost:
                    self._restoring.appendleft(step)
            case Seen() if step.epoch == self._epoch:
                step.losses += lost
                if step.losses >= LOSSES:
                    return
                if not step.paced and len(self._recorded) < (self._recorded.maxlen or 0):
                    self._recorded.appendleft(step)
                elif step.paced and self._coming is None:
                    self._coming = step
            case _:
                pass
