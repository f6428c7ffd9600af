"""The dimensions that `nacre bench model` can be run with, and whether this machine has room."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

from app.measure import Goal
from engine.errors import ConfigError, ModelError
from engine.inference.devices import Device
from engine.inference.intake import size_words
from engine.inference.random_vlm import QWEN3, QWEN3VL_8B, SMOL, SMOLVLM_256M, RandomVlm, file_bytes

AT_ONCE = 2
"""Models in memory: ours, and that of the chat handler."""
BESIDES = 2_000_000_000
"""Bytes for the context of each, and what a pass needs."""

COMMON = (
    Goal(metric="ttft_ratio", relation=">=", goal=50),
    Goal(metric="ttft_ratio_cached", relation=">", goal=1),
    Goal(metric="ingest_cost_ratio", relation="<=", goal=1.05),
    Goal(metric="abort_decode_ms", relation="<", goal=50),
    Goal(metric="abort_encode_ms", relation="<", goal=150),
    Goal(metric="rss_growth", relation="<", goal=0.01),
    Goal(metric="still_cpu_core_share_model", relation="<", goal=0.02),
)
ON_CPU = (*COMMON, Goal(metric="probe8_ratio", relation="<=", goal=0.65))
ON_GPU = (
    *COMMON,
    Goal(metric="probe8_ratio", relation="<=", goal=0.25),
    Goal(metric="frames_per_s", relation=">=", goal=16),
    Goal(metric="ttft_ms", relation="<=", goal=35),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dims:
    """A shape, and how it is measured."""

    name: str
    shape: RandomVlm
    quick: RandomVlm
    """A tiny one of the same architecture."""
    side: int
    """Of a square frame, in pixels."""
    gpu: bool = False
    """Too large for a processor."""

    @property
    def goals(self) -> tuple[Goal, ...]:
        return ON_GPU if self.gpu else ON_CPU


DIMS = {
    one.name: one
    for one in (
        Dims(name="smolvlm-256m", shape=SMOLVLM_256M, quick=SMOL, side=512),
        Dims(name="qwen3-vl-8b", shape=QWEN3VL_8B, quick=QWEN3, side=448, gpu=True),
        Dims(name="qwen3-vl-tiny", shape=QWEN3, quick=QWEN3, side=64),
    )
}
USUAL = "smolvlm-256m"


def dims_of(name: str, devices: Sequence[Device]) -> Dims:
    """The dimensions of this name, where they can be measured.

    Raises:
        ConfigError: there are none of this name.
        ModelError: this machine has no room for them.
    """
    if name not in DIMS:
        raise ConfigError(f"There are no dimensions {name!r}. There are: {', '.join(DIMS)}.")
    found = DIMS[name]
    if not found.gpu:
        return found
    gpu = next((one for one in devices if one.kind in ("gpu", "integrated gpu")), None)
    if gpu is None:
        raise ModelError(
            f"{name} is measured on a graphics card, and llama.cpp has none here. Nothing was "
            "measured. Build it for the card with GPU=cuda or GPU=vulkan make run."
        )
    size = file_bytes(found.shape)
    for what, needed, free in (
        (gpu.title, AT_ONCE * (size + BESIDES), gpu.free_bytes),
        ("the memory of this machine", size + BESIDES, psutil.virtual_memory().available),
        ("the disk for temporary files", 2 * size, shutil.disk_usage(tempfile.gettempdir()).free),
    ):
        if needed > free:
            raise ModelError(
                f"{name} needs {size_words(needed)} of {what}, and {size_words(free)} are free. "
                "Nothing was measured. Free some, or choose other dimensions."
            )
    return found
