"""Prompts as numbers: the vocabulary, and sequences that ask many questions of one prompt.

Needs `tokenizers` and no torch.
"""

import math
import os
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from app.eval.world.camera import Box
from app.eval.world.canvas import Picture
from app.eval.world.eye import Eye
from app.eval.world.lookups import TEXT, Lookups
from app.eval.world.prompts import AFTER, BEFORE, Prompt, PromptMaker, question_text
from app.eval.world.questions import Asked
from app.eval.world.traits import Split
from app.eval.world.wording import clock, seconds

SPECIALS = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<fake_token_around_image>",
    "<global-img>",
    "<image>",
    "<row_1_col_1>",
)
IGNORED = -100


def tokenizer_of(
    words: dict[str, int] | None = None, merges: list[tuple[str, str]] | None = None
) -> Tokenizer:
    """Byte-level BPE that splits words as llama.cpp's `smollm` does: each digit by itself. Without
    `words` it is to be trained."""
    bpe = models.BPE() if words is None else models.BPE(vocab=words, merges=merges or [])
    tokenizer = Tokenizer(bpe)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(  # pyright: ignore[reportAttributeAccessIssue]
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()  # pyright: ignore[reportAttributeAccessIssue]
    if words is not None:
        tokenizer.add_special_tokens(list(SPECIALS))  # pyright: ignore[reportUnknownMemberType]
    return tokenizer


def train_vocabulary(texts: Sequence[str], size: int) -> Tokenizer:
    """A vocabulary of `size` tokens."""
    tokenizer = tokenizer_of()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(SPECIALS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(["\n\n"] * 1000 + list(texts), trainer)
    return tokenizer


def texts(seed: int, count: int) -> list[str]:
    """Prompts of the training split without their pictures."""
    chance = random.Random(seed)
    nothing = np.zeros((8, 8, 3), np.uint8)
    maker = PromptMaker(chance, "train", lambda _scene, _t: nothing, 8)
    found: list[str] = []
    for n in range(count):
        prompt = maker.prompt(("last-4", "ours")[n % 2])
        found += [part for part in prompt.parts if isinstance(part, str)]
        for asked in prompt.asked:
            found += question_text(asked, chance, choices=n % 4 == 0)
    return [text for text in found if text]


def vocabulary(folder: Path, size: int) -> Tokenizer:
    """The vocabulary in `folder`, made there if there is none."""
    path = folder / "vocabulary.json"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".part-{os.getpid()}-{path.name}")
        train_vocabulary(texts(0, 400), size).save(str(part))
        os.replace(part, path)  # Another process may make the same one meanwhile.
    return Tokenizer.from_file(str(path))


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


def shown(box: Box, tokens: int) -> npt.NDArray[np.bool_]:
    """Of a picture's tokens, row by row, those that show a fair part of what is in the box."""
    side = math.isqrt(tokens)
    edges = np.arange(side + 1) / side
    left, top, right, bottom = box
    wide = np.clip(np.minimum(edges[1:], right) - np.maximum(edges[:-1], left), 0, None)
    high = np.clip(np.minimum(edges[1:], bottom) - np.maximum(edges[:-1], top), 0, None)
    part = np.outer(high, wide).ravel()
    return part >= 0.3 * part.max() if part.max() > 0 else np.zeros(tokens, np.bool_)


LINE = re.compile(r"^(?:\[(?P<mark>\d+:\d\d)\] (?P<who>\w+)|(?P<name>\w+):) .+$", re.MULTILINE)
"""Of a prompt's text: what is told of a second, or of somebody."""


class _Written:
    """A prompt's tokens, and where in them its pictures are, by time mark, the lines about other
    seconds, and its cards, by name; the newest picture is under None as well."""

    def __init__(self, prompt: Prompt, tokenizer: Tokenizer, tokens: int) -> None:
        self._tokenizer = tokenizer
        self.ids: list[int] = []
        self.shown: list[Picture] = []
        self.pictures: dict[str | None, slice] = {}
        self.notes: dict[tuple[str | None, str | None], slice] = {}
        self.cards: dict[str, slice] = {}
        self.labels: list[tuple[slice, slice]] = []
        image: int = tokenizer.token_to_id("<image>") or 0
        text = ""
        for part, after in zip(prompt.parts, (*prompt.parts[1:], ""), strict=True):
            if isinstance(part, str):
                text += part
                continue
            card = text.endswith(":")
            label = self._write(text + BEFORE, text.rfind("\n" if card else "[") + 1, len(text) - 1)
            begin, end = len(self.ids), len(self.ids) + tokens
            if text.endswith(":"):
                told = isinstance(after, str) and after.startswith(" ")
                words = len(self.encoded(f"{AFTER}{after}")) if told else 0
                end += words
                self.cards[text.rpartition("\n")[2].rstrip(":")] = slice(begin, end)
            else:
                mark = text.rpartition("[")[2].rstrip("]")
                self.pictures[None] = self.pictures[mark] = slice(begin, end)
            self.labels.append((slice(begin, end), label))
            self.ids += [image] * tokens
            self.shown.append(part)
            text = AFTER
        self._write(text)

    def _write(self, text: str, begin: int = 0, end: int = 0) -> slice:
        """Lines of text may be cards and notes, too. Which tokens stand from `begin` to `end`."""
        written = self._tokenizer.encode(text, add_special_tokens=False)

        def tokens(begin: int, end: int) -> slice:
            inside = [n for n, (a, b) in enumerate(written.offsets) if begin <= a and b <= end]
            start = len(self.ids)
            return slice(start + inside[0], start + inside[-1] + 1) if inside else slice(0, 0)

        for line in LINE.finditer(text):
            whole = tokens(line.start(), line.end())
            if line["mark"]:
                self.notes[line["mark"], line["who"]] = whole
                label = tokens(line.start("mark"), line.end("who"))
            else:
                self.cards[line["name"]] = whole
                label = tokens(*line.span("name"))
            self.labels.append((slice(label.stop, whole.stop), label))
        found = tokens(begin, end)
        self.ids += written.ids
        return found

    def encoded(self, text: str) -> list[int]:
        return self._tokenizer.encode(text, add_special_tokens=False).ids

    def cued(self, question: str, asked: Asked) -> list[bool]:
        """Of a question's tokens, the ones of the name and the time in it."""
        written = self._tokenizer.encode(question, add_special_tokens=False)
        spans = [
            found.span()
            for cue in (asked.name, asked.when)
            if cue is not None
            for found in re.finditer(re.escape(cue), question)
        ]
        return [any(begin < b and a < end for begin, end in spans) for a, b in written.offsets]

    def about(self, asked: Asked, length: int) -> npt.NDArray[np.bool_]:
        """See `Lesson.about`, for one question."""
        found = np.zeros((5, length), np.bool_)
        picture = self.pictures.get(asked.when)
        if picture is not None:
            found[0, picture] = True
            before = self._before(picture)
            for row, there, box in ((1, picture, asked.box), (2, before, asked.before)):
                if there is not None and box is not None:
                    found[row, there] = shown(box, there.stop - there.start)
        elif (asked.when, asked.name) in self.notes:
            found[0, self.notes[asked.when, asked.name]] = True
        card = self.cards.get(asked.name or "")
        if card is not None and asked.name is not None:
            found[3, card] = asked.name in asked.question
            found[4, card] = asked.name == asked.answer
        return found

    def _before(self, picture: slice) -> slice | None:
        """The picture of the second before."""
        marks = {there.start: mark for mark, there in self.pictures.items() if mark is not None}
        return self.pictures.get(clock(seconds(marks[picture.start]) - 1))


def numbered(
    prompt: Prompt, tokenizer: Tokenizer, chance: random.Random, *, tokens: int, choices: float
) -> Lesson:
    """The prompt as a lesson; `tokens` a picture, `choices` the share of lettered questions."""
    written = _Written(prompt, tokenizer, tokens)
    ids, common = written.ids, len(written.ids)
    positions, branches = list(range(common)), [0] * common
    targets = [IGNORED] * common
    cues = [False] * common
    for n, asked in enumerate(prompt.asked):
        lettered = len(asked.wrong) >= 3 and chance.random() < choices
        question, answer = question_text(asked, chance, choices=lettered)
        before, after = written.encoded(question), written.encoded(answer)
        branch = [*before, *after]
        cues += written.cued(question, asked) + [False] * len(after)
        ids += branch
        positions += range(common, common + len(branch))
        branches += [n + 1] * len(branch)
        targets += [IGNORED] * (len(before) - 1) + after + [IGNORED]
    pictures = written.shown
    labels = np.zeros((len(ids), 2), np.int64)
    for of, label in written.labels:
        labels[of] = label.start, label.stop
    return Lesson(
        labels=labels,
        cues=np.array(cues),
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
    maker = PromptMaker(
        chance,
        course.split,
        lambda scene, t: eye.see(scene, t, chance),
        course.image,
        drill=course.drill,
    )
    lookups = Lookups(chance, course.split)
    while True:
        for shape in chance.sample(course.shapes, len(course.shapes)):
            for _ in range(course.batch):
                prompt = lookups.prompt() if shape == TEXT else maker.prompt(shape)
                yield numbered(
                    prompt, tokenizer, chance, tokens=course.tokens, choices=course.choices
                )
