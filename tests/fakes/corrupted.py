"""Model files with something wrong, each made from a good pair: the same list every time."""

import os
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt

from engine.inference.random_vlm import TINY, RandomVlm, write_pair

Change = Callable[[Path], object]
Pair = tuple[Path, Path]


@dataclass(frozen=True, slots=True)
class Corrupted:
    """A pair in which something is wrong; `make` writes it into a folder of its own."""

    name: str
    make: Callable[[Path], Pair]


def corrupted(folder: Path) -> list[Corrupted]:
    """Every case; `folder` holds the good pairs."""
    pairs = {name: write_pair(folder / name, shape) for name, shape in sorted(TINY.items())}
    return [
        *_cut_off(pairs),
        *_flipped(pairs),
        *_misplaced(pairs),
        *_of_another_width(),
        *_no_numbers(pairs),
        *_other_kinds(pairs),
        *_absurd_counts(pairs),
        *_absurd_values(pairs),
        *_no_models(pairs),
    ]


def _changed(pair: Pair, which: int, change: Change) -> Callable[[Path], Pair]:
    """A copy of a pair with one of its files changed."""

    def make(folder: Path) -> Pair:
        made = (folder / "model.gguf", folder / "projector.gguf")
        for origin, copy in zip(pair, made, strict=True):
            os.link(origin, copy)
        own = made[which].read_bytes()
        made[which].unlink()
        made[which].write_bytes(own)
        change(made[which])
        return made

    return make


WHICH = {"model": 0, "projector": 1}


def _both(pairs: Mapping[str, Pair]) -> Iterator[tuple[str, Pair, int]]:
    for name, pair in pairs.items():
        for which, index in WHICH.items():
            yield f"{name} {which}", pair, index


def _cut_off(pairs: Mapping[str, Pair]) -> Iterator[Corrupted]:
    for name, pair, which in _both(pairs):
        for place in range(20 if "smol" in name else 6):
            share = place / (20 if "smol" in name else 6)

            def cut(path: Path, share: float = share) -> None:
                os.truncate(path, int(path.stat().st_size * share))

            yield Corrupted(f"{name} cut at {share:.0%}", _changed(pair, which, cut))

        def cut_last(path: Path) -> None:
            os.truncate(path, path.stat().st_size - 1000)

        yield Corrupted(f"{name} without its last kilobyte", _changed(pair, which, cut_last))


