"""What crosses the border to llama.cpp: values only, so that nothing else imports its library."""

import os
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import psutil

from engine.errors import ModelError

Logits = npt.NDArray[np.float32]
"""Shape (vocabulary,), or (n, vocabulary)."""

Rows = npt.NDArray[np.float32] | npt.NDArray[np.float16]
"""Embeddings of a picture's tokens, shape (n, embedding inputs)."""


class Stopped(Exception):
    """A decode or an encode was stopped on purpose; the sequence is as it was before."""


class GpuLost(ModelError):
    """The graphics card, or its driver, gave up."""


class ContextFull(Exception):
    """The context has no room for what was to be decoded; the sequence is as it was before."""


def free_threads() -> int:
    """Physical cores less one, which stays free for the window. More threads than free cores make
    llama.cpp many times slower."""
    return max(1, (psutil.cpu_count(logical=False) or os.cpu_count() or 1) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LlamaConfig:
    """How a model is run."""

    context: int = 8192
    """Tokens that all sequences together may hold."""
    batch: int = 512
    """Tokens decoded in one call, and the most that a picture seen in both directions may have."""
    sequences: int = 16
    threads: int = 0
    """0: `free_threads`."""
    gpu_layers: int = 0
    """Negative: all."""
    image_tokens: tuple[int, int] | None = None
    """Fewest and most tokens of a picture, for models that leave it open (Qwen-VL)."""

    def __post_init__(self) -> None:
        if self.context < 1 or self.batch < 1 or not 1 <= self.sequences <= 64:
            raise ValueError("a context, a batch and up to 64 sequences are needed")
        if self.image_tokens is not None and not 0 < self.image_tokens[0] <= self.image_tokens[1]:
            raise ValueError("a picture has at least one token, and the fewest come first")


@dataclass(frozen=True, slots=True, kw_only=True)
class LlamaFacts:
    """What a loaded model is."""

    architecture: str
    title: str
    parameters: int
    embedding_inputs: int
    """Width of a picture's rows: n_embd, times 1 + the number of deepstack layers."""
    vocabulary: int
    context: int
    trained_context: int
    m_rope: bool
    """A picture's positions have a time, a row and a column."""
    can_shift: bool
    causal_images: bool
    batch: int
    sequences: int
    threads: int
    backend: str
    """What it really runs on."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Encoded:
    """A picture as the text model takes it."""

    rows: Rows
    positions: npt.NDArray[np.int32] | None
    """For M-RoPE: (n, 3), time, row and column of each token from the picture's first position."""
    advance: int
    """Positions that it takes: n, or with M-RoPE the larger side."""
    before: tuple[int, ...]
    after: tuple[int, ...]
    """The tokens that the model wants around a picture."""
    causal: bool = True

    def __len__(self) -> int:
        return int(self.rows.shape[0])


@dataclass(frozen=True, slots=True)
class Token:
    """One token of a batch that may touch many sequences."""

    id: int
    position: int
    sequence: int
    wanted: bool = False
    """Its logits are wanted."""
