"""`nacre eval alerts`: standing requests on hours of the drawn world, on a simulated clock.

The session under test is the product's own (`engine/session.py`): requests are given as sentences,
changed and cancelled on the way, and what it says is compared with the triggers one to one
(OmniPro, arXiv 2605.18577). What it perceives comes from a noisy observer (`app/eval/observer.py`),
and so do the answers of the model; both ways that it is compared with get the same.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from app.eval.intervals import by_subject
from app.eval.observer import EMBEDDER, Errors, Observer
from app.eval.world.camera import Truth
from app.eval.world.standing import FPS, QUIET_S, Condition, Finder, Request, requests
from app.eval.world.stream import Stream
from app.eval.world.traits import Split
from app.measure import Goal, Measurement
from app.paths import Paths
from engine import effects as do
from engine import messages as msg
from engine import reports as rep
from engine.config import AlertConfig, EngineConfig
from engine.decision.judging import Looks, cued
from engine.errors import EngineError
from engine.facts import Alert, Concept, Exemplar, Run, SourceSpec
from engine.media import Frame, nanoseconds
from engine.prompts import ModelStatus
from engine.session import Session

HOURS, QUICK_HOURS = 60, 1
STREAM_S = 3600.0
TOLERANCE_S = 2.0
DUPLICATE_S = 3.0
LATE_S = 10.0
"""How late a remark may be to count for the delay."""
START = 1_767_225_600 * 1_000_000_000
SPEC = SourceSpec(kind="recording", address="drawn", label="drawn world", realtime=False)
READY = ModelStatus(model="noisy judge", state="ready")
WAYS = ("nacre", "polling at 1 Hz", "cues alone")

GOALS = (
    Goal(metric="f1_2s", relation=">=", goal=0.85),
    Goal(metric="false_alarms_per_hour", relation="<", goal=0.5),
    Goal(metric="delay_p95_s", relation="<=", goal=3.0),
    Goal(metric="model_calls_ratio", relation="<=", goal=1 / 3),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A trigger, or a remark."""

    request: int
    at_s: float
    wish: str


@dataclass(slots=True, kw_only=True)
class StreamResult:
    """One stream: the triggers, and what each way said."""

    seed: int
    hours: float
    triggers: list[Told] = field(default_factory=list[Told])
    said: dict[str, list[Told]] = field(default_factory=lambda: {way: list[Told]() for way in WAYS})
    calls: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WAYS, 0))
    """How often the model judged an alert."""


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """60 streams of an hour (`quick`: one). With `out`, every stream that is done is kept beside
    it, and a run that was broken off goes on there."""
    del paths
    kept = None if out is None else out.with_name(out.name + ".streams.jsonl")
    done = {} if kept is None else _read(kept)
    results: list[StreamResult] = []
    begun = monotonic()
    for seed in range(QUICK_HOURS if quick else HOURS):
        result = done.get(seed)
        if result is None:
            length = STREAM_S
            result = _watch(seed, length, until=begun + 40 if quick else None)
            if kept is not None:
                with kept.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(result)) + "\n")
        results.append(result)
    return report(results)


def _read(kept: Path) -> dict[int, StreamResult]:
    if not kept.is_file():
        return {}
    found: dict[int, StreamResult] = {}
    for line in kept.read_text(encoding="utf-8").splitlines():
        raw: dict[str, Any] = json.loads(line)
        raw["triggers"] = [Told(**one) for one in raw["triggers"]]
        raw["said"] = {way: [Told(**one) for one in said] for way, said in raw["said"].items()}
        found[raw["seed"]] = StreamResult(**raw)
    return found


# --- one stream --------------------------------------------------------------------------------


class _Nacre:
    """The session, with its requests, on a stream."""

    def __init__(self, observer: Observer, names: dict[str, str]) -> None:
        config = EngineConfig(alerts=AlertConfig(cooldown_s=0.0, per_hour=100_000))
        self._session = Session(config, UTC)
        self.observer = observer
        self.said: list[tuple[str, float]] = []
        self.calls = 0
        self.asked: list[str] = []
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
        for output in self._session.handle(message, START):
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


