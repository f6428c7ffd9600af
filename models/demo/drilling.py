"""The prompts of training: the measured ones, told whole besides, and asked more about what is
seldom asked."""

import random
from dataclasses import replace

from app.eval.world.acts import Deed
from app.eval.world.director import Role
from app.eval.world.history import SETTLED_S, History
from app.eval.world.prompts import PromptMaker, See
from app.eval.world.questions import ENDING_S, HANDLED_FROM, Asked, Moment
from app.eval.world.scene import Scene
from app.eval.world.traits import Split
from models.demo.telling import stepped, told
from models.demo.watched import Watched

NEAR = 0.5
"""Of the prompts the share in which those whose cards are at hand are here, if anybody is."""
HANDLED, CROWDED = 0.6, 0.5
"""Of these the share in which somebody handles a thing, if they do; and of the rest the share in
which as many are there as ever in this scene: the more there are, the worse they are counted."""
TIMES = 6
"""So many moments are looked at for that."""


class Drill(PromptMaker):
    """Makes prompts for training alone."""

    BLIND_MOST, THEN_MOST, THEN_TRIES, CLIP_FROM = 12, 12, 3, 1

    def __init__(self, chance: random.Random, split: Split, see: See, size: int) -> None:
        super().__init__(chance, split, see, size)
        self._watched = Watched(chance)

    def _past(self, *, long: bool) -> History:
        past = super()._past(long=long)
        return nearer(past, self._chance) if self._chance.random() < NEAR else past

    def _kinds(self, past: History) -> list[str]:
        kinds = [*super()._kinds(past), "board", "door"]
        kinds += ["action", "doing", "holding", "unseen"] * 3 + ["count"] * 8
        return kinds + ["name", "name", "who"] * 3 if past.cards else kinds

    def _asked(self, moment: Moment, kinds: list[str]) -> list[Asked]:
        asked = [*super()._asked(moment, kinds), *told(moment, self._questioner)]
        watched = [one for _ in range(8) if (one := self._watched.ask(moment))]
        return stepped(moment, [*asked, *watched])

    def _past_question(self, past: History, t: float, *, single: bool) -> Asked | None:
        made = super()._past_question(past, t, single=single)
        return None if made is None else stepped(past.moment(t), [made])[0]


def nearer(past: History, chance: random.Random) -> History:
    """The same with the cards of those who are there now first of all, and often at a moment at
    which somebody takes something up, puts it down or hands it over, or at which many are there:
    by chance these are seldom seen."""
    begin, last = past.scenes[-1]
    here = [Role(look=one.look, name=one.name) for one in last.cast if one.name is not None]
    others = [role for role in past.cards if role not in here]
    cards = (*here, *others)[: len(past.cards)]
    busy = handling(last)
    now = past.now_s
    if busy and chance.random() < HANDLED:
        now = begin + chance.uniform(*chance.choice(busy[chance.choice(list(busy))]))
    elif chance.random() < CROWDED:
        times = [now, *(begin + chance.uniform(SETTLED_S, last.length_s) for _ in range(TIMES))]
        now = max(times, key=lambda t: len(past.truth(t).seen))
    return replace(past, cards=cards, now_s=now)


def handling(scene: Scene) -> dict[Deed, list[tuple[float, float]]]:
    """When it is settled that somebody takes a thing up, puts it down or hands it over, by which of
    these it is: they are shown alike often, though things are mostly taken up."""
    spans: dict[Deed, list[tuple[float, float]]] = {}
    for acts in scene.acts:
        for one in acts:
            start = one.start_s + HANDLED_FROM * (one.end_s - one.start_s)
            end = one.end_s - ENDING_S
            if one.thing is not None and start >= SETTLED_S and end <= scene.length_s:
                spans.setdefault(one.deed, []).append((start, end))
    return spans
