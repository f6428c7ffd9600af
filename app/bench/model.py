"""`nacre bench model`: what the live window saves, on a model with the dimensions of SmolVLM-256M
and random weights, or with those that `--dims` names. What is compared is measured in one run, in
turns, on one thread (or on the graphics card).

Stateless is the chat handler of llama-cpp-python, in a process of its own, asked about the same
four frames at the same resolution, without slices (`chat_handler.py`); the same by our own calls is
told beside it.
"""

import tempfile
from contextlib import closing
from pathlib import Path

from app.bench import model_drift, model_memory, model_process, model_speed, model_still
from app.bench.chat_handler import ChatHandler
from app.bench.model_dims import USUAL, dims_of
from app.bench.model_speed import PREFIX, QUESTION, Sizes, Told, shots
from app.language import processors
from app.measure import Measurement
from app.paths import Paths
from engine.inference.devices import Device
from engine.inference.llama import Llama
from engine.inference.native import LlamaConfig
from engine.inference.random_vlm import SMOL, write_pair

CONTEXT, THREADS = 4096, 1
HOUR = 3600
"""Frames of an hour, on a graphics card."""


def measure(*, paths: Paths, quick: bool, out: Path | None, dims: str = USUAL) -> Measurement:
    """Some minutes; `quick` on a tiny shape, which tells no more than that it works.

    Raises:
        ConfigError: there are no such `dims`.
        ModelError: llama.cpp cannot run here, or has no room for them.
    """
    del out
    devices = processors()
    chosen = dims_of(dims, devices)
    told = Told()
    with tempfile.TemporaryDirectory(prefix="nacre-bench-") as folder:
        tiny = write_pair(Path(folder) / "tiny", SMOL)
        model_memory.measure(told, tiny, quick=quick)
        model_drift.measure(told, tiny, quick=quick)
        files = write_pair(Path(folder) / "model", chosen.quick if quick else chosen.shape)
        layers = -1 if chosen.gpu else 0
        sizes = Sizes(
            side=chosen.side,
            pairs=3 if quick else 11,
            stream=40 if quick else HOUR if chosen.gpu else 12,
            decoded=16 if quick else 64,
        )
        config = LlamaConfig(context=CONTEXT, threads=THREADS, gpu_layers=layers)
        before = _free(devices)
        with (
            closing(
                ChatHandler(
                    files,
                    PREFIX.system,
                    shots(chosen.side),
                    QUESTION.question,
                    context=CONTEXT,
                    threads=THREADS,
                    gpu_layers=layers,
                )
            ) as handler,
            closing(Llama(*files, config)) as llama,
        ):
            model_speed.measure(told, llama, handler, sizes)
            told.row("weights", sum(file.stat().st_size for file in files) / 1e6, "MB",
                     f"{dims}{', tiny' if quick else ''}, on {llama.facts.backend}")  # fmt: skip
            if chosen.gpu:
                after = _free(processors())
                told.row("memory of the card, two models", (before - after) / 1e6, "MB")
        model_still.measure(told, paths, files, quick=quick)
        model_process.measure(told, files, side=chosen.side, gpu_layers=layers, quick=quick)
    return Measurement(name="model", metrics=told.metrics, goals=chosen.goals, rows=told.rows)


def _free(devices: tuple[Device, ...]) -> int:
    """Bytes that are free on graphics cards."""
    return sum(one.free_bytes for one in devices if one.kind in ("gpu", "integrated gpu"))
