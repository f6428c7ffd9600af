# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
"""Models with random weights, in the file format of real ones: they say nothing, and cost exactly
what a model of their dimensions costs. With them a machine is measured before anything is
downloaded, and the mechanisms are tested on several architectures.

Tensor names and metadata are those that llama.cpp reads for each architecture.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt
from gguf import GGMLQuantizationType as Kind

SPECIALS = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<fake_token_around_image>", "<global-img>",
    "<image>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>",
    *(f"<row_{row}_col_{column}>" for row in range(1, 5) for column in range(1, 5)),
)  # fmt: skip
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{% if m['content'] is string %}"
    "{{ m['content'] }}{% else %}{% for part in m['content'] %}{{ part['text'] }}{% endfor %}"
    "{% endif %}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_BYTES = {Kind.F32: 4.0, Kind.F16: 2.0, Kind.Q8_0: 34 / 32, Kind.Q4_0: 18 / 32}
"""Of one weight."""
QWEN = ("qwen3vl_merger", "qwen2.5vl_merger")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextShape:
    """Sizes of the text model."""

    architecture: str = "llama"
    width: int = 128
    layers: int = 3
    heads: int = 4
    key_heads: int = 2
    hidden: int = 256
    head_size: int = 32
    vocabulary: int = 320
    context: int = 32768
    rope_base: float = 1e5
    splitter: str = "smollm"
    sections: tuple[int, ...] = ()
    """Shares of time, row and column in a head's rotary pairs, for M-RoPE."""
    readable: bool = False
    """It says printable ASCII, and never comes to an end by itself; `kind` is F32 then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionShape:
    """Sizes of the vision tower and its projector."""

    projector: str = "idefics3"
    width: int = 64
    layers: int = 2
    heads: int = 2
    hidden: int = 128
    image: int = 64
    patch: int = 8
    shuffle: int = 2
    deepstack: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomVlm:
    """A pair of files to be."""

    text: TextShape = field(default_factory=TextShape)
    vision: VisionShape = field(default_factory=VisionShape)
    kind: Kind = Kind.F32
    vision_kind: Kind = Kind.F32


SMOL = RandomVlm()
QWEN3 = RandomVlm(
    text=TextShape(architecture="qwen3vl", rope_base=1e6, splitter="qwen2", sections=(6, 5, 5, 0)),
    vision=VisionShape(projector="qwen3vl_merger", layers=3, deepstack=(1,)),
)
QWEN2 = RandomVlm(
    text=TextShape(architecture="qwen2vl", rope_base=1e6, splitter="qwen2", sections=(4, 6, 6, 0)),
    vision=VisionShape(projector="qwen2.5vl_merger", layers=4),
)
READABLE = replace(SMOL, text=replace(SMOL.text, readable=True))
"""One whose answers can be shown to people, and are as long as they may be."""
TINY = {"smol": SMOL, "qwen3": QWEN3, "qwen2": QWEN2}
"""Three architectures: plain RoPE, M-RoPE with deepstack, M-RoPE."""

SMOLVLM_256M = RandomVlm(
    text=TextShape(
        width=576, layers=30, heads=9, key_heads=3, hidden=1536, head_size=64, vocabulary=49280
    ),
    vision=VisionShape(width=768, layers=12, heads=12, hidden=3072, image=512, patch=16, shuffle=4),
    kind=Kind.Q8_0,
    vision_kind=Kind.Q8_0,
)
QWEN3VL_8B = RandomVlm(
    text=TextShape(
        architecture="qwen3vl", width=4096, layers=36, heads=32, key_heads=8, hidden=12288,
        head_size=128, vocabulary=151936, rope_base=5e6, splitter="qwen2",
        sections=(24, 20, 20, 0),
    ),
    vision=VisionShape(
        projector="qwen3vl_merger", width=1152, layers=27, heads=16, hidden=4304, image=768,
        patch=16, deepstack=(8, 16, 24),
    ),
    kind=Kind.Q4_0,
    vision_kind=Kind.F16,
)  # fmt: skip
"""Dimensions of published models."""


def write_pair(folder: Path, shape: RandomVlm, seed: int = 0) -> tuple[Path, Path]:
    """Write `model.gguf` and `projector.gguf`; the same seed gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    model, projector = folder / "model.gguf", folder / "projector.gguf"
    deepstack = len(shape.vision.deepstack)
    _write_text(model, shape.text, _Weights(seed, shape.kind), deepstack)
    vision = _Weights(seed + 1, shape.vision_kind)
    _write_vision(projector, shape.vision, vision, shape.text.width)
    return model, projector


