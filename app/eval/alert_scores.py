"""What was said against what was to be said: one to one, within 2 s (OmniPro, arXiv 2605.18577)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from app.eval.world.standing import requests
from app.eval.world.stream import Stream
from app.eval.world.traits import Split

STREAM_S = 3600.0
TOLERANCE_S = 2.0
DUPLICATE_S = 3.0
LATE_S = 10.0
"""How late a remark may be to count for the delay."""
NACRE, POLLING, CUES = WAYS = ("nacre", "polling at 1 Hz", "cues alone")


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
    answers: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])
    """How the model answered when polled, by what is waited for."""


def restored(raw: dict[str, Any]) -> StreamResult:
    """What `asdict` and JSON have made of a result, as one again."""
    told: dict[str, Any] = {
        "triggers": [Told(**one) for one in raw["triggers"]],
        "said": {way: [Told(**one) for one in some] for way, some in raw["said"].items()},
    }
    return StreamResult(**(raw | told))


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


def credited(result: StreamResult, split: Split = "test") -> StreamResult:
    """What Nacre says answers every request that waits for the same at that moment: it is said
    once (the check for duplicates), not once a request."""
    wanted = requests(Stream(result.seed, split), until_s=STREAM_S)
    said = list(result.said[NACRE])
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
    return replace(result, said=result.said | {NACRE: every})


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


def all_figures(results: Sequence[StreamResult], way: str) -> dict[str, float]:
    """Of all streams together, with the delays and the calls of the model."""
    found = figures([counts(result, way) for result in results]) | delays(results, way)
    polled = sum(result.calls[POLLING] for result in results)
    found["model_calls_ratio"] = sum(one.calls[way] for one in results) / max(polled, 1)
    return found


def delays(results: Sequence[StreamResult], way: str, wish: str | None = None) -> dict[str, float]:
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


def row(way: str, wish: str, found: dict[str, float], some: Sequence[Counts]) -> dict[str, Any]:
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
