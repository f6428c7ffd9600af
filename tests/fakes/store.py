"""A memory that is only a list; it passes the contract of the real one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar, assert_never

from engine.effects import (
    EraseAlert,
    EraseConcept,
    EraseScope,
    Persist,
    PersistAlert,
    PersistConcept,
    PersistConsent,
    PersistMerge,
    PersistVectors,
    UndoChange,
)
from engine.errors import StoreError, UndoRefused
from engine.facts import (
    Alert,
    Answer,
    ClipRecord,
    Concept,
    Exemplar,
    Fact,
    GalleryChange,
    GalleryEntry,
    MemoryStats,
    Observation,
    Passage,
    Query,
    Recall,
    Remark,
    Retelling,
    Run,
    RunState,
    Scope,
    ScreenText,
    Sighting,
    Utterance,
    Watched,
)
from engine.media import Frame, Image, Span
from engine.memory.rows import StoredClip
from engine.memory.search import Bounds
from engine.memory.timeline import (
    Coverage,
    RunLog,
    by_time,
    fold_visits,
    told_once,
    unite,
    watched_stretches,
)
from engine.ports.memory import StoreEffect

SpannedFact = TypeVar("SpannedFact", Sighting, ScreenText, Utterance)
Passages = ScreenText | Observation | Utterance | Answer | Remark
KINDS: dict[type, Literal["text", "observation", "utterance", "remark", "answer"]] = {
    ScreenText: "text",
    Observation: "observation",
    Utterance: "utterance",
    Answer: "answer",
    Remark: "remark",
}


@dataclass(frozen=True)
class _Before:
    """What was held before a change."""

    concepts: dict[str, Concept]
    exemplars: list[Exemplar]
    alerts: dict[str, Alert]
    facts: list[Fact]


class FakeStore:
    """`Store` in memory. `fail_with`: the next `apply` raises it, once for each in the list."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.frames: list[Frame] = []
        self.clip_frames: dict[tuple[str, int], Image] = {}
        self.concepts: dict[str, Concept] = {}
        self.exemplars: list[Exemplar] = []
        self.alerts: dict[str, Alert] = {}
        self.consents: set[str] = set()
        self.changes: list[tuple[GalleryChange, _Before]] = []
        self.applied: list[tuple[StoreEffect, ...]] = []
        self.fail_with: list[StoreError] = []
        self.retained_at: list[int] = []
        self.closed = False

    def apply(self, effects: Sequence[StoreEffect]) -> None:
        if self.fail_with:
            raise self.fail_with.pop(0)
        self.applied.append(tuple(effects))
        for effect in effects:
            self._perform(effect)

    def enforce_retention(self, now: int) -> None:
        self.retained_at.append(now)

    def close(self) -> None:
        self.closed = True

    def _perform(self, effect: StoreEffect) -> None:
        match effect:
            case Persist():
                self.facts.append(effect.fact)
                if effect.frame is not None:
                    self.frames.append(effect.frame)
                if isinstance(effect.fact, ClipRecord):
                    for pts, image in effect.fact.key_frames:
                        self.clip_frames[(effect.fact.run, pts)] = image
            case PersistConsent():
                self.consents.add(effect.key)
            case PersistConcept():
                self._note(effect.change)
                self.concepts[effect.concept.id] = effect.concept
                self.exemplars += effect.added
                self.exemplars = [
                    replace(one, concept=effect.concept.id) if one.id in effect.moved else one
                    for one in self.exemplars
                ]
                if effect.retelling is not None:
                    self._retell(effect.retelling)
            case PersistVectors():
                made = {one: (embedder, vector) for one, embedder, vector in effect.vectors}
                self.exemplars = [
                    replace(one, embedder=made[one.id][0], vector=made[one.id][1])
                    if one.id in made
                    else one
                    for one in self.exemplars
                ]
            case UndoChange():
                self._undo(effect.change)
            case PersistMerge():
                self._merge(effect)
            case PersistAlert():
                self.alerts[effect.alert.id] = effect.alert
            case EraseAlert():
                self.alerts.pop(effect.alert, None)
            case EraseConcept():
                self._erase_concept(effect)
            case EraseScope():
                self._erase_scope(effect.scope)
            case _:
                assert_never(effect)

    def _note(self, change: GalleryChange | None) -> None:
        if change is None or any(kept.id == change.id for kept, _ in self.changes):
            return
        before = _Before(
            dict(self.concepts), list(self.exemplars), dict(self.alerts), list(self.facts)
        )
        self.changes.append((change, before))

    def _retell(self, told: Retelling) -> None:
        def asked(fact: Fact) -> bool:
            return (
                isinstance(fact, Sighting)
                and fact.concept == told.was
                and told.run in (None, fact.run)
                and told.track in (None, fact.track)
                and (told.at is None or told.at.overlaps(_at(fact)))
            )

        self.facts = [
            replace(fact, concept=told.concept, kind=told.kind, changed=True)
            if isinstance(fact, Sighting) and asked(fact)
            else fact
            for fact in self.facts
        ]

    def _undo(self, change: str) -> None:
        """Only the newest; the real one refuses fewer."""
        if not self.changes or self.changes[-1][0].id != change:
            raise UndoRefused("Undo the later ones first. Nothing was changed.")
        undone, before = self.changes.pop()
        self.facts = [*before.facts, *self.facts[len(before.facts) :]]
        gone = set(self.concepts) - set(before.concepts)
        self.facts = [
            replace(fact, concept=undone.heir, changed=True)
            if isinstance(fact, Sighting) and fact.concept in gone
            else fact
            for fact in self.facts
        ]
        self.concepts, self.exemplars = before.concepts, before.exemplars
        self.alerts = before.alerts

    def _merge(self, effect: PersistMerge) -> None:
        self._note(effect.change)
        target = effect.target.id
        self.concepts[target] = effect.target
        self.concepts.pop(effect.source, None)
        self.exemplars = [
            replace(exemplar, concept=target) if exemplar.concept == effect.source else exemplar
            for exemplar in self.exemplars
        ]
        self.facts = [
            replace(fact, concept=target)
            if isinstance(fact, Sighting) and fact.concept == effect.source
            else fact
            for fact in self.facts
        ]
        for alert in list(self.alerts.values()):
            if alert.condition.concept == effect.source:
                condition = replace(alert.condition, concept=target)
                self.alerts[alert.id] = replace(alert, condition=condition)

    def _erase_concept(self, effect: EraseConcept) -> None:
        self.changes.clear()
        gone = self.concepts.pop(effect.concept, None)
        known = () if gone is None else (gone.name, *gone.aliases)
        names = [name.lower() for name in (*effect.names, *known) if name]
        self.exemplars = [item for item in self.exemplars if item.concept != effect.concept]
        there = [
            fact
            for fact in self.facts
            if isinstance(fact, Sighting) and fact.concept == effect.concept
        ]
        kept: list[Fact] = []
        for fact in self.facts:
            if isinstance(fact, Observation) and any(_tells_of(fact, seen) for seen in there):
                continue
            if isinstance(fact, Sighting) and fact.concept == effect.concept:
                self.frames = [
                    frame
                    for frame in self.frames
                    if (frame.run, frame.pts) != (fact.run, fact.span.end)
                ]
                continue
            if isinstance(fact, Observation | Answer | Remark) and _quotes(fact, names):
                continue
            kept.append(
                _redacted(fact, names) if isinstance(fact, ScreenText | Utterance) else fact
            )
        self.facts = kept
        self.alerts = {
            alert.id: alert
            for alert in self.alerts.values()
            if alert.condition.concept != effect.concept and not _quoted(alert.text, names)
        }

    def _erase_scope(self, scope: Scope) -> None:
        if scope.at is None and scope.run is None:
            for held in (self.facts, self.frames, self.clip_frames, self.concepts):
                held.clear()
            for held in (self.exemplars, self.alerts, self.consents, self.changes):
                held.clear()
            return
        gone = [fact for fact in self.facts if _inside(fact, scope)]
        self.facts = [
            fact
            for fact in self.facts
            if not _inside(fact, scope) and not any(_opened(fact, visit) for visit in gone)
        ]
        self.frames = [frame for frame in self.frames if not _framed(frame, scope)]