def file_bytes(shape: RandomVlm) -> int:
    """About how large both files become."""
    text, vision = shape.text, shape.vision
    heads = (2 * text.heads + 2 * text.key_heads) * text.head_size
    weights = text.layers * text.width * (heads + 3 * text.hidden)
    embeddings = text.vocabulary * text.width * _BYTES[Kind.Q8_0 if shape.kind == Kind.Q4_0
                                                       else shape.kind]  # fmt: skip
    if vision.projector == "idefics3":
        projected = vision.width * vision.shuffle**2 * text.width
    else:
        merged = 4 * vision.width
        projected = (1 + len(vision.deepstack)) * merged * (merged + text.width)
    tower = vision.layers * vision.width * (4 * vision.width + 3 * vision.hidden) + projected
    return round(weights * _BYTES[shape.kind] + embeddings + tower * _BYTES[shape.vision_kind])


def smaller(shape: RandomVlm, *, context: int) -> RandomVlm:
    """The same, trained (as it were) on a shorter context."""
    return replace(shape, text=replace(shape.text, context=context))


class _Weights:
    """Random tensors of one type."""

    def __init__(self, seed: int, kind: Kind) -> None:
        self._chance = np.random.default_rng(seed)
        self.kind = kind

    def matrix(
        self, writer: gguf.GGUFWriter, name: str, shape: tuple[int, ...], spread: float,
        kind: Kind | None = None, *, only: Sequence[int] | None = None,
    ) -> None:  # fmt: skip
        """`only`: all other rows are zero."""
        kind = self.kind if kind is None else kind  # F32 is 0
        if shape[-1] % 32 and kind in (Kind.Q8_0, Kind.Q4_0):
            kind = Kind.F16
        data, raw = self._drawn(shape, kind, spread)
        if only is not None:
            silent = np.ones(len(data), bool)
            silent[list(only)] = False
            data[silent] = 0
        writer.add_tensor(name, data, raw_dtype=raw)

    def bias(self, writer: gguf.GGUFWriter, name: str, size: int) -> None:
        drawn = self._chance.standard_normal(size, dtype=np.float32)
        writer.add_tensor(name, drawn * np.float32(0.01))

    def norm(self, writer: gguf.GGUFWriter, name: str, size: int) -> None:
        writer.add_tensor(name, np.ones(size, np.float32))

    def _drawn(
        self, shape: tuple[int, ...], kind: Kind, spread: float
    ) -> tuple[npt.NDArray[np.generic], Kind | None]:
        if kind in (Kind.F32, Kind.F16):
            drawn = self._chance.standard_normal(shape, dtype=np.float32) * np.float32(spread)
            return (drawn if kind == Kind.F32 else drawn.astype(np.float16)), None
        # Blocks of 32: a half-precision step, then 32 values of 8 or 4 bits.
        blocks = (*shape[:-1], shape[-1] // 32)
        size, unit = (32, 74.0) if kind == Kind.Q8_0 else (16, 4.6)
        step = np.full((*blocks, 1), spread / unit, np.float16).view(np.uint8)
        values = self._chance.integers(0, 256, (*blocks, size), dtype=np.uint8)
        packed = np.concatenate([step.reshape(*blocks, 2), values], axis=-1)
        return packed.reshape(*shape[:-1], -1), kind


def _words(size: int) -> tuple[list[str], list[int], list[str]]:
    """Tokens, their types and merges: the bytes, "\\n\\n", yes and no, control tokens."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    shown = {byte: chr(byte) for byte in plain}
    shown |= {byte: chr(256 + n) for n, byte in enumerate(others)}
    tokens = [shown[byte] for byte in range(256)]
    merges: list[str] = []

    def merge(left: str, right: str) -> str:
        if left + right not in tokens:
            merges.append(f"{left} {right}")
            tokens.append(left + right)
        return left + right

    merge("Ċ", "Ċ")
    for word in ("yes", "no", "Yes", "No"):
        grown = word[0]
        for letter in word[1:]:
            grown = merge(grown, letter)
        merge("Ġ", word)
    types = [gguf.TokenType.NORMAL] * len(tokens)
    tokens += SPECIALS
    types += [gguf.TokenType.CONTROL] * len(SPECIALS)
    unused = size - len(tokens)
    tokens += [f"<unused{n}>" for n in range(unused)]
    types += [gguf.TokenType.UNUSED] * unused
    return tokens, [int(one) for one in types], merges


def _write_text(path: Path, shape: TextShape, weights: _Weights, deepstack: int) -> None:
    writer = gguf.GGUFWriter(path, shape.architecture, use_temp_file=True)
    writer.add_name(f"random {shape.architecture}")
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.key_heads)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_rope_dimension_count(shape.head_size)
    writer.add_key_length(shape.head_size)
    writer.add_value_length(shape.head_size)
    writer.add_vocab_size(shape.vocabulary)
    if shape.sections:
        writer.add_rope_dimension_sections(shape.sections)
    if deepstack:
        writer.add_uint32(f"{shape.architecture}.n_deepstack_layers", deepstack)
    tokens, types, merges = _words(shape.vocabulary)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(shape.splitter)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(tokens.index("<|im_start|>"))
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)
    embeddings = (shape.vocabulary, shape.width)
    sayable = [n for n, one in enumerate(tokens) if len(one) == 1 and "!" <= one <= "~"]
    weights.matrix(
        writer, "token_embd.weight", embeddings, 0.3, _embedding_kind(weights),
        only=sayable if shape.readable else None,
    )  # fmt: skip
    weights.norm(writer, "output_norm.weight", shape.width)
    for layer in range(shape.layers):
        _text_block(writer, f"blk.{layer}.", shape, weights)
    _finish(writer)


def _embedding_kind(weights: _Weights) -> Kind | None:
    return Kind.Q8_0 if weights.kind == Kind.Q4_0 else None


def _text_block(writer: gguf.GGUFWriter, at: str, shape: TextShape, weights: _Weights) -> None:
    width, keys = shape.width, shape.key_heads * shape.head_size
    queries = shape.heads * shape.head_size
    spread = 1.2 / width**0.5
    weights.norm(writer, f"{at}attn_norm.weight", width)
    weights.norm(writer, f"{at}ffn_norm.weight", width)
    weights.matrix(writer, f"{at}attn_q.weight", (queries, width), 2 * spread)
    weights.matrix(writer, f"{at}attn_k.weight", (keys, width), 2 * spread)
    weights.matrix(writer, f"{at}attn_v.weight", (keys, width), spread)
    weights.matrix(writer, f"{at}attn_output.weight", (width, queries), spread)
    if shape.architecture == "qwen2vl":
        for name, size in (("q", queries), ("k", keys), ("v", keys)):
            weights.bias(writer, f"{at}attn_{name}.bias", size)
    if shape.architecture == "qwen3vl":
        weights.norm(writer, f"{at}attn_q_norm.weight", shape.head_size)
        weights.norm(writer, f"{at}attn_k_norm.weight", shape.head_size)
    weights.matrix(writer, f"{at}ffn_gate.weight", (shape.hidden, width), spread)
    weights.matrix(writer, f"{at}ffn_up.weight", (shape.hidden, width), spread)
    weights.matrix(writer, f"{at}ffn_down.weight", (width, shape.hidden), 1.2 / shape.hidden**0.5)


def _write_vision(path: Path, shape: VisionShape, weights: _Weights, outputs: int) -> None:
    writer = gguf.GGUFWriter(path, "clip", use_temp_file=True)
    writer.add_name("random projector")
    writer.add_bool("clip.has_vision_encoder", True)
    writer.add_string("clip.projector_type", shape.projector)
    for name, value in (
        ("image_size", shape.image), ("patch_size", shape.patch),
        ("embedding_length", shape.width), ("feed_forward_length", shape.hidden),
        ("block_count", shape.layers), ("attention.head_count", shape.heads),
        ("projection_dim", outputs),
    ):  # fmt: skip
        writer.add_uint32(f"clip.vision.{name}", value)
    writer.add_float32("clip.vision.attention.layer_norm_epsilon", 1e-6)
    writer.add_array("clip.vision.image_mean", [0.5, 0.5, 0.5])
    writer.add_array("clip.vision.image_std", [0.5, 0.5, 0.5])
    writer.add_bool("clip.use_gelu", True)
    if shape.projector == "idefics3":
        writer.add_uint32("clip.vision.projector.scale_factor", shape.shuffle)
        writer.add_uint32("clip.vision.preproc_image_size", shape.image)
    if shape.projector in QWEN:
        writer.add_uint32("clip.vision.spatial_merge_size", 2)
    if shape.projector == "qwen2.5vl_merger":
        writer.add_uint32("clip.vision.n_wa_pattern", 2)
    if shape.deepstack:
        marks = [layer in shape.deepstack for layer in range(shape.layers)]
        writer.add_array("clip.vision.is_deepstack_layers", marks)
    _patches(writer, shape, weights)
    for layer in range(shape.layers):
        _vision_block(writer, f"v.blk.{layer}.", shape, weights)
        if layer in shape.deepstack:
            _deepstack(writer, f"v.deepstack.{layer}.", 4 * shape.width, outputs, weights)
    _projector(writer, shape, weights, outputs)
    _finish(writer)


def _patches(writer: gguf.GGUFWriter, shape: VisionShape, weights: _Weights) -> None:
    kernel = (shape.width, 3, shape.patch, shape.patch)
    spread = 1 / (3 * shape.patch**2) ** 0.5
    whole = Kind.F32 if weights.kind == Kind.F32 else Kind.F16
    weights.matrix(writer, "v.patch_embd.weight", kernel, spread, whole)
    if shape.projector in QWEN:
        weights.matrix(writer, "v.patch_embd.weight.1", kernel, spread, whole)
    if shape.projector != "qwen2.5vl_merger":
        weights.bias(writer, "v.patch_embd.bias", shape.width)
        places = ((shape.image // shape.patch) ** 2, shape.width)
        weights.matrix(writer, "v.position_embd.weight", places, 0.1, Kind.F32)


def _vision_block(writer: gguf.GGUFWriter, at: str, shape: VisionShape, weights: _Weights) -> None:
    width, spread = shape.width, 1 / shape.width**0.5
    biased = shape.projector != "qwen2.5vl_merger"
    if shape.projector == "qwen3vl_merger":
        weights.matrix(writer, f"{at}attn_qkv.weight", (3 * width, width), spread)
        weights.bias(writer, f"{at}attn_qkv.bias", 3 * width)
    else:
        for name in "qkv":
            weights.matrix(writer, f"{at}attn_{name}.weight", (width, width), spread)
            weights.bias(writer, f"{at}attn_{name}.bias", width)
    weights.matrix(writer, f"{at}attn_out.weight", (width, width), spread)
    weights.bias(writer, f"{at}attn_out.bias", width)
    for name in ("ln1", "ln2"):
        weights.norm(writer, f"{at}{name}.weight", width)
        if biased:
            weights.bias(writer, f"{at}{name}.bias", width)
    weights.matrix(writer, f"{at}ffn_up.weight", (shape.hidden, width), spread)
    weights.bias(writer, f"{at}ffn_up.bias", shape.hidden)
    if not biased:
        weights.matrix(writer, f"{at}ffn_gate.weight", (shape.hidden, width), spread)
        weights.bias(writer, f"{at}ffn_gate.bias", shape.hidden)
    weights.matrix(writer, f"{at}ffn_down.weight", (width, shape.hidden), shape.hidden**-0.5)
    weights.bias(writer, f"{at}ffn_down.bias", width)


def _deepstack(
    writer: gguf.GGUFWriter, at: str, size: int, outputs: int, weights: _Weights
) -> None:
    weights.norm(writer, f"{at}norm.weight", size)
    weights.bias(writer, f"{at}norm.bias", size)
    weights.matrix(writer, f"{at}fc1.weight", (size, size), size**-0.5)
    weights.bias(writer, f"{at}fc1.bias", size)
    weights.matrix(writer, f"{at}fc2.weight", (outputs, size), 0.3 * size**-0.5)
    weights.bias(writer, f"{at}fc2.bias", outputs)


def _projector(
    writer: gguf.GGUFWriter, shape: VisionShape, weights: _Weights, outputs: int
) -> None:
    weights.norm(writer, "v.post_ln.weight", shape.width)
    if shape.projector != "qwen2.5vl_merger":
        weights.bias(writer, "v.post_ln.bias", shape.width)
    if shape.projector == "idefics3":
        size = shape.width * shape.shuffle**2
        weights.matrix(writer, "mm.model.fc.weight", (outputs, size), 0.3 * size**-0.5)
        return
    size = 4 * shape.width
    weights.matrix(writer, "mm.0.weight", (size, size), size**-0.5)
    weights.bias(writer, "mm.0.bias", size)
    weights.matrix(writer, "mm.2.weight", (outputs, size), 0.5 * size**-0.5)
    weights.bias(writer, "mm.2.bias", outputs)


def _finish(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
