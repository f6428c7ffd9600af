"""The header of a GGUF file, read with bounds: what a model says of itself, before llama.cpp opens
it.

The format: magic, version, number of tensors, number of metadata pairs; the pairs; name, shape,
type and offset of each tensor; from the next aligned byte on the tensors, one after the other.
Everything is little-endian. See <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>.
"""

import math
import struct
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISREG

import numpy as np
import numpy.typing as npt
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, GGUFValueType

from engine.errors import ModelCorrupt, ModelError, ModelIncompatible
from engine.inference.intake import shown, size_words

Kind = GGMLQuantizationType

MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_HEADER_AT_MOST = 128 * 1024**2
_TENSORS_AT_MOST = 65_536
_PAIRS_AT_MOST = 65_536
_NAME_AT_MOST = 63
_SIDE_AT_MOST = 2**31 - 1
_ELEMENTS_AT_MOST = 2**40
_ALIGNMENT_AT_MOST = 65_536
COMPARED_AT_MOST = 2**20
"""Texts of one list that are compared with each other; no vocabulary has more."""
_NO_WEIGHTS = (Kind.F64, Kind.I8, Kind.I16, Kind.I32, Kind.I64, Kind.Q8_1, Kind.Q8_K)
"""Types that a tensor can have and that nothing multiplies with: llama.cpp would crash."""

