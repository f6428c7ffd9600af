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

GUIDED = ((2, 0), (3, 0), (3, 1), (2, 1), (4, 1))
"""For each part of `Lesson.about` the block and the head that is taught to look there. Which
picture is meant, and whose card, is read before the figure can be found, and who that was after it;
the blocks before can read the question, those after it what is seen."""
LABELLED, CUED = (1, 0), (1, 1)
"""The head by which all of a card, a picture or a line reads the name or the time that stands
before it, and the one by which an answer reads those in its question: so that a block later each
card, picture and line can be told by its label."""

COPIED = (5, 0)
"""The head by which each token of an answer that stands in the prompt, a name above all, reads it
there: names are made anew, and of one that was never seen only the first token was said."""

LEARNED = 32
"""Pictures of a batch that the vision tower learns from, whatever the shape of its prompts: no
shape is to form it more than another, and long prompts have hundreds."""


def _read(model: DemoModel, batch: Batch, image_id: int) -> tuple[Tensor, Sight]:
    """Logits at every place whose next token is of an answer, and how they came about."""
    x = model.embedded(batch.ids, batch.pictures, image_id, LEARNED)
    sight = Sight(batch.known, batch.branches)
    hidden = model(x, batch.positions, sight)
    return model.logits(hidden.flatten(0, 1)[batch.places]), sight


def answer_logits(model: DemoModel, batch: Batch, image_id: int) -> tuple[Tensor, Tensor]:
    """Logits at every place whose next token is of an answer, and those tokens."""
    return _read(model, batch, image_id)[0], batch.wanted


def answer_loss(model: DemoModel, batch: Batch, image_id: int, *, guided: float = 0.0) -> Tensor:
    """Mean cross entropy of the questions' answers; and `guided` times that of where is looked,
    since which of several figures a question is about is what is learned last without. In both
    every question counts the same."""
    logits, sight = _read(model, batch, image_id)
    loss = (functional.cross_entropy(logits, batch.wanted, reduction="none") * batch.worth).sum()
    if guided and batch.about.any():
        loss = loss + guided * _astray(sight, batch)
    return loss


def _astray(sight: Sight, batch: Batch) -> Tensor:
    """Cross entropy between where is looked and where is to be looked: while answering, each
    question counting the same; and by the prompt's tokens at their labels."""
    rows, length = batch.branches.shape[1:]
    prompt = batch.known.shape[1]
    all_of_one = prompt + rows * length
    of, place = batch.places // all_of_one, batch.places % all_of_one - prompt
    row, column = place // length, place % length
    block, head = LABELLED
    some = batch.labelled.any(dim=2)
    astray = _missed(sight.within[block][:, head][some], batch.labelled[some]).sum()
    astray = astray / max(int(some.sum()), 1)
    own, looks = (CUED, sight.own, batch.cued), ((at, sight.looks) for at in GUIDED)
    wanted = zip(looks, batch.about, strict=True)
    for (block, head), seen, there in (own, *((*look, about) for look, about in wanted)):
        some = there.any(dim=1)
        at = seen[block][of[some], head, row[some], column[some]]
        astray = astray + (_missed(at, there[some]) * batch.worth[some]).sum()
    block, head = COPIED
    some = batch.copied >= 0
    there = functional.one_hot(batch.copied[some], prompt)
    at = sight.looks[block][of[some], head, row[some], column[some]]
    return astray + (_missed(at, there) * batch.worth[some]).sum()


def _missed(looks: Tensor, wanted: Tensor) -> Tensor:
    """Of each row the negative logarithm of what of its attention lies where it is wanted."""
    return -((looks.float() * wanted).sum(dim=-1) + 1e-4).log()


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
