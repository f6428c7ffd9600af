# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportUntypedBaseClass=false
# pyright: reportUntypedFunctionDecorator=false
"""Muon in the numbers that are quick on this machine.

torch's own (`torch.optim.Muon`) orthogonalizes in bfloat16 wherever it runs. A processor without
instructions for that took most of all time for it: 7.5 s a step for the 0.3 s of single precision
(2 cores of an AMD EPYC), in which it is done there.
"""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from models.demo.precision import halves

SLOPES = (3.4445, -4.7750, 2.0315)
"""Of the quintic: they lift small singular values most and leave all of them near 1."""
ITERATIONS = 5
MOMENTUM = 0.95
LIKE_ADAM = 0.2
"""Root mean square of AdamW's steps (Liu et al., arXiv 2502.16982)."""


def orthogonalized(matrix: Tensor) -> Tensor:
    """Rows x columns to about the nearest matrix with orthogonal rows (or columns, where they are
    fewer): singular values between 0.5 and 1.5 or so, by Newton and Schulz's iteration (Jordan et
    al., 2024)."""
    kind = torch.bfloat16 if halves(matrix.device.type) else torch.float32
    upright = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if upright else matrix).to(kind)
    x = x / x.norm().clamp(min=1e-7)
    a, b, c = SLOPES
    for _ in range(ITERATIONS):
        square = x @ x.T
        x = torch.addmm(x, torch.addmm(square, square, square, beta=b, alpha=c), x, beta=a)
    return (x.T if upright else x).to(matrix.dtype)


class Muon(torch.optim.Optimizer):
    """Steps of one root mean square for matrices (Jordan et al., 2024), as large as AdamW's;
    Nesterov's momentum, decay apart from it. What it keeps is what torch's keeps. The filters of a
    convolution are the rows of a matrix."""

    def __init__(self, groups: Iterable[dict[str, Any]], *, lr: float, weight_decay: float) -> None:
        super().__init__(groups, {"lr": lr, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        del closure
        for group in self.param_groups:
            rate, decay = group["lr"], group["weight_decay"]
            for one in group["params"]:
                if one.grad is None:
                    continue
                state = self.state[one]
                if not state:
                    state["momentum_buffer"] = torch.zeros_like(one)
                kept = state["momentum_buffer"]
                kept.lerp_(one.grad, 1 - MOMENTUM)
                way = orthogonalized(one.grad.lerp(kept, MOMENTUM).flatten(1))
                length = rate * LIKE_ADAM * max(way.shape) ** 0.5
                one.mul_(1 - rate * decay).sub_(way.view_as(one), alpha=length)
