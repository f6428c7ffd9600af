"""Measuring a machine with a model of random weights, in a process of its own: some ten seconds."""

import json
import multiprocessing
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import psutil

from engine.errors import ModelError
from engine.inference.devices import Device, engine_libraries, find_devices
from engine.inference.fit import Machine, Speed, reckoned
from engine.inference.native import LlamaConfig, free_threads
from engine.inference.random_vlm import Kind, RandomVlm, TextShape, VisionShape, write_pair

TIMEOUT_S = 90.0
LOOK_S = 0.1
"""So often it is asked whether to go on."""
PART_S = 3.0
"""For each of encoding, reading a text and writing one."""

SAMPLE = RandomVlm(
    text=TextShape(
        width=576, layers=12, heads=9, key_heads=3, hidden=1536, head_size=64, vocabulary=4096
    ),
    vision=VisionShape(width=768, layers=4, heads=12, hidden=3072, image=512, patch=16, shuffle=4),
    kind=Kind.Q8_0,
    vision_kind=Kind.Q8_0,
)
"""Layers as wide as those of SmolVLM-256M, fewer of them."""


def measure(
    cancelled: Callable[[], bool] = lambda: False, *, run: bool = True
) -> tuple[Machine, str]:
    """This machine, and a sentence where its speed could only be reckoned.

    Raises:
        ModelError: it was cancelled.
    """
    devices, note = _devices()
    gpu = next((d for d in devices if d.kind in ("gpu", "integrated gpu")), None)
    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    speed = reckoned(cores)
    if run and not note:
        try:
            speed = _run(gpu, cancelled)
        except ModelError as error:
            if cancelled():
                raise
            note = f"{error} The figures are reckoned from the number of cores."
    memory = psutil.virtual_memory()
    title, total, free = ("", 0, 0) if gpu is None else _of(gpu)
    if gpu is None:
        title, total, free = _idle_gpu()
    machine = Machine(
        physical_cores=cores,
        logical_cores=psutil.cpu_count() or cores,
        memory_bytes=memory.total,
        free_bytes=memory.available,
        gpu=title,
        gpu_bytes=total,
        gpu_free_bytes=free,
        speed=speed,
    )
    return machine, note


def _of(gpu: Device) -> tuple[str, int, int]:
    return gpu.title, gpu.total_bytes, gpu.free_bytes


def _devices() -> tuple[tuple[Device, ...], str]:
    why = "The figures are reckoned from the number of cores."
    if engine_libraries() is None:
        return (), f"llama.cpp is not compiled yet (`make run` does that). {why}"
    try:
        return find_devices(), ""
    except ModelError as error:
        return (), f"{error} {why}"


def _idle_gpu() -> tuple[str, int, int]:
    """An NVIDIA card that llama.cpp was not built for, as its own tool tells."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return "", 0, 0
    ask = [tool, "--query-gpu=name,memory.total,memory.free", "--format=csv,noheader,nounits"]
    try:
        told = subprocess.run(ask, capture_output=True, text=True, timeout=10, check=True).stdout
        name, total, free = (part.strip() for part in told.splitlines()[0].split(","))
        return name, int(total) << 20, int(free) << 20
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return "", 0, 0


def _run(gpu: Device | None, cancelled: Callable[[], bool]) -> Speed:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    with tempfile.TemporaryDirectory(prefix="nacre-fit-") as folder:
        process = context.Process(
            target=_measured, args=(theirs, folder, gpu is not None), daemon=True
        )
        process.start()
        theirs.close()
        try:
            rates: list[float] = json.loads(ours.recv_bytes()) if _told(ours, cancelled) else []
        except (EOFError, ValueError):
            rates = []
        finally:
            ours.close()
            process.join(1.0)
            process.kill()
            process.join()
    if len(rates) != 3:
        raise ModelError("The trial run of llama.cpp failed.")
    encode, prefill, decode = rates
    return Speed(
        encode_flops_s=encode,
        prefill_flops_s=prefill,
        decode_bytes_s=decode,
        measured=True,
        on="CPU" if gpu is None else gpu.title,
    )


def _told(answer: Connection, cancelled: Callable[[], bool]) -> bool:
    """Whether there is something to read before it takes too long."""
    until = time.monotonic() + TIMEOUT_S
    while not answer.poll(LOOK_S):
        if cancelled():
            raise ModelError("The measurement was broken off.")
        if time.monotonic() >= until:
            return False
    return True


def _measured(answer: Connection, folder: str, on_gpu: bool) -> None:
    """Runs in the child."""
    os.environ["GGML_NO_BACKTRACE"] = "1"
    from engine.inference.llama import Llama

    model, projector = write_pair(Path(folder), SAMPLE)
    config = LlamaConfig(
        context=1024, sequences=2, threads=free_threads(), gpu_layers=-1 if on_gpu else 0
    )
    llama = Llama(model, projector, config)
    image = np.random.default_rng(0).integers(0, 255, (512, 512, 3)).astype(np.uint8)
    text, token = [5] * 256, [5]

    def read(tokens: list[int]) -> None:
        llama.decode(tokens, sequence=0, position=0)
        llama.remove(0)

    encode = _each_s(lambda: llama.encode(image))
    prefill, decode = _each_s(lambda: read(text)), _each_s(lambda: read(token))
    shape = SAMPLE.text
    block = 2 * shape.width * (shape.width + shape.key_heads * shape.head_size)
    weights = shape.layers * (block + 3 * shape.width * shape.hidden)
    rates = [_sample_flops() / encode, 2.0 * weights * len(text) / prefill]
    answer.send_bytes(json.dumps([*rates, model.stat().st_size / decode]).encode())
    llama.close()


def _sample_flops() -> float:
    shape = SAMPLE.vision
    patches = (shape.image // shape.patch) ** 2
    block = 4 * shape.width**2 + 2 * shape.width * shape.hidden
    return shape.layers * (2.0 * block * patches + 4.0 * patches**2 * shape.width)


def _each_s(work: Callable[[], object]) -> float:
    """Seconds of one run: the middle one of those that PART_S has room for."""
    work()
    took: list[float] = []
    begun = time.perf_counter()
    while not took or time.perf_counter() - begun < PART_S:
        start = time.perf_counter()
        work()
        took.append(time.perf_counter() - start)
    return sorted(took)[len(took) // 2]
