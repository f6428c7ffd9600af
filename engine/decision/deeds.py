"""Answers about actions: how often, when, how long and by whom they were done."""

from collections.abc import Sequence
from dataclasses import replace

from engine.decision.coverage import inside
from engine.decision.inquiry import Case, Said, from_visits, newest
from engine.decision.wording import action, duration, listed, sentence, times
from engine.facts import Visit

LISTED = 10


def told(case: Case) -> Said:
    """What the question asks of an action."""
    done = case.visits
    if not done:
        return _never(case)
    match case.query.intent:
        case "when_last":
            last = newest(done)
            return _last(case, last) if last is not None else _never(case)
        case "how_long":
            total = sum(inside(case.query, v.span, v.at, recorded=v.recorded) for v in done)
            text = f"{sentence_of(case, done)} That took {duration(total)} altogether."
            return from_visits(text, done)
        case _:
            text = sentence_of(case, done)
            yes = case.opening.startswith(("did ", "was ", "has ", "have "))
            return from_visits(f"Yes. {text}" if yes else text, done)


def sentence_of(case: Case, done: Sequence[Visit], most: int = LISTED) -> str:
    """`Momo did the morning stretch twice: from 0:05 to 0:08 and …`; who did what is said beside
    each where it was not always the same."""
    actors = {visit.actor for visit in done}
    often = "" if len(done) == 1 else f" {times(len(done))}:"
    spans = [case.teller.visit(visit) for visit in done]
    if len(actors) == 1:
        (actor,) = actors
        who = "Somebody" if actor is None else case.name(actor)
        whole = case.teller.listed(spans, most)
        if actor is None and len(done) > 1:
            return sentence(f"{_what(case, done)} was done{often} {whole}")
        return sentence(f"{who} did {_what(case, done)}{often} {whole}")
    by = [
        replace(one, text=f"{one.text} by {_who(case, visit.actor)}")
        for one, visit in zip(spans, done, strict=True)
    ]
    return sentence(f"{_what(case, done)} was done{often} {case.teller.listed(by, most)}")


def _last(case: Case, last: Visit) -> Said:
    when = case.teller.listed([case.teller.visit(last)])
    who = "Somebody" if last.actor is None else case.name(last.actor)
    return from_visits(sentence(f"{who} last did {_what(case, [last])} {when}"), [last])


def _never(case: Case) -> Said:
    """Nobody did it, as far as was watched."""
    missing = replace(case.missing, who=_asked(case))
    return Said(
        text=missing.text(read=False),
        help=""
        if case.watching or case.watched
        else "Open a camera, a screen or a recording; then ask again.",
    )


def _asked(case: Case) -> str:
    what = listed([action(case.name(concept)) for concept in case.query.concepts])
    who = listed([case.name(actor) for actor in case.query.actors])
    return f"{who} do {what}" if who else what


def _what(case: Case, done: Sequence[Visit]) -> str:
    names = dict.fromkeys(case.name(visit.concept) for visit in done if visit.concept)
    return listed([action(name) for name in names])


def _who(case: Case, actor: str | None) -> str:
    return "somebody" if actor is None else case.name(actor)
