"""Asks about moments, in every kind of question, in the wordings of one split."""

import random
from collections.abc import Callable, Sequence

from .camera import Box, Seen
from .levelling import AT_ONCE, asked, deeds_like, others
from .questions import (
    DEEDS,
    PLAIN,
    VALUES,
    Asked,
    Moment,
    any_look,
    clear,
    doing,
    phrase,
    refer,
    settled,
)
from .rooms import share
from .traits import COLOURS, KINDS, ROOMS, WORDS, Split, Thing
from .wording import QUESTIONS, UNSEEN

COUNTED = ("colour", "shape", "pattern", "size")


class Questioner:
    """Asks about moments in the wordings of one split."""

    def __init__(self, chance: random.Random, split: Split) -> None:
        self._chance = chance
        self._split: Split = split
        self._makers: dict[str, Callable[[Moment], Asked | None]] = {
            "look": self._look,
            "action": self._action,
            "doing": self._doing,
            "holding": self._holding,
            "count": self._count,
            "presence": self._presence,
            "name": self._name,
            "who": self._who,
            "room": self._room,
            "board": self._board,
            "door": self._door,
            "unseen": self._unseen,
        }

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(self._makers)

    def ask(self, moment: Moment, kind: str) -> Asked | None:
        """A question of this kind; None where the moment does not allow one, or its answer was
        asked for often enough."""
        made = self._makers[kind](moment)
        return made if made is not None and asked(self._chance, made.kind, made.answer) else None

    def ask_all(self, moment: Moment, kinds: Sequence[str]) -> list[Asked]:
        """One of each kind, as far as the moment allows, none twice."""
        found: dict[str, Asked] = {}
        for kind in kinds:
            made = self.ask(moment, kind)
            if made is not None:
                found.setdefault(made.question, made)
        return list(found.values())

    def worded(self, kind: str, **parts: str) -> str:
        text = self._chance.choice(QUESTIONS[kind][self._split]).format(**parts)
        return text[0].upper() + text[1:]

    def _wrong(self, values: Sequence[str], answer: str) -> tuple[str, ...]:
        return others(self._chance, values, answer)

    def _someone(
        self, moment: Moment, leave_out: str | None = None
    ) -> tuple[Seen, str, str | None] | None:
        """A figure in plain sight, the words for it, and its name if it is called by that."""
        plain = [one for one in moment.now.seen if one.visible >= PLAIN]
        if not plain:
            return None
        who = self._chance.choice(plain)
        words = self.words_for(moment, who, leave_out)
        called = moment.names.get(who.actor)
        return None if words is None else (who, words, called if words == called else None)

    def words_for(self, moment: Moment, who: Seen, leave_out: str | None = None) -> str | None:
        """The name of a figure, or what it is told apart by; None where nothing tells it apart."""
        called = moment.names.get(who.actor)
        if called is not None and self._chance.random() < 0.6:
            return called
        return refer(self._chance, who, moment.now, leave_out)

    def _look(self, moment: Moment) -> Asked | None:
        trait = self._chance.choice(tuple(VALUES))
        found = self._someone(moment, trait)
        if found is None:
            return None
        who, words, called = found
        answer = str(getattr(who.look, trait))
        return Asked(
            kind=trait,
            question=self.worded(trait, who=words),
            answer=answer,
            wrong=self._wrong(VALUES[trait], answer),
            name=called,
            box=who.box,
        )

    def _action(self, moment: Moment) -> Asked | None:
        found = self._someone(moment)
        act = None if found is None else settled(moment.scene, found[0].actor, moment.at_s)
        if found is None or act is None:
            return None
        answer = doing(found[0], act)
        return Asked(
            kind="action",
            question=self.worded("action", who=found[1]),
            answer=answer,
            wrong=self._wrong(deeds_like(act.deed), answer),
            needs=1 if act.deed in AT_ONCE else 2,
            name=found[2],
            box=found[0].box,
        )

    def _doing(self, moment: Moment) -> Asked | None:
        found = self._someone(moment)
        act = None if found is None else settled(moment.scene, found[0].actor, moment.at_s)
        if found is None or act is None:
            return None
        true, answer = doing(found[0], act), "yes"
        if not asked(self._chance, "action", true):
            return None
        deed = true
        if self._chance.random() < 0.5:
            alike = [one for one in deeds_like(act.deed) if one != true]
            deed, answer = self._chance.choice(alike), "no"
        return Asked(
            kind="doing",
            question=self.worded("doing", who=found[1], deed=deed),
            answer=answer,
            wrong=("no",) if answer == "yes" else ("yes",),
            needs=1 if act.deed in AT_ONCE else 2,
            name=found[2],
            box=found[0].box,
        )

    def _holding(self, moment: Moment) -> Asked | None:
        found = self._someone(moment)
        if found is None:
            return None
        act = moment.scene.act(found[0].actor, moment.at_s)
        if act is None or act.deed in ("pick up", "put down", "give", "take", "bow"):
            return None
        thing = found[0].holding
        answer = "nothing" if thing is None else thing.words()
        things = [
            Thing(kind=self._chance.choice(KINDS), colour=self._chance.choice(COLOURS)).words()
            for _ in range(4)
        ]
        return Asked(
            kind="holding",
            question=self.worded("holding", who=found[1]),
            answer=answer,
            wrong=others(self._chance, things, answer, first=["nothing"]),
            name=found[2],
            box=found[0].thing_box or found[0].box,
        )

    def _count(self, moment: Moment) -> Asked | None:
        if not clear(moment):
            return None
        seen = moment.now.seen
        if self._chance.random() < 0.5:
            return self._counted("count", len(seen))
        trait = self._chance.choice(COUNTED)
        pool = [str(getattr(one.look, trait)) for one in seen] * 2 + list(VALUES[trait])
        value = self._chance.choice(pool)
        count = sum(getattr(one.look, trait) == value for one in seen)
        return self._counted("count like", count, traits=value)

    def _counted(self, kind: str, count: int, **parts: str) -> Asked:
        answer = str(count)
        return Asked(
            kind=kind,
            question=self.worded(kind, **parts),
            answer=answer,
            wrong=self._wrong([str(n) for n in range(4 if parts else 5)], answer),
        )

    def _presence(self, moment: Moment) -> Asked | None:
        """Half are there; of the others most differ from somebody there in one trait."""
        if not clear(moment):
            return None
        chance, seen = self._chance, moment.now.seen
        keys = chance.sample(tuple(VALUES), chance.choice((1, 2, 2)))
        looks = [one.look for one in seen]
        like = chance.choice(looks) if looks else any_look(chance)
        wanted = {key: str(getattr(like, key)) for key in keys}
        if chance.random() < 0.5 or not looks:
            key = chance.choice(keys)
            wanted[key] = chance.choice([v for v in VALUES[key] if v != wanted[key]])
        boxes = [
            one.box
            for one in seen
            if all(getattr(one.look, key) == value for key, value in wanted.items())
        ]
        words = phrase(wanted)
        article = "an" if words.startswith("orange") else "a"
        box = boxes[0] if len(boxes) == 1 else None
        return self._yes_no("presence", bool(boxes), box=box, traits=f"{article} {words}")

    def _yes_no(
        self,
        kind: str,
        true: bool,
        *,
        about: str | None = None,
        box: Box | None = None,
        **parts: str,
    ) -> Asked:
        return Asked(
            kind=kind,
            question=self.worded(kind, **parts),
            answer="yes" if true else "no",
            wrong=("no" if true else "yes",),
            name=about,
            box=box,
        )

    def _name(self, moment: Moment) -> Asked | None:
        if not moment.names or not clear(moment):
            return None
        here = {one.actor for one in moment.now.seen}
        sides = [[called for actor, called in moment.names.items() if (actor in here) == there]
                 for there in (True, False)]  # fmt: skip
        there = self._chance.random() < 0.5
        names = sides[0] if there else sides[1]
        if not names:
            return None
        called = self._chance.choice(names)
        box = next((o.box for o in moment.now.seen if moment.names.get(o.actor) == called), None)
        return self._yes_no("name", there, about=called, box=box, name=called)

    def _who(self, moment: Moment) -> Asked | None:
        """Only where exactly one figure does it, and its name is known."""
        acts = {o.actor: settled(moment.scene, o.actor, moment.at_s) for o in moment.now.seen}
        if any(act is None for act in acts.values()) or not acts:
            return None
        deeds = {o.actor: doing(o, act) for o in moment.now.seen if (act := acts[o.actor])}
        single = [
            actor
            for actor, deed in deeds.items()
            if actor in moment.names and list(deeds.values()).count(deed) == 1
        ]
        if not single:
            return None
        actor = self._chance.choice(single)
        answer = moment.names[actor]
        box = next(one.box for one in moment.now.seen if one.actor == actor)
        others = [name for name in moment.names.values() if name != answer]
        return Asked(
            kind="who",
            question=self.worded("who", deed=deeds[actor]),
            answer=answer,
            wrong=self._wrong([*others, "nobody"], answer),
            needs=2,
            name=answer,
            box=box,
        )

    def _room(self, moment: Moment) -> Asked | None:
        answer = f"the {moment.now.room}"
        return Asked(
            kind="room",
            question=self.worded("room"),
            answer=answer,
            wrong=self._wrong([f"the {room}" for room in ROOMS], answer),
        )

    def _board(self, moment: Moment) -> Asked | None:
        answer = moment.now.word or "nothing"
        return Asked(
            kind="board",
            question=self.worded("board"),
            answer=answer,
            wrong=others(self._chance, WORDS, answer, first=["nothing"]),
            box=share(moment.scene.room.board),
        )

    def _door(self, moment: Moment) -> Asked | None:
        opened = moment.scene.opened(moment.at_s)
        if 0 < opened < 1:
            return None
        return self._yes_no("door", opened == 1, box=share(moment.scene.room.door))

    def _unseen(self, moment: Moment) -> Asked | None:
        """About somebody who is not in the scene at all: there is no answer."""
        if not clear(moment):
            return None
        absent = [called for actor, called in moment.names.items() if actor < 0]
        if absent and self._chance.random() < 0.5:
            who, called = (self._chance.choice(absent),) * 2
        else:
            who, called = self._stranger(moment), None
            if who is None:
                return None
        kind = self._chance.choice(
            ("action", "holding") if called else ("action", "holding", "hat")
        )
        return Asked(
            kind="unseen",
            question=self.worded(kind, who=who),
            answer=UNSEEN,
            wrong=self._wrong(DEEDS, UNSEEN),
            name=called,
        )

    def _stranger(self, moment: Moment) -> str | None:
        keys = self._chance.sample(("colour", "shape", "pattern"), self._chance.choice((1, 2)))
        look = any_look(self._chance)
        wanted = {key: str(getattr(look, key)) for key in keys}
        cast = moment.scene.cast
        if any(all(getattr(one.look, k) == v for k, v in wanted.items()) for one in cast):
            return None
        return f"the {phrase(wanted)}"
