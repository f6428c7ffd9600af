# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false
"""Muon for the matrices of the blocks (Jordan et al., 2024), AdamW for everything else."""

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import nn

from models.demo.muon import Muon

DECAY = 0.02
LONGEST = 1.0
"""Of the gradient."""


class Paired:
    """Both as one; a group's `part` is its share of the rate. With `longest` the gradient is
    clipped to that length."""

    def __init__(
        self,
        matrices: Sequence[dict[str, Any]],
        others: Sequence[dict[str, Any]],
        *,
        decay: float,
        betas: tuple[float, float],
        longest: float | None = None,
    ) -> None:
        groups = (*matrices, *others)
        self.parameters = [one for group in groups for one in group["params"]]
        self._longest = longest
        self._muon = Muon(matrices, lr=1e-3, weight_decay=decay)
        self._adam = torch.optim.AdamW(others, lr=1e-3, weight_decay=decay, betas=betas)

    def step(self, loss: torch.Tensor, rate: float) -> None:
        """One step down the gradient of `loss`."""
        for one in (self._muon, self._adam):
            one.zero_grad(set_to_none=True)
            for group in one.param_groups:
                group["lr"] = rate * group["part"]
        loss.backward()
        if self._longest is not None:
            nn.utils.clip_grad_norm_(self.parameters, self._longest)
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


class Optimizer(Paired):
    """Of the language model; its vision tower has the share `tower` of the rate."""

    def __init__(self, parameters: Iterable[tuple[str, nn.Parameter]], *, tower: float) -> None:
        matrices: dict[float, list[nn.Parameter]] = {}
        others: dict[float, list[nn.Parameter]] = {}
        for name, one in parameters:
            if not one.requires_grad:
                continue
            part = tower if name.startswith("vision.") else 1.0
            kind = matrices if ".blocks." in f".{name}" and one.ndim == 2 else others
            kind.setdefault(part, []).append(one)
        super().__init__(
            *([{"params": g, "part": part} for part, g in kind.items()]
              for kind in (matrices, others)),
            decay=DECAY, betas=(0.9, 0.98), longest=LONGEST,
        )  # fmt: skip
