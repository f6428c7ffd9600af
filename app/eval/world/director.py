"""Plans scenes: who does what when, so that it can be drawn and is true."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from .acts import STEPS, Act, Deed
from .figures import scale_of
from .rooms import Room, room
from .scene import Actor, Light, Place, Scene
from .traits import WORDS, Look, Thing, thing

LEFT, RIGHT = -95.0, 735.0
"""Where somebody is out of the picture."""
LANES = (352.0, 378.0, 404.0, 430.0)
GAP = 132.0
"""Between two figures that hand something over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """Somebody who may appear."""

    look: Look
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dance:
    """A taught action: two steps in this order."""

    name: str
    steps: tuple[Deed, Deed]


class Director:
    """Plans one scene from one source of chance."""

    def __init__(
        self,
        chance: random.Random,
        roles: Sequence[Role],
        *,
        length_s: float,
        dances: Sequence[Dance] = (),
        words: tuple[str, ...] = WORDS,
    ) -> None:
        self._chance = chance
        self._length_s = length_s
        self._dances = dances
        self._room: Room = room(chance, words)
        lanes = sorted(chance.sample(LANES, min(len(roles), len(LANES))))
        self._cast = [
            Actor(look=role.look, name=role.name, floor=lanes[n % len(lanes)] + n // 4 * 8)
            for n, role in enumerate(roles)
        ]
        self._acts: list[list[Act]] = [[] for _ in roles]
        self._free = [0.0 for _ in roles]
        self._x = [0.0 for _ in roles]
        self._away = [False for _ in roles]
        self._things: list[Thing] = []
        self._places: list[list[Place]] = []
        self._door: list[tuple[float, float]] = []

    def plan(self) -> Scene:
        self._set_up()
        while min(self._free, default=self._length_s) < self._length_s:
            actor = min(range(len(self._free)), key=lambda n: self._free[n])
            self._next(actor)
        return self._scene(self._light(), 0.0 if self._chance.random() < 0.5 else self._shake())

    def _shake(self) -> float:
        return self._chance.uniform(1.0, 5.0)

    def _light(self) -> Light:
        chance = self._chance
        out: tuple[tuple[float, float], ...] = ()
        if chance.random() < 0.25:
            begin = chance.uniform(0, self._length_s)
            out = ((begin, begin + chance.uniform(3, 10)),)
        return Light(
            hour=chance.uniform(0, 0.9),
            pace=chance.uniform(-0.004, 0.004),
            warm=chance.random(),
            out=out,
        )

    def _scene(self, light: Light, shake: float) -> Scene:
        """What has been planned so far."""
        return Scene(
            room=self._room,
            cast=tuple(self._cast),
            acts=tuple(tuple(acts) for acts in self._acts),
            things=tuple(self._things),
            places=tuple(tuple(places) for places in self._places),
            door=tuple(self._door),
            light=light,
            shake=shake,
            length_s=self._length_s,
        )

    def _set_up(self) -> None:
        chance = self._chance
        for _ in range(chance.choice((0, 1, 1, 2, 2, 3))):
            made = thing(chance)
            if made not in self._things:
                self._things.append(made)
                at = Place(since_s=0.0, x=chance.uniform(70, 570), y=chance.uniform(370, 450))
                self._places.append([at])
        for n in range(len(self._cast)):
            if chance.random() < 0.7:
                self._x[n] = self._free_spot(n)
                free = [m for m in range(len(self._things)) if self._at(m).holder is None]
                if free and chance.random() < 0.3:
                    self._places[chance.choice(free)] = [Place(since_s=0.0, holder=n)]
            else:
                self._away[n] = True
                self._x[n] = chance.choice((LEFT, RIGHT))
                self._free[n] = chance.uniform(0.3, self._length_s * 0.5)

    def _at(self, number: int) -> Place:
        return self._places[number][-1]

    def _holding(self, actor: int) -> int | None:
        for n in range(len(self._things)):
            if self._at(n).holder == actor:
                return n
        return None

    def _free_spot(self, actor: int) -> float:
        """An x that is not right beside somebody else's, if one is soon found."""
        spot = 0.0
        for _ in range(8):
            spot = self._chance.uniform(60, 580)
            others = [x for n, x in enumerate(self._x) if n != actor and not self._away[n]]
            if all(abs(spot - x) > 95 for x in others):
                break
        return spot

    def _do(
        self,
        actor: int,
        deed: Deed,
        lasts_s: float,
        *,
        to: float | None = None,
        facing: int | None = None,
        thing: int | None = None,
        partner: int | None = None,
        dance: str | None = None,
    ) -> Act:
        """Append an act that begins when the actor is free."""
        start, x0 = self._free[actor], self._x[actor]
        x1 = x0 if to is None else to
        if facing is None:
            last = self._acts[actor][-1].facing if self._acts[actor] else 0
            moved = 0 if x1 == x0 else 1 if x1 > x0 else -1
            facing = moved or last or self._chance.choice((-1, 1))
        act = Act(
            deed=deed,
            start_s=start,
            end_s=start + lasts_s,
            x0=x0,
            x1=x1,
            facing=facing,
            thing=thing,
            partner=partner,
            dance=dance,
        )
        self._acts[actor].append(act)
        self._free[actor], self._x[actor] = act.end_s, x1
        return act

    def _walk(self, actor: int, to: float) -> None:
        way = abs(to - self._x[actor])
        if way > 6:
            deed: Deed = "walk right" if to > self._x[actor] else "walk left"
            self._do(actor, deed, way / self._chance.uniform(75, 125), to=to)

    def _wait(self, actor: int, until: float) -> None:
        if until > self._free[actor] + 1e-9:
            self._do(actor, "stand", until - self._free[actor])

    def _next(self, actor: int) -> None:
        chance = self._chance
        if self._away[actor]:
            self._come_in(actor)
            return
        holding = self._holding(actor)
        loose = [n for n in range(len(self._things)) if self._at(n).holder is None]
        partners = [
            n
            for n in range(len(self._cast))
            if n != actor
            and not self._away[n]
            and self._holding(n) is None
            and self._free[n] - self._free[actor] < 4
        ]
        ways: list[tuple[float, str]] = [(1.0, "stand"), (2.2, "walk"), (5.0, "step")]
        ways.append((0.7, "door"))
        ways.append((0.5 if len(self._cast) > 1 else 0.25, "leave"))
        if self._dances:
            ways.append((1.5, "dance"))
        if holding is None and loose:
            ways.append((2.2, "pick up"))
        if holding is not None:
            ways.append((1.6, "put down"))
            if partners:
                ways.append((2.4, "give"))
        way = chance.choices([w for _, w in ways], [share for share, _ in ways])[0]
        match way:
            case "walk":
                self._walk(actor, self._free_spot(actor))
            case "step":
                self._do(actor, chance.choice(STEPS), chance.uniform(2.2, 4.5))
            case "dance":
                dance = chance.choice(self._dances)
                for step in dance.steps:
                    self._do(actor, step, 2.4, dance=dance.name)
            case "door":
                self._open(actor)
            case "leave":
                self._leave(actor)
            case "pick up":
                self._pick_up(actor, chance.choice(loose))
            case "put down" if holding is not None:
                self._put_down(actor, holding)
            case "give" if holding is not None:
                self._give(actor, chance.choice(partners), holding)
            case _:
                self._do(actor, "stand", chance.uniform(1.5, 3.5))

    def _come_in(self, actor: int) -> None:
        to = self._free_spot(actor)
        self._away[actor] = False
        self._do(actor, "come in", abs(to - self._x[actor]) / self._chance.uniform(85, 125), to=to)

    def _leave(self, actor: int) -> None:
        """Out of the picture; comes back later, or not at all."""
        to = LEFT if self._x[actor] < self._chance.uniform(200, 440) else RIGHT
        self._do(actor, "leave", abs(to - self._x[actor]) / self._chance.uniform(85, 125), to=to)
        self._away[actor] = True
        self._free[actor] += self._chance.uniform(3, 25)

    def _open(self, actor: int) -> None:
        door = self._room.door_x
        side = -1 if door > 320 else 1
        self._walk(actor, door + side * 112 * max(scale_of(self._cast[actor].look), 0.85))
        act = self._do(actor, "open the door", self._chance.uniform(2.2, 3.2), facing=-side)
        begin = act.start_s + 0.8
        if all(begin >= end for _, end in self._door):
            self._door.append((begin, act.end_s + self._chance.uniform(1, 8)))

    def _pick_up(self, actor: int, number: int) -> None:
        place = self._at(number)
        reach = 86 * scale_of(self._cast[actor].look)
        side = -1 if place.x - reach > 40 and self._x[actor] < place.x else 1
        if place.x + side * reach > 600:
            side = -1
        self._walk(actor, place.x + side * reach)
        act = self._do(actor, "pick up", 2.2, facing=-side, thing=number)
        self._places[number].append(Place(since_s=(act.start_s + act.end_s) / 2, holder=actor))

    def _put_down(self, actor: int, number: int) -> None:
        act = self._do(actor, "put down", 2.2, thing=number)
        size = scale_of(self._cast[actor].look)
        self._places[number].append(
            Place(
                since_s=(act.start_s + act.end_s) / 2,
                x=min(max(act.x1 + act.facing * 86 * size, 20), 620),
                y=self._cast[actor].floor + 10,
            )
        )

    def _give(self, giver: int, taker: int, number: int) -> None:
        side = -1 if self._x[giver] < self._x[taker] else 1
        self._walk(giver, self._x[taker] + side * GAP)
        begin = max(self._free[giver], self._free[taker])
        self._wait(giver, begin)
        self._wait(taker, begin)
        self._do(giver, "give", 2.4, facing=-side, thing=number, partner=taker)
        self._do(taker, "take", 2.4, facing=side, thing=number, partner=giver)
        self._places[number].append(Place(since_s=begin + 1.2, holder=taker))
