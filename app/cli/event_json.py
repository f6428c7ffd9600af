"""Events of the engine as the JSON objects of the command line, one a line.

The same recording watched twice gives the same lines: ids of runs are never written, tracks are
counted from 1 in each run, and wall-clock fields (`at`, `first_token_s`) are written only where
the stream runs in real time.
"""

import json
from collections.abc import Callable
from typing import Any

from app.replies import iso
from engine.facts import Evidence, Remark, SourceSpec
from engine.media import Box, seconds
from engine.messages import (
    AnswerFinished,
    Done,
    Event,
    Failed,
    Heard,
    Left,
    Observed,
    Read,
    Remarked,
    Sighted,
    SourceChanged,
)

Line = dict[str, Any]


class EventJson:
    """Turns events into lines; keeps what must be known to write the next one."""

    def __init__(
        self,
        sources: dict[str, SourceSpec],
        alert_text: Callable[[str], str],
        *,
        wall: bool = False,
    ) -> None:
        """`sources` by run, `alert_text` gives the sentence of an alert; `wall` writes wall-clock
        fields too."""
        self._labels = {run: spec.label for run, spec in sources.items()}
        self._alert_text = alert_text
        self._wall = wall
        self._tracks: dict[tuple[str, int], int] = {}
        self._last_track: dict[str, int] = {}

    def line(self, event: Event) -> Line | None:
        """The object for an event; None for events that are not part of the contract."""
        match event:
            case Sighted() | Left():
                return self._sighting(event)
            case Done(sighting=done):
                said: Line = {"action": event.name}
                said["by"] = event.actor if done.actor is not None else None
                said["score"] = round(done.score, 3)
                said["from"], said["to"] = seconds(done.span.start), seconds(done.span.end)
                return self._made(done.run, done.span.end, done.at, "done", said)
            case Read(text=text):
                said = {"text": text.text, "box": _box(text.box)}
                return self._made(text.run, text.span.start, text.at, "read", said)
            case Heard(utterance=heard):
                said = {"text": heard.text, "from": seconds(heard.span.start)}
                said["to"] = seconds(heard.span.end)
                return self._made(heard.run, heard.span.end, heard.at, "heard", said)
            case Observed(observation=seen):
                said = {"text": seen.text, "from": seconds(seen.span.start)}
                said["to"] = seconds(seen.span.end)
                return self._made(seen.run, seen.span.end, seen.at, "observed", said)
            case Remarked(remark=remark):
                return self._remark(remark)
            case AnswerFinished():
                return self._answer(event)
            case SourceChanged():
                said = {"state": event.state}
                if event.reason:
                    said["reason"] = event.reason
                return self._made(event.run, event.pts, event.at, "source", said)
            case Failed():
                said = {"reason": event.reason}
                return self._made(event.run or event.ref, event.pts, event.at, "failed", said)
            case _:
                return None

    def _made(self, run: str | None, pts: int, at: int, event: str, said: Line) -> Line:
        line: Line = {"t": seconds(pts), "event": event}
        if len(self._labels) > 1 and run in self._labels:
            line["source"] = self._labels[run]
        line.update(said)
        if self._wall and at:
            line["at"] = iso(at)
        return line

    def _sighting(self, event: Sighted | Left) -> Line:
        sighting = event.sighting
        arrived = isinstance(event, Sighted)
        said: Line = {
            "concept": event.name if sighting.concept is not None else None,
            "kind": sighting.kind,
            "score": round(sighting.score, 3),
            "box": _box(sighting.box),
            "track": self._track(sighting.run, sighting.track),
        }
        if not arrived:
            said["from"] = seconds(sighting.span.start)
            said["to"] = seconds(sighting.span.end)
        name = "sighted" if arrived else "left"
        return self._made(sighting.run, sighting.span.end, sighting.at, name, said)

    def _remark(self, remark: Remark) -> Line:
        said: Line = {
            "alert": self._alert_text(remark.alert),
            "text": remark.text,
            "evidence": [self._evidence(one) for one in remark.evidence],
        }
        return self._made(remark.run, remark.pts, remark.at, "remarked", said)

    def _answer(self, event: AnswerFinished) -> Line:
        answer = event.answer
        said: Line = {
            "question": answer.question,
            "text": answer.text,
            "evidence": [self._evidence(one) for one in answer.evidence],
            "confidence": round(answer.confidence, 3),
        }
        if answer.help:
            said["help"] = answer.help
        if self._wall and answer.first_token_s is not None:
            said["first_token_s"] = answer.first_token_s
        return self._made(answer.run, answer.pts, answer.at, "answered", said)

    def _evidence(self, evidence: Evidence) -> Line:
        line: Line = {
            "from": seconds(evidence.span.start),
            "to": seconds(evidence.span.end),
            "kind": evidence.kind,
        }
        if len(self._labels) > 1 or evidence.run not in self._labels:
            line["source"] = evidence.label
        if self._wall:
            line["at"] = [iso(evidence.at.start), iso(evidence.at.end)]
        return line

    def _track(self, run: str, track: int) -> int:
        if (run, track) not in self._tracks:
            self._last_track[run] = self._last_track.get(run, 0) + 1
            self._tracks[run, track] = self._last_track[run]
        return self._tracks[run, track]


def written(line: Line) -> str:
    """One line of JSON, in the order in which the keys were put."""
    return json.dumps(line, ensure_ascii=False)


def _box(box: Box) -> list[int]:
    return [box.x, box.y, box.w, box.h]
