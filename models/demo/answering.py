# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportUntypedFunctionDecorator=false
"""Batches of lessons through the network: the loss, and how each question was answered."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from models.demo.figures import Answered
from models.demo.lessons import IGNORED, Lesson
from models.demo.network import DemoModel, prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Lessons padded to one length, on a device."""

    ids: Tensor
    positions: Tensor
    branches: Tensor
    targets: Tensor
    pictures: Tensor


def batched(lessons: Sequence[Lesson], device: str) -> Batch:
    length = max(len(lesson.ids) for lesson in lessons)

    def padded(rows: Sequence[np.ndarray], fill: int) -> Tensor:
        whole = np.full((len(rows), length), fill, np.int64)
        for n, row in enumerate(rows):
            whole[n, : len(row)] = row
        return torch.from_numpy(whole).to(device)

    pictures = [lesson.pictures for lesson in lessons if len(lesson.pictures)]
    side = pictures[0].shape[1] if pictures else 8
    shown = np.concatenate(pictures) if pictures else np.zeros((0, side, side, 3), np.uint8)
    return Batch(
        ids=padded([lesson.ids for lesson in lessons], 0),
        positions=padded([lesson.positions for lesson in lessons], 0),
        branches=padded([lesson.branches for lesson in lessons], -1),
        targets=padded([lesson.targets for lesson in lessons], IGNORED),
        pictures=prepared(torch.from_numpy(shown).to(device)),
    )


def answer_logits(model: DemoModel, batch: Batch, image_id: int) -> tuple[Tensor, Tensor]:
    """Logits at every place whose next token is of an answer, and those tokens."""
    x = model.embedded(batch.ids, batch.pictures, image_id)
    hidden = model(x, batch.positions, batch.branches)
    kept = batch.targets != IGNORED
    return model.logits(hidden[kept]).float(), batch.targets[kept]


def answer_loss(model: DemoModel, batch: Batch, image_id: int) -> Tensor:
    """Mean cross entropy of the answers' tokens."""
    logits, wanted = answer_logits(model, batch, image_id)
    return functional.cross_entropy(logits, wanted)


@torch.no_grad()
def answered(
    model: DemoModel, lessons: Sequence[Lesson], image_id: int, yes_no: tuple[int, int], device: str
) -> list[Answered]:
    """Every question of the lessons.

    Greedy decoding gives the right answer exactly when each of its tokens is the likeliest after
    those before it, so one pass is enough.
    """
    batch = batched(lessons, device)
    logits, wanted = answer_logits(model, batch, image_id)
    right = (logits.argmax(-1) == wanted).cpu()
    pair = logits[:, list(yes_no)].softmax(-1)[:, 0].cpu()
    rows, columns = torch.nonzero(batch.targets != IGNORED, as_tuple=True)
    owner = batch.branches[rows, columns].cpu()
    rows, wanted = rows.cpu(), wanted.cpu()
    found: list[Answered] = []
    for n, lesson in enumerate(lessons):
        for branch, kind in enumerate(lesson.kinds, start=1):
            places = torch.nonzero((rows == n) & (owner == branch)).flatten()
            first = int(wanted[places[0]])
            found.append(
                Answered(
                    shape=lesson.shape,
                    kind=kind,
                    exact=bool(right[places].all()),
                    p_yes=float(pair[places[0]]) if first in yes_no else None,
                    yes=first == yes_no[0],
                )
            )
    return found
