# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportUntypedFunctionDecorator=false
"""Batches of lessons through the network: the loss, and how each question was answered."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from app.eval.answered import Answered
from models.demo.figures import marked
from models.demo.lessons import IGNORED, Lesson
from models.demo.network import DemoModel, Sight
from models.demo.packing import Batch, batched


def answer_logits(model: DemoModel, batch: Batch, image_id: int) -> tuple[Tensor, Tensor]:
    """Logits at every place whose next token is of an answer, and those tokens."""
    x = model.embedded(batch.ids, batch.pictures, image_id)
    hidden = model(x, batch.positions, Sight(batch.known, batch.branches))
    return model.logits(hidden.flatten(0, 1)[batch.places]).float(), batch.wanted


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
