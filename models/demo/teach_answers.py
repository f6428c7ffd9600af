# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false
"""Second stage: the whole network learns to answer questions about prompts of every shape."""

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from app.eval.answered import Answered
from app.eval.world.prompts import SHAPES
from app.eval.world.wording import family
from models.demo.answering import answer_loss, answered
from models.demo.checkpoint import FOLDER, Spent, load, save, save_weights
from models.demo.company import Company, together
from models.demo.feeding import Feed
from models.demo.freeing import give_back
from models.demo.imported import read_vocabulary, read_weights
from models.demo.lessons import Course, Lesson, lessons
from models.demo.lookups import TEXT
from models.demo.network import DemoModel, Shape
from models.demo.optimizing import Optimizer
from models.demo.packing import batched
from models.demo.precision import mixed
from models.demo.vocabulary import vocabulary

BUCKET = 4
"""So many batches are drawn at once and put in order of length."""
TOLD_S = 180.0
"""So often it is told how it goes, on a batch that nothing is learned from, and all is kept."""


def course(folder: Path, shape: Shape, *, shapes: tuple[str, ...], batch: int,
           drill: bool = False) -> Course:  # fmt: skip
    """The training split's course of this folder's vocabulary."""
    vocabulary(folder, shape.vocabulary)
    return Course(
        vocabulary=str(folder / "vocabulary.json"),
        image=shape.image,
        tokens=shape.tokens,
        split="train",
        shapes=shapes,
        batch=BUCKET * batch,
        drill=drill,
    )


def started(folder: Path, parts: Mapping[str, Any], device: str, begin: Path | None) -> int:
    """Go on from `model.pt`, or from `weights.pt` where that is all there is; without either, from
    the exported files in `begin`; with the vision tower of the first stage where that is there."""
    kept = next((one for one in ("model.pt", "weights.pt") if (folder / one).is_file()), "none")
    step, model = load(folder / kept, parts, device), parts["model"]
    if step == 0 and begin is not None:
        read_weights(begin, model)
        if not (folder / "vocabulary.json").is_file():
            read_vocabulary(begin).save(str(folder / "vocabulary.json"))
    if step == 0 and (folder / "cells.pt").is_file():
        load(folder / "cells.pt", {"vision": model.vision}, device)
    return step


def alike(feed: Feed[Lesson], batch: int) -> Iterator[list[Lesson]]:
    """Lessons of one shape, and of about one length: a third of a batch would be padding."""
    while True:
        taken = sorted(feed.take(BUCKET * batch), key=lambda one: len(one.ids))
        for n in torch.randperm(BUCKET).tolist():
            yield taken[n * batch : (n + 1) * batch]


def scored(found: Sequence[Answered]) -> str:
    """The share of each kind of question that was answered exactly, in a line."""
    scores: dict[str, list[bool]] = defaultdict(list)
    for one in found:
        scores[family(one.kind)].append(one.exact)
        scores["exact"].append(one.exact)
    return " ".join(f"{kind} {sum(v) / len(v):.2f}" for kind, v in sorted(scores.items()))


def teach(company: Company, folder: Path, *, seconds: float, batch: int, workers: int, device: str,
          shapes: tuple[str, ...], rate: float, frozen: bool, begin: Path | None,
          drill: bool = False, guided: float = 0.0, fall: float = 1 / 3) -> None:  # fmt: skip
    """Learn until these shapes have had so many seconds in all runs; goes on from the checkpoint in
    `folder`.

    With `frozen` the vision tower stays as the first stage left it, but for its projection. With
    `drill` each prompt is told whole besides, and asked more about what is seldom asked
    (`models/demo/drilling.py`). `guided` is how much it counts where one head looks, `fall` the
    share of the time over which the rate falls.
    """
    torch.manual_seed(0)
    model = DemoModel(Shape()).to(device)
    if frozen:
        for name, one in model.vision.named_parameters():
            one.requires_grad_(name.startswith("project"))
    optimizer = Optimizer(model.named_parameters(), tower=0.4)
    folder.mkdir(parents=True, exist_ok=True)
    spent = Spent(" ".join(sorted(shapes)), seconds)
    parts = {"model": model, "optimizer": optimizer, "spent": spent}
    step = started(folder, parts, device, begin)
    lesson = course(folder, model.shape, shapes=shapes, batch=batch, drill=drill)
    tokenizer = vocabulary(folder, model.shape.vocabulary)
    image_id = tokenizer.token_to_id("<image>") or 0
    yes_no = (tokenizer.token_to_id("yes") or 0, tokenizer.token_to_id("no") or 0)
    feed = Feed(lessons, (lesson,), workers=workers, first_seed=company.seed(step),
                piece=BUCKET * batch)  # fmt: skip
    batches = alike(feed, batch)
    begun = said = time.monotonic()
    first, ended = step, spent.over
    try:
        while not ended:
            now = rate * min((step + 1) / 60, 1.0) * spent.falling(fall)
            taken = next(batches)
            with mixed(device):
                loss = answer_loss(model, batched(taken, device), image_id, guided=guided)
            optimizer.step(loss, now)
            step += 1
            if not company.due:
                continue
            ended = company.meet(optimizer.parameters, spent.over)
            if time.monotonic() - said < TOLD_S:
                continue
            said = time.monotonic()
            give_back()
            if company.place == 0:
                line = scored(answered(model, next(batches), image_id, yes_no, device))
                pace = (step - first) * batch * company.size / (said - begun)
                print(f"step {step} loss {loss:.3f} {pace:.1f} lessons/s  {line}", flush=True)
                save(folder / "model.pt", parts, step)
    finally:
        feed.close()
        if company.place == 0:
            save(folder / "model.pt", parts, step)
            save_weights(folder / "weights.pt", model, step)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--folder", type=Path, default=FOLDER)
    arguments.add_argument("--minutes", type=float, default=120.0)
    arguments.add_argument("--batch", type=int, default=8)
    arguments.add_argument("--workers", type=int, default=1)
    arguments.add_argument("--threads", type=int, default=1)
    arguments.add_argument("--processes", type=int, default=1, help="learning side by side")
    arguments.add_argument("--rate", type=float, default=8e-4)
    arguments.add_argument("--frozen", action="store_true", help="leave the vision tower as it is")
    arguments.add_argument("--drill", action="store_true", help="have each prompt told whole")
    arguments.add_argument("--guided", type=float, default=1.0, help="weight of where is looked")
    arguments.add_argument("--fall", type=float, default=1 / 3,
                           help="share of the time over which the rate falls")  # fmt: skip
    every = (TEXT, *SHAPES)
    arguments.add_argument("--shapes", nargs="+", choices=every, default=list(every))
    arguments.add_argument("--begin", type=Path, help="go on from the exported files there")
    chosen = arguments.parse_args()
    torch.set_num_threads(chosen.threads)
    together(
        chosen.processes,
        teach,
        folder=chosen.folder,
        seconds=chosen.minutes * 60,
        batch=chosen.batch,
        workers=chosen.workers,
        device="cuda" if torch.cuda.is_available() else "cpu",
        shapes=tuple(chosen.shapes),
        rate=chosen.rate,
        frozen=chosen.frozen,
        begin=chosen.begin,
        drill=chosen.drill,
        guided=chosen.guided,
        fall=chosen.fall,
    )


if __name__ == "__main__":
    main()
