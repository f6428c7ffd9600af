"""Prompts as numbers: sequences that ask many questions of one prompt.

Needs `tokenizers` and no torch.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from app.eval.world.eye import Eye
from app.eval.world.prompts import Prompt, PromptMaker, question_text
from app.eval.world.traits import Split
from models.demo.drilling import Drill
from models.demo.lookups import TEXT, Lookups
from models.demo.written import Written

IGNORED = -100


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One prompt and its questions as a sequence of length L.

    `branches` is 0 for the prompt and n for the nth question; `positions` go on from the prompt's
    end for each question anew, so that each stands there as if it were the only one.
    """

    shape: str
    kinds: tuple[str, ...]
    ids: npt.NDArray[np.int64]
    positions: npt.NDArray[np.int64]
    branches: npt.NDArray[np.int64]
    targets: npt.NDArray[np.int64]
    """The next token where it belongs to an answer, else IGNORED."""
    pictures: npt.NDArray[np.uint8]
    """F x side x side x 3, RGB."""
    about: npt.NDArray[np.bool_]
    """5 x questions x L: the tokens of the picture that a question is about, the newest or the one
    whose time it names, or of the line about that; of a picture's the ones that show who it is
    about; those that show it a second before; those of the card of whom it names; those of the card
    whose name answers it. None where there is no such thing."""
    labels: npt.NDArray[np.int64]
    """L x 2: of a token of the prompt, where the name or the time mark begins and ends that stands
    before what it is of; twice 0 for all others."""
    cues: npt.NDArray[np.bool_]
    """L: the names and time marks in questions."""
    copied: npt.NDArray[np.int64]
    """L: before a token of an answer that is copied from a card or a line of the prompt, where that
    token stands there; -1 for all others."""


def numbered(
    prompt: Prompt, tokenizer: Tokenizer, chance: random.Random, *, tokens: int, choices: float
) -> Lesson:
    """The prompt as a lesson; `tokens` a picture, `choices` the share of lettered questions."""
    written = Written(prompt, tokenizer, tokens)
    ids, common = written.ids, len(written.ids)
    positions, branches = list(range(common)), [0] * common
    targets = [IGNORED] * common
    cues, copied = [False] * common, [-1] * common
    for n, asked in enumerate(prompt.asked):
        lettered = len(asked.wrong) >= 3 and chance.random() < choices
        question, answer = question_text(asked, chance, choices=lettered)
        branch, answered_at, cued = written.branch(question, answer, asked)
        cues += cued
        ids += branch
        positions += range(common, common + len(branch))
        branches += [n + 1] * len(branch)
        said = branch[answered_at:]
        targets += [IGNORED] * (answered_at - 1) + said + [IGNORED]
        places = [-1] * len(said) if lettered else written.copied(asked, said)
        copied += [-1] * (answered_at - 1) + places + [-1]
    pictures = written.shown
    labels = np.zeros((len(ids), 2), np.int64)
    for of, label in written.labels:
        labels[of] = label.start, label.stop
    return Lesson(
        labels=labels,
        cues=np.array(cues),
        copied=np.array(copied),
        shape=prompt.shape,
        kinds=tuple(asked.kind for asked in prompt.asked),
        ids=np.array(ids),
        positions=np.array(positions),
        branches=np.array(branches),
        targets=np.array(targets),
        pictures=np.stack(pictures) if pictures else np.zeros((0, 1, 1, 3), np.uint8),
        about=np.stack([written.about(asked, len(ids)) for asked in prompt.asked]).swapaxes(0, 1),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What to draw lessons of."""

    vocabulary: str
    """The vocabulary's file."""
    image: int
    tokens: int
    """Of one picture."""
    split: Split
    shapes: tuple[str, ...]
    batch: int
    """So many lessons in a row have one shape, so that little is padded."""
    choices: float = 0.2
    """Share of the questions that are answered by a letter."""
    drill: bool = False
    """Whether each prompt is told whole besides, and asked more about what is seldom asked."""


def lessons(seed: int, course: Course) -> Iterator[Lesson]:
    """An endless course."""
    chance, eye = random.Random(seed), Eye(course.image)
    tokenizer = Tokenizer.from_file(course.vocabulary)
    make = Drill if course.drill else PromptMaker
    maker = make(chance, course.split, lambda scene, t: eye.see(scene, t, chance), course.image)
    lookups = Lookups(chance, course.split)
    while True:
        for shape in chance.sample(course.shapes, len(course.shapes)):
            for _ in range(course.batch):
                prompt = lookups.prompt() if shape == TEXT else maker.prompt(shape)
                yield numbered(
                    prompt, tokenizer, chance, tokens=course.tokens, choices=course.choices
                )