def _watch(
    seed: int, until_s: float, *, until: float | None, split: Split = "test"
) -> StreamResult:
    """Watch one stream in all three ways; `until` (monotonic) breaks off a quick run."""
    stream = Stream(seed, split)
    wanted = requests(stream, until_s=until_s)
    names = {role.name: f"c{n}" for n, role in enumerate(stream.population.known) if role.name}
    observer = Observer(str(seed), names, Errors())
    polled = _Polling(Observer(f"{seed}/polled", names, Errors()))
    nacre, finder = _Nacre(observer, names), Finder(wanted)
    cues = _CuesAlone()
    result = StreamResult(seed=seed, hours=until_s / 3600)
    standing: dict[int, Condition | None] = {}
    for shown in stream.frames(until_s=until_s, fps=FPS):
        if until is not None and monotonic() > until:
            result.hours = shown.at_s / 3600
            break
        now = shown.truth()
        _request(nacre, wanted, standing, shown.at_s)
        for trigger in finder.look(shown.at_s, now):
            condition = standing[trigger.request]
            if condition is not None:
                told = Told(request=trigger.request, at_s=trigger.at_s, wish=condition.wish)
                result.triggers.append(told)
        pts = nanoseconds(shown.at_s)
        frame = Frame(image=observer.picture(now), pts=pts, at=START + pts, run="run")
        tracks = observer.tracks(shown.number, now)
        _judge(nacre, rep.Perceived(frame=frame, tracks=tracks), standing, shown.at_s, now)
        _take(result, "nacre", ((int(a), t) for a, t in nacre.said), standing)
        nacre.said.clear()
        _take(result, "polling at 1 Hz", polled.look(shown.at_s, now, standing), standing)
        _take(result, "cues alone", cues.look(shown.at_s, frame, nacre), standing)
    result.calls["nacre"], result.calls["polling at 1 Hz"] = nacre.calls, polled.calls
    return result


