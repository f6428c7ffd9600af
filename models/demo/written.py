"""A prompt as tokens, and where in them stands what its questions are about."""

import math
import re

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding, Tokenizer

from app.eval.world.camera import Box
from app.eval.world.canvas import Picture
from app.eval.world.prompts import AFTER, BEFORE, Prompt
from app.eval.world.questions import Asked
from app.eval.world.wording import clock, seconds


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
LABEL = re.compile(r"(?:\[(?P<mark>\d+:\d\d)\]|(?P<name>\w+):)$")
"""What stands before a picture: its time mark, or whose card it is."""


class Written:
    """A prompt's tokens, and where in them its pictures are, by time mark, the lines about other
    seconds, and its cards, by name; the newest picture is under None as well."""

    def __init__(self, prompt: Prompt, tokenizer: Tokenizer, tokens: int) -> None:
        self._tokenizer = tokenizer
        self.ids: list[int] = []
        self.shown: list[Picture] = []
        self.pictures: dict[str | None, slice] = {}
        self.notes: dict[tuple[str | None, str | None], slice] = {}
        self.cards: dict[str, slice] = {}
        self.names: dict[str, slice] = {}
        self.labels: list[tuple[slice, slice]] = []
        text = ""
        for part, after in zip(prompt.parts, (*prompt.parts[1:], ""), strict=True):
            if isinstance(part, str):
                text += part
            else:
                self._show(text, part, tokens, told=after if isinstance(after, str) else "")
                text = AFTER
        self._write(text)

    def _show(self, text: str, picture: Picture, tokens: int, *, told: str) -> None:
        """The text that ends with a picture's label, and the picture; a card goes on with what is
        `told` of it."""
        label = LABEL.search(text)
        if label is None:
            raise ValueError(f"a picture without a label, after {text!r}")
        read = self._write(text + BEFORE, *label.span(label.lastgroup or 0))
        begin, end = len(self.ids), len(self.ids) + tokens
        if label["name"]:
            end += len(self._encoded(f"{AFTER}{told}").ids) if told.startswith(" ") else 0
            self.cards[label["name"]] = slice(begin, end)
            self.names[label["name"]] = read
        else:
            self.pictures[None] = self.pictures[label["mark"]] = slice(begin, end)
        self.labels.append((slice(begin, end), read))
        self.ids += [self._tokenizer.token_to_id("<image>") or 0] * tokens
        self.shown.append(picture)

    def _write(self, text: str, begin: int = 0, end: int = 0) -> slice:
        """Lines of text may be cards and notes, too. Which tokens stand from `begin` to `end`."""
        written = self._encoded(text)

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
                label = self.names[line["name"]] = tokens(*line.span("name"))
            self.labels.append((slice(label.stop, whole.stop), label))
        found = tokens(begin, end)
        self.ids += written.ids
        return found

    def _encoded(self, text: str) -> Encoding:
        return self._tokenizer.encode(text, add_special_tokens=False)

    def branch(self, question: str, answer: str, asked: Asked) -> tuple[list[int], int, list[bool]]:
        """The tokens of a question and its answer, how many of them are the question's, and which
        of all are of the name and the time in it."""
        before, after = self._encoded(question), self._encoded(answer).ids
        spans = [
            found.span()
            for cue in (asked.name, asked.when)
            if cue is not None
            for found in re.finditer(re.escape(cue), question)
        ]
        cues = [any(begin < b and a < end for begin, end in spans) for a, b in before.offsets]
        return [*before.ids, *after], len(before.ids), cues + [False] * len(after)

    def copied(self, asked: Asked, answer: list[int]) -> list[int]:
        """Of each of the answer's tokens where it stands in the line that is asked about, or on the
        card of whom the question names, if the answer stands there word for word; else -1."""
        name = asked.name or ""
        if asked.when:
            line = self.notes.get((asked.when, name))
        elif name == asked.answer:
            line = self.names.get(name)
        else:
            line = self.cards.get(name) if name in asked.question else None
        if line is None:
            return [-1] * len(answer)
        *said, _ = answer  # Its end stands nowhere.
        for begin in range(line.start, line.stop - len(said) + 1):
            here = [self.ids[begin + n] == token for n, token in enumerate(said)]
            # What begins an answer has another token within a line: there it follows a space.
            if all(here[1:]) and (here[0] or len(said) > 1):
                return [begin + n if same else -1 for n, same in enumerate(here)] + [-1]
        return [-1] * len(answer)

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
