"""Free sentences, put to the model: the cues of each run, what is asked, what came of it."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from engine import effects as do
from engine import messages as msg
from engine import reports as rep
from engine.config import JudgingConfig
from engine.decision.cues import Looks
from engine.decision.judging import Judging, sentence_of
from engine.decision.prompting import mark
from engine.decision.wording import sentence
from engine.facts import Alert
from engine.media import Frame, Span, Vector, nanoseconds
from engine.memory.gallery import Gallery
from engine.prompts import Probe
from engine.watching import Watching

Output = msg.Event | do.Effect

NOTES = 6
NOTED_S = 30.0
QUESTION = (
    "The user wants to be told when this happens: “{words}”. "
    "Is it so in the newest picture? Answer yes or no."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a look at an alert came to; `came_true` is the stretch in which it has just."""

    alert: str
    why: str
    came_true: Span | None = None


@dataclass(slots=True, kw_only=True)
class _Run:
    looks: Looks
    notes: deque[tuple[int, str]]
    seen: Vector | None = None
    asked: bool = False
    """The model is looking."""


class Judges:
    """A part of `Standing`."""

    def __init__(self, gallery: Gallery, config: JudgingConfig, tz: tzinfo) -> None:
        self._gallery, self._config, self._tz = gallery, config, tz
        self._judging = Judging(config)
        self._runs: dict[str, _Run] = {}
        self._known: dict[str, Alert] = {}

    def drop(self, alert: str) -> None:
        """It is changed or gone."""
        known = self._known.pop(alert, None)
        if known is None:
            return
        if not any(sentence_of(other) == sentence_of(known) for other in self._known.values()):
            self._judging.drop(known)

    def interrupt(self, run: str) -> None:
        """The picture is gone."""
        self._judging.interrupt(run)
        self._runs.pop(run, None)

    def note(self, run: str, frame: Frame, text: str) -> None:
        """Something that the model is told beside the pictures."""
        self._of(run).notes.append((frame.pts, text))

    def read(self, run: str) -> None:
        """Words came or went."""
        self._of(run).looks.read()

    def look(
        self,
        alerts: Sequence[Alert],
        frame: Frame,
        watching: Watching,
        drawn: msg.Tracked,
        *,
        changed: bool,
        armed: int,
    ) -> list[Output]:
        """One watched frame: all that are due are asked in one batch. `armed`: how many alerts of
        any kind listen to this run."""
        run = self._of(frame.run)
        cues = run.looks.look(frame.image, drawn.overlays, changed=changed)
        run.seen = cues.glance
        self._known |= {alert.id: alert for alert in alerts}
        # What several alerts wait for is asked once.
        first = {sentence_of(alert): alert for alert in reversed(alerts)}
        every = [alert for alert in alerts if first[sentence_of(alert)] is alert]
        self._judging.pass_frame(every, frame.run, frame.pts, cues, armed=armed)
        if run.asked:
            return []
        asked = self._judging.due(every, frame.run, frame.pts, cues)
        if not asked:
            return []
        run.asked = True
        notes = self._notes(run, frame, recorded=not watching.spec.live)
        return [
            do.Verify(
                run=frame.run,
                pts=frame.pts,
                at=frame.at,
                alerts=tuple(alert.id for alert in asked),
                probes=tuple(
                    Probe(question=QUESTION.format(words=alert.condition.words), notes=notes)
                    for alert in asked
                ),
                waits=not watching.spec.paced,
            )
        ]

    def verified(self, report: rep.Verified) -> list[Verdict]:
        """What the model said."""
        run = self._runs.get(report.run)
        if run is None:
            return []
        run.asked = False
        if report.yes is None:
            for alert in filter(None, map(self._known.get, report.alerts)):
                self._judging.unanswered(alert, report.run)
            return [
                Verdict(alert=alert, why="The model could not look.") for alert in report.alerts
            ]
        found: list[Verdict] = []
        for name, yes in zip(report.alerts, report.yes, strict=True):
            alert = self._known.get(name)
            if alert is None:
                continue
            same = sentence_of(alert)
            waiting = [one.id for one in self._known.values() if sentence_of(one) == same]
            outcome = self._judging.judged(alert, report.run, report.pts, yes, run.seen)
            why, span = outcome.why, None
            if outcome.came_true is not None:
                why = sentence(alert.condition.words)
                span = Span(start=outcome.came_true, end=report.pts)
            found += [Verdict(alert=one, why=why, came_true=span) for one in waiting]
        return found

    def _of(self, run: str) -> _Run:
        known = self._runs.get(run)
        if known is None:
            known = _Run(looks=Looks(self._config), notes=deque(maxlen=NOTES))
            self._runs[run] = known
        return known

    def _notes(self, run: _Run, frame: Frame, *, recorded: bool) -> tuple[str, ...]:
        since = frame.pts - nanoseconds(NOTED_S)
        return tuple(
            f"{mark(pts, frame.at - frame.pts + pts, recorded=recorded, tz=self._tz)} {text}"
            for pts, text in run.notes
            if pts >= since
        )