def _request(
    nacre: _Nacre,
    wanted: Sequence[Request],
    standing: dict[int, Condition | None],
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


def _judge(
    nacre: _Nacre,
    perceived: rep.Perceived,
    standing: dict[int, Condition | None],
    at_s: float,
    now: Truth,
) -> None:
    for asked in nacre.give(perceived):
        yes: list[float] = []
        for alert in asked.alerts:
            nacre.calls += 1
            condition = standing[int(alert)]
            assert condition is not None
            yes.append(nacre.observer.judge(int(alert), condition, at_s, now))
        nacre.give(
            rep.Verified(
                run=asked.run, pts=asked.pts, at=asked.at, alerts=asked.alerts, yes=tuple(yes)
            )
        )


def _take(
    result: StreamResult,
    way: str,
    said: Iterable[tuple[int, float]],
    standing: dict[int, Condition | None],
) -> None:
    for request, at_s in said:
        condition = standing.get(request)
        wish = condition.wish if condition is not None else "cancelled"
        result.said[way].append(Told(request=request, at_s=at_s, wish=wish))


class _Polling:
    """The model judges every request once a second; a yes after QUIET_S without one is said."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._true: dict[int, float] = {}
        self.calls = 0

    def look(
        self, at_s: float, now: Truth, standing: dict[int, Condition | None]
    ) -> list[tuple[int, float]]:
        if at_s % 1:
            return []
        said: list[tuple[int, float]] = []
        for number, condition in standing.items():
            if condition is None:
                continue
            self.calls += 1
            if self._observer.judge(number, condition, at_s, now) < 0.5:
                continue
            if at_s - self._true.get(number, -1e9) >= QUIET_S:
                said.append((number, at_s))
            self._true[number] = at_s
        return said


class _CuesAlone:
    """The first stage without the second: a cue after QUIET_S without one is said."""

    def __init__(self) -> None:
        self._looks = Looks(AlertConfig().judging)
        self._cued: dict[str, float] = {}

    def look(self, at_s: float, frame: Frame, nacre: _Nacre) -> list[tuple[int, float]]:
        drawn = nacre.drawn
        cues = self._looks.look(frame.image, () if drawn is None else drawn.overlays, changed=True)
        said: list[tuple[int, float]] = []
        for alert in nacre.alerts:
            meant = alert.condition.concept
            if alert.condition.event == "appears":
                stirred = meant in cues.in_view
            else:
                stirred = cued(alert, cues)
            if not stirred:
                continue
            if at_s - self._cued.get(alert.id, -1e9) >= QUIET_S:
                said.append((int(alert.id), at_s))
            self._cued[alert.id] = at_s
        return said


# --- what it comes to ----------------------------------------------------------------------------


def matched(
    triggers: Sequence[Told], said: Sequence[Told], within_s: float, early_s: float = 0.0
) -> list[tuple[Told, Told]]:
    """Triggers with the remarks that answer them, one to one, each with the first that is free."""
    pairs: list[tuple[Told, Told]] = []
    free = list(said)
    for trigger in triggers:
        for remark in free:
            late = remark.at_s - trigger.at_s
            if remark.request == trigger.request and -early_s <= late <= within_s:
                pairs.append((trigger, remark))
                free.remove(remark)
                break
    return pairs


def credited(result: StreamResult) -> StreamResult:
    """What Nacre says answers every request that waits for the same at that moment: it is said
    once (the check for duplicates), not once a request."""
    wanted = requests(Stream(result.seed, "test"), until_s=STREAM_S)
    said = list(result.said[WAYS[0]])
    more: list[Told] = []
    for one in said:
        condition = wanted[one.request].at(one.at_s)
        for other in wanted:
            same = condition is not None and other.at(one.at_s) == condition
            told = any(
                two.request == other.number and abs(two.at_s - one.at_s) <= DUPLICATE_S
                for two in (*said, *more)
            )
            if same and not told:
                more.append(Told(request=other.number, at_s=one.at_s, wish=one.wish))
    every = sorted([*said, *more], key=lambda one: one.at_s)
    return replace(result, said=result.said | {WAYS[0]: every})


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Of one stream and one way."""

    triggers: int
    said: int
    right: int
    false: int
    """Remarks that answer nothing, however late."""
    hours: float


def counts(result: StreamResult, way: str, wish: str | None = None) -> Counts:
    def of(told: list[Told]) -> list[Told]:
        return [one for one in told if wish is None or one.wish == wish]

    triggers, said = of(result.triggers), of(result.said[way])
    right = matched(triggers, said, TOLERANCE_S, TOLERANCE_S)
    late = matched(triggers, said, LATE_S, TOLERANCE_S)
    return Counts(
        triggers=len(triggers),
        said=len(said),
        right=len(right),
        false=len(said) - len(late),
        hours=result.hours,
    )


def figures(some: Sequence[Counts]) -> dict[str, float]:
    """Precision, recall, F1 and false alarms an hour, over streams."""
    triggers, said, right = (
        sum(getattr(one, name) for one in some) for name in ("triggers", "said", "right")
    )
    precision = right / said if said else 1.0
    recall = right / triggers if triggers else 1.0
    both = precision + recall
    return {
        "f1_2s": 2 * precision * recall / both if both else 0.0,
        "precision": precision,
        "recall": recall,
        "false_alarms_per_hour": sum(one.false for one in some) / sum(one.hours for one in some),
    }


def report(results: Sequence[StreamResult]) -> Measurement:
    """All streams together, with bounds over streams."""
    results = [credited(result) for result in results]
    rows: list[dict[str, Any]] = []
    metrics: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}
    polled = sum(result.calls["polling at 1 Hz"] for result in results)
    for way in WAYS:
        every = [counts(result, way) for result in results]
        found = figures(every) | _delays(results, way)
        found["model_calls_ratio"] = sum(r.calls[way] for r in results) / max(polled, 1)
        if way == WAYS[0]:
            metrics = {
                "hours": sum(result.hours for result in results),
                "triggers": float(sum(one.triggers for one in every)),
            } | found
            by = {str(result.seed): [one] for result, one in zip(results, every, strict=True)}
            for name in ("f1_2s", "precision", "recall", "false_alarms_per_hour"):
                intervals[name] = by_subject(by, lambda some, name=name: figures(some)[name])
        rows.append(_row(way, "all", found, every))
        wishes = sorted({told.wish for result in results for told in result.triggers})
        for wish in wishes:
            some = [counts(result, way, wish) for result in results]
            rows.append(_row(way, wish, figures(some) | _delays(results, way, wish), some))
    return Measurement(name="alerts", metrics=metrics, intervals=intervals, goals=GOALS, rows=rows)


def _delays(results: Sequence[StreamResult], way: str, wish: str | None = None) -> dict[str, float]:
    late = [
        max(remark.at_s - trigger.at_s, 0.0)
        for result in results
        for trigger, remark in matched(
            [one for one in result.triggers if wish is None or one.wish == wish],
            result.said[way],
            LATE_S,
            TOLERANCE_S,
        )
    ]
    if not late:
        return {"delay_p50_s": 0.0, "delay_p95_s": 0.0}
    p50, p95 = (float(np.percentile(late, share)) for share in (50, 95))
    return {"delay_p50_s": p50, "delay_p95_s": p95}


def _row(way: str, wish: str, found: dict[str, float], some: Sequence[Counts]) -> dict[str, Any]:
    return {
        "way": way,
        "waits for": wish,
        "triggers": sum(one.triggers for one in some),
        "remarks": sum(one.said for one in some),
        "F1": round(found["f1_2s"], 3),
        "precision": round(found["precision"], 3),
        "recall": round(found["recall"], 3),
        "p50 (s)": round(found["delay_p50_s"], 2),
        "p95 (s)": round(found["delay_p95_s"], 2),
        "false/h": round(found["false_alarms_per_hour"], 2),
        "calls": round(found["model_calls_ratio"], 3) if "model_calls_ratio" in found else None,
    }
