# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false
"""The student learns to embed a view as the teacher does, in fewer dimensions.

python -m models.glance.teach --minutes 40 [--fold 0]
"""

import argparse
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from models.demo.checkpoint import load, save
from models.glance.lessons import FOLDER, Lessons, read
from models.glance.network import SIZE, Glance

RATE = 3e-3
RELATIONS = 4.0
"""How much it counts that two views are as alike to the student as they are to the teacher."""


def axes(told: npt.NDArray[np.float16]) -> npt.NDArray[np.float32]:
    """The 256 directions in which the teacher's embeddings lie, 1280 x 256. About zero, not the
    mean: cosines are to stay what they are."""
    some = told[:: max(len(told) // 20_000, 1)].astype(np.float32)
    _, vectors = np.linalg.eigh(some.T @ some)
    return np.ascontiguousarray(vectors[:, ::-1][:, :SIZE])


def loss_of(said: Tensor, told: Tensor) -> Tensor:
    """Distance to what the teacher told, and between the two tables of who is like whom."""
    near = (1 - (said * told).sum(dim=1)).mean()
    return near + RELATIONS * (said @ said.T - told @ told.T).pow(2).mean()


def taken(
    lessons: Lessons, targets: Tensor, batch: int, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """A batch, half of it mirrored: a thing and its mirror image are to look alike."""
    chosen = rng.integers(0, len(lessons.pictures), batch)
    x = torch.from_numpy(lessons.pictures[chosen]).permute(0, 3, 1, 2)
    turned = torch.from_numpy(rng.random(batch) < 0.5)
    x = torch.where(turned[:, None, None, None], x.flip(3), x).float()
    return x.contiguous(memory_format=torch.channels_last), targets[torch.from_numpy(chosen)]


def teach(
    lessons: Lessons, path: Path, *, seconds: float, batch: int, device: str = "cpu"
) -> Glance:
    """Learn until the time is up; goes on from the checkpoint at `path`."""
    torch.manual_seed(0)
    model = Glance().to(device, memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.02)
    parts = {"model": model, "optimizer": optimizer}
    step = load(path, parts, device)
    rng = np.random.default_rng(step)
    told = torch.from_numpy(lessons.told.astype(np.float32) @ axes(lessons.told))
    targets = functional.normalize(told, dim=1)
    begun, said = time.monotonic(), 0.0
    first = step
    while (spent := time.monotonic() - begun) < seconds:
        now = RATE * min((step + 1) / 200, 1.0) * min(1.0, 2 * max(1 - spent / seconds, 0.01))
        for group in optimizer.param_groups:
            group["lr"] = now
        x, wanted = taken(lessons, targets, batch, rng)
        loss = loss_of(model(x.to(device)), wanted.to(device))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        step += 1
        if spent - said > 60:
            said = spent
            pace = (step - first) * batch / spent
            print(f"step {step} loss {loss.item():.4f} {pace:.0f} views/s", flush=True)
            save(path, parts, step)
    save(path, parts, step)
    return model.eval()


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--folder", type=Path, default=FOLDER)
    arguments.add_argument("--minutes", type=float, default=40.0)
    arguments.add_argument("--batch", type=int, default=64)
    arguments.add_argument("--threads", type=int, default=1)
    arguments.add_argument("--fold", type=int, help="leave out the subjects of this fold")
    chosen = arguments.parse_args()
    torch.set_num_threads(chosen.threads)
    name = "glance.pt" if chosen.fold is None else f"fold-{chosen.fold}.pt"
    teach(
        read(chosen.folder).without(chosen.fold),
        chosen.folder / name,
        seconds=chosen.minutes * 60,
        batch=chosen.batch,
    )


if __name__ == "__main__":
    main()