def _tells_of(fact: Observation, seen: Sighting) -> bool:
    overlaps = fact.span.start <= seen.span.end and fact.span.end >= seen.span.start
    return fact.run == seen.run and overlaps


def _quoted(text: str, names: Sequence[str]) -> bool:
    return any(name in text.lower() for name in names)


def _quotes(fact: Observation | Answer | Remark, names: Sequence[str]) -> bool:
    question = fact.question if isinstance(fact, Answer) else ""
    return _quoted(fact.text, names) or _quoted(question, names)


def _redacted(fact: ScreenText | Utterance, names: Sequence[str]) -> ScreenText | Utterance:
    words = ["…" if word.lower() in names else word for word in fact.text.split(" ")]
    return replace(fact, text=" ".join(words))


def _opened(fact: Fact, visit: Fact) -> bool:
    """Whether the fact is the beginning of that visit."""
    return (
        isinstance(fact, Sighting)
        and isinstance(visit, Sighting)
        and fact.phase == "began"
        and (fact.run, fact.concept, fact.track) == (visit.run, visit.concept, visit.track)
        and fact.span.overlaps(visit.span)
    )


def _framed(frame: Frame, scope: Scope) -> bool:
    at = Span(start=frame.at, end=frame.at)
    return scope.run in (None, frame.run) and (scope.at is None or scope.at.overlaps(at))


