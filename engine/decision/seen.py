"""Answers about who and what is or was there."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from engine.decision import deeds
from engine.decision.coverage import inside
from engine.decision.inquiry import (
    ABSENCE,
    Case,
    Present,
    Said,
    distinct,
    from_visits,
    mean,
    newest,
)
from engine.decision.telling import QUOTATIONS_AT_MOST, evidence_of
from engine.decision.wording import count, duration, listed, sentence, times
from engine.facts import Passage, Visit


def now(case: Case) -> Said:
    """Who and what is in view."""
    if not case.present:
        return _nobody_now(case)
    groups: dict[str, list[Present]] = {}
    present = sorted(case.present, key=lambda p: p.concept is None)
    for one in present:
        groups.setdefault(case.called(one.concept, one.kind), []).append(one)
    described: list[str] = []
    number = 0
    for name, here in groups.items():
        called = name
        first = min(here, key=lambda p: p.at - (p.span.end - p.span.start))
        since = case.teller.listed([case.teller.visit(_visit(first, called))])
        if len(here) > 1 and first.concept is None:
            called = f"{len(here)} {'people I do not know' if first.kind == 'person' else 'things'}"
        number += 1 if first.concept else len(here)
        described.append(f"{called} ({since})")
    text = sentence(f"I see {listed(described)}")
    if case.query.concepts:
        absent = [case.name(c) for c in case.query.concepts if c not in _ids(case.present)]
        text = f"Yes: {text}" if not absent else f"{text} I do not see {listed(absent)}."
    elif "how many" in case.lower:
        text = sentence(f"{number}: {text.removesuffix('.')}")
    visits = [_visit(p, "") for p in present]
    return Said(
        text=text,
        evidence=tuple(map(evidence_of, visits)),
        confidence=mean([p.score for p in case.present]),
    )


def _nobody_now(case: Case) -> Said:
    last = newest(case.visits)
    before = ""
    if last is not None and case.query.subject == "concept":
        before = f" I last saw {case.who()} {case.teller.listed([case.teller.visit(last)])}."
    evidence = () if not before or last is None else (evidence_of(last),)
    if not case.watching:
        return Said(
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
    text = f"I see {who[case.query.subject]}" if not case.query.concepts else ""
    text = text or f"I do not see {case.who()}"
    return Said(
        text=f"{text} now.{before}",
        evidence=evidence or tuple(map(evidence_of, case.watched[-1:])),
        confidence=ABSENCE,
        help=case.missing.feature(),
    )


def _none(case: Case) -> Said:
    """No visit answers it: who is asked about was never there, or has not left yet."""
    if case.query.event == "left" and case.present:
        said = now(case)
        return replace(said, text=f"Still here. {said.text.removeprefix('Yes: ')}")
    return case.missing_answer()


def when(case: Case) -> Said:
    """Every visit, or when each began or ended."""
    visits = case.fresh()
    if not visits:
        return _none(case)
    event = case.query.event
    told = [case.teller.visit(v, _part(event)) for v in visits]
    verb = case.verb(visits)
    number = "" if len(visits) == 1 else f" {times(len(visits))}:"
    text = f"{verb}{number} {case.teller.listed(told)}."
    if re.match(r"(?:did|was|were|has|have|had|is|are)\b", case.opening):
        text = f"Yes. {text}"
    return from_visits(text, visits)


def when_last(case: Case) -> Said:
    """The newest visit, or that it goes on now."""
    if case.present and case.query.event != "left" and case.until_now:
        said = now(case)
        return replace(said, text=said.text.removeprefix("Yes: "))
    last = newest(case.fresh())
    if last is None:
        return _none(case)
    event = case.query.event
    told = case.teller.listed([case.teller.visit(last)])
    if event == "left":
        told = case.teller.listed([case.teller.visit(last, "end")])
    text = f"{case.verb([last], last=True)} {told}."
    if case.opening.startswith("where"):
        text += " The picture shows where."
    return from_visits(text, [last])


def how_long(case: Case) -> Said:
    """The time spent there, as far as it lies inside the question's bounds."""
    visits = case.fresh()
    if not visits:
        return case.missing_answer()
    total = sum(inside(case.query, v.span, v.at, recorded=v.recorded) for v in visits)
    spans = case.teller.listed([case.teller.visit(v) for v in visits])
    who = case.seen(visits)
    if len(visits) == 1:
        so_far = " so far" if visits[0].open else ""
        text = f"I saw {who} for {duration(total)}{so_far}, {spans}."
    else:
        together = f"{duration(total)} altogether, in {count(len(visits), 'visit')}"
        text = f"I saw {who} for {together}: {spans}."
    return from_visits(text, visits)


def how_often(case: Case) -> Said:
    """The number of visits, and each of them."""
    visits = case.fresh()
    if not visits:
        return _none(case)
    told = [case.teller.visit(v) for v in visits]
    if case.query.event == "left":
        told = [case.teller.visit(v, "end") for v in visits]
    text = f"{case.verb(visits)} {times(len(visits))}: {case.teller.listed(told)}."
    people = re.search(r"\bhow many (?:\w+ )?(?:people|persons|visitors|guests)\b", case.lower)
    if people and len(visits) > 1:
        text += " I cannot tell whether these were different people."
    return from_visits(text, visits)


def what_happened(case: Case) -> Said:
    """Who came and went, and what was read."""
    visits = case.fresh()
    groups: dict[str, list[Visit]] = {}
    for visit in visits:
        groups.setdefault(case.called(visit.concept, visit.kind), []).append(visit)
    parts: list[str] = []
    for who, seen in groups.items():
        if seen[0].kind == "action":
            parts.append(deeds.sentence_of(case, seen, most=5))
            continue
        spans = case.teller.listed([case.teller.visit(v) for v in seen], most=5)
        often = "" if len(seen) == 1 else f" {times(len(seen))}:"
        parts.append(f"I saw {who}{often} {spans}.")
    texts = case.texts if case.query.subject == "anything" else ()
    if texts:
        told = [case.teller.passage(p) for p in distinct(texts)]
        parts.append(f"The screen said {case.teller.listed(told, QUOTATIONS_AT_MOST)}.")
    if parts:
        items = sorted([*visits, *texts], key=_order)
        return Said(
            text=" ".join(parts),
            evidence=tuple(map(evidence_of, items)),
            confidence=mean([item.score for item in items]),
        )
    if not case.watched or case.query.subject != "anything":
        return case.missing_answer()
    spans = case.teller.listed([case.teller.watched(w) for w in case.watched], most=3)
    return Said(
        text=f"Nobody and nothing came or went. I watched {spans}.",
        evidence=tuple(map(evidence_of, case.watched)),
        confidence=ABSENCE,
    )


def _order(item: Visit | Passage) -> tuple[int, int]:
    # A recording watched faster than it plays overlaps itself by the wall clock.
    return item.at.end if item.recorded else item.at.start, item.span.start


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
