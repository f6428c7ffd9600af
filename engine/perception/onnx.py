# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Sessions of ONNX Runtime, and the name by which a model's vectors are told apart."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import psutil

from engine.errors import ModelIncompatible, ModelNotInstalled
from engine.perception.silent_runtime import onnxruntime

_PROVIDERS = ("CUDAExecutionProvider", "CPUExecutionProvider")


class OnnxModel:
    """One loaded model; `run` may be called from several threads."""

    def __init__(self, path: Path) -> None:
        """Load the file.

        Raises:
            ModelNotInstalled: there is no such file.
            ModelIncompatible: ONNX Runtime cannot load it.
        """
        if not path.is_file():
            raise ModelNotInstalled(f"The model file {path.name} is missing; import it again.")
        options = onnxruntime.SessionOptions()
        # One core stays free for the window and for reading the source.
        options.intra_op_num_threads = max(1, (psutil.cpu_count(logical=False) or 1) - 1)
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.log_severity_level = 3
        # Weights that are kept as bytes are widened once, and not in every run (twice as fast).
        options.add_session_config_entry("session.disable_quant_qdq", "1")
        offered = onnxruntime.get_available_providers()
        wanted = [name for name in _PROVIDERS if name in offered]
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=wanted)
        except Exception as error:
            raise ModelIncompatible(
                f"{path.name} is not a model that this program can run; remove it and get it again."
            ) from error
        self.providers: tuple[str, ...] = tuple(self._session.get_providers())
        """Those really in use: a machine without a GPU offers CUDA and then does not use it."""

    def run(self, inputs: Mapping[str, npt.NDArray[np.generic]]) -> npt.NDArray[np.float32]:
        """The first output."""
        return np.asarray(self._session.run(None, dict(inputs))[0], dtype=np.float32)


def model_name(model: str, path: Path, digest: str | None) -> str:
    """`model@` and the first eight digits of the file's SHA-256 (computed where not given)."""
    if digest is None:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    return f"{model}@{digest[:8]}"


def normalised(vector: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Rows of length 1, shape kept; a row of zeros stays so."""
    length = np.linalg.norm(vector, axis=-1, keepdims=True)
    return (vector / np.maximum(length, 1e-12)).astype(np.float32)
