"""Questions have the one right answer, and prompts hold the evidence for it."""

import random
import re
from collections import Counter
from dataclasses import asdict

import numpy as np
import pytest

from app.eval.world.acts import DOING
from app.eval.world.canvas import Picture
from app.eval.world.history import history
from app.eval.world.prompts import SHAPES, PromptMaker, question_text
from app.eval.world.questioner import Questioner
from app.eval.world.questions import Asked, Moment
from app.eval.world.scene import Scene
from app.eval.world.traits import SPLITS, Split
from app.eval.world.wording import QUESTIONS, UNSEEN, clock, family


def moments(count: int, split: Split = "train") -> list[Moment]:
    chance = random.Random(7)
    return [history(chance, split, scenes=1, cards=2).moment() for _ in range(count)]


def of_kind(kind: str, count: int = 900) -> list[tuple[Moment, Asked]]:
    questioner = Questioner(random.Random(1), "train")
    found = [(moment, questioner.ask(moment, kind)) for moment in moments(count)]
    kept = [(moment, asked) for moment, asked in found if asked is not None]
    assert len(kept) > 10
    return kept


@pytest.mark.parametrize("kind", Questioner(random.Random(0), "train").kinds)
def test_the_answer_is_not_among_the_wrong_ones(kind: str) -> None:
    for _, asked in of_kind(kind):
        assert asked.answer not in asked.wrong
        assert len(set(asked.wrong)) == len(asked.wrong) >= 1
        options, right = asked.options(random.Random(0))
        assert options[right] == asked.answer


def test_counts_agree_with_who_is_seen() -> None:
    for moment, asked in of_kind("count"):
        if asked.kind == "count":
            assert asked.answer == str(len(moment.now.seen))


def test_deeds_agree_with_the_act() -> None:
    for moment, asked in of_kind("action"):
        deeds = {DOING[one.deed] for one in moment.now.seen}
        deeds |= {
            DOING["walk right" if act.facing > 0 else "walk left"]
            for one in moment.now.seen
            if (act := moment.scene.act(one.actor, moment.at_s)) is not None
            and act.deed in ("come in", "leave")
        }
        assert asked.answer in deeds


def test_a_described_figure_is_the_only_one_like_that() -> None:
    for moment, asked in of_kind("look"):
        if asked.name is None and asked.kind == "colour":
            colours = [one.look.colour for one in moment.now.seen]
            assert asked.answer in colours


def test_who_is_asked_about_as_unseen_is_not_there() -> None:
    for moment, asked in of_kind("unseen"):
        assert asked.answer == UNSEEN
        assert asked.name not in {actor.name for actor in moment.scene.cast if actor.name}
        described = re.search(r"the (\w+) one", asked.question)
        if described is not None:
            traits = {t for actor in moment.scene.cast for t in asdict(actor.look).values()}
            assert described[1] not in traits


@pytest.mark.parametrize("kind", ["presence", "doing", "name"])
def test_yes_and_no_are_about_equally_frequent(kind: str) -> None:
    answers = [asked.answer for _, asked in of_kind(kind, 400)]
    assert 0.3 < answers.count("yes") / len(answers) < 0.7


def test_wordings_of_the_splits_differ() -> None:
    for kind, wordings in QUESTIONS.items():
        texts = [text for split in SPLITS for text in wordings[split]]
        assert len(set(texts)) == len(texts), kind
        assert all(wordings[split] for split in SPLITS)
        places = {frozenset(re.findall(r"{(\w+)}", text)) for text in texts}
        assert len(places) == 1, kind


def test_test_wordings_use_no_word_that_training_never_saw() -> None:
    def words(split: Split) -> set[str]:
        texts = [text for wordings in QUESTIONS.values() for text in wordings[split]]
        return {word.lower() for text in texts for word in re.findall(r"[A-Za-z]+", text)}

    assert words("test") - words("train") == set()


def test_families_are_the_metrics() -> None:
    assert family("hat") == "look"
    assert family("board") == "board"


