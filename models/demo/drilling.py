"""The prompts of training: the measured ones, told whole besides, and asked more about what is
seldom asked or hard to tell."""

import random
from collections.abc import Callable
from dataclasses import replace

from app.eval.world.acts import Deed
from app.eval.world.director import Role
from app.eval.world.history import SETTLED_S, History
from app.eval.world.prompts import PromptMaker, See
from app.eval.world.questions import ENDING_S, HANDLED_FROM, VALUES, Asked, Moment
from app.eval.world.scene import Scene
from app.eval.world.traits import Split
from models.demo.telling import NOBODY, stepped, told
from models.demo.watched import Watched

NEAR = 0.7
"""Of the prompts the share in which those whose cards are at hand are here, if anybody is."""
HANDLED, CROWDED = 0.5, 0.7
"""Of these the share in which somebody handles a thing, and of the rest the share in which many are
there: by chance both are seldom seen, and both are told worst."""
HANDLES: tuple[Deed, ...] = ("pick up", "put down", "give")
"""Where somebody gives, another takes."""
MASTERED = frozenset(("presence", "board", "door", "room", *VALUES))
KEPT = 0.4
"""The share of the questions of these kinds that are asked: they are answered right long before the
others, and would take as much of what is learned."""
STRANGERS = 0.2
"""The share of those without a card of whom it is asked what they are called: they are five
times as many, and "nobody I know" was the answer to everybody."""
Span = tuple[float, float]
TRIES, TIMES = 6, 6
"""So many stretches of stream are drawn until one shows what is wanted, and so many moments are
looked at for the one with most in view."""


class Drill(PromptMaker):
    """Makes prompts for training alone."""

    BLIND_MOST, THEN_MOST, THEN_TRIES, CLIP_FROM = 12, 12, 3, 1

    def __init__(self, chance: random.Random, split: Split, see: See, size: int) -> None:
        super().__init__(chance, split, see, size)
        self._watched = Watched(chance)

    def _past(self, *, long: bool) -> History:
        def past() -> History:
            return super(Drill, self)._past(long=long)

        return nearer(past, self._chance) if self._chance.random() < NEAR else past()

    def _kinds(self, past: History) -> list[str]:
        kinds = [*super()._kinds(past), "board", "door"]
        kinds += ["action", "doing", "holding", "unseen"] * 3 + ["count"] * 8
        return kinds + ["name", "name", "who"] * 3 if past.cards else kinds

    def _asked(self, moment: Moment, kinds: list[str]) -> list[Asked]:
        asked = [*super()._asked(moment, kinds), *told(moment, self._questioner)]
        watched = [one for _ in range(8) if (one := self._watched.ask(moment))]
        every = [one for one in (*asked, *watched) if self._wanted(one)]
        return stepped(moment, every)

    def _wanted(self, asked: Asked) -> bool:
        share = KEPT if asked.kind in MASTERED else 1.0
        if asked.kind == "called" and asked.answer == NOBODY:
            share = STRANGERS
        return share == 1.0 or self._chance.random() < share

    def _past_question(self, past: History, t: float, *, single: bool) -> Asked | None:
        made = super()._past_question(past, t, single=single)
        return None if made is None else stepped(past.moment(t), [made])[0]


def nearer(draw: Callable[[], History], chance: random.Random) -> History:
    """A stretch of stream with the cards of those who are there now first of all, and often at a
    moment at which somebody takes something up, puts it down or hands it over, each alike often, or
    at which many are there."""
    past, spans = draw(), list[Span]()
    if chance.random() < HANDLED:
        wanted = chance.choice(HANDLES)
        for _ in range(TRIES):
            spans = handling(past.scenes[-1][1], wanted)
            if spans:
                break
            past = draw()
    begin, last = past.scenes[-1]
    here = [Role(look=one.look, name=one.name) for one in last.cast if one.name is not None]
    others = [role for role in past.cards if role not in here]
    cards = (*here, *others)[: len(past.cards)]
    now = past.now_s
    if spans:
        now = begin + chance.uniform(*chance.choice(spans))
    elif chance.random() < CROWDED:
        times = [now, *(begin + chance.uniform(SETTLED_S, last.length_s) for _ in range(TIMES))]
        now = max(times, key=lambda t: len(past.truth(t).seen))
    return replace(past, cards=cards, now_s=now)


def handling(scene: Scene, deed: Deed) -> list[Span]:
    """When it is settled that somebody does so with a thing, in seconds of the scene."""
    spans = [
        (one.start_s + HANDLED_FROM * (one.end_s - one.start_s), one.end_s - ENDING_S)
        for acts in scene.acts
        for one in acts
        if one.deed == deed and one.thing is not None
    ]
    return [(a, b) for a, b in spans if a >= SETTLED_S and b <= scene.length_s]
