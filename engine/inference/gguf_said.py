"""What a GGUF file says of itself, value by value, each within what makes sense."""

import math

import numpy as np

from engine.inference.gguf_file import GgufFile, Kind
from engine.inference.intake import shown

LAYERS_AT_MOST = 512
WIDTH_AT_MOST = 65_536
HEADS_AT_MOST = 4096
HIDDEN_AT_MOST = 2**22


class Said:
    """Numbers of the metadata, each within what makes sense."""

    def __init__(self, file: GgufFile, prefix: str) -> None:
        self._file = file
        self._prefix = prefix

    def __contains__(self, key: str) -> bool:
        return f"{self._prefix}{key}" in self._file.values

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number; without a default it must be there."""
        found = self._file.values.get(f"{self._prefix}{key}", default)
        if isinstance(found, bool) or not isinstance(found, int) or not low <= found <= high:
            raise self.wrong(key)
        return found

    def each(self, key: str, low: int, high: int, layers: int, needed: bool = False) -> list[int]:
        """A whole number of each layer, said once for all or one by one; empty when not said."""
        if key not in self and not needed:
            return []
        numbers = self.list(key)
        if numbers is None:
            return [self.whole(key, low, high)] * layers
        if len(numbers) != layers or not low <= min(numbers) <= max(numbers) <= high:
            raise self.wrong(key)
        return [int(one) for one in numbers]

    def list(self, key: str) -> list[float] | None:
        """Numbers; None when there is no list."""
        found = self._file.values.get(f"{self._prefix}{key}")
        if not isinstance(found, np.ndarray):
            return None
        if not found.size:
            raise self.wrong(key)
        return [float(one) for one in found]

    def share(self, key: str, needed: bool = False) -> None:
        """A small number above 0, as is added lest something be divided by 0."""
        if needed or key in self:
            self.between(key, 1e-20, 0.1, needed=True)

    def between(self, key: str, low: float, high: float, needed: bool = False) -> None:
        """A number that is finite and lies between."""
        found = self._file.values.get(f"{self._prefix}{key}")
        if found is None and not needed:
            return
        if not isinstance(found, float) or not math.isfinite(found) or not low <= found <= high:
            raise self.wrong(key)

    def wrong(self, key: str) -> Exception:
        """The sentence for a value that is missing or makes no sense."""
        return self._file.corrupt(
            f"what it says of itself makes no sense ({shown(self._prefix + key)})"
        )


def is_projector(file: GgufFile) -> bool:
    """Whether it is a vision tower rather than a text model."""
    return file.text("general.architecture") == "clip"


def require_plain_rows(file: GgufFile) -> None:
    """Norms and biases are in single precision: nothing adds another kind to a row."""
    for tensor in file.tensors.values():
        if len(tensor.shape) == 1 and tensor.kind != Kind.F32:
            raise file.corrupt("a part of it is of another kind than it can be")
