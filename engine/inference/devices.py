"""What llama.cpp can compute on here: asked of its own libraries, in a process of its own, because
a graphics driver may end the process that wakes it.

Source: ggml-backend.h of llama.cpp (device registry).
"""

import ctypes
import importlib.util
import json
import multiprocessing
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal

from engine.errors import ModelError

TIMEOUT_S = 30.0
DeviceKind = Literal["cpu", "gpu", "integrated gpu", "accelerator"]
_KINDS: tuple[DeviceKind, ...] = ("cpu", "gpu", "integrated gpu", "accelerator")
"""By their number in ggml."""
Row = tuple[str, str, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One processor that llama.cpp was built for and that answers."""

    name: str
    """ggml's: `CPU`, `CUDA0`, `Vulkan0`."""
    title: str
    """What people call it: `NVIDIA GeForce RTX 4060`."""
    kind: DeviceKind
    free_bytes: int
    total_bytes: int


def find_devices(
    ask: Callable[[Connection], None] | None = None, *, timeout_s: float = TIMEOUT_S
) -> tuple[Device, ...]:
    """Every processor, in llama.cpp's own order. Blocks for about a second.

    Raises:
        ModelError: llama.cpp is not installed, or its libraries failed.
    """
    if engine_libraries() is None:
        raise ModelError("llama.cpp is not installed.")
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=ask or _list_devices, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        rows: list[Row] = json.loads(ours.recv_bytes()) if ours.poll(timeout_s) else []
    except (EOFError, ValueError):
        rows = []
    finally:
        ours.close()
        process.join(1.0)
        process.kill()
        process.join()
    if not rows:
        raise ModelError(
            "llama.cpp ended when it was asked for its processors; its driver may be broken."
        )
    return tuple(
        Device(name=name, title=title, kind=_KINDS[kind], free_bytes=free, total_bytes=total)
        for name, title, kind, free, total in rows
        if 0 <= kind < len(_KINDS)
    )


def engine_libraries() -> Path | None:
    """The folder of llama.cpp's libraries; None: it is not installed. Nothing is loaded."""
    spec = importlib.util.find_spec("llama_cpp")
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)), "lib")


def _list_devices(answer: Connection) -> None:
    """Runs in the child."""
    folder = engine_libraries()
    assert folder is not None
    # What the drivers have to say is for nobody.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    name = {"win32": "ggml.dll", "darwin": "libggml.dylib"}.get(sys.platform, "libggml.so")
    ggml = ctypes.CDLL(str(folder / name))
    base = ctypes.CDLL(str(folder / name.replace("ggml", "ggml-base")))
    ggml.ggml_backend_dev_count.restype = ctypes.c_size_t
    ggml.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    ggml.ggml_backend_dev_get.restype = ctypes.c_void_p
    for ask in (base.ggml_backend_dev_name, base.ggml_backend_dev_description):
        ask.argtypes, ask.restype = [ctypes.c_void_p], ctypes.c_char_p
    base.ggml_backend_dev_type.argtypes = [ctypes.c_void_p]
    size = ctypes.POINTER(ctypes.c_size_t)
    base.ggml_backend_dev_memory.argtypes = [ctypes.c_void_p, size, size]
    rows: list[Row] = []
    for number in range(ggml.ggml_backend_dev_count()):
        device = ggml.ggml_backend_dev_get(number)
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        base.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
        words = (base.ggml_backend_dev_name(device), base.ggml_backend_dev_description(device))
        name, title = (word.decode(errors="replace").strip() for word in words)
        kind = base.ggml_backend_dev_type(device)
        rows.append((name, title, kind, free.value, total.value))
    answer.send_bytes(json.dumps(rows).encode())
