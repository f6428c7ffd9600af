# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false
"""Half precision for the products where that is quicker on this machine."""

import time
from functools import cache

import torch

TRIES, TRIED_S = 40, 1.0
"""The best of so many is what the processor can do, also where other work is beside it; of fewer
where they take longer than that together."""


def _seconds(kind: torch.dtype) -> float:
    left, right = torch.ones(4096, 192, dtype=kind), torch.ones(192, 512, dtype=kind)
    best, first = float("inf"), time.perf_counter()
    for n in range(TRIES):
        begun = time.perf_counter()
        if n and begun - first > TRIED_S:
            break
        torch.mm(left, right)
        best = min(best, time.perf_counter() - begun)
    return best


@cache
def halves(device: str) -> bool:
    """Whether products in bfloat16 pay for their casts: on a GPU, and on a processor that does them
    in clearly less time (some do them in a fifth, some have no instruction for them)."""
    return device == "cuda" or _seconds(torch.bfloat16) < 0.7 * _seconds(torch.float32)


def mixed(device: str) -> torch.autocast:
    """The context in which a network is run to be trained."""
    return torch.autocast(device, torch.bfloat16, enabled=halves(device))
