"""Standing requests for training: in the product's words, true, and as often so as not."""

import random
import re
from collections import Counter

from app.eval.world.acts import DOING
from app.eval.world.history import history
from app.eval.world.questions import Asked, Moment, doing
from engine.judges import QUESTION
from models.demo.drilling import nearer
from models.demo.watched import Watched

SAID = re.compile("“(.+)”")


def requests(count: int = 900) -> list[tuple[Moment, Asked, str]]:
    chance = random.Random(4)
    watched = Watched(chance)
    found: list[tuple[Moment, Asked, str]] = []
    for n in range(count):
        past = history(chance, "train", scenes=1, cards=2)
        moment = (nearer(lambda past=past: past, chance) if n % 2 else past).moment()
        one = watched.ask(moment)
        said = SAID.search(one.question) if one is not None else None
        if one is not None and said is not None:
            found.append((moment, one, said[1]))
    return found


def test_a_request_is_put_as_the_product_puts_it() -> None:
    for _, one, words in requests(200):
        assert one.question.endswith(QUESTION.format(words=words))
        notes = one.question.removesuffix(QUESTION.format(words=words))
        assert not notes or notes.startswith("From the memory:\n[")


def test_what_is_waited_for_is_so_where_the_answer_is_yes() -> None:
    told: Counter[str] = Counter()
    for moment, one, words in requests():
        if words == "the door opens":
            so = moment.now.door_open
        elif words == "the light goes out":
            so = moment.now.lamp_out
        elif " holds " in words:
            kind = words.rpartition(" ")[2]
            so = any(o.holding is not None and o.holding.kind == kind for o in moment.now.seen)
        else:
            who, _, deed = words.partition(" is ")
            assert deed in DOING.values()
            so = any(
                doing(o, act) == deed
                for o in moment.now.seen
                if (act := moment.scene.act(o.actor, moment.at_s))
                and who in ("anybody", "somebody", "someone", moment.names.get(o.actor))
            )
        assert (one.answer == "yes") == so, words
        told[words.split(" ")[1] if "the " not in words else words] += 1
    assert len(told) >= 4


def test_no_sort_of_request_tells_its_answer() -> None:
    sorts: dict[str, Counter[str]] = {}
    for _, one, words in requests(2500):
        sort = "is" if " is " in words else "holds" if " holds " in words else words
        sorts.setdefault(sort, Counter())[one.answer] += 1
    assert set(sorts) == {"is", "holds", "the door opens", "the light goes out"}
    for sort, answers in sorts.items():
        assert 0.35 < answers["yes"] / answers.total() < 0.65, (sort, answers)
