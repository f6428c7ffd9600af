# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportUntypedFunctionDecorator=false
"""Several processes that learn side by side, one a core."""

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from torch import distributed, multiprocessing, nn

from models.demo.feeding import orphaned
from models.demo.freeing import ROOMY

APART_S = 20.0
"""So long each learns alone. A number of steps would have one wait for the other: those on long
prompts take ten times as long, up to 10 s on a processor without bfloat16."""


class Company:
    """Each learns from lessons of its own, and every 20 seconds all go on from the mean of their
    weights (local SGD, Stich, arXiv 1805.09767): a batch of all of them, without waiting at each
    step for the slowest. One alone is a company, too."""

    def __init__(self, place: int = 0, size: int = 1, meeting: str = "") -> None:
        self.place, self.size = place, size
        self._met = time.monotonic()
        if size > 1:
            distributed.init_process_group(
                "gloo", init_method=f"file://{meeting}", rank=place, world_size=size
            )

    def seed(self, step: int) -> int:
        """Where the lessons begin that this one draws when it starts at that step."""
        return step * 64 + 1 + 10_000_019 * self.place

    @property
    def due(self) -> bool:
        """Whether it is time to meet."""
        return time.monotonic() - self._met >= APART_S

    @torch.no_grad()
    def meet(self, weights: Iterable[nn.Parameter], ended: bool) -> bool:
        """Take the mean of all; whether somebody wants to end, or who began it all is gone."""
        if self.size > 1:
            # torch interrupts those left behind; in the background of a script they are deaf to it.
            ended = self._mean(weights, ended or orphaned())
        self._met = time.monotonic()
        return ended

    def _mean(self, weights: Iterable[nn.Parameter], ended: bool) -> bool:
        kept = list(weights)
        told = torch.tensor([float(ended)], device=kept[0].device)
        whole = torch.cat([*(one.flatten() for one in kept), told])
        distributed.all_reduce(whole)
        whole /= self.size
        begin = 0
        for one in kept:
            one.copy_(whole[begin : begin + one.numel()].view_as(one))
            begin += one.numel()
        return bool(whole[-1] > 0)


def _join(place: int, size: int, meeting: str, act: Callable[..., None], what: Any) -> None:
    # Where another has failed this one is told to end: what it has learned is kept first.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    torch.set_num_threads(1)
    act(Company(place, size, meeting), **what)
    distributed.destroy_process_group()


def together(size: int, act: Callable[..., None], **what: Any) -> None:
    """Call `act(company, **what)` in as many processes of one thread each; here where it is one,
    or where there is a GPU, which they would only share."""
    if size == 1 or torch.cuda.is_available():
        act(Company(), **what)
        return
    os.environ.update(ROOMY)
    with tempfile.TemporaryDirectory() as folder:
        meeting = str(Path(folder) / "meeting")
        multiprocessing.spawn(_join, (size, meeting, act, what), nprocs=size)
