"""The three ways to decide when to speak that are compared: the product's session, the model asked
once a second, and the cues without the model."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Protocol

import numpy as np

from app.eval.observer import EMBEDDER, Observer
from app.eval.world.camera import Truth
from app.eval.world.standing import QUIET_S, Condition, Request
from engine import effects as do
from engine import messages as msg
from engine import reports as rep
from engine.config import AlertConfig, EngineConfig
from engine.decision.cues import Looks, cued
from engine.errors import EngineError
from engine.facts import Alert, Concept, Exemplar, Run, SourceSpec
from engine.media import Frame
from engine.prompts import ModelStatus
from engine.session import Session

START = 1_767_225_600 * 1_000_000_000
SPEC = SourceSpec(kind="recording", address="drawn", label="drawn world", realtime=False)
READY = ModelStatus(model="noisy judge", state="ready")

UNRESTRAINED = EngineConfig(alerts=AlertConfig(cooldown_s=0.0, per_hour=100_000))
"""Every remark counts: none is held back for a cool-down or the budget of an hour."""
Standing = dict[int, Condition | None]
"""What each request waits for now."""


class Judge(Protocol):
    """A model that tells whether what is waited for is so."""

    def judge(
        self,
        asked: Sequence[tuple[int, Condition]],
        at_s: float,
        now: Truth,
        notes: tuple[str, ...] = (),
    ) -> list[float]:
        """The probability of yes for each of the numbered requests. `now` is for those that make
        their answers of the truth; a model looks at the pictures, and reads the notes."""
        ...


LASTED_S = 1.0
"""An answer counts where what it is about has been so, or not so, for so long."""


@dataclass(slots=True)
class Tally:
    """How one kind of request was answered: of those so, and of those not so."""

    so: int = 0
    missed: int = 0
    not_so: int = 0
    imagined: int = 0


class Tallies:
    """How a model's answers stand against the truth, by what is waited for."""

    def __init__(self) -> None:
        self._since: dict[int, tuple[bool, float]] = {}
        self.by_wish: dict[str, Tally] = defaultdict(Tally)

    def count(self, number: int, condition: Condition, at_s: float, now: Truth, yes: float) -> None:
        """Take in one answer, the probability of yes."""
        so = condition.holds(now)
        before, since = self._since.get(number, (so, at_s))
        if before != so:
            since = at_s
        self._since[number] = so, since
        if at_s - since < LASTED_S:
            return
        tally = self.by_wish[condition.wish]
        if so:
            tally.so += 1
            tally.missed += yes < 0.5
        else:
            tally.not_so += 1
            tally.imagined += yes >= 0.5


class Nacre:
    """The session, with its requests, on a stream."""

    def __init__(
        self,
        observer: Observer,
        names: dict[str, str],
        config: EngineConfig = UNRESTRAINED,
        *,
        model: Judge | None = None,
    ) -> None:
        """What it perceives is the observer's, and so are the answers where there is no `model`."""
        self.session = Session(config, UTC)
        self.model: Judge = observer if model is None else model
        self.said: list[tuple[str, float]] = []
        self.calls = 0
        self.drawn: msg.Tracked | None = None
        self.alerts: tuple[Alert, ...] = ()
        concepts = tuple(
            Concept(id=concept, name=name, kind="person") for name, concept in names.items()
        )
        exemplars = tuple(
            Exemplar(
                id=f"{one.id}-{n}",
                concept=one.id,
                embedder=EMBEDDER,
                vector=observer.portrait(one.name),
                crop=np.zeros((1, 1, 3), np.uint8),
                positive=True,
                at=START,
            )
            for one in concepts
            for n in range(3)
        )
        started = rep.Started(
            concepts=concepts,
            exemplars=exemplars,
            alerts=(),
            consents=frozenset(),
            features=(),
        )
        self.give(started)
        self.give(rep.ModelStatusChanged(status=READY))
        self.give(msg.OpenSource(spec=SPEC, run="run", consented=True))
        run = Run(run="run", kind="recording", label="drawn", identity="run", opened_at=START)
        self.give(rep.RunStarted(run=run))
        self.give(rep.RunChanged(run="run", state="open", pts=0, at=START))

    def give(self, message: msg.Command | rep.Report) -> list[do.Verify]:
        """Handle a message; what is to be judged comes back."""
        asked: list[do.Verify] = []
        for output in self.session.handle(message, START):
            match output:
                case msg.Remarked(remark=remark):
                    self.said.append((remark.alert, remark.pts / 1e9))
                case msg.Failed():
                    raise EngineError(output.reason)
                case msg.Tracked():
                    self.drawn = output
                case msg.AlertsChanged(alerts=alerts):
                    self.alerts = alerts
                case do.Verify():
                    asked.append(output)
                case _:
                    pass
        return asked


