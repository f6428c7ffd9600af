"""Messages as bytes: a JSON header, then the raw numbers of its arrays.

Nothing of it is ever executed: the other side may have been taken over by a malicious model file,
so every length, type and shape is checked, and pickle is not used.

Layout: header length (4 bytes, little endian), header, array bytes one after the other. The header
is `[kind, fields, [[dtype, shape], ...]]`; a field that is an array is `{"array": index}`.
"""

import dataclasses
import json
import math
from typing import Annotated, Any, Final, TypeVar, cast

import numpy as np
import numpy.typing as npt
from pydantic import PlainValidator, TypeAdapter, ValidationError, ValidationInfo

ARRAYS: Final = 256
_DTYPES: Final = frozenset({"|u1", "|i1", "<f2", "<f4", "<i4"})
_LENGTH: Final = 4

M = TypeVar("M")


class WireError(Exception):
    """Bytes that are no message of ours."""


def _received(value: object, info: ValidationInfo) -> npt.NDArray[Any]:
    arrays = cast(list[npt.NDArray[Any]], info.context)
    match value:
        case {"array": int(index)} if 0 <= index < len(arrays):
            return arrays[index]
        case _:
            raise ValueError("not an array of this message")


def _checked(kind: str, dimensions: int) -> PlainValidator:
    def check(value: object, info: ValidationInfo) -> npt.NDArray[Any]:
        array = _received(value, info)
        if array.dtype.str not in kind.split() or array.ndim != dimensions:
            raise ValueError(f"an array of {array.dtype} with {array.ndim} dimensions")
        return array

    return PlainValidator(check)


Pixels = Annotated[npt.NDArray[np.uint8], _checked("|u1", 3)]
Rows = Annotated[npt.NDArray[np.float16], _checked("<f2", 2)]
Numbers = Annotated[npt.NDArray[np.float32], _checked("<f4", 1)]
Positions = Annotated[npt.NDArray[np.int32], _checked("<i4", 2)]


def encode(message: object) -> list[bytes | memoryview]:
    """The parts of a message, to be joined; arrays are not copied here if they lie in one piece."""
    arrays: list[npt.NDArray[Any]] = []
    fields = _plain(message, arrays)
    shapes = [[one.dtype.str, list(one.shape)] for one in arrays]
    header = json.dumps([type(message).__name__, fields, shapes], separators=(",", ":")).encode()
    parts: list[bytes | memoryview] = [len(header).to_bytes(_LENGTH, "little"), header]
    parts += [one.reshape(-1).view(np.uint8).data for one in arrays if one.size]
    return parts


def _plain(value: object, arrays: list[npt.NDArray[Any]]) -> object:
    if isinstance(value, np.ndarray):
        arrays.append(np.ascontiguousarray(cast(npt.NDArray[Any], value)))
        return {"array": len(arrays) - 1}
    if dataclasses.is_dataclass(value):
        return {
            field.name: _plain(getattr(value, field.name), arrays)
            for field in dataclasses.fields(value)
        }
    if isinstance(value, str):  # half a character, as a file name may have it, is no Unicode
        return value.encode(errors="replace").decode()
    if isinstance(value, tuple | list):
        return [_plain(one, arrays) for one in cast(list[object], value)]
    return value


class Reading:
    """Makes messages of a closed set of classes from bytes."""

    def __init__(self, *kinds: type[object], message_bytes: int, header_bytes: int) -> None:
        """With the longest message, and the longest header, that are read."""
        self.message_bytes = message_bytes
        self._header_bytes = header_bytes
        self._kinds = {kind.__name__: TypeAdapter[object](kind) for kind in kinds}

    def decode(self, data: bytes) -> object:
        """The message; its arrays are read-only views of `data`.

        Raises:
            WireError: this is no message of these classes.
        """
        if len(data) > self.message_bytes:
            raise WireError("too long")
        start = _LENGTH + int.from_bytes(data[:_LENGTH], "little")
        if not _LENGTH < start <= min(len(data), self._header_bytes):
            raise WireError("the header is not whole")
        try:
            kind, fields, shapes = json.loads(data[_LENGTH:start])
            adapter = self._kinds[kind]
            arrays = _arrays(data, start, shapes)
            return adapter.validate_python(fields, context=arrays)
        except (ValueError, TypeError, KeyError, RecursionError, ValidationError) as error:
            raise WireError(f"not understood ({type(error).__name__})") from error


def _arrays(data: bytes, start: int, shapes: object) -> list[npt.NDArray[Any]]:
    if not isinstance(shapes, list) or len(cast(list[object], shapes)) > ARRAYS:
        raise WireError("too many arrays")
    arrays: list[npt.NDArray[Any]] = []
    for dtype, shape in cast(list[tuple[str, list[int]]], shapes):
        if dtype not in _DTYPES or len(shape) > 3 or any(type(one) is not int for one in shape):
            raise WireError("an array of another kind")
        count = math.prod(shape)
        size = count * np.dtype(dtype).itemsize
        if min(shape, default=0) < 0 or start + size > len(data):
            raise WireError("an array is not whole")
        arrays.append(np.frombuffer(data, dtype, count, start).reshape(shape))
        start += size
    if start != len(data):
        raise WireError("more bytes than arrays")
    return arrays
