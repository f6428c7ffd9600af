"""What training has told whole is what is there, and nothing of it is scored."""

import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from app.eval.world.camera import truth
from app.eval.world.history import History, history
from app.eval.world.prompts import SHAPES, PromptMaker
from app.eval.world.questioner import Questioner
from app.eval.world.questions import Asked, Moment, doing, settled
from models.demo.drilling import Drill, nearer
from models.demo.telling import NOBODY, stepped, told

KINDS = {"portrait", "account", "called", "scene", "happens"}


def tellings(kind: str, count: int = 120) -> list[tuple[Moment, Asked]]:
    chance = random.Random(3)
    questioner = Questioner(chance, "train")
    moments = [history(chance, "train", scenes=1, cards=2).moment() for _ in range(count)]
    found = [(m, one) for m in moments for one in told(m, questioner) if one.kind == kind]
    assert len(found) > 10
    return found


def test_a_portrait_is_the_look_of_the_one_who_is_meant() -> None:
    for moment, one in tellings("portrait"):
        looks = {seen.look.words() for seen in moment.now.seen}
        assert one.answer in looks
        if one.name is not None:
            actor = next(actor for actor, name in moment.names.items() if name == one.name)
            named = next(seen for seen in moment.now.seen if seen.actor == actor)
            assert one.answer == named.look.words()


def test_an_account_is_the_look_and_the_deed_of_the_one_who_stands_there() -> None:
    for moment, one in tellings("account"):
        (who,) = (seen for seen in moment.now.seen if seen.box == one.box)
        act = settled(moment.scene, who.actor, moment.at_s)
        assert act is not None
        held = "" if who.holding is None else f", holding {who.holding.words()}"
        assert one.answer == f"{who.look.words()}, {doing(who, act)}{held}"


def test_somebody_is_called_by_the_name_of_their_card_or_by_none() -> None:
    names = 0
    for moment, one in tellings("called"):
        (who,) = (seen for seen in moment.now.seen if seen.box == one.box)
        called = moment.names.get(who.actor)
        assert one.answer == (called or NOBODY)
        assert one.name == called
        assert not any(name in one.question for name in moment.names.values())
        names += called is not None
    assert names > 5


def test_a_scene_tells_everybody_from_left_to_right() -> None:
    for moment, one in tellings("scene"):
        count, _, rest = one.answer.partition(": ")
        if one.answer == "nobody":
            assert not moment.now.seen
            continue
        parts = rest.split("; ")
        assert int(count) == len(parts) == len(moment.now.seen)
        ordered = sorted(moment.now.seen, key=lambda seen: seen.box[0] + seen.box[2])
        for part, seen in zip(parts, ordered, strict=True):
            assert part.endswith(seen.look.words())
            assert (seen.actor in moment.names) == part.startswith(
                moment.names.get(seen.actor, "-")
            )


def test_what_happens_is_told_where_nothing_is_in_doubt() -> None:
    for moment, one in tellings("happens"):
        assert one.needs == 2
        for seen in moment.now.seen:
            assert settled(moment.scene, seen.actor, moment.at_s) is not None
            if seen.holding is not None:
                assert f"holding {seen.holding.words()}" in one.answer


def test_where_somebody_stood_a_second_before() -> None:
    moved = 0
    for moment, one in tellings("account"):
        (then,) = stepped(moment, [one])
        (who,) = (seen for seen in moment.now.seen if seen.box == one.box)
        earlier = truth(moment.scene, moment.at_s - 1).seen
        assert then.before == next((o.box for o in earlier if o.actor == who.actor), None)
        assert replace(then, before=None) == one
        moved += then.before not in (None, one.box)
    assert moved > 5
    for moment, one in tellings("portrait", 20):  # One frame tells it.
        assert stepped(moment, [one]) == [one]


@pytest.mark.parametrize("shape", SHAPES)
def test_only_training_asks_for_it(shape: str) -> None:
    nothing = np.zeros((8, 8, 3), np.uint8)
    makers = [
        make(random.Random(1), "train", lambda _scene, _t: nothing, 8)
        for make in (PromptMaker, Drill)
    ]
    scored, drilled = (
        [one for _ in range(12) for one in maker.prompt(shape).asked] for maker in makers
    )
    assert KINDS.isdisjoint(one.kind for one in scored)
    if shape != "blind":
        assert "portrait" in {one.kind for one in drilled}
    said, told = (sum(len(a.answer.split()) for a in asked) for asked in (scored, drilled))
    assert told > 2 * said


def test_middles_of_a_told_scene_lie_apart() -> None:
    for moment, _ in tellings("scene"):
        middles = sorted((seen.box[0] + seen.box[2]) / 2 for seen in moment.now.seen)
        assert all(b - a >= 0.05 for a, b in pairwise(middles))


def test_what_training_draws_shows_things_handled_often_and_settled() -> None:
    def handled(past: History) -> bool:
        begin, last = past.scenes[-1]
        assert begin + 3.2 <= past.now_s <= begin + last.length_s
        moment = past.moment()
        acts = [settled(moment.scene, one.actor, moment.at_s) for one in moment.now.seen]
        return any(act is not None and act.thing is not None for act in acts)

    chance = random.Random(9)
    plain = [history(chance, "train", scenes=1, cards=1) for _ in range(150)]
    near = [nearer(lambda past=past: past, chance) for past in plain]
    assert sum(map(handled, near)) > 2 * sum(map(handled, plain)) > 0
    for one, other in zip(plain, near, strict=True):
        here = {actor.name for actor in one.scenes[-1][1].cast} - {None}
        (card,) = other.cards
        assert card.name in here or (not here and other.cards == one.cards)


def test_all_ways_of_handling_are_drawn_alike_often_and_crowds_more_often() -> None:
    chance = random.Random(3)

    def draw() -> History:
        return history(chance, "train", scenes=1, cards=0)

    near, plain = [nearer(draw, chance) for _ in range(400)], [draw() for _ in range(400)]
    drawn = Counter(
        act.deed
        for one in near
        for moment in [one.moment()]
        for seen in moment.now.seen
        if (act := settled(moment.scene, seen.actor, moment.at_s)) and act.thing is not None
    )
    assert set(drawn) == {"pick up", "put down", "give", "take"}
    assert max(drawn.values()) < 1.8 * min(drawn.values())
    crowds = [[len(one.moment().now.seen) for one in some] for some in (plain, near)]
    assert sum(crowds[1]) > 1.05 * sum(crowds[0])
