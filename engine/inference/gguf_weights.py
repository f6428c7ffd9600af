"""Whether the weights of a GGUF file are numbers."""

import numpy as np
import numpy.typing as npt
from gguf import GGML_QUANT_SIZES
from gguf.quants import dequantize

from engine.inference.gguf_file import GgufFile, Kind, Tensor

_READ_AT_MOST = 64 * 1024**2
"""Bytes of a file that are looked at: all of a small one, evenly spread places of a large one."""
_STRETCH = 4096
_PLACES = 4


def require_numbers(file: GgufFile) -> None:
    """Look at the weights, in a large file at some of each tensor.

    Raises:
        ModelCorrupt: some are not finite.
    """
    whole = file.size <= _READ_AT_MOST
    with file.path.open("rb") as source:
        for tensor in file.tensors.values():
            for start, length in _stretches(tensor, whole or len(tensor.shape) == 1):
                source.seek(tensor.offset + start)
                data = np.frombuffer(source.read(length), np.uint8)
                if data.size != length:
                    raise file.corrupt("it was cut off just now")
                if not _finite(data, tensor.kind):
                    raise file.corrupt("some of its weights are not numbers")


def _stretches(tensor: Tensor, whole: bool) -> list[tuple[int, int]]:
    """(first byte, length) in the tensor, of whole blocks."""
    _, block = GGML_QUANT_SIZES[tensor.kind]
    length = -(-_STRETCH // block) * block
    if whole or tensor.size <= _PLACES * length:
        return [(0, tensor.size)]
    last = (tensor.size - length) // block
    return [(last * n // (_PLACES - 1) * block, length) for n in range(_PLACES)]


def _finite(data: npt.NDArray[np.uint8], kind: Kind) -> bool:
    if kind in (Kind.F32, Kind.F16):
        numbers = data.view(np.float32 if kind == Kind.F32 else np.float16)
        return bool(np.isfinite(numbers).all())
    _, block = GGML_QUANT_SIZES[kind]
    with np.errstate(all="ignore"):
        try:
            return bool(np.isfinite(dequantize(data.reshape(-1, block), kind)).all())
        except NotImplementedError:  # Nothing in Python unpacks it; llama.cpp looks at it itself.
            return True