def _inside(fact: Fact, scope: Scope) -> bool:
    if isinstance(fact, Run):
        return scope.at is None and fact.run == scope.run
    evidence = fact.evidence if isinstance(fact, Answer | Remark) else ()
    touched = any(
        scope.run in (None, item.run) and (scope.at is None or scope.at.overlaps(item.at))
        for item in evidence
    )
    mine = scope.run in (None, fact.run) and (scope.at is None or scope.at.overlaps(_at(fact)))
    return touched or mine


def _at(fact: RunState | Sighting | ClipRecord | Passages) -> Span:
    if isinstance(fact, RunState | Answer | Remark):
        return Span(start=fact.at, end=fact.at)
    return Span(start=fact.at - (fact.span.end - fact.span.start), end=fact.at)


class FakeArchive:
    """`Archive` over a `FakeStore`."""

    def __init__(self, store: FakeStore) -> None:
        self._store = store

    def _logs(self) -> list[RunLog]:
        facts = self._store.facts
        return [
            RunLog(
                run=run,
                states=tuple(f for f in facts if isinstance(f, RunState) and f.run == run.run),
                last_pts=max((_end(f) for f in facts if f.run == run.run), default=0),
                last_at=max(
                    (_at(f).end for f in facts if not isinstance(f, Run) and f.run == run.run),
                    default=run.opened_at,
                ),
            )
            for run in facts
            if isinstance(run, Run)
        ]

    def recall(self, query: Query) -> Recall:
        logs = self._logs()
        coverage = Coverage(logs)
        bounds = Bounds(at=query.at, pts=query.pts)
        asked = [
            fact
            for fact in self._store.facts
            if isinstance(fact, Sighting) and _is_asked_for(fact, query)
        ]
        folded = fold_visits(asked, {log.run.run: log for log in logs}, self._store.concepts)
        visits = tuple(
            visit
            for visit in coverage.newest_visits(folded)
            if bounds.holds(visit.recorded, visit.span, visit.at)
        )
        counted = ("when", "when_last", "how_long", "how_often")
        if query.subject == "somebody" and not query.concepts and query.intent in counted:
            visits = unite(visits)
        passages = [
            passage
            for passage in (self.search(query.words, at=query.at) if query.words else ())
            if not coverage.replaces(passage.run, passage.span.start)
        ]
        heard = query.intent == "speech"
        stretches = [
            stretch
            for log in logs
            if (log.run.kind == "microphone") == heard
            for stretch in watched_stretches(log)
        ]
        return Recall(
            query=query,
            visits=visits,
            passages=tuple(sorted(passages[: query.limit], key=by_time)),
            watched=tuple(sorted(stretches, key=by_time)),
        )

    def search(self, text: str, *, limit: int = 50, at: Span | None = None) -> tuple[Passage, ...]:
        words = text.lower().split()
        labels = {log.run.run: log for log in self._logs()}
        found: list[Passage] = []
        for fact in self._store.facts:
            if not isinstance(fact, Passages):
                continue
            hits = sum(word in fact.text.lower() for word in words)
            if not hits or (at is not None and not at.overlaps(_at(fact))):
                continue
            log = labels.get(fact.run or "")
            spanned = isinstance(fact, ScreenText | Observation | Utterance)
            span = fact.span if spanned else Span(start=fact.pts, end=fact.pts)
            found.append(
                Passage(
                    run=fact.run or "",
                    label=log.run.label if log else "",
                    recorded=log.recorded if log else False,
                    kind=KINDS[type(fact)],
                    text=fact.text,
                    span=span,
                    at=_at(fact),
                    score=hits / len(words),
                )
            )
        return tuple(told_once(sorted(found, key=lambda passage: -passage.score))[:limit])

    def sightings(self, *, run: str | None = None, at: Span | None = None) -> tuple[Sighting, ...]:
        return self._spanned(Sighting, run, at)

    def clips(self, *, run: str | None = None, at: Span | None = None) -> tuple[StoredClip, ...]:
        kept = [
            StoredClip(
                run=fact.run,
                span=fact.span,
                at=_at(fact),
                key_frames=tuple(pts for pts, _ in fact.key_frames),
            )
            for fact in self._store.facts
            if isinstance(fact, ClipRecord)
            and run in (None, fact.run)
            and (at is None or at.overlaps(_at(fact)))
        ]
        return tuple(sorted(kept, key=lambda clip: clip.at.end))

    def texts(self, *, run: str | None = None, at: Span | None = None) -> tuple[ScreenText, ...]:
        return self._spanned(ScreenText, run, at)

    def utterances(
        self, *, run: str | None = None, at: Span | None = None
    ) -> tuple[Utterance, ...]:
        return self._spanned(Utterance, run, at)

    def _spanned(
        self, kind: type[SpannedFact], run: str | None, at: Span | None
    ) -> tuple[SpannedFact, ...]:
        """Facts of one kind, oldest first."""
        kept = [
            fact
            for fact in self._store.facts
            if isinstance(fact, kind)
            and run in (None, fact.run)
            and (at is None or at.overlaps(_at(fact)))
        ]
        return tuple(sorted(kept, key=lambda fact: fact.at))

    def watched(self) -> tuple[Watched, ...]:
        stretches = [
            stretch
            for log in self._logs()
            if log.run.kind != "microphone"
            for stretch in watched_stretches(log)
        ]
        return tuple(sorted(stretches, key=by_time))

    def picture(self, run: str, pts: int) -> Image | None:
        kept = {(frame.run, frame.pts): frame.image for frame in self._store.frames}
        kept |= self._store.clip_frames
        mine = [moment for moment in kept if moment[0] == run]
        return kept[min(mine, key=lambda moment: abs(moment[1] - pts))] if mine else None

    def crop(self, exemplar: str) -> Image | None:
        crops = {item.id: item.crop for item in self._store.exemplars}
        return crops.get(exemplar)

    def concepts(self) -> tuple[Concept, ...]:
        return tuple(self._store.concepts.values())

    def gallery(self) -> tuple[GalleryEntry, ...]:
        return tuple(self._entry(concept) for concept in self._store.concepts.values())

    def _entry(self, concept: Concept) -> GalleryEntry:
        mine = [item for item in self._store.exemplars if item.concept == concept.id]
        mine.sort(key=lambda item: not item.positive)
        positives = sum(item.positive for item in mine)
        named = [
            (fact.at, fact.score)
            for fact in self._store.facts
            if isinstance(fact, Sighting) and fact.concept == concept.id and fact.kind != "action"
        ]
        return GalleryEntry(
            concept=concept,
            positives=positives,
            negatives=len(mine) - positives,
            exemplars=tuple(item.id for item in mine),
            seen=max(named)[1] if named else None,
        )

    def changes(self) -> tuple[GalleryChange, ...]:
        def retold(before: _Before) -> int:
            pairs = zip(before.facts, self._store.facts, strict=False)
            return sum(
                isinstance(now, Sighting) and isinstance(was, Sighting) and now != was
                for was, now in pairs
            )

        return tuple(
            replace(change, retold=retold(before)) for change, before in self._store.changes
        )

    def exemplars(self) -> tuple[Exemplar, ...]:
        return tuple(self._store.exemplars)

    def vectors(self) -> tuple[Exemplar, ...]:
        return tuple(replace(one, crop=one.crop[:0, :0]) for one in self._store.exemplars)

    def alerts(self) -> tuple[Alert, ...]:
        return tuple(self._store.alerts.values())

    def consents(self) -> frozenset[str]:
        return frozenset(self._store.consents)

    def stats(self) -> MemoryStats:
        facts = self._store.facts
        times = [_at(fact).end for fact in facts if not isinstance(fact, Run)]
        times += [fact.opened_at for fact in facts if isinstance(fact, Run)]
        return MemoryStats(
            bytes=sum(frame.image.nbytes for frame in self._store.frames),
            facts=len(facts),
            clips=sum(isinstance(fact, ClipRecord) for fact in facts),
            concepts=len(self._store.concepts),
            runs=sum(isinstance(fact, Run) for fact in facts),
            oldest_at=min(times, default=None),
            newest_at=max(times, default=None),
        )


def _end(fact: Fact) -> int:
    if isinstance(fact, Sighting | ScreenText | ClipRecord):
        return fact.span.end
    return fact.pts if isinstance(fact, RunState) else 0


def _is_asked_for(sighting: Sighting, query: Query) -> bool:
    if query.concepts:
        return sighting.concept in query.concepts
    if query.subject == "somebody":
        return sighting.kind == "person"
    return query.subject != "something" or sighting.kind != "person"
