# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Where training stands, kept outside the repository so that it can go on later."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from platformdirs import user_cache_path

FOLDER = user_cache_path("nacre", appauthor=False) / "demo-model"


def save(path: Path, parts: Mapping[str, Any], step: int) -> None:
    """Write the parts' states whole, or leave the file as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".part-{path.name}")
    torch.save({"step": step, **{name: one.state_dict() for name, one in parts.items()}}, part)
    os.replace(part, path)


def load(path: Path, parts: Mapping[str, Any], device: str) -> int:
    """Bring the parts to where they stood; the step, 0 where there is no checkpoint."""
    if not path.is_file():
        return 0
    kept = torch.load(path, map_location=device, weights_only=True)
    for name, one in parts.items():
        one.load_state_dict(kept[name])
    return int(kept["step"])
