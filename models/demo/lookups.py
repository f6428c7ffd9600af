"""Prompts of text alone, in which names and seconds are looked up; for training.

That a name in a question leads to the card that begins with it, and a time to the line that does,
is learned late from prompts with pictures: each has a few such questions, and costs ten times what
a prompt of text costs. The lines are the ones that the other prompts have.
"""

import random

from app.eval.world.prompts import OPENING, SYSTEM, Prompt
from app.eval.world.questioner import Questioner
from app.eval.world.questions import DEEDS, VALUES, Asked, noted, phrase
from app.eval.world.traits import ROOMS, Look, Split, look, name, thing
from app.eval.world.wording import clock
from engine.inference.conversation import RECALLED

TEXT = "text"
"""The shape of these prompts."""


class Lookups:
    """Makes them of one split from one source of chance."""

    def __init__(self, chance: random.Random, split: Split) -> None:
        self._chance = chance
        self._split: Split = split
        self._questioner = Questioner(chance, split)

    def prompt(self) -> Prompt:
        chance = self._chance
        names = {name(chance, self._split): look(chance, self._split) for _ in range(5)}
        known = dict(list(names.items())[: chance.choice((2, 3, 4, 5))])
        begin = chance.randrange(0, 2400)
        seconds = sorted(chance.sample(range(begin, begin + 90), chance.choice((4, 6, 9, 12))))
        cards = [f"{called}: {of.words()}\n" for called, of in known.items()]
        lines: list[str] = []
        asked: list[Asked] = []
        for at in seconds:
            line, about = self._moment(at, chance.choice(list(known)))
            lines.append(line)
            asked += about
        for called, of in known.items():
            asked += self._card(called, of, [one for one in known.values() if one != of])
        chance.shuffle(asked)
        parts = (SYSTEM, *cards, OPENING, RECALLED, *lines)
        return Prompt(shape=TEXT, parts=parts, asked=tuple(asked))

    def _moment(self, at: int, called: str) -> tuple[str, list[Asked]]:
        """A line about a second, and what it answers."""
        deed, room = self._chance.choice(DEEDS), self._chance.choice(ROOMS)
        held = thing(self._chance) if self._chance.random() < 0.4 else None
        answers = {"past action": deed, "past room": f"the {room}"}
        if held is not None:
            answers["past holding"] = held.words()
        asked = [
            Asked(
                kind=kind,
                question=self._questioner.worded(kind, who=called, when=clock(at)),
                answer=answer,
                name=called,
                when=clock(at),
            )
            for kind, answer in answers.items()
        ]
        return noted(at, called, deed, room, held), asked

    def _card(self, called: str, of: Look, others: list[Look]) -> list[Asked]:
        """What a card answers, and whose it is."""
        asked = [
            Asked(
                kind=trait,
                question=self._questioner.worded(trait, who=called),
                answer=str(getattr(of, trait)),
                name=called,
            )
            for trait in self._chance.sample(tuple(VALUES), 3)
        ]
        told = self._questioner.worded("portrait", who=called)
        asked.append(Asked(kind="portrait", question=told, answer=of.words(), name=called))
        traits = self._chance.sample(tuple(VALUES), self._chance.choice((2, 3)))
        if all(any(getattr(of, t) != getattr(one, t) for t in traits) for one in others):
            who = f"the {phrase({t: str(getattr(of, t)) for t in traits})}"
            whose = self._questioner.worded("called", who=who)
            asked.append(Asked(kind="called", question=whose, answer=called, name=called))
        return asked