class Seen:
    """Remembers which moments were drawn."""

    def __init__(self) -> None:
        self.times: list[tuple[Scene, float]] = []

    def __call__(self, scene: Scene, t: float) -> Picture:
        self.times.append((scene, t))
        return np.zeros((8, 8, 3), np.uint8)


@pytest.mark.parametrize("shape", SHAPES)
def test_prompts_of_every_shape_ask_what_they_show(shape: str) -> None:
    see = Seen()
    maker = PromptMaker(random.Random(3), "dev", see, 8)
    for _ in range(6):
        see.times.clear()
        prompt = maker.prompt(shape)
        text = "".join(part for part in prompt.parts if isinstance(part, str))
        assert prompt.asked
        match shape:
            case "blind":
                assert not see.times
                assert all(asked.answer == UNSEEN for asked in prompt.asked)
            case "last-1":
                assert len(see.times) == 1
                assert all(asked.needs == 1 for asked in prompt.asked)
            case "last-4":
                assert len(see.times) == 4
            case "spread-32":
                assert 4 < len(see.times) <= 32
            case _:
                assert 4 < len(see.times) <= 20
        marks = re.findall(r"\[(\d+:\d\d)\]", text)
        assert len(set(marks)) == len(marks) or "ours" in shape
        for asked in prompt.asked:
            if asked.kind.startswith("past"):
                when = re.search(r"\d+:\d\d", asked.question)
                assert when is not None
                assert when.group() in marks


def test_notes_say_what_questions_about_their_moment_expect() -> None:
    maker = PromptMaker(random.Random(8), "train", Seen(), 8)
    answered = 0
    for _ in range(60):
        prompt = maker.prompt("ours")
        text = "".join(part for part in prompt.parts if isinstance(part, str))
        for asked in prompt.asked:
            when = re.search(r"\d+:\d\d", asked.question)
            if when is None or asked.name is None or not asked.kind.startswith("past"):
                continue
            line = re.search(rf"\[{when.group()}\] {asked.name} (.*)\.\n", text)
            if line is not None:
                answered += 1
                assert asked.answer in line[1]
    assert answered > 20


def test_names_of_cards_are_of_the_split() -> None:
    maker = PromptMaker(random.Random(3), "test", Seen(), 8)
    prompt = maker.prompt("pearl")
    text = "".join(part for part in prompt.parts if isinstance(part, str))
    assert re.search(r"\w+: a (small|big)", text)


def test_options_are_lettered() -> None:
    asked = Asked(kind="colour", question="Which?", answer="red", wrong=("blue", "green", "grey"))
    text, answer = question_text(asked, random.Random(0), choices=True)
    letter = answer[0]
    assert f"\n{letter}. red" in text
    assert text.count("\n") >= 4


def test_time_marks() -> None:
    assert clock(0) == "0:00"
    assert clock(125.9) == "2:05"


def test_no_answer_can_be_guessed_from_the_question_and_its_options() -> None:
    """Whoever knows how often each answer comes up, and sees no picture, does little better than
    dice."""
    nothing = np.zeros((8, 8, 3), np.uint8)
    maker = PromptMaker(random.Random(11), "train", lambda _scene, _t: nothing, 8)
    asked = [
        one
        for _ in range(900)
        for one in maker.prompt("last-1").asked
        if one.wrong and one.name is None and one.kind != "unseen"
    ]
    learned, kept = asked[::2], asked[1::2]
    right = Counter((one.kind, one.answer) for one in learned)
    offered = Counter((one.kind, o) for one in learned for o in (one.answer, *one.wrong[:3]))

    def guess(one: Asked) -> str:
        options = sorted((one.answer, *one.wrong[:3]))  # Of two as likely not always the right one.
        return max(options, key=lambda o: (right[one.kind, o] + 0.5) / (offered[one.kind, o] + 1))

    guessed = np.mean([guess(one) == one.answer for one in kept])
    dice = np.mean([1 / (1 + len(one.wrong[:3])) for one in kept])
    assert guessed - dice < 0.05
