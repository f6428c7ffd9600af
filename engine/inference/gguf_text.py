"""What a text model must fulfil before llama.cpp is let near it."""

import re
from dataclasses import dataclass

from engine.errors import ModelIncompatible
from engine.inference.gguf_file import COMPARED_AT_MOST, GgufFile, Texts
from engine.inference.gguf_said import (
    HEADS_AT_MOST,
    HIDDEN_AT_MOST,
    LAYERS_AT_MOST,
    WIDTH_AT_MOST,
    Said,
    require_plain_rows,
)
from engine.inference.intake import shown

_CONTEXT_AT_MOST = 2**26
_WORDS_AT_MOST = COMPARED_AT_MOST
_MEMORYLESS = ("ssm.", "wkv.", "shortconv.", "attention.recurrent_layers")
"""Keys of models that fold what they read into a state, which can be neither cut nor forked."""
_WITHOUT_CUTS = (
    "mamba", "mamba2", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7", "jamba", "falcon-h1", "plamo2",
    "granitehybrid", "lfm2", "lfm2moe", "nemotron_h", "nemotron_h_moe", "qwen3next", "kimi-linear",
    "qwen35", "qwen35moe",
)  # fmt: skip
_TEXT_BLOCK = re.compile(r"blk\.(\d+)\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFacts:
    """What a text model says of itself."""

    architecture: str
    title: str
    parameters: int
    layers: int
    width: int
    context: int
    vocabulary: int
    cache_bytes: int
    """Of one token in the context, at half precision."""
    deepstack: int
    size_bytes: int


def text_facts(file: GgufFile) -> TextFacts:
    """Look at what it says of itself.

    Raises:
        ModelCorrupt, ModelIncompatible
    """
    architecture = file.text("general.architecture")
    if not architecture.isascii() or not architecture.isprintable() or not architecture:
        raise file.corrupt("it does not say what kind of model it is")
    kind = file.text("general.type")
    if architecture == "clip" or kind not in ("", "model"):
        raise ModelIncompatible(
            f"{file.name} is not a text model but a {shown(kind or 'projector')}. Nothing was "
            "changed. Choose the model that it belongs to."
        )
    if architecture in _WITHOUT_CUTS or any(
        key.startswith(f"{architecture}.{mark}") for key in file.values for mark in _MEMORYLESS
    ):
        raise ModelIncompatible(
            f"{file.name} is a kind of model ({shown(architecture)}) whose memory cannot be cut or "
            "forked, so it cannot follow a stream. Nothing was changed. Choose another model."
        )
    said = Said(file, f"{architecture}.")
    layers = said.whole("block_count", 1, LAYERS_AT_MOST)
    width = said.whole("embedding_length", 1, WIDTH_AT_MOST)
    context = said.whole("context_length", 1, _CONTEXT_AT_MOST)
    said.each("feed_forward_length", 0, HIDDEN_AT_MOST, layers)
    said.share("attention.layer_norm_rms_epsilon")
    said.share("attention.layer_norm_epsilon")
    said.between("rope.freq_base", 1.0, 1e12)
    cache = _attention(said, layers, width)
    experts = said.whole("expert_count", 0, 65_536, default=0)
    said.whole("expert_used_count", 0, experts, default=0)
    words = _vocabulary(file)
    embeddings = file.tensors.get("token_embd.weight")
    if embeddings is None or embeddings.shape != (width, words):
        raise file.corrupt("it does not hold its vocabulary")
    blocks = [int(found[1]) for name in file.tensors if (found := _TEXT_BLOCK.match(name))]
    if blocks and max(blocks) + 1 != layers:
        raise said.wrong("block_count")
    require_plain_rows(file)
    return TextFacts(
        architecture=architecture,
        title=shown(file.text("general.name") or file.path.stem),
        parameters=sum(one.elements for one in file.tensors.values()),
        layers=layers,
        width=width,
        context=context,
        vocabulary=words,
        cache_bytes=cache,
        deepstack=said.whole("n_deepstack_layers", 0, layers, default=0),
        size_bytes=file.size,
    )


def _attention(said: Said, layers: int, width: int) -> int:
    """Bytes of one token in the context at half precision, after the heads were checked."""
    heads = said.each("attention.head_count", 0, HEADS_AT_MOST, layers, needed=True)
    keys = said.each("attention.head_count_kv", 0, HEADS_AT_MOST, layers) or heads
    most = max(heads)
    if not most or any(k and q % k for q, k in zip(heads, keys, strict=True)):
        raise said.wrong("attention.head_count")
    usual = width // most
    key = said.whole("attention.key_length", 1, HEADS_AT_MOST, default=usual)
    value = said.whole("attention.value_length", 1, HEADS_AT_MOST, default=usual)
    if "attention.key_length" not in said and width % most:
        raise said.wrong("attention.head_count")
    turned = said.whole("rope.dimension_count", 0, key, default=key)
    if turned % 2:
        raise said.wrong("rope.dimension_count")
    sections = said.list("rope.dimension_sections")
    if sections is not None and (
        not 1 <= len(sections) <= 4 or min(sections) < 0 or not 0 < sum(sections) <= turned // 2
    ):
        raise said.wrong("rope.dimension_sections")
    return 2 * sum(keys) * (key + value)


def _vocabulary(file: GgufFile) -> int:
    """Words of the vocabulary. llama.cpp reads the lists beside it as long as the vocabulary is,
    however long they are."""
    said = Said(file, "tokenizer.ggml.")
    tokens = file.values.get("tokenizer.ggml.tokens")
    if not isinstance(tokens, Texts) or not 1 <= len(tokens) <= _WORDS_AT_MOST:
        raise said.wrong("tokens")
    if tokens.repeats:  # llama.cpp ends the process.
        raise file.corrupt("it has a word twice")
    for key, last in (("token_type", 6), ("scores", None)):
        beside = said.list(key)
        if beside is None:
            continue
        fits = len(beside) == len(tokens)
        if not fits or (last is not None and not 0 <= min(beside) <= max(beside) <= last):
            raise said.wrong(key)
    if not isinstance(file.values.get("tokenizer.ggml.merges", Texts(0)), Texts):
        raise said.wrong("merges")
    for key in [key for key in file.values if re.fullmatch(r"tokenizer\.ggml\.\w+_token_id", key)]:
        said.whole(key.removeprefix("tokenizer.ggml."), 0, len(tokens) - 1)
    if file.text("tokenizer.ggml.model") in ("", "no_vocab", "none"):
        raise said.wrong("model")
    return len(tokens)
