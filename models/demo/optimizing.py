# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false
"""Muon for the matrices of the blocks (Jordan et al., 2024), AdamW for everything else."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from models.demo.muon import Muon

DECAY = 0.02


class Optimizer:
    """Both as one; a group's `part` is its share of the rate."""

    def __init__(self, parameters: Iterable[tuple[str, nn.Parameter]], *, tower: float) -> None:
        matrices: dict[float, list[nn.Parameter]] = {}
        others: dict[float, list[nn.Parameter]] = {}
        for name, one in parameters:
            if not one.requires_grad:
                continue
            part = tower if name.startswith("vision.") else 1.0
            kind = matrices if ".blocks." in f".{name}" and one.ndim == 2 else others
            kind.setdefault(part, []).append(one)
        self.parameters = [one for kind in (matrices, others) for g in kind.values() for one in g]
        self._muon = Muon(
            [{"params": group, "part": part} for part, group in matrices.items()],
            lr=1e-3, weight_decay=DECAY,
        )  # fmt: skip
        self._adam = torch.optim.AdamW(
            [{"params": group, "part": part} for part, group in others.items()],
            lr=1e-3, weight_decay=DECAY, betas=(0.9, 0.98),
        )  # fmt: skip

    def step(self, loss: torch.Tensor, rate: float) -> None:
        """One step down the gradient of `loss`, clipped to length 1."""
        for one in (self._muon, self._adam):
            one.zero_grad(set_to_none=True)
            for group in one.param_groups:
                group["lr"] = rate * group["part"]
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self._muon.step()
        self._adam.step()

    def state_dict(self) -> dict[str, dict[str, Any]]:
        return {"muon": self._muon.state_dict(), "adam": self._adam.state_dict()}

    def load_state_dict(self, kept: dict[str, dict[str, Any]]) -> None:
        """Go on with the kept averages, or without them where other parameters were learning; the
        settings are this optimizer's own."""
        for one, state in ((self._muon, kept["muon"]), (self._adam, kept["adam"])):
            sizes = [len(group["params"]) for group in state["param_groups"]]
            if sizes == [len(group["params"]) for group in one.param_groups]:
                own = [
                    {k: v for k, v in group.items() if k != "params"} for group in one.param_groups
                ]
                one.load_state_dict(state)
                for group, settings in zip(one.param_groups, own, strict=True):
                    group.update(settings)
