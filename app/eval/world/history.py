"""A stretch of a stream with a present moment at its end, and what can be asked about its past."""

import random
from dataclasses import dataclass

from .camera import Truth, truth
from .director import Director, Role
from .levelling import AT_ONCE
from .questioner import Questioner
from .questions import DEEDS, Asked, Moment, doing, settled
from .scene import Scene
from .stream import Population, population
from .traits import ROOMS, Split
from .wording import clock

SETTLED_S = 3.2
"""So far into its scene the present lies at least: the newest four frames are all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Scenes one after another; `now_s` lies in the last one. Times are stream times."""

    scenes: tuple[tuple[float, Scene], ...]
    """When each begins, and what happens in it."""
    now_s: float
    cards: tuple[Role, ...]
    """The named figures whose cards are at hand; not all of them appear."""

    def at(self, t: float) -> tuple[Scene, float]:
        """The scene of stream time `t`, and the time inside it."""
        begin, scene = max((one for one in self.scenes if one[0] <= t), key=lambda one: one[0])
        return scene, t - begin

    def truth(self, t: float) -> Truth:
        scene, inside = self.at(t)
        return truth(scene, inside)

    def moment(self, t: float | None = None) -> Moment:
        """What can be asked about a moment, the present by default."""
        scene, inside = self.at(self.now_s if t is None else t)
        names: dict[int, str] = {}
        for n, role in enumerate(self.cards):
            actors = [m for m, actor in enumerate(scene.cast) if actor.name == role.name]
            names[actors[0] if actors else -1 - n] = role.name or ""
        return Moment(scene=scene, at_s=inside, now=truth(scene, inside), names=names)


def history(chance: random.Random, split: Split, *, scenes: int, cards: int) -> History:
    """`scenes` scenes of one population, at a random time of a stream; look-alikes are frequent."""
    people = population(chance, split, known=3, strangers=3, dances=0)
    begin = float(chance.randrange(0, 40) * 60 if chance.random() < 0.5 else 0)
    made: list[tuple[float, Scene]] = []
    for n in range(scenes):
        length = chance.uniform(10, 24)
        made.append((begin, _scene(chance, people, length)))
        if n < scenes - 1:
            begin += round(length)
    now = begin + chance.uniform(SETTLED_S, made[-1][1].length_s)
    known = list(people.known)
    chance.shuffle(known)
    return History(scenes=tuple(made), now_s=now, cards=tuple(known[:cards]))


def _scene(chance: random.Random, people: Population, length_s: float) -> Scene:
    count = chance.choice((1, 2, 2, 3, 3, 4))
    known = chance.sample(people.known, min(chance.choice((0, 1, 1, 2)), count))
    twins = [people.strangers[people.known.index(role)] for role in known]
    others = [role for role in people.strangers if role not in twins]
    chance.shuffle(others)
    if chance.random() < 0.5:
        others = twins + others
    cast = (known + others)[:count]
    chance.shuffle(cast)
    return Director(chance, cast, length_s=length_s).plan()


def past_question(
    past: History, t: float, questioner: Questioner, chance: random.Random, *, single: bool
) -> Asked | None:
    """About a named figure at stream time `t`; `single` where only that one frame is shown."""
    moment = past.moment(t)
    named = [one for one in moment.now.seen if one.actor in moment.names and one.visible > 0.6]
    if not named:
        return None
    who = chance.choice(named)
    called = moment.names[who.actor]
    act = settled(moment.scene, who.actor, moment.at_s)
    needs = 1
    kind = chance.choice(("past action", "past room", "past holding"))
    values: list[str]
    match kind:
        case "past room":
            answer, values = f"the {moment.now.room}", [f"the {room}" for room in ROOMS]
        case "past action":
            if act is None or (single and act.deed not in AT_ONCE):
                return None
            answer, values = doing(who, act), list(DEEDS)
            needs = 1 if act.deed in AT_ONCE else 2
        case _:
            if who.holding is None or act is None or act.deed in ("give", "take"):
                return None
            answer = who.holding.words()
            values = [thing.words() for thing in moment.scene.things] + ["nothing"]
    wrong = [value for value in values if value != answer]
    chance.shuffle(wrong)
    return Asked(
        kind=kind,
        question=questioner.worded(kind, who=called, when=clock(t)),
        answer=answer,
        wrong=tuple(wrong[:3]),
        needs=needs,
        name=called,
        box=who.box,
        when=clock(t),
    )
