# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
"""How well the trained network answers: by kind of question and by prompt shape, and whether its
p(yes) can be believed. Writes the model card. What the exported files lose is the difference to a
run with `--exported`.

The test split is for the card alone; while the recipe is worked on, the split is `dev`.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from app.eval.answered import Answered, calibration_error, shares
from app.eval.world.prompts import SHAPES
from app.eval.world.traits import SPLITS
from models.demo.answering import answered
from models.demo.checkpoint import FOLDER, load
from models.demo.feeding import Feed
from models.demo.figures import marked, table
from models.demo.lessons import lessons
from models.demo.network import DemoModel, Shape
from models.demo.teach_answers import course
from models.demo.vocabulary import vocabulary

if TYPE_CHECKING:
    from models.demo.compare import LlamaDemo

SEEDS = {"train": 900_000_001, "dev": 910_000_001, "test": 920_000_001}
"""Far from those of training, which count up from 1, each process 10 million further on."""


def evaluate(
    folder: Path,
    *,
    split: str,
    shapes: tuple[str, ...],
    prompts: int,
    workers: int,
    device: str,
    exported: Path | None,
) -> tuple[int, list[Answered]]:
    """The step of the checkpoint, and every question of `prompts` prompts of each shape; put to
    the files in `exported`, run by llama.cpp, where that is given."""
    model = DemoModel(Shape()).to(device).eval()
    step = load(folder / "model.pt", {"model": model}, device)
    llama = None if exported is None else opened(exported)
    batch = 4
    chosen = next(one for one in SPLITS if one == split)
    taught = replace(course(folder, model.shape, shapes=shapes, batch=batch), split=chosen)
    taught = replace(taught, choices=0.0, batch=batch)
    tokenizer = vocabulary(folder, model.shape.vocabulary)
    ids = [tokenizer.token_to_id(word) or 0 for word in ("<image>", "yes", "no")]
    yes_no = (ids[1], ids[2])
    feed = Feed(lessons, (taught,), workers=workers, first_seed=SEEDS[split], piece=batch)
    found: list[Answered] = []
    try:
        for _ in range(max(prompts // batch, 1) * len(shapes)):
            taken = feed.take(batch)
            if llama is None:
                found += answered(model, taken, ids[0], yes_no, device)
            else:
                for one in taken:
                    found += marked(one, llama.answer_logits(one, ids[0]), yes_no)
    finally:
        feed.close()
    return step, found


def opened(exported: Path) -> "LlamaDemo":
    """The exported files in llama.cpp, which need not be installed otherwise."""
    from models.demo.compare import LlamaDemo
    from models.demo.export import PROJECTOR_FILE, TEXT_FILE

    return LlamaDemo(exported / TEXT_FILE, exported / PROJECTOR_FILE)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--folder", type=Path, default=FOLDER)
    arguments.add_argument("--split", choices=SPLITS, default="dev")
    arguments.add_argument("--shapes", nargs="+", choices=SHAPES, default=list(SHAPES))
    arguments.add_argument("--prompts", type=int, default=200, help="of each shape")
    arguments.add_argument("--workers", type=int, default=1)
    arguments.add_argument("--exported", type=Path, help="ask llama.cpp with the files there")
    arguments.add_argument("--card", type=Path, help="write the model card there")
    chosen = arguments.parse_args()
    torch.set_num_threads(1)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    begun = time.monotonic()
    step, found = evaluate(
        chosen.folder,
        split=chosen.split,
        shapes=tuple(chosen.shapes),
        prompts=chosen.prompts,
        workers=chosen.workers,
        device=device,
        exported=chosen.exported,
    )
    text = f"Split `{chosen.split}`, after {step} steps of the second stage.\n\n"
    text += table(shares(found)) + "\n\n"
    text += f"Expected calibration error of p(yes): {calibration_error(found):.3f}\n"
    print(text)
    print(f"{time.monotonic() - begun:.0f} s")
    if chosen.card is not None:
        chosen.card.write_text(CARD + text, encoding="utf-8")


CARD = """# Nacre demo model
A vision-language model of 4.1 million parameters that knows the drawn world of Nacre's demo, and
nothing else. Trained from nothing by the recipe in this folder, on pictures that the recipe draws;
no data of others. Apache-2.0.

**For**: the bundled demo, tests, and comparing ways of remembering. **Not for**: anything real. Its
figures are not to be set beside those of models that were trained on the real world.

"""


if __name__ == "__main__":
    main()
