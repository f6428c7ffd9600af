"""A question with all that the memory and the moment bring to it: what its answer is made of."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from engine.decision.missing import Missing
from engine.decision.questions import courteous
from engine.decision.telling import Teller, evidence_of
from engine.decision.wording import listed
from engine.facts import ConceptKind, Evidence, Passage, Query, Visit, Watched
from engine.media import Span

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
class Said:
    """The words of an answer with what they rest on."""

    text: str
    evidence: tuple[Evidence, ...] = ()
    confidence: float = 0.0
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The facts that bear on one question."""

    query: Query
    visits: tuple[Visit, ...]
    texts: tuple[Passage, ...]
    """Words read; no remarks, and never an answer given earlier."""
    passages: tuple[Passage, ...]
    """Words read and remarks."""
    alike: tuple[Passage, ...]
    """Captions that fit what those who are asked about are known by, without their names."""
    watched: tuple[Watched, ...]
    present: tuple[Present, ...]
    watching: bool
    name: Callable[[str], str]
    teller: Teller
    missing: Missing

    @property
    def lower(self) -> str:
        """The question in lower case."""
        return self.query.question.lower()

    @property
    def opening(self) -> str:
        """The question in lower case, without courtesies."""
        return courteous(self.query.question).lower()

    @property
    def until_now(self) -> bool:
        """Whether the question's bounds reach up to the moment of asking."""
        at = self.query.at
        return at.end >= self.teller.now if at is not None else self.query.pts is None

    @property
    def about_visits(self) -> bool:
        """Whether the question is about somebody or something, not about words ("the build")."""
        return self.query.subject != "anything" or not self.query.words

    def who(self) -> str:
        """What the question is about, as it stands after "I saw"."""
        return who_is_meant(self.query, self.name)

    def called(self, concept: str | None, kind: ConceptKind) -> str:
        if concept is not None:
            return self.name(concept)
        return "somebody I do not know" if kind == "person" else "something"

    def seen(self, visits: Sequence[Visit]) -> str:
        """Who was seen: the name where all visits have the same one."""
        ids = {visit.concept for visit in visits}
        if ids == {None} or len(ids) > len(set(self.query.concepts) or {""}):
            who = self.who()
            return who if who != "anything" else "somebody or something"
        return listed([self.name(c) for c in dict.fromkeys(v.concept for v in visits) if c])

    def verb(self, visits: Sequence[Visit], *, last: bool = False) -> str:
        who, often = self.seen(visits), " last" if last else ""
        alive = all(v.kind in ("person", "pet") for v in visits)
        named = all(v.concept is not None for v in visits)
        if self.query.event == "left":
            return f"{who[0].upper()}{who[1:]}{often} {'left' if alive else 'disappeared'}"
        if self.query.event == "came" and not last:
            return f"{who[0].upper()}{who[1:]} {'came in' if alive and named else 'appeared'}"
        return f"I{often} saw {who}"

    def missing_answer(self, *, read: bool = False) -> Said:
        return Said(
            text=self.missing.text(read=read),
            help=self.missing.help(read=read, watching=self.watching),
        )

    def fresh(self) -> tuple[Visit, ...]:
        """The visits; one that is going on now lasts until now, and of any other it is known
        only how long it was seen. Who is still there has not left."""
        visits = tuple(self._updated(visit) for visit in self.visits)
        left = self.query.event == "left"
        return tuple(visit for visit in visits if not (left and visit.open))

    def _updated(self, visit: Visit) -> Visit:
        if not visit.open:
            return visit
        for one in self.present:
            if (one.run, one.concept, one.kind) == (visit.run, visit.concept, visit.kind):
                span = Span(start=visit.span.start, end=max(one.span.end, visit.span.end))
                wall = Span(start=visit.at.start, end=max(one.at, visit.at.end))
                return replace(visit, span=span, at=wall)
        return replace(visit, open=False)


def who_is_meant(query: Query, name: Callable[[str], str]) -> str:
    """What the question is about, as it stands after "I saw"."""
    if query.concepts:
        return listed(list(dict.fromkeys(map(name, query.concepts))))
    return query.subject if query.subject in ("somebody", "something") else "anything"


def is_asked_about(
    query: Query, concept: str | None, kind: ConceptKind, actor: str | None = None
) -> bool:
    if kind == "action":
        meant = concept in query.concepts and (not query.actors or actor in query.actors)
        return meant or (query.intent == "what_happened" and query.subject == "anything")
    if query.concepts:
        return concept in query.concepts
    if re.search(r"\bstrangers?\b|\bunknown\b|\bdo(?: not|n['’]t) know\b", query.question.lower()):
        return concept is None and kind == "person"
    if query.subject == "somebody":
        known_pet = kind == "pet" and concept is not None
        return kind == "person" or (known_pet and query.question.lower().startswith("who"))
    return query.subject != "something" or kind != "person"


def ended(visit: Visit) -> tuple[int, int]:
    return visit.at.end, visit.span.end


def newest(visits: Sequence[Visit]) -> Visit | None:
    """The visit that ended last. In a recording that is the one nearest to its end, whichever part
    of it was watched last."""
    last = max(visits, key=ended, default=None)
    if last is None or not last.recording:
        return last
    same = [visit for visit in visits if visit.recording == last.recording]
    return max(same, key=lambda visit: visit.span.end)


def mean(scores: Sequence[float]) -> float:
    return sum(scores) / len(scores) if scores else 0.0


def from_visits(text: str, visits: Sequence[Visit]) -> Said:
    return Said(
        text=text,
        evidence=tuple(map(evidence_of, visits)),
        confidence=mean([visit.score for visit in visits]),
    )


def distinct(passages: Sequence[Passage]) -> list[Passage]:
    """Each text once, at its first time."""
    first: dict[str, Passage] = {}
    for passage in passages:
        first.setdefault(" ".join(passage.text.split()).casefold(), passage)
    return list(first.values())
