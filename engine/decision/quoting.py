"""Answers that quote words: what a screen said, what was remarked."""

from collections.abc import Sequence

from engine.decision.inquiry import ABSENCE, Case, Said, distinct, mean
from engine.decision.telling import QUOTATIONS_AT_MOST, evidence_of
from engine.facts import Passage


def screen(case: Case) -> Said:
    """What stood on a screen, and when."""
    if not case.texts:
        return case.missing_answer(read=True)
    told = [case.teller.passage(p) for p in distinct(case.texts)]
    text = f"The screen said {case.teller.listed(told, QUOTATIONS_AT_MOST)}."
    return Said(
        text=text,
        evidence=tuple(map(evidence_of, case.texts)),
        confidence=_fit(case, case.texts),
    )


def speech(case: Case) -> Said:
    """What was said, and when."""
    heard = [p for p in case.passages if p.kind == "utterance"]
    if not heard:
        return case.missing_answer(read=True)
    told = [case.teller.passage(p) for p in distinct(heard)[-QUOTATIONS_AT_MOST:]]
    text = f"I heard {case.teller.listed(told, QUOTATIONS_AT_MOST)}."
    return Said(text=text, evidence=tuple(map(evidence_of, heard)), confidence=_fit(case, heard))


def quote(case: Case, *, newest: bool = False) -> Said:
    """What was read or remarked, for a question that is about neither anybody nor anything
    that could be seen coming."""
    passages = distinct(case.passages)[-1:] if newest else distinct(case.passages)
    if not passages:
        return case.missing_answer(read=True)
    told = [case.teller.passage(p) for p in passages]
    kinds = {p.kind for p in passages}
    verb = {"text": "The screen said", "utterance": "I heard"}.get(
        next(iter(kinds)) if len(kinds) == 1 else "", "What fits is"
    )
    return Said(
        text=f"{verb} {case.teller.listed(told, QUOTATIONS_AT_MOST)}.",
        evidence=tuple(map(evidence_of, passages)),
        confidence=_fit(case, passages),
    )


def search(case: Case) -> Said:
    """Whatever fits; a question that quoting cannot answer is not passed off as answered."""
    visits = [v for v in case.fresh() if case.query.concepts]
    found: list[str] = []
    words = case.passages if case.query.words or case.query.known else ()
    if words:
        found.append(quote(case).text)
    if visits:
        told = [case.teller.visit(v) for v in visits[-3:]]
        found.append(f"I last saw {case.who()} {case.teller.listed(told)}.")
    if case.alike:
        told = [case.teller.passage(p) for p in distinct(case.alike)]
        quoted = case.teller.listed(told, QUOTATIONS_AT_MOST)
        found.append(f"By their looks these may be about {case.who()}: {quoted}.")
    if not found:
        return Said(text=case.missing.search(), help=case.missing.search_help())
    items = (*words, *visits[-3:], *case.alike)
    evidence = tuple(map(evidence_of, items))
    if case.missing.open_question:
        return Said(
            text=f"{case.missing.search()} What fits: {' '.join(found)}",
            evidence=evidence,
            confidence=ABSENCE * _fit(case, words) if words else 0.0,
            help=case.missing.search_help(),
        )
    confidence = _fit(case, words) if words else mean([v.score for v in visits])
    if not words and not visits:
        confidence = ABSENCE * ABSENCE
    return Said(text=" ".join(found), evidence=evidence, confidence=confidence)


def _fit(case: Case, passages: Sequence[Passage]) -> float:
    """1 for a passage that holds every word asked for, less for one that merely fits."""
    words = case.query.words.lower().split()
    best = 0.0
    for passage in passages:
        text = passage.text.lower()
        whole = all(word in text for word in words)
        best = max(best, (0.9 if whole else ABSENCE) * min(max(passage.score, 0.0), 1.0))
    return best
