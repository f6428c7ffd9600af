# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Where training stands, kept outside the repository so that it can go on later."""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

FOLDER = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nacre" / "demo-model"


class Spent:
    """Seconds that each stage has had in all runs, by this clock: a part of a checkpoint, so that a
    stage that was broken off has no more time than one that was not."""

    def __init__(
        self, stage: str, allowed: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stage, self._allowed, self._clock, self._begun = stage, allowed, clock, clock()
        self._before: dict[str, float] = {}

    @property
    def seconds(self) -> float:
        """Of this stage so far."""
        return self._before.get(self._stage, 0.0) + self._clock() - self._begun

    @property
    def share(self) -> float:
        """Of what is allowed."""
        return self.seconds / self._allowed

    @property
    def over(self) -> bool:
        return self.seconds > self._allowed

    def falling(self, share: float) -> float:
        """1, and over the last `share` of the time down to nearly nothing."""
        return min(1.0, max(1 - self.share, 0.02) / share)

    def state_dict(self) -> dict[str, float]:
        return {**self._before, self._stage: self.seconds}

    def load_state_dict(self, kept: dict[str, float]) -> None:
        self._before = dict(kept)


def save(path: Path, parts: Mapping[str, Any], step: int) -> None:
    """Write the parts' states whole, or leave the file as it was."""
    _write(path, {"step": step, **{name: one.state_dict() for name, one in parts.items()}})


def save_weights(path: Path, model: Any, step: int) -> None:
    """The model alone in half precision, a sixth of a checkpoint: enough to go on elsewhere."""
    state = {name: tensor.half() for name, tensor in model.state_dict().items()}
    _write(path, {"step": step, "model": state})


def _write(path: Path, what: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".part-{path.name}")
    torch.save(dict(what), part)
    os.replace(part, path)


def taught(folder: Path) -> Path:
    """The second stage's checkpoint in this folder.

    Raises:
        FileNotFoundError: nothing has been trained there.
    """
    kept = folder / "model.pt"
    if not kept.is_file():
        raise FileNotFoundError(f"{folder} holds no model.pt: teach_answers makes it.")
    return kept


def load(path: Path, parts: Mapping[str, Any], device: str) -> int:
    """Bring the parts to where they stood; the step, 0 where there is no checkpoint.

    A part that the file lacks, an optimizer's state say, stays as it is.
    """
    if not path.is_file():
        return 0
    kept = torch.load(path, map_location=device, weights_only=True)
    for name, one in parts.items():
        if name in kept:
            one.load_state_dict(kept[name])
    return int(kept["step"])