def _flipped(pairs: Mapping[str, Pair]) -> Iterator[Corrupted]:
    """One byte turned round where the header says how the file is built: in its beginning, in
    names, kinds and lengths, in shapes and offsets."""
    for name, pair, which in _both(pairs):
        places = _structure(pair[which])
        chosen = {*range(0, 24, 3), *places[:: max(1, len(places) // 12)]}
        for place in sorted(chosen):

            def flip(path: Path, place: int = place) -> None:
                _patch(path, place, bytes([path.read_bytes()[place] ^ 0xFF]))

            yield Corrupted(f"{name} with byte {place} flipped", _changed(pair, which, flip))


def _structure(path: Path) -> list[int]:
    """Places of bytes that say how the file is built."""
    reader = gguf.GGUFReader(path)
    found: list[int] = []
    for field in reader.fields.values():
        if field.name.startswith("GGUF."):
            continue
        length, key, kind = (field.offset, field.offset + 8, field.offset + 8 + len(field.name))
        found += [length, key + len(field.name) // 2, kind]
    for tensor in reader.tensors:
        sides = 4 + 8 * len(tensor.shape)
        name = tensor.field.offset + 8
        end = name + len(tensor.name)
        found += [tensor.field.offset, name, end, end + 4, end + sides, end + sides + 4]
    return found


def _misplaced(pairs: Mapping[str, Pair]) -> Iterator[Corrupted]:
    for name, (model, projector) in pairs.items():
        for what, pair in (
            ("swapped", (projector, model)),
            ("without a projector", (model, model)),
            ("without a text model", (projector, projector)),
        ):
            yield Corrupted(f"{name} {what}", lambda _, pair=pair: pair)
        for other, (_, strange) in pairs.items():
            if other != name:
                pair = (model, strange)
                yield Corrupted(f"{name} with {other}'s", lambda _, pair=pair: pair)


def _of_another_width() -> Iterator[Corrupted]:
    for name, shape in sorted(TINY.items()):
        for width in (64, 256):
            wide = replace(shape, text=replace(shape.text, width=width))

            def make(folder: Path, wide: RandomVlm = wide, shape: RandomVlm = shape) -> Pair:
                _, projector = write_pair(folder / "other", wide)
                model, _ = write_pair(folder / "own", shape)
                return model, projector

            yield Corrupted(f"{name} with a projector {width} wide", make)


def _no_numbers(pairs: Mapping[str, Pair]) -> Iterator[Corrupted]:
    where = {"model": ("token_embd.weight", "blk.1.attn_norm.weight"),
             "projector": ("v.blk.0.attn_out.weight", "v.blk.1.ln1.weight")}  # fmt: skip
    for name, pair, which in _both(pairs):
        for tensor in where[name.split()[1]]:
            for number in (np.nan, np.inf):

                def spoil(path: Path, tensor: str = tensor, number: float = number) -> None:
                    at = _tensor(path, tensor).data_offset
                    _patch(path, int(at) + 40, np.float32(number).tobytes())

                yield Corrupted(f"{name} with {number} in {tensor}", _changed(pair, which, spoil))


def _other_kinds(pairs: Mapping[str, Pair]) -> Iterator[Corrupted]:
    where = {"model": "blk.0.attn_v.weight", "projector": "v.blk.0.ffn_up.weight"}
    for name, pair, which in _both(pairs):
        for kind in (np.float64, np.int32, np.int8):

            def turn(path: Path, name: str = name, kind: type = kind) -> None:
                _rewrite(path, tensors={where[name.split()[1]]: lambda data: data.astype(kind)})

            yield Corrupted(f"{name} with {kind.__name__} weights", _changed(pair, which, turn))

        def unknown(path: Path, name: str = name) -> None:
            tensor = _tensor(path, where[name.split()[1]])
            at = tensor.field.offset + 8 + len(tensor.name) + 4 + 8 * len(tensor.shape)
            _patch(path, at, struct.pack("<I", 4_000))

        yield Corrupted(f"{name} with a kind that is not", _changed(pair, which, unknown))


def _absurd_counts(pairs: Mapping[str, Pair]) -> Iterator[Corrupted]:
    for name, pair, which in _both({"smol": pairs["smol"]}):
        for what, at, number in (
            ("tensors", 8, 2**40), ("all tensors", 8, 2**64 - 1), ("no tensors", 8, 0),
            ("one tensor more", 8, len(gguf.GGUFReader(pair[which]).tensors) + 1),
            ("pairs", 16, 2**40), ("all pairs", 16, 2**64 - 1), ("no pairs", 16, 0),
            ("the first key", 24, 2**62),
        ):  # fmt: skip

            def count(path: Path, at: int = at, number: int = number) -> None:
                _patch(path, at, struct.pack("<Q", number))

            yield Corrupted(f"{name} with an absurd count: {what}", _changed(pair, which, count))
        for what, sides in (
            ("no side", (0, 1)), ("a huge side", (2**62, 1)), ("huge sides", (2**33, 2**33)),
        ):  # fmt: skip

            def reshape(path: Path, sides: tuple[int, int] = sides) -> None:
                tensor = next(one for one in gguf.GGUFReader(path).tensors if len(one.shape) == 2)
                _patch(
                    path, tensor.field.offset + 12 + len(tensor.name), struct.pack("<2Q", *sides)
                )

            yield Corrupted(f"{name} with {what}", _changed(pair, which, reshape))
        for alignment in (0, 3, 2**31):

            def align(path: Path, alignment: int = alignment) -> None:
                _rewrite(path, {"general.alignment": np.uint32(alignment)})

            yield Corrupted(f"{name} aligned at {alignment}", _changed(pair, which, align))


def _absurd_values(pairs: Mapping[str, Pair]) -> Iterator[Corrupted]:
    own: list[tuple[str, int, dict[str, object]]] = [
        ("smol", 0, {"llama.attention.head_count": np.uint32(0)}),
        ("smol", 0, {"llama.attention.head_count": np.uint32(7)}),
        ("smol", 0, {"llama.attention.head_count_kv": np.uint32(3)}),
        ("smol", 0, {"llama.attention.key_length": np.uint32(2**31)}),
        ("smol", 0, {"llama.attention.layer_norm_rms_epsilon": np.float32("nan")}),
        ("smol", 0, {"llama.block_count": np.uint32(0)}),
        ("smol", 0, {"llama.block_count": np.uint32(2)}),
        ("smol", 0, {"llama.block_count": np.uint32(100_000)}),
        ("smol", 0, {"llama.context_length": np.uint32(0)}),
        ("smol", 0, {"llama.context_length": "long"}),
        ("smol", 0, {"llama.embedding_length": np.uint32(2**31)}),
        ("smol", 0, {"llama.rope.dimension_count": np.uint32(31)}),
        ("smol", 0, {"llama.rope.freq_base": np.float32("inf")}),
        ("smol", 0, {"llama.ssm.state_size": np.uint32(16)}),
        ("smol", 0, {"general.architecture": "mamba"}),
        ("smol", 0, {"general.architecture": "unheard-of"}),
        ("smol", 0, {"general.type": "adapter"}),
        ("smol", 0, {"split.count": np.uint16(4)}),
        ("smol", 0, {"tokenizer.ggml.bos_token_id": np.uint32(2**31)}),
        ("smol", 0, {"tokenizer.ggml.model": "no_vocab"}),
        ("smol", 0, {"tokenizer.ggml.scores": [0.5, 0.5]}),
        ("smol", 0, {"tokenizer.ggml.token_type": [1, 1]}),
        ("smol", 0, {"tokenizer.ggml.tokens": ["a", "b"]}),
        ("qwen2", 0, {"qwen2vl.rope.dimension_sections": [2**30, 2**30, 0, 0]}),
        ("qwen2", 0, {"qwen2vl.rope.dimension_sections": [-4, 6, 6, 0]}),
        ("qwen3", 0, {"qwen3vl.n_deepstack_layers": np.uint32(200)}),
        ("qwen3", 0, {"qwen3vl.n_deepstack_layers": np.uint32(2)}),
        ("smol", 1, {"clip.has_vision_encoder": False}),
        ("smol", 1, {"clip.projector_type": "unheard-of"}),
        ("smol", 1, {"clip.vision.attention.head_count": np.uint32(0)}),
        ("smol", 1, {"clip.vision.attention.head_count": np.uint32(5)}),
        ("smol", 1, {"clip.vision.attention.layer_norm_epsilon": np.float32("nan")}),
        ("smol", 1, {"clip.vision.block_count": np.uint32(1)}),
        ("smol", 1, {"clip.vision.block_count": np.uint32(2**30)}),
        ("smol", 1, {"clip.vision.embedding_length": np.uint32(32)}),
        ("smol", 1, {"clip.vision.feed_forward_length": np.uint32(96)}),
        ("smol", 1, {"clip.vision.image_mean": [0.5]}),
        ("smol", 1, {"clip.vision.image_size": np.uint32(0)}),
        ("smol", 1, {"clip.vision.image_size": np.uint32(128)}),
        ("smol", 1, {"clip.vision.image_size": np.uint32(2**31)}),
        ("smol", 1, {"clip.vision.image_std": [0.0, 0.0, 0.0]}),
        ("smol", 1, {"clip.vision.patch_size": np.uint32(0)}),
        ("smol", 1, {"clip.vision.patch_size": np.uint32(16)}),
        ("smol", 1, {"clip.vision.projector.scale_factor": np.uint32(0)}),
        ("smol", 1, {"clip.vision.projector.scale_factor": np.uint32(1)}),
        ("smol", 1, {"clip.vision.projector.scale_factor": np.uint32(3)}),
        ("qwen2", 1, {"clip.vision.spatial_merge_size": np.uint32(0)}),
        ("qwen2", 1, {"clip.vision.spatial_merge_size": np.uint32(3)}),
        ("qwen2", 1, {"clip.vision.n_wa_pattern": np.uint32(2**31)}),
        ("qwen3", 1, {"clip.vision.is_deepstack_layers": [True]}),
        ("qwen3", 1, {"clip.vision.is_deepstack_layers": [False, True, True]}),
    ]  # fmt: skip
    for name, which, values in own:
        ((key, value),) = values.items()

        def say(path: Path, values: dict[str, object] = values) -> None:
            _rewrite(path, values)

        yield Corrupted(f"{name} where {key} is {value}", _changed(pairs[name], which, say))
    for name in pairs:

        def repeat(path: Path) -> None:
            written = path.read_bytes()
            path.write_bytes(written.replace(b"<row_2_col_1>", b"<row_1_col_1>", 1))

        yield Corrupted(f"{name} with a word twice", _changed(pairs[name], 0, repeat))
    for name, which, tensor in (
        ("smol", 0, "output_norm.weight"), ("smol", 0, "blk.1.ffn_down.weight"),
        ("smol", 1, "v.blk.1.ffn_down.weight"), ("smol", 1, "v.blk.0.attn_q.bias"),
        ("smol", 1, "mm.model.fc.weight"), ("qwen2", 1, "mm.2.bias"),
        ("qwen3", 1, "v.deepstack.1.fc1.bias"),
    ):  # fmt: skip

        def drop(path: Path, tensor: str = tensor) -> None:
            _rewrite(path, tensors={tensor: lambda _: None})

        def shorten(path: Path, tensor: str = tensor) -> None:
            _rewrite(path, tensors={tensor: lambda data: data[..., : data.shape[-1] // 2]})

        yield Corrupted(f"{name} without {tensor}", _changed(pairs[name], which, drop))
        yield Corrupted(f"{name} with half of {tensor}", _changed(pairs[name], which, shorten))


def _no_models(pairs: Mapping[str, Pair]) -> Iterator[Corrupted]:
    pair = pairs["smol"]
    contents = {
        "nothing": b"", "one byte": b"G", "only the magic": b"GGUF", "zeros": bytes(100_000),
        "text": b"Dear diary, " * 1000, "a web page": b"<!DOCTYPE html><html>Not found</html>",
        "a pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n",
        "an archive": b"PK\x03\x04" + bytes(1000), "noise": np.random.default_rng(5).bytes(50_000),
        "noise after the magic": b"GGUF\x03\0\0\0" + np.random.default_rng(6).bytes(50_000),
        "an old file": b"GGUF\x01\0\0\0" + bytes(1000),
        "a file for other processors": b"GGUF\0\0\0\x03" + bytes(1000),
    }  # fmt: skip
    for which, index in WHICH.items():
        for what, content in contents.items():

            def write(path: Path, content: bytes = content) -> None:
                path.write_bytes(content)

            yield Corrupted(f"{what} as {which}", _changed(pair, index, write))

        def folder(path: Path) -> None:
            path.unlink()
            path.mkdir()

        yield Corrupted(f"a folder as {which}", _changed(pair, index, folder))
        yield Corrupted(f"no {which}", _changed(pair, index, Path.unlink))
        if hasattr(os, "mkfifo"):

            def pipe(path: Path) -> None:
                path.unlink()
                os.mkfifo(path)

            yield Corrupted(f"a pipe as {which}", _changed(pair, index, pipe))


# --- changing files ------------------------------------------------------------------------------


def _patch(path: Path, at: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


def _tensor(path: Path, name: str) -> gguf.ReaderTensor:
    return next(one for one in gguf.GGUFReader(path).tensors if one.name == name)


TensorChange = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.generic] | None]


def _rewrite(
    path: Path,
    values: Mapping[str, object] | None = None,
    tensors: Mapping[str, TensorChange] | None = None,
) -> None:
    """Write the file again with other values and tensors, which a damaged medium could hardly
    bring about, but a careless or a malicious writer can."""
    values, tensors = values or {}, tensors or {}
    reader = gguf.GGUFReader(path)
    architecture = str(values.get("general.architecture", "?"))
    writer = gguf.GGUFWriter(path.with_suffix(".new"), architecture)
    for field in reader.fields.values():
        known = field.name.startswith("GGUF.") or field.name in values
        if known or field.name == "general.architecture":
            continue
        kinds = field.types
        writer.add_key_value(field.name, field.contents(), kinds[0], *kinds[1:2])
    if "general.architecture" not in values:
        own = reader.fields["general.architecture"].contents()
        writer.kv_data[0]["general.architecture"].value = own
    for key, value in values.items():
        if key != "general.architecture":
            writer.add_key_value(key, *_kind_of(value))
    for tensor in reader.tensors:
        data = np.array(tensor.data)
        changed = tensors[tensor.name](data) if tensor.name in tensors else data
        if changed is not None:
            writer.add_tensor(tensor.name, np.ascontiguousarray(changed))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    path.with_suffix(".new").replace(path)


def _kind_of(value: object) -> tuple[object, ...]:
    kinds = gguf.GGUFValueType
    if isinstance(value, list):
        return value, kinds.ARRAY, _kind_of(value[0])[1]
    if isinstance(value, np.generic):
        kind = {"uint16": kinds.UINT16, "uint32": kinds.UINT32, "float32": kinds.FLOAT32}
        return value.item(), kind[value.dtype.name]
    if isinstance(value, bool):
        return value, kinds.BOOL
    if isinstance(value, int):
        return value, kinds.INT32
    return value, kinds.FLOAT32 if isinstance(value, float) else kinds.STRING
