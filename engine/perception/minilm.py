# pyright: reportUnknownMemberType=false
"""Sentences by MiniLM (Wang et al., 2020; sentence-transformers' all-MiniLM-L6-v2)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from engine.errors import ModelIncompatible, ModelNotInstalled
from engine.perception.onnx import OnnxModel, model_name, normalised

LENGTH = 384
_MOST_TOKENS = 256
_BATCH = 32


class MiniLm:
    """`TextEmbedder`: 384 values a text."""

    def __init__(self, path: Path, tokenizer: Path, *, digest: str | None = None) -> None:
        """`path` is the network, `tokenizer` the `tokenizer.json` that belongs to it."""
        self._model = OnnxModel(path)
        self._name = model_name("all-minilm-l6-v2", path, digest)
        if not tokenizer.is_file():
            raise ModelNotInstalled(f"{tokenizer.name} of the text model is missing; import it.")
        try:
            self._tokenizer = Tokenizer.from_file(str(tokenizer))
        except Exception as error:
            raise ModelIncompatible(
                f"{tokenizer.name} is not a tokenizer; remove the text model and get it again."
            ) from error
        self._tokenizer.enable_truncation(_MOST_TOKENS)
        self._tokenizer.enable_padding()

    @property
    def name(self) -> str:
        return self._name

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        parts = [self._batch(texts[at : at + _BATCH]) for at in range(0, len(texts), _BATCH)]
        return np.concatenate(parts) if parts else np.zeros((0, LENGTH), np.float32)

    def _batch(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        encoded = self._tokenizer.encode_batch(list(texts))
        return normalised(
            self._model.run(
                {
                    "input_ids": np.array([text.ids for text in encoded], np.int64),
                    "attention_mask": np.array([text.attention_mask for text in encoded], np.int64),
                    "token_type_ids": np.array([text.type_ids for text in encoded], np.int64),
                }
            )
        )
