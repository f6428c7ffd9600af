# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUntypedFunctionDecorator=false
"""Weights between those before a training and those after it.

What is taught on some prompt shapes alone takes from what was known of others; half of the way back
may keep more of both (Wortsman et al., "Robust fine-tuning of zero-shot models", arXiv 2109.01903).
"""

import argparse
from pathlib import Path

import torch
from tokenizers import Tokenizer

from models.demo.checkpoint import FOLDER, load, save, taught
from models.demo.imported import read_vocabulary, read_weights
from models.demo.network import DemoModel, Shape


@torch.no_grad()
def averaged(before: DemoModel, after: DemoModel, share: float) -> None:
    """Move `before` by this share of the way to `after`."""
    for one, other in zip(before.parameters(), after.parameters(), strict=True):
        one.lerp_(other, share)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--begin", type=Path, required=True, help="exported files, from before")
    arguments.add_argument("--folder", type=Path, default=FOLDER, help="the checkpoint from after")
    arguments.add_argument("--share", type=float, default=0.5, help="of the way to that")
    arguments.add_argument("--out", type=Path, required=True, help="a folder to export from")
    chosen = arguments.parse_args()
    kept = taught(chosen.folder)
    words = read_vocabulary(chosen.begin)
    own = Tokenizer.from_file(str(chosen.folder / "vocabulary.json"))
    if own.get_vocab() != words.get_vocab():
        raise ValueError(f"{chosen.folder} was not taught from {chosen.begin}: other words.")
    before, after = DemoModel(Shape()), DemoModel(Shape())
    read_weights(chosen.begin, before)
    step = load(kept, {"model": after}, "cpu")
    averaged(before, after, chosen.share)
    save(chosen.out / "model.pt", {"model": before}, step)
    words.save(str(chosen.out / "vocabulary.json"))


if __name__ == "__main__":
    main()
