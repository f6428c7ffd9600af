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

from app.eval.answered import Answered
from models.demo.figures import marked
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
    """Every question of the lessons."""
    batch = batched(lessons, device)
    logits, _ = answer_logits(model, batch, image_id)
    counts = [int((lesson.targets != IGNORED).sum()) for lesson in lessons]
    parts = logits.cpu().numpy()
    found: list[Answered] = []
    begin = 0
    for lesson, count in zip(lessons, counts, strict=True):
        found += marked(lesson, parts[begin : begin + count], yes_no)
        begin += count
    return found
