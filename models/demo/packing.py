# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false
"""Lessons side by side, as the network takes them: prompts, and behind them questions in rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models.demo.lessons import IGNORED, Lesson
from models.demo.network import prepared

ROW = 64
"""Tokens of a row of questions, at least."""
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """n lessons on a device, each `prompt + rows * length` tokens long."""

    ids: Tensor
    positions: Tensor
    known: Tensor
    """n x prompt: what is no padding."""
    branches: Tensor
    """n x rows x length: the question that a token is of, -1 for padding."""
    places: Tensor
    """Which of all the tokens stand before one of an answer, lesson by lesson."""
    wanted: Tensor
    """The answers' tokens, as many."""
    worth: Tensor
    """As many, 1 in all: every question counts the same, however long its answer."""
    about: Tensor
    """5 x as many x prompt: see `Lesson.about`."""
    pictures: Tensor
    labelled: Tensor
    """n x prompt x prompt: what a token of the prompt has as its label."""
    cued: Tensor
    """As many as answers' tokens x length: names and times in the question."""
    copied: Tensor
    """As many as answers' tokens: see `Lesson.copied`."""


def rows_of(lesson: Lesson, length: int) -> list[Places]:
    """Which of the lesson's tokens are in each row of at most `length`, no question in two."""
    rows: list[list[int]] = []
    for branch in np.unique(lesson.branches)[1:]:
        tokens: list[int] = np.flatnonzero(lesson.branches == branch).tolist()
        room = next((row for row in rows if len(row) + len(tokens) <= length), None)
        if room is None:
            rows.append(tokens)
        else:
            room += tokens
    return [np.array(row) for row in rows]


def _longest(lesson: Lesson) -> int:
    return int(np.unique(lesson.branches, return_counts=True)[1][1:].max())


def _worth(lesson: Lesson) -> npt.NDArray[np.float32]:
    """Of each token of the lesson's answers, one over the length of its answer."""
    of = lesson.branches[lesson.targets != IGNORED]
    return (1 / np.bincount(of)[of]).astype(np.float32)


def batched(lessons: Sequence[Lesson], device: str) -> Batch:
    length = max(ROW, *(_longest(lesson) for lesson in lessons))
    packed = [rows_of(lesson, length) for lesson in lessons]
    prompt = max(int((lesson.branches == 0).sum()) for lesson in lessons)
    n, count = len(lessons), max(len(rows) for rows in packed)
    ids = np.zeros((n, prompt + count * length), np.int64)
    positions, branches = np.zeros_like(ids), np.full_like(ids, -1)
    places: list[Places] = []
    about: list[npt.NDArray[np.bool_]] = []
    labelled = np.zeros((n, prompt, prompt), np.bool_)
    cued: list[npt.NDArray[np.bool_]] = []
    copied: list[Places] = []
    column = np.arange(prompt)
    for k, (lesson, rows) in enumerate(zip(lessons, packed, strict=True)):
        at = np.arange(len(lesson.ids))
        for row, tokens in enumerate(rows):
            at[tokens] = prompt + row * length + np.arange(len(tokens))
        ids[k, at], positions[k, at] = lesson.ids, lesson.positions
        branches[k, at] = lesson.branches
        common = int((lesson.branches == 0).sum())
        begin, end = lesson.labels[:common].T[..., None]
        labelled[k, :common] = (column >= begin) & (column < end)
        own = np.zeros((int(lesson.branches.max()) + 1, length), np.bool_)
        where = np.flatnonzero(lesson.cues)
        own[lesson.branches[where], (at[where] - prompt) % length] = True
        told = np.flatnonzero(lesson.targets != IGNORED)
        cued.append(own[lesson.branches[told]])
        copied.append(lesson.copied[told])
        places.append(k * ids.shape[1] + at[told])
        of = np.unique(lesson.branches[told], return_inverse=True)[1]
        about.append(np.pad(lesson.about[:, of, :common], ((0, 0), (0, 0), (0, prompt - common))))
    wanted = [lesson.targets[lesson.targets != IGNORED] for lesson in lessons]
    worth = np.concatenate([_worth(lesson) for lesson in lessons])

    def there(array: np.ndarray) -> Tensor:
        return torch.from_numpy(array).to(device)

    return Batch(
        ids=there(ids),
        positions=there(positions),
        known=there(branches[:, :prompt] == 0),
        branches=there(branches[:, prompt:].reshape(n, count, length)),
        places=there(np.concatenate(places)),
        wanted=there(np.concatenate(wanted)),
        worth=there(worth / worth.sum()),
        about=there(np.concatenate(about, axis=1)),
        labelled=there(labelled),
        cued=there(np.concatenate(cued)),
        copied=there(np.concatenate(copied)),
        pictures=prepared(there(_shown(lessons))),
    )


def _shown(lessons: Sequence[Lesson]) -> np.ndarray:
    """All pictures in order; where there are none, none of some size."""
    pictures = [lesson.pictures for lesson in lessons if len(lesson.pictures)]
    return np.concatenate(pictures) if pictures else np.zeros((0, 8, 8, 3), np.uint8)