def request(
    nacre: Nacre,
    wanted: Sequence[Request],
    standing: Standing,
    at_s: float,
) -> None:
    """Say what is newly asked for, changed or cancelled at this moment."""
    for request in wanted:
        condition = request.at(at_s)
        if condition == standing.get(request.number):
            continue
        standing[request.number] = condition
        name = str(request.number)
        if condition is None:
            nacre.give(msg.RemoveAlert(alert=name))
        else:
            nacre.give(msg.AddAlert(text=condition.words(), ref=name))


def judge(
    nacre: Nacre,
    perceived: rep.Perceived,
    standing: Standing,
    at_s: float,
    now: Truth,
) -> int:
    """Give it what was perceived, and the model's answers; how many batches there were."""
    batches = nacre.give(perceived)
    for asked in batches:
        waited = [(int(alert), standing[int(alert)]) for alert in asked.alerts]
        known = [(number, condition) for number, condition in waited if condition is not None]
        assert len(known) == len(waited)
        nacre.calls += len(known)
        yes = nacre.model.judge(known, at_s, now, asked.probes[0].notes)
        nacre.give(
            rep.Verified(
                run=asked.run, pts=asked.pts, at=asked.at, alerts=asked.alerts, yes=tuple(yes)
            )
        )
    return len(batches)


class Polling:
    """The model judges every request once a second; a yes after QUIET_S without one is said."""

    def __init__(self, model: Judge) -> None:
        self._model = model
        self._true: dict[int, float] = {}
        self.tallies = Tallies()
        self.calls = 0

    def look(self, at_s: float, now: Truth, standing: Standing) -> list[tuple[int, float]]:
        if at_s % 1:
            return []
        said: list[tuple[int, float]] = []
        asked = [(number, one) for number, one in standing.items() if one is not None]
        self.calls += len(asked)
        answers = self._model.judge(asked, at_s, now)
        for (number, condition), yes in zip(asked, answers, strict=True):
            self.tallies.count(number, condition, at_s, now, yes)
            if yes < 0.5:
                continue
            if at_s - self._true.get(number, -1e9) >= QUIET_S:
                said.append((number, at_s))
            self._true[number] = at_s
        return said


class CuesAlone:
    """The first stage without the second: a cue after QUIET_S without one is said."""

    def __init__(self) -> None:
        self._looks = Looks(AlertConfig().judging)
        self._cued: dict[str, float] = {}

    def look(self, at_s: float, frame: Frame, nacre: Nacre) -> list[tuple[int, float]]:
        drawn = nacre.drawn
        cues = self._looks.look(frame.image, () if drawn is None else drawn.overlays, changed=True)
        said: list[tuple[int, float]] = []
        for alert in nacre.alerts:
            meant = alert.condition.concept
            if alert.condition.event == "appears":
                stirred = cues.motions.get(meant or "", "left") != "left"
            else:
                stirred = cued(alert, cues)
            if not stirred:
                continue
            if at_s - self._cued.get(alert.id, -1e9) >= QUIET_S:
                said.append((int(alert.id), at_s))
            self._cued[alert.id] = at_s
        return said
