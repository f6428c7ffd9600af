"""What training asks besides the questions that are scored: to tell all that is seen at once.

An answer of one word says little about a picture. A figure that is told whole, trait after trait,
binds its traits to one another, and a scene that is told whole binds them to places and names; so
every word of the answer is a lesson (as captions are for larger models, Liu et al.,
arXiv 2304.08485).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from app.eval.world.camera import Seen, truth
from app.eval.world.questioner import Questioner
from app.eval.world.questions import PLAIN, Asked, Moment, carrying, clear, doing, settled
from engine.decision.prompting import CAPTION

NOBODY = "nobody I know"
APART = 0.05
"""From left to right is an order where middles lie so far apart, as a share of the width."""


def told(moment: Moment, questioner: Questioner) -> list[Asked]:
    """Everybody in plain sight by themselves, how they look, what they do and whether they are
    known, the scene as it looks, and what happens in it."""
    found = [
        tell(moment, one, questioner)
        for one in moment.now.seen
        if one.visible >= PLAIN
        for tell in (_portrait, _account, _called)
    ]
    found += [
        _scene(moment, "scene", 1, questioner.worded("scene"), _looks),
        _scene(moment, "happens", 2, CAPTION, _does),
    ]
    return [one for one in found if one is not None]


def stepped(moment: Moment, asked: Sequence[Asked]) -> list[Asked]:
    """The same, and where those stood a second before whose deed takes two frames to tell."""
    if moment.at_s < 1:  # The scene had not begun.
        return list(asked)
    earlier = {one.actor: one.box for one in truth(moment.scene, moment.at_s - 1).seen}
    before = {one.box: earlier.get(one.actor) for one in moment.now.seen}
    return [
        replace(one, before=before.get(one.box)) if one.needs > 1 and one.box else one
        for one in asked
    ]


def _portrait(moment: Moment, who: Seen, questioner: Questioner) -> Asked | None:
    words = questioner.words_for(moment, who)
    if words is None:
        return None
    return Asked(
        kind="portrait",
        question=questioner.worded("portrait", who=words),
        answer=who.look.words(),
        name=moment.names.get(who.actor),
        box=who.box,
    )


def _account(moment: Moment, who: Seen, questioner: Questioner) -> Asked | None:
    words, does = questioner.words_for(moment, who), _deed(moment, who)
    if words is None or does is None:
        return None
    return Asked(
        kind="account",
        question=questioner.worded("account", who=words),
        answer=f"{who.look.words()}, {does}",
        needs=2,
        name=moment.names.get(who.actor),
        box=who.box,
    )


def _called(moment: Moment, who: Seen, questioner: Questioner) -> Asked | None:
    """Whose card it is that looks like somebody: the other way about from the questions that are
    scored, and asked of everybody."""
    words = questioner.words_for(moment, who)
    called = moment.names.get(who.actor)
    if words is None or words == called or not moment.names:
        return None
    return Asked(
        kind="called",
        question=questioner.worded("called", who=words),
        answer=called or NOBODY,
        name=called,
        box=who.box,
    )


def _scene(
    moment: Moment,
    kind: str,
    needs: int,
    question: str,
    tell: Callable[[Moment, Seen], str | None],
) -> Asked | None:
    """From left to right; None where that is no order, or something cannot be told."""
    if not clear(moment):
        return None
    ordered = sorted(moment.now.seen, key=_middle)
    if any(_middle(b) - _middle(a) < APART for a, b in pairwise(ordered)):
        return None
    told = [tell(moment, one) for one in ordered]
    if any(one is None for one in told):
        return None
    answer = f"{len(told)}: " + "; ".join(one for one in told if one)
    return Asked(kind=kind, question=question, answer=answer if told else "nobody", needs=needs)


def _middle(one: Seen) -> float:
    return (one.box[0] + one.box[2]) / 2


def _name_of(moment: Moment, one: Seen) -> str:
    called = moment.names.get(one.actor)
    return "" if called is None else f"{called}, "


def _looks(moment: Moment, one: Seen) -> str | None:
    return f"{_name_of(moment, one)}{one.look.words()}"


def _does(moment: Moment, one: Seen) -> str | None:
    does = _deed(moment, one)
    who = moment.names.get(one.actor) or f"a {one.look.colour} {one.look.shape} one"
    return None if does is None else f"{who} is {does}"


def _deed(moment: Moment, one: Seen) -> str | None:
    """What is done and held; None where that is not settled."""
    act = settled(moment.scene, one.actor, moment.at_s)
    if act is None:
        return None
    return f"{doing(one, act)}{carrying(one.holding)}"
