"""Answers, composed by quoting the memory: what is said, what it rests on, and how sure it is.

Nothing is said that no fact supports. Where nothing was found the answer says so, with a confidence
of 0, and says what would help.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Literal

from engine.decision.coverage import gaps, inside
from engine.decision.missing import Missing
from engine.decision.telling import Teller, evidence_of, sources
from engine.decision.wording import count, duration, listed, sentence, times
from engine.facts import (
    Answer,
    ConceptKind,
    Evidence,
    Feature,
    Passage,
    Query,
    Recall,
    Visit,
)
from engine.media import Span

EVIDENCE_AT_MOST = 50
QUOTATIONS_AT_MOST = 5
ABSENCE = 0.5
"""Confidence of an answer that rests on seeing nobody, or on words that merely fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """Who or what is in view at the moment of asking."""

    concept: str | None
    kind: ConceptKind
    run: str
    label: str
    span: Span
    """The visit so far, in stream time."""
    at: int
    """Wall time of `span.end`."""
    score: float
    recorded: bool = False

    @property
    def wall(self) -> Span:
        """The visit so far, in wall time."""
        return Span(start=self.at - (self.span.end - self.span.start), end=self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """The words of an answer with what they rest on."""

    text: str
    evidence: tuple[Evidence, ...] = ()
    confidence: float = 0.0
    help: str = ""


def compose(
    query: Query,
    recall: Recall,
    *,
    present: Sequence[Present] = (),
    watching: bool = False,
    name: Callable[[str], str],
    ref: str,
    run: str | None,
    pts: int,
    at: int,
    tz: tzinfo,
    features: Sequence[Feature] = (),
) -> Answer:
    """Answer a question from what the memory brought.

    `present` is who is in view when asked and `watching` whether any source is open; `name` gives
    the name of a concept id; `run`, `pts` and `at` are the moment of asking; `features` says why
    something could not be seen or read on this machine.
    """
    writer = _Writer(
        query=query,
        recall=recall,
        present=present,
        watching=watching,
        name=name,
        at=at,
        tz=tz,
        features=features,
    )
    said = writer.answer()
    return Answer(
        ref=ref,
        question=query.question,
        text=said.text,
        evidence=said.evidence[:EVIDENCE_AT_MOST],
        confidence=round(min(max(said.confidence, 0.0), 1.0), 3),
        run=run,
        pts=pts,
        at=at,
        help=said.help,
    )


class _Writer:
    """Writes one answer."""

    def __init__(
        self,
        *,
        query: Query,
        recall: Recall,
        present: Sequence[Present],
        watching: bool,
        name: Callable[[str], str],
        at: int,
        tz: tzinfo,
        features: Sequence[Feature],
    ) -> None:
        self._query = query
        self._watched = recall.watched
        self._visits = tuple(v for v in recall.visits if _asked_about(query, v.concept, v.kind))
        self._texts = tuple(p for p in recall.passages if p.kind == "text")
        self._passages = tuple(p for p in recall.passages if p.kind != "answer")
        self._present = tuple(p for p in present if _asked_about(query, p.concept, p.kind))
        self._watching = watching
        self._name = name
        several = {(p.label, p.recorded) for p in present} | sources(recall.visits, self._watched)
        several |= sources(self._passages)
        self._teller = Teller(now=at, tz=tz, several=len(several) > 1)
        self._missing = Missing(
            query=query,
            who=self._who(),
            watched=self._watched,
            teller=self._teller,
            now=at,
            features=features,
        )

    def answer(self) -> _Said:
        if self._query.unknown_name:
            return self._unknown()
        if self._missing.future:
            return _Said(text="That is still to come.", help="Ask again afterwards.")
        said = self._by_intent()
        interrupted = self._teller.interruptions(gaps(self._query, self._watched))
        if not interrupted or self._query.intent in ("now", "search"):
            return said
        return replace(said, text=f"{said.text} {interrupted}")

    def _by_intent(self) -> _Said:
        match self._query.intent:
            case "now":
                return self._now()
            case "when":
                return self._when() if self._about_visits else self._quote()
            case "when_last":
                return self._when_last() if self._about_visits else self._quote(newest=True)
            case "how_long":
                return self._how_long() if self._about_visits else self._quote()
            case "how_often":
                return self._how_often() if self._about_visits else self._quote()
            case "what_happened":
                return self._what_happened()
            case "screen_text":
                return self._screen()
            case "search":
                return self._search()

    @property
    def _about_visits(self) -> bool:
        """Whether the question is about somebody or something, not about words ("the build")."""
        return self._query.subject != "anything" or not self._query.words

    # --- who is here ------------------------------------------------------------------------------

    def _now(self) -> _Said:
        if not self._present:
            return self._nobody_now()
        groups: dict[str, list[Present]] = {}
        for one in self._present:
            groups.setdefault(self._called(one.concept, one.kind), []).append(one)
        described: list[str] = []
        people = 0
        for called, here in groups.items():
            first = min(here, key=lambda p: p.at - (p.span.end - p.span.start))
            since = self._teller.listed([self._teller.visit(_visit(first, called))])
            who = called if len(here) == 1 or first.concept else f"{len(here)} times {called}"
            people += 1 if first.concept else len(here)
            described.append(f"{who} ({since})")
        text = sentence(f"I see {listed(described)}")
        if self._query.concepts:
            absent = [self._name(c) for c in self._query.concepts if c not in _ids(self._present)]
            text = f"Yes: {text}" if not absent else f"{text} I do not see {listed(absent)}."
        elif re.search(r"\bhow many\b", self._query.question, re.I):
            text = sentence(f"{people}: {text.removesuffix('.')}")
        visits = [_visit(p, "") for p in self._present]
        return _Said(
            text=text,
            evidence=tuple(map(evidence_of, visits)),
            confidence=_mean([p.score for p in self._present]),
        )

    def _nobody_now(self) -> _Said:
        last = max(self._visits, key=_ended, default=None)
        before = ""
        if last is not None and self._query.subject == "concept":
            before = f" I last saw {self._who()} {self._teller.listed([self._teller.visit(last)])}."
        evidence = () if not before or last is None else (evidence_of(last),)
        if not self._watching:
            return _Said(
                text=f"Nothing is being watched now.{before}",
                evidence=evidence,
                confidence=last.score if last is not None and before else 0.0,
                help="Open a camera, a screen or a recording, and ask again.",
            )
        who = {
            "somebody": "nobody",
            "something": "nothing",
            "anything": "nobody and nothing I know",
        }
        text = f"I see {who[self._query.subject]}" if not self._query.concepts else ""
        text = text or f"I do not see {self._who()}"
        return _Said(
            text=f"{text} now.{before}",
            evidence=evidence or tuple(map(evidence_of, self._watched[-1:])),
            confidence=ABSENCE,
            help=self._missing.feature(),
        )

    # --- visits -------------------------------------------------------------------------------

    def _when(self) -> _Said:
        visits = self._fresh()
        if not visits:
            return self._missing_answer()
        event = self._query.event
        told = [self._teller.visit(v, _part(event)) for v in visits]
        verb = self._verb(visits)
        number = "" if len(visits) == 1 else f" {times(len(visits))}:"
        text = f"{verb}{number} {self._teller.listed(told)}."
        if re.match(r"(?:did|was|were|has|have|had|is|are)\b", self._query.question, re.I):
            text = f"Yes. {text}"
        return _from_visits(text, visits)

    def _when_last(self) -> _Said:
        here = [p for p in self._present if self._query.event != "left"]
        if here:
            said = self._now()
            return replace(said, text=said.text.removeprefix("Yes: "))
        visits = self._fresh()
        if not visits:
            return self._missing_answer()
        last = max(visits, key=_ended)
        event = self._query.event
        told = self._teller.listed([self._teller.visit(last)])
        if event == "left":
            told = self._teller.listed([self._teller.visit(last, "end")])
        text = f"{self._verb([last], last=True)} {told}."
        if re.match(r"where\b", self._query.question, re.I):
            text += " The picture shows where."
        return _from_visits(text, [last])

    def _how_long(self) -> _Said:
        visits = self._fresh()
        if not visits:
            return self._missing_answer()
        total = sum(inside(self._query, v.span, v.at, recorded=v.recorded) for v in visits)
        spans = self._teller.listed([self._teller.visit(v) for v in visits])
        who = self._seen(visits)
        if len(visits) == 1:
            so_far = " so far" if visits[0].open else ""
            text = f"I saw {who} for {duration(total)}{so_far}, {spans}."
        else:
            together = f"{duration(total)} altogether, in {count(len(visits), 'visit')}"
            text = f"I saw {who} for {together}: {spans}."
        return _from_visits(text, visits)

    def _how_often(self) -> _Said:
        visits = self._fresh()
        if not visits:
            return self._missing_answer()
        told = [self._teller.visit(v) for v in visits]
        if self._query.event == "left":
            told = [self._teller.visit(v, "end") for v in visits]
        text = f"{self._verb(visits)} {times(len(visits))}: {self._teller.listed(told)}."
        people = re.search(
            r"\bhow many (?:\w+ )?(?:people|persons|visitors|guests)\b", _lower(self._query)
        )
        if people and len(visits) > 1:
            text += " I cannot tell whether these were different people."
        return _from_visits(text, visits)

    def _what_happened(self) -> _Said:
        visits = self._fresh()
        groups: dict[str, list[Visit]] = {}
        for visit in visits:
            groups.setdefault(self._called(visit.concept, visit.kind), []).append(visit)
        parts: list[str] = []
        for who, seen in groups.items():
            spans = self._teller.listed([self._teller.visit(v) for v in seen], most=5)
            often = "" if len(seen) == 1 else f" {times(len(seen))}:"
            parts.append(f"I saw {who}{often} {spans}.")
        texts = self._texts if self._query.subject == "anything" else ()
        if texts:
            told = [self._teller.passage(p) for p in texts]
            parts.append(f"The screen said {self._teller.listed(told, QUOTATIONS_AT_MOST)}.")
        if parts:
            items = sorted([*visits, *texts], key=lambda item: (item.at.start, item.span.start))
            return _Said(
                text=" ".join(parts),
                evidence=tuple(map(evidence_of, items)),
                confidence=_mean([item.score for item in items]),
            )
        if not self._watched or self._query.subject != "anything":
            return self._missing_answer()
        spans = self._teller.listed([self._teller.watched(w) for w in self._watched], most=3)
        return _Said(
            text=f"Nobody and nothing came or went. I watched {spans}.",
            evidence=tuple(map(evidence_of, self._watched)),
            confidence=ABSENCE,
        )

    # --- words --------------------------------------------------------------------------------

    def _screen(self) -> _Said:
        if not self._texts:
            return self._missing_answer(read=True)
        told = [self._teller.passage(p) for p in _distinct(self._texts)]
        text = f"The screen said {self._teller.listed(told, QUOTATIONS_AT_MOST)}."
        return _Said(
            text=text,
            evidence=tuple(map(evidence_of, self._texts)),
            confidence=self._fit(self._texts),
        )

    def _quote(self, *, newest: bool = False) -> _Said:
        """What was read or remarked, for a question that is about neither anybody nor anything
        that could be seen coming."""
        passages = _distinct(self._passages)[-1:] if newest else _distinct(self._passages)
        if not passages:
            return self._missing_answer(read=True)
        told = [self._teller.passage(p) for p in passages]
        verb = "The screen said" if all(p.kind == "text" for p in passages) else "What fits is"
        return _Said(
            text=f"{verb} {self._teller.listed(told, QUOTATIONS_AT_MOST)}.",
            evidence=tuple(map(evidence_of, passages)),
            confidence=self._fit(passages),
        )

    def _search(self) -> _Said:
        visits = [v for v in self._fresh() if self._query.concepts]
        found: list[str] = []
        if self._passages and self._query.words:
            found.append(self._quote().text)
        if visits:
            told = [self._teller.visit(v) for v in visits[-3:]]
            found.append(f"I last saw {self._who()} {self._teller.listed(told)}.")
        if not found:
            return _Said(text=self._missing.search(), help=self._missing.search_help())
        items = (*(self._passages if self._query.words else ()), *visits[-3:])
        evidence = tuple(map(evidence_of, items))
        if self._missing.open_question:
            return _Said(
                text=f"{self._missing.search()} What fits: {' '.join(found)}",
                evidence=evidence,
                confidence=ABSENCE * self._fit(self._passages) if self._passages else 0.0,
                help=self._missing.search_help(),
            )
        confidence = (
            self._fit(self._passages) if self._passages else _mean([v.score for v in visits])
        )
        return _Said(text=" ".join(found), evidence=evidence, confidence=confidence)

    def _fit(self, passages: Sequence[Passage]) -> float:
        """1 for a passage that holds every word asked for, less for one that merely fits."""
        words = self._query.words.lower().split()
        best = 0.0
        for passage in passages:
            text = passage.text.lower()
            whole = all(word in text for word in words)
            best = max(best, (0.9 if whole else ABSENCE) * min(max(passage.score, 0.0), 1.0))
        return best

    # --- nothing found ----------------------------------------------------------------------------

    def _unknown(self) -> _Said:
        text, advice = self._missing.unknown_name()
        if not self._query.concepts:
            return _Said(text=text, help=advice)
        said = self._by_intent()
        return replace(said, text=f"{text} {said.text}", help=advice)

    def _missing_answer(self, *, read: bool = False) -> _Said:
        return _Said(
            text=self._missing.text(read=read),
            help=self._missing.help(read=read, watching=self._watching),
        )

    # --- names ----------------------------------------------------------------------------------

    def _who(self) -> str:
        """What the question is about, as it stands after "I saw"."""
        if self._query.concepts:
            return listed(list(dict.fromkeys(map(self._name, self._query.concepts))))
        return {"somebody": "somebody", "something": "something"}.get(
            self._query.subject, "anything"
        )

    def _called(self, concept: str | None, kind: ConceptKind) -> str:
        if concept is not None:
            return self._name(concept)
        return "somebody I do not know" if kind == "person" else "something"

    def _seen(self, visits: Sequence[Visit]) -> str:
        """Who was seen: the name where all visits have the same one."""
        ids = {visit.concept for visit in visits}
        if ids == {None} or len(ids) > len(set(self._query.concepts) or {""}):
            who = self._who()
            return who if who != "anything" else "somebody or something"
        return listed([self._name(c) for c in dict.fromkeys(v.concept for v in visits) if c])

    def _verb(self, visits: Sequence[Visit], *, last: bool = False) -> str:
        who, often = self._seen(visits), " last" if last else ""
        alive = all(v.kind in ("person", "pet") for v in visits)
        named = all(v.concept is not None for v in visits)
        if self._query.event == "left":
            return f"{who[0].upper()}{who[1:]}{often} {'left' if alive else 'disappeared'}"
        if self._query.event == "came" and not last:
            return f"{who[0].upper()}{who[1:]} {'came in' if alive and named else 'appeared'}"
        return f"I{often} saw {who}"

    def _fresh(self) -> tuple[Visit, ...]:
        """The visits; one that is going on now lasts until now, any other that is open has no
        known end."""
        return tuple(self._updated(visit) for visit in self._visits)

    def _updated(self, visit: Visit) -> Visit:
        if not visit.open:
            return visit
        for one in self._present:
            if (one.run, one.concept, one.kind) == (visit.run, visit.concept, visit.kind):
                span = Span(start=visit.span.start, end=max(one.span.end, visit.span.end))
                wall = Span(start=visit.at.start, end=max(one.at, visit.at.end))
                return replace(visit, span=span, at=wall)
        return visit


def _asked_about(query: Query, concept: str | None, kind: ConceptKind) -> bool:
    if query.concepts:
        return concept in query.concepts
    if re.search(r"\bstrangers?\b|\b(?:un|not )known\b|\bdo(?: not|n['’]t) know\b", _lower(query)):
        return concept is None and kind == "person"
    if query.subject == "somebody":
        return kind == "person"
    return query.subject != "something" or kind != "person"


def _lower(query: Query) -> str:
    return query.question.lower()


def _part(event: str) -> Literal["whole", "start", "end"]:
    return "start" if event == "came" else "end" if event == "left" else "whole"


def _visit(present: Present, name: str) -> Visit:
    return Visit(
        run=present.run,
        label=present.label,
        recorded=present.recorded,
        concept=present.concept,
        name=name,
        kind=present.kind,
        span=present.span,
        at=present.wall,
        open=True,
        score=present.score,
    )


def _ids(present: Sequence[Present]) -> set[str | None]:
    return {one.concept for one in present}


def _ended(visit: Visit) -> tuple[int, int]:
    return visit.at.end, visit.span.end


def _mean(scores: Sequence[float]) -> float:
    return sum(scores) / len(scores) if scores else 0.0


def _from_visits(text: str, visits: Sequence[Visit]) -> _Said:
    return _Said(
        text=text,
        evidence=tuple(map(evidence_of, visits)),
        confidence=_mean([visit.score for visit in visits]),
    )


def _distinct(passages: Sequence[Passage]) -> list[Passage]:
    """Each text once, at its first time."""
    first: dict[str, Passage] = {}
    for passage in passages:
        first.setdefault(" ".join(passage.text.split()).casefold(), passage)
    return list(first.values())
