# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportUntypedFunctionDecorator=false
"""Reads exported files back, so that training goes on from weights that are kept as GGUF alone."""

from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from models.demo.export import PROJECTOR_FILE, TEXT_FILE, projector_tensors, text_tensors
from models.demo.network import DemoModel
from models.demo.vocabulary import tokenizer_of


def read_weights(folder: Path, model: DemoModel) -> None:
    """Make the model what the two files in `folder` hold.

    Raises:
        FileNotFoundError: one of them is not there.
        ValueError: they are of a network of other sizes.
    """
    _fill(folder / TEXT_FILE, text_tensors(model))
    _fill(folder / PROJECTOR_FILE, projector_tensors(model))


@torch.no_grad()
def _fill(path: Path, wanted: dict[str, Tensor]) -> None:
    held = {one.name: np.asarray(one.data) for one in _opened(path).tensors}
    for name, tensor in wanted.items():
        if name not in held or held[name].size != tensor.numel():
            raise ValueError(f"{path.name} holds another network: {name} does not fit.")
        array = torch.from_numpy(held[name].astype(np.float32))
        tensor.copy_(array.reshape(tensor.shape))


def read_vocabulary(folder: Path) -> Tokenizer:
    """The vocabulary that the text model in `folder` was trained with."""
    fields = _opened(folder / TEXT_FILE).fields
    tokens: list[str] = fields["tokenizer.ggml.tokens"].contents()
    merges: list[str] = fields["tokenizer.ggml.merges"].contents()
    pairs = [(left, right) for left, right in (one.split(" ") for one in merges)]
    return tokenizer_of({token: n for n, token in enumerate(tokens)}, pairs)


def _opened(path: Path) -> Any:
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there: `models.demo.export` writes it.")
    return gguf.GGUFReader(path)