_NUMBERS = {
    GGUFValueType.UINT8: "<u1", GGUFValueType.INT8: "<i1",
    GGUFValueType.UINT16: "<u2", GGUFValueType.INT16: "<i2",
    GGUFValueType.UINT32: "<u4", GGUFValueType.INT32: "<i4", GGUFValueType.FLOAT32: "<f4",
    GGUFValueType.UINT64: "<u8", GGUFValueType.INT64: "<i8", GGUFValueType.FLOAT64: "<f8",
    GGUFValueType.BOOL: "<u1",
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """A list of texts, of which only the number is kept, and whether one comes twice (an empty one
    may: llama.cpp gives each a name of its own)."""

    count: int
    repeats: bool = False

    def __len__(self) -> int:
        return self.count


Value = bool | int | float | str | npt.NDArray[np.generic] | Texts


@dataclass(frozen=True, slots=True)
class Tensor:
    """Where a tensor lies. `shape` as llama.cpp counts: the length of a row first."""

    name: str
    shape: tuple[int, ...]
    kind: Kind
    offset: int
    """In the file."""
    size: int

    @property
    def elements(self) -> int:
        return math.prod(self.shape)


@dataclass(frozen=True, slots=True, eq=False)
class GgufFile:
    """What the header says; every tensor lies within the file."""

    path: Path
    name: str
    """Fit for a line."""
    size: int
    values: dict[str, Value]
    tensors: dict[str, Tensor]

    def text(self, key: str) -> str:
        """A text of the metadata; empty when there is none."""
        found = self.values.get(key)
        return found if isinstance(found, str) else ""

    def corrupt(self, what: str) -> ModelCorrupt:
        return corrupt(self.name, what)


def corrupt(name: str, what: str) -> ModelCorrupt:
    """The sentence for a file that is not what it was."""
    return ModelCorrupt(
        f"{name} is damaged: {what}. It is not used. Get it again from where it came."
    )


def read_gguf(path: Path) -> GgufFile:
    """Read a header. Bounded in time and memory, whatever the file holds.

    Raises:
        ModelCorrupt: this is no GGUF file, or not a whole one.
        ModelIncompatible: it is one that llama.cpp does not run.
        ModelError: it cannot be read.
    """
    name = shown(path.name)
    try:
        found = path.stat()
        if S_ISDIR(found.st_mode):
            raise ModelIncompatible(f"{name} is a folder. Name the model file in it.")
        if not S_ISREG(found.st_mode):
            raise ModelIncompatible(f"{name} is not a file. Nothing was read from it.")
        with path.open("rb") as file:
            header = file.read(min(found.st_size, _HEADER_AT_MOST))
    except OSError as error:
        raise ModelError(
            f"{name} cannot be read: {error.strerror or error}. Nothing was changed. Look whether "
            "the file is there."
        ) from error
    _greet(name, header)
    return _Header(path, name, found.st_size, header).read()


def _greet(name: str, header: bytes) -> None:
    if not header:
        raise ModelCorrupt(f"{name} is empty. Get it again from where it came.")
    if header[:4] != MAGIC:
        if header.startswith(b"version https://git-lfs"):
            raise ModelCorrupt(
                f"{name} only points to the real file (Git LFS). Download the file itself."
            )
        if header[:512].lstrip()[:1] == b"<":
            raise ModelCorrupt(
                f"{name} is a web page, not a model. Download the file itself, not its page."
            )
        raise ModelCorrupt(
            f"{name} is not a GGUF file, or its beginning is damaged. It is not used. Get a model "
            "in this format."
        )


class _Header:
    """A cursor over the header."""

    def __init__(self, path: Path, name: str, size: int, data: bytes) -> None:
        self._path = path
        self._name = name
        self._size = size
        self._data = data
        self._at = len(MAGIC)

    def read(self) -> GgufFile:
        version = self._number("<I")
        if version not in _VERSIONS:
            if version == 1 or int.from_bytes(version.to_bytes(4, "big"), "little") in _VERSIONS:
                raise ModelIncompatible(
                    f"{self._name} is in a form of GGUF that llama.cpp does not read (too old, or "
                    "for other processors). Nothing was changed. Get a newer file."
                )
            raise self._corrupt("it tells a version that there is not")
        tensors, pairs = self._number("<Q"), self._number("<Q")
        if not 0 < tensors <= _TENSORS_AT_MOST or not 0 < pairs <= _PAIRS_AT_MOST:
            raise self._corrupt("it tells of an absurd number of parts")
        values: dict[str, Value] = {}
        for _ in range(pairs):
            key = self._key()
            if key in values:
                raise self._corrupt("it says one thing twice")
            values[key] = self._value(self._kind())
        self._alone(values)
        return GgufFile(self._path, self._name, self._size, values, self._tensors(tensors, values))

    def _alone(self, values: dict[str, Value]) -> None:
        parts = values.get("split.count", 1)
        if isinstance(parts, int) and parts > 1:
            raise ModelIncompatible(
                f"{self._name} is one of {parts} parts of a model. Nothing was changed. Get the "
                "model as a single file, or join the parts with llama-gguf-split --merge."
            )

    # --- tensors ---------------------------------------------------------------------------------

    def _tensors(self, count: int, values: dict[str, Value]) -> dict[str, Tensor]:
        alignment = values.get("general.alignment", 32)
        if (
            not isinstance(alignment, int)
            or not 8 <= alignment <= _ALIGNMENT_AT_MOST
            or alignment & (alignment - 1)
        ):
            raise self._corrupt("it tells an absurd alignment")
        heads = [self._tensor() for _ in range(count)]
        start = -(-self._at // alignment) * alignment
        found: dict[str, Tensor] = {}
        end = 0
        for name, shape, kind, offset, size in heads:
            if name in found:
                raise self._corrupt("two of its parts have one name")
            if offset != end:
                raise self._corrupt("its parts do not follow one another")
            found[name] = Tensor(name, shape, kind, start + offset, size)
            end = offset + -(-size // alignment) * alignment
        last = max((one.offset + one.size for one in found.values()), default=start)
        if last > self._size:
            raise ModelCorrupt(
                f"{self._name} is cut off: {size_words(self._size)} are there, "
                f"{size_words(last)} should be. It is not used. Get it again from where it came."
            )
        return found

    def _tensor(self) -> tuple[str, tuple[int, ...], Kind, int, int]:
        name = self._key(_NAME_AT_MOST)
        sides = self._number("<I")
        if sides > 4:
            raise self._corrupt("a part of it has an absurd shape")
        shape = tuple(self._number("<Q") for _ in range(sides)) or (1,)
        elements = math.prod(shape)
        if any(not 1 <= side <= _SIDE_AT_MOST for side in shape) or elements > _ELEMENTS_AT_MOST:
            raise self._corrupt("a part of it has an absurd shape")
        number, offset = self._number("<I"), self._number("<Q")
        try:
            kind = Kind(number)
        except ValueError:
            raise ModelIncompatible(
                f"{self._name} is damaged, or holds numbers of a kind ({number}) that this version "
                "does not know. It is not used. Choose another quantization."
            ) from None
        if kind in _NO_WEIGHTS:
            raise ModelIncompatible(
                f"{self._name} holds weights of the kind {kind.name}, which llama.cpp does not "
                "run. It is not used. Choose another quantization."
            )
        block, taken = GGML_QUANT_SIZES[kind]
        if shape[0] % block:
            raise self._corrupt("a part of it does not fit its quantization")
        return name, shape, kind, offset, elements // block * taken

    # --- metadata --------------------------------------------------------------------------------

    def _key(self, longest: int = 65_535) -> str:
        text = self._text(longest)
        if not text or not text.isascii() or not text.isprintable() or " " in text:
            raise self._corrupt("a name in it is unreadable")
        return text

    def _kind(self) -> GGUFValueType:
        try:
            return GGUFValueType(self._number("<I"))
        except ValueError:
            raise self._corrupt("a value in it is of an unknown kind") from None

    def _value(self, kind: GGUFValueType) -> Value:
        if kind == GGUFValueType.STRING:
            return self._text()
        if kind == GGUFValueType.ARRAY:
            return self._list()
        (number,) = self._checked(kind, np.frombuffer(self._take(_width(kind)), _NUMBERS[kind]))
        if kind == GGUFValueType.BOOL:
            return bool(number)
        return float(number) if kind in _FRACTIONS else int(number)

    def _list(self) -> Value:
        kind, count = self._kind(), self._number("<Q")
        if kind == GGUFValueType.ARRAY:
            raise self._corrupt("a value in it is of an unknown kind")
        if count > self._left:
            raise self._corrupt("it ends within a list")
        if kind == GGUFValueType.STRING:
            return self._texts(count)
        return self._checked(kind, np.frombuffer(self._take(count * _width(kind)), _NUMBERS[kind]))

    def _texts(self, count: int) -> Texts:
        seen: set[int] = set()
        empty = 0
        for _ in range(count):
            text = self._text()
            empty += not text
            if text and count <= COMPARED_AT_MOST:
                seen.add(hash(text))
        return Texts(count, repeats=bool(seen) and len(seen) < count - empty)

    def _checked(
        self, kind: GGUFValueType, numbers: npt.NDArray[np.generic]
    ) -> npt.NDArray[np.generic]:
        if kind in _FRACTIONS and np.isnan(numbers.astype(np.float64)).any():
            raise self._corrupt("a value in it is not a number")
        if kind == GGUFValueType.BOOL and (numbers.view(np.uint8) > 1).any():
            raise self._corrupt("a value in it is neither yes nor no")
        return numbers

    def _text(self, longest: int = 2**24) -> str:
        length = self._number("<Q")
        if length > longest:
            raise self._corrupt("a text in it is absurdly long")
        try:
            return self._take(length).decode()
        except UnicodeDecodeError:
            raise self._corrupt("a text in it is unreadable") from None

    # --- bytes -----------------------------------------------------------------------------------

    @property
    def _left(self) -> int:
        return len(self._data) - self._at

    def _number(self, form: str) -> int:
        return struct.unpack(form, self._take(struct.calcsize(form)))[0]

    def _take(self, size: int) -> bytes:
        if size > self._left:
            raise self._corrupt("it ends within its description")
        start, self._at = self._at, self._at + size
        return self._data[start : self._at]

    def _corrupt(self, what: str) -> ModelCorrupt:
        return corrupt(self._name, what)


_FRACTIONS = (GGUFValueType.FLOAT32, GGUFValueType.FLOAT64)


def _width(kind: GGUFValueType) -> int:
    return np.dtype(_NUMBERS[kind]).itemsize
