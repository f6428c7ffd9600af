"""Answers, composed by quoting the memory: what is said, what it rests on, and how sure it is.

Nothing is said that no fact supports. Where nothing was found the answer says so, with a confidence
of 0, and says what would help.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import tzinfo

from engine.decision import deeds, quoting, seen
from engine.decision.coverage import gaps
from engine.decision.inquiry import Case, Present, Said, is_asked_about, mean, who_is_meant
from engine.decision.missing import Missing
from engine.decision.telling import Teller, sources
from engine.facts import Answer, Feature, Query, Recall

__all__ = ["Present", "compose"]

EVIDENCE_AT_MOST = 50


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
    named = {(p.label, p.recorded) for p in present}
    named |= sources(recall.visits, recall.passages, recall.watched)
    teller = Teller(now=at, tz=tz, several=len(named) > 1)
    case = Case(
        query=query,
        visits=tuple(v for v in recall.visits if is_asked_about(query, v.concept, v.kind, v.actor)),
        texts=tuple(p for p in recall.passages if p.kind == "text"),
        passages=tuple(p for p in recall.passages if p.kind != "answer" and not p.fits),
        alike=tuple(p for p in recall.passages if p.fits),
        watched=recall.watched,
        present=tuple(p for p in present if is_asked_about(query, p.concept, p.kind)),
        watching=watching,
        name=name,
        teller=teller,
        missing=Missing(
            query=query,
            who=who_is_meant(query, name),
            watched=recall.watched,
            teller=teller,
            now=at,
            features=features,
        ),
    )
    said = _say(case)
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


def _say(case: Case) -> Said:
    query = case.query
    if query.unknown_name:
        text, advice = case.missing.unknown_name()
        if not query.concepts:
            return Said(text=text, help=advice)
        said = _each(case)
        return replace(said, text=f"{text} {said.text}", help=advice)
    if case.missing.future:
        return Said(text="That is still to come.", help="Ask again afterwards.")
    said = _each(case)
    told = {evidence.run for evidence in said.evidence}
    interrupted = case.teller.interruptions(gaps(query, case.watched, told))
    if not interrupted or query.intent in ("now", "search"):
        return said
    return replace(said, text=f"{said.text} {interrupted}")


def _each(case: Case) -> Said:
    """A question about several concepts is answered for one after the other."""
    names = dict.fromkeys(map(case.name, case.query.concepts))
    if len(names) < 2 or case.query.intent not in ("when", "when_last", "how_long", "how_often"):
        return _by_intent(case)
    answers: list[Said] = []
    for name in names:
        ids = tuple(c for c in case.query.concepts if case.name(c) == name)
        query = replace(case.query, concepts=ids)
        answers.append(
            _by_intent(
                replace(
                    case,
                    query=query,
                    visits=tuple(v for v in case.visits if v.concept in ids),
                    present=tuple(p for p in case.present if p.concept in ids),
                    missing=replace(case.missing, query=query, who=name),
                )
            )
        )
    found = [a for a in answers if a.evidence]
    return Said(
        text=" ".join(answer.text for answer in answers),
        evidence=tuple(e for answer in answers for e in answer.evidence),
        confidence=mean([answer.confidence for answer in found]),
        help=" ".join(answer.help for answer in answers if answer.help),
    )


def _by_intent(case: Case) -> Said:
    if case.query.deed:
        return deeds.told(case)
    match case.query.intent:
        case "now":
            return seen.now(case)
        case "when":
            return seen.when(case) if case.about_visits else quoting.quote(case)
        case "when_last":
            return seen.when_last(case) if case.about_visits else quoting.quote(case, newest=True)
        case "how_long":
            return seen.how_long(case) if case.about_visits else quoting.quote(case)
        case "how_often":
            return seen.how_often(case) if case.about_visits else quoting.quote(case)
        case "what_happened":
            return seen.what_happened(case)
        case "screen_text":
            return quoting.screen(case)
        case "speech":
            return quoting.speech(case)
        case "search":
            return quoting.search(case)
