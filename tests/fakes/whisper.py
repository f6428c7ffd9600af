"""A tiny Whisper of CTranslate2 that says one sentence, whatever it hears: what is to be said lies
in the encodings of the positions. It proves the way, and nothing of hearing."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs.whisper_spec import WhisperSpec
from faster_whisper.tokenizer import _LANGUAGE_CODES
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

WIDTH, HEADS, BANDS, POSITIONS, LANGUAGES = 64, 2, 80, 448, 99
PROMPTED = 1
"""The first word follows the two marks of a model with few tokens, which counts as an English one:
it starts, and there are no times."""


def write_whisper(folder: Path, sentence: str) -> Path:
    """The files of the model, as the public ones lie."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer(sentence)
    tokenizer.save(str(folder / "tokenizer.json"))
    words = [tokenizer.id_to_token(number) for number in range(tokenizer.get_vocab_size())]
    spoken = tokenizer.encode(f" {sentence}").ids
    spec = _spec(len(words), [*spoken, tokenizer.token_to_id("<|endoftext|>")])
    spec.register_vocabulary(words)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [tokenizer.token_to_id("<|endoftext|>")]
    spec.config.lang_ids = [tokenizer.token_to_id(f"<|{one}|>") for one in _languages()]
    spec.config.alignment_heads = [(0, 0)]
    spec.validate()
    spec.optimize()
    spec.save(str(folder))
    sound = {"feature_size": BANDS, "sampling_rate": 16000, "hop_length": 160, "chunk_length": 30}
    (folder / "preprocessor_config.json").write_text(json.dumps({**sound, "n_fft": 400}))
    return folder


def _languages() -> Sequence[str]:
    return _LANGUAGE_CODES[:LANGUAGES]


def _tokenizer(sentence: str) -> Tokenizer:
    """Bytes, the words of the sentence as one token each, and Whisper's marks."""
    vocabulary = {sign: n for n, sign in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    merges: list[tuple[str, str]] = []
    for word in dict.fromkeys(sentence.split()):
        whole = "Ġ"
        for letter in word:
            merges.append((whole, letter))
            whole += letter
            vocabulary.setdefault(whole, len(vocabulary))
    made = Tokenizer(models.BPE(vocab=vocabulary, merges=list(dict.fromkeys(merges))))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    marks = ["endoftext", "startoftranscript", *_languages(), "translate", "transcribe"]
    marks += ["startoflm", "startofprev", "nospeech", "notimestamps"]
    marks += [f"{n * 0.02:.2f}" for n in range(1501)]
    made.add_special_tokens([AddedToken(f"<|{mark}|>", special=True) for mark in marks])
    return made


def _spec(words: int, spoken: Sequence[int]) -> WhisperSpec:
    spec = WhisperSpec(1, HEADS, 1, HEADS)
    encoder, decoder = spec.encoder, spec.decoder
    encoder.conv1.weight, encoder.conv1.bias = _zeros(WIDTH, BANDS, 3), _zeros(WIDTH)
    encoder.conv2.weight, encoder.conv2.bias = _zeros(WIDTH, WIDTH, 3), _zeros(WIDTH)
    encoder.position_encodings.encodings = _zeros(1500, WIDTH)
    for part in (encoder, decoder):
        _norm(part.layer_norm)
        (layer,) = part.layer
        _attention(layer.self_attention, (3, 1))
        _linear(layer.ffn.linear_0, 16, WIDTH)
        _linear(layer.ffn.linear_1, WIDTH, 16)
        _norm(layer.ffn.layer_norm)
    _attention(decoder.layer[0].attention, (1, 2, 1))
    faces = np.random.default_rng(0).normal(size=(words, WIDTH)).astype(np.float32)
    faces -= faces.mean(1, keepdims=True)
    faces /= faces.std(1, keepdims=True)
    decoder.embeddings.weight = _zeros(words, WIDTH)
    decoder.projection.weight = faces
    places = np.tile(faces[spoken[-1]], (POSITIONS, 1))
    places[PROMPTED : PROMPTED + len(spoken)] = faces[list(spoken)]
    decoder.position_encodings.encodings = places * np.float32(10)
    return spec


def _zeros(*shape: int) -> Any:
    return np.zeros(shape, np.float32)


def _linear(part: Any, out: int, into: int) -> None:
    part.weight, part.bias = _zeros(out, into), _zeros(out)


def _norm(part: Any) -> None:
    part.gamma, part.beta = np.ones(WIDTH, np.float32), _zeros(WIDTH)


def _attention(part: Any, outs: Sequence[int]) -> None:
    _norm(part.layer_norm)
    for linear, out in zip(part.linear, outs, strict=True):
        _linear(linear, out * WIDTH, WIDTH)
