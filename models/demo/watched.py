"""What training asks as standing requests do: whether what is waited for is so now.

In the words in which the product puts a request to its model, and with notes before them, as
there; the demo model is to judge requests, and these words have little in common with questions.
"""

import random

from app.eval.world.acts import DOING, STEPS
from app.eval.world.camera import Box
from app.eval.world.levelling import AT_ONCE, asked
from app.eval.world.questions import DEEDS, PLAIN, Asked, Moment, clear, doing, settled
from app.eval.world.traits import KINDS
from app.eval.world.wording import clock
from engine.inference.conversation import RECALLED
from engine.judges import QUESTION

ANYBODY = ("anybody", "somebody", "someone")
LIT_ASKED = 0.15
"""Of the moments with light the share that is asked about."""
STEP_ASKED = 0.75
"""How often it is one of the deeds that a request may wait for on a stream."""


class Watched:
    """Asks about moments as standing requests do, as often what is so as what is not."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def ask(self, moment: Moment) -> Asked | None:
        """None where the moment does not allow it, or its answer was asked for often enough."""
        ask = self._chance.choice((self._does, self._does, self._holds, self._door, self._lamp))
        return ask(moment)

    def _does(self, moment: Moment) -> Asked | None:
        """Somebody who is named, or anybody; only where everybody's deed is settled."""
        chance, seen = self._chance, moment.now.seen
        acts = {one.actor: settled(moment.scene, one.actor, moment.at_s) for one in seen}
        if not seen or not clear(moment) or None in acts.values():
            return None
        deeds = {one.actor: doing(one, act) for one in seen if (act := acts[one.actor])}
        named = [one for one in seen if one.actor in moment.names]
        called = None
        who = chance.choice(seen)
        if named and chance.random() < 0.5:
            who = chance.choice(named)
            called = moment.names[who.actor]
        done = {deeds[who.actor]} if called else set(deeds.values())
        so = chance.random() < 0.5
        deed = deeds[who.actor] if so else self._other(done, set(deeds.values()))
        words = f"{called or chance.choice(ANYBODY)} is {deed}"
        at_once = deed in {DOING[one] for one in AT_ONCE}
        box = who.box if so or called else None
        return self._asked(moment, words, so, needs=1 if at_once else 2, called=called, box=box)

    def _other(self, done: set[str], elsewhere: set[str]) -> str:
        """A deed that is not done; where somebody else does one, that one often."""
        chance = self._chance
        steps = [DOING[one] for one in STEPS]
        for deeds, share in ((elsewhere, 0.4), (steps, STEP_ASKED), (DEEDS, 1.0)):
            left = sorted(set(deeds) - done)
            if left and chance.random() < share:
                return chance.choice(left)
        return chance.choice(sorted(set(DEEDS) - done))

    def _holds(self, moment: Moment) -> Asked | None:
        """Only where somebody holds something: hands are mostly empty."""
        held = [one for one in moment.now.seen if one.holding and one.visible >= PLAIN]
        if not held or not clear(moment):
            return None
        who = self._chance.choice(held)
        kinds = {one.holding.kind for one in held if one.holding}
        so = self._chance.random() < 0.5
        left = [kind for kind in KINDS if kind not in kinds]
        kind = who.holding.kind if so and who.holding else self._chance.choice(left)
        words = f"{self._chance.choice(ANYBODY)} holds {'an' if kind[0] in 'aeiou' else 'a'} {kind}"
        return self._asked(moment, words, so, box=who.thing_box or who.box)

    def _door(self, moment: Moment) -> Asked | None:
        opened = moment.scene.opened(moment.at_s)
        if 0 < opened < 1 or not asked(self._chance, "door", "yes" if opened else "no"):
            return None
        return self._asked(moment, "the door opens", opened == 1)

    def _lamp(self, moment: Moment) -> Asked | None:
        out = moment.now.lamp_out
        if not out and self._chance.random() > LIT_ASKED:
            return None
        return self._asked(moment, "the light goes out", out)

    def _asked(
        self,
        moment: Moment,
        words: str,
        so: bool,
        *,
        needs: int = 1,
        called: str | None = None,
        box: Box | None = None,
    ) -> Asked:
        answer, other = ("yes", "no") if so else ("no", "yes")
        return Asked(
            kind="watched",
            question=self._notes(moment) + QUESTION.format(words=words),
            answer=answer,
            wrong=(other,),
            needs=needs,
            name=called,
            box=box,
        )

    def _notes(self, moment: Moment) -> str:
        """Who came and went lately, in half of the questions; it says nothing of what is so."""
        chance, names = self._chance, list(moment.names.values())
        if not names or chance.random() < 0.5:
            return ""
        begin = chance.randrange(0, 2400)
        times = sorted(chance.sample(range(begin, begin + 30), chance.choice((1, 2, 4))))
        came = (chance.choice(("came", "left")) for _ in times)
        return RECALLED + "".join(
            f"[{clock(at)}] {chance.choice(names)} {what}.\n"
            for at, what in zip(times, came, strict=True)
        )
