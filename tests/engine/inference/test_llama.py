"""The guards around llama.cpp, on real models of three architectures."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import ModelCorrupt, ModelCrashed, ModelError, ModelOutOfMemory
from engine.inference.llama import Llama
from engine.inference.native import ContextFull, Encoded, GpuLost, LlamaConfig, Stopped, Token
from engine.inference.random_vlm import TINY, write_pair
from tests.conftest import TinyVlm
from tests.engine.inference.conftest import a_picture


def test_what_is_loaded(llama: Llama, tiny_vlm: TinyVlm) -> None:
    facts = llama.facts
    assert facts.m_rope == (tiny_vlm.name != "smol")
    assert facts.can_shift == (tiny_vlm.name == "smol")
    assert facts.embedding_inputs == (256 if tiny_vlm.name == "qwen3" else 128)
    assert facts.backend == "CPU"
    assert facts.causal_images
    assert llama.template is not None
    assert "assistant" in llama.template


def test_loading_tells_how_far_it_is_and_can_be_broken_off(tiny_vlm: TinyVlm) -> None:
    told: list[float] = []

    def until_half(share: float) -> bool:
        told.append(share)
        return share < 0.5

    with pytest.raises(Stopped):
        Llama(tiny_vlm.model, tiny_vlm.projector, progress=until_half)
    assert told == sorted(told)
    assert told[0] < 0.5 <= told[-1]


def test_text_becomes_no_control_token_unless_it_is_meant_to(llama: Llama) -> None:
    (mark,) = llama.tokens("<|im_end|>", special=True)
    assert llama.is_end(mark)
    assert llama.piece(mark) == b""
    typed = llama.tokens("say <|im_end|> now")
    assert mark not in typed
    assert b"".join(llama.piece(one) for one in typed) == b"say <|im_end|> now"


def test_words_survive_being_split(llama: Llama) -> None:
    for text in ("", "yes", "Größe – 猫 🐈 \ud800"):
        pieces = b"".join(llama.piece(one) for one in llama.tokens(text))
        assert pieces == text.encode(errors="replace")


def test_a_picture_and_its_rows(llama: Llama) -> None:
    encoded = llama.encode(a_picture(1))
    assert encoded.rows.shape == (len(encoded), llama.facts.embedding_inputs)
    assert np.isfinite(encoded.rows).all()
    assert (encoded.positions is not None) == llama.facts.m_rope
    assert encoded.before
    assert encoded.after
    assert np.array_equal(encoded.rows, llama.encode(a_picture(1)).rows)
    assert not np.array_equal(encoded.rows, llama.encode(a_picture(2)).rows)


def test_a_picture_takes_positions(llama: Llama) -> None:
    encoded = llama.encode(a_picture(1))
    after = llama.decode_encoded(encoded, sequence=0, position=3)
    assert after == 3 + encoded.advance
    llama.decode(llama.tokens("yes"), sequence=0, position=after)
    assert llama.span(0) is not None


@pytest.mark.parametrize(
    "picture",
    [np.zeros((0, 4, 3), np.uint8), np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8)],
)
def test_what_is_no_picture(llama: Llama, picture: np.ndarray) -> None:
    with pytest.raises(ValueError, match="picture"):
        llama.encode(picture)


def test_a_huge_picture_is_made_smaller(llama: Llama) -> None:
    assert len(llama.encode(np.zeros((5000, 1000, 3), np.uint8)))


Bad = Callable[[Llama, Encoded], object]
BAD: dict[str, Bad] = {
    "no sequence": lambda m, _: m.decode([1], sequence=99, position=0),
    "a negative sequence": lambda m, _: m.span(-1),
    "no position": lambda m, _: m.decode([1], sequence=0, position=-1),
    "a position too far": lambda m, _: m.decode([1], sequence=0, position=2**31 - 1),
    "no token": lambda m, _: m.decode([], sequence=0, position=0),
    "a strange token": lambda m, _: m.decode([320], sequence=0, position=0),
    "a negative token": lambda m, _: m.piece(-1),
    "an empty batch": lambda m, _: m.decode_batch([]),
    "narrow rows": lambda m, e: m.decode_encoded(
        replace(e, rows=e.rows[:, :-1]), sequence=0, position=0
    ),
    "no rows": lambda m, e: m.decode_encoded(replace(e, rows=e.rows[:0]), sequence=0, position=0),
    "places of another model": lambda m, e: m.decode_encoded(
        replace(e, positions=None if m.facts.m_rope else np.zeros((len(e), 3), np.int32)),
        sequence=0, position=0,
    ),
    "a wide picture seen in both directions": lambda m, e: m.decode_encoded(
        replace(e, rows=np.tile(e.rows, (40, 1)), positions=None if e.positions is None
                else np.tile(e.positions, (40, 1)), causal=False),
        sequence=0, position=0,
    ),
    "a fork into itself": lambda m, _: m.fork(0, 0),
    "a stretch backwards": lambda m, _: m.remove(0, 5, 2),
    "a damaged state": lambda m, _: m.restore(0, b"x" * 100),
    "no state": lambda m, _: m.restore(0, b""),
    "a shift below zero": lambda m, _: m.shift(0, 1, 3, -5),
    "the past": lambda m, _: (m.decode([1, 2, 3], sequence=0, position=0),
                              m.decode([1], sequence=0, position=1)),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_arguments_never_reach_llama_cpp(llama: Llama, name: str) -> None:
    encoded = llama.encode(a_picture(1))
    with pytest.raises(ValueError, match=r"\w"):
        BAD[name](llama, encoded)
    llama.remove(0)
    assert llama.decode(llama.tokens("still here"), sequence=0, position=0).shape == (320,)


def test_what_lies_in_the_past_costs_the_sequence_nothing(llama: Llama) -> None:
    llama.decode([1, 2, 3], sequence=0, position=0)
    before, encoded = llama.state(0), llama.encode(a_picture(1))
    with pytest.raises(ValueError, match="already holds"):
        llama.decode([1], sequence=0, position=1)
    with pytest.raises(ValueError, match="already holds"):
        llama.decode_encoded(encoded, sequence=0, position=2)
    assert llama.state(0) == before


def test_positions_are_moved_only_where_that_is_possible(llama: Llama) -> None:
    llama.decode([1, 2, 3, 4], sequence=0, position=0)
    if llama.facts.can_shift:
        llama.remove(0, 0, 2)
        llama.shift(0, 2, 4, -2)
        assert llama.span(0) == (0, 1)
    else:
        with pytest.raises(ValueError, match="cannot be moved"):
            llama.shift(0, 2, 4, -2)


def test_a_model_belongs_to_one_thread_and_is_of_no_use_when_closed(llama: Llama) -> None:
    with ThreadPoolExecutor(1) as other, pytest.raises(ValueError, match="thread"):
        other.submit(llama.tokens, "hello").result()
    llama.close()
    llama.close()
    with pytest.raises(ValueError, match="closed"):
        llama.tokens("hello")


def test_a_full_context_leaves_the_sequence_as_it_was(llama: Llama) -> None:
    llama.decode([5] * 100, sequence=0, position=0)
    before = llama.state(0)
    with pytest.raises(ContextFull):
        llama.decode([5] * 2000, sequence=0, position=100)
    assert llama.state(0) == before


@pytest.mark.parametrize(("layers", "kind"), [(-1, GpuLost), (0, ModelCrashed)])
def test_a_computation_that_fails_is_told_by_where_it_ran(
    tiny_vlm: TinyVlm, monkeypatch: pytest.MonkeyPatch, layers: int, kind: type[ModelError]
) -> None:
    config = LlamaConfig(context=512, batch=256, threads=1, gpu_layers=layers)
    with closing(Llama(tiny_vlm.model, tiny_vlm.projector, config)) as llama:
        before = llama.decode([5] * 50, sequence=0, position=0)
        monkeypatch.setattr("llama_cpp.llama_decode", lambda *_: -3)
        with pytest.raises(kind, match="gave up"):
            llama.decode([5], sequence=0, position=50)
        monkeypatch.undo()
        llama.remove(0)
        assert np.array_equal(llama.decode([5] * 50, sequence=0, position=0), before)


def test_a_picture_that_cannot_be_encoded_is_no_lack_of_memory(
    llama: Llama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llama_cpp.mtmd_cpp.mtmd_encode_chunk", lambda *_: 1)
    with pytest.raises(ModelError, match="left out") as told:
        llama.encode(a_picture(1))
    assert not isinstance(told.value, ModelOutOfMemory)


def test_stopping_leaves_the_sequence_as_it_was(llama: Llama) -> None:
    llama.decode([5] * 50, sequence=0, position=0)
    before, expected = llama.state(0), llama.decode([7], sequence=0, position=50)
    llama.remove(0, 50)
    llama.stop()
    with pytest.raises(Stopped):
        llama.decode([6] * 200, sequence=0, position=50)
    with pytest.raises(Stopped):
        llama.encode(a_picture(1))
    llama.go_on()
    assert llama.state(0) == before
    assert np.array_equal(llama.decode([7], sequence=0, position=50), expected)


def _decode_until_stopped(llama: Llama) -> None:
    for _ in range(5000):
        llama.decode([6] * 200, sequence=0, position=0)
        llama.remove(0)
    raise AssertionError("it was never stopped")


def test_a_running_decode_is_broken_off(llama: Llama) -> None:
    begun = llama.progress
    with ThreadPoolExecutor(1) as other:

        def stop_soon() -> None:
            while llama.progress < begun + 20:
                pass
            llama.stop()

        stopping = other.submit(stop_soon)
        with pytest.raises(Stopped):
            _decode_until_stopped(llama)
        stopping.result()
    assert llama.span(0) is None


def test_forks_share_what_they_have_in_common(llama: Llama) -> None:
    llama.decode(llama.tokens("a common stem"), sequence=0, position=0)
    end = (llama.span(0) or (0, 0))[1] + 1
    llama.fork(0, 1)
    llama.fork(0, 2)
    both = llama.decode_batch([Token(9, end, 1, True), Token(9, end, 2, True)])
    assert np.allclose(both[0], both[1], atol=1e-4)
    llama.remove(1)
    assert llama.span(1) is None
    assert llama.span(2) == (0, end)


def test_a_state_goes_out_and_in(llama: Llama) -> None:
    llama.decode(llama.tokens("what was before"), sequence=0, position=0)
    end = (llama.span(0) or (0, 0))[1] + 1
    state, expected = llama.state(0), llama.decode([9], sequence=0, position=end)
    llama.remove(0)
    llama.restore(0, state)
    assert llama.state(0) == state
    assert np.array_equal(llama.decode([9], sequence=0, position=end), expected)


def test_a_picture_as_narrow_as_a_line_is_seen_between_bars(llama: Llama) -> None:
    for shape in ((1, 4000, 3), (1000, 5, 3)):
        assert len(llama.encode(np.full(shape, 200, np.uint8)))


def test_a_state_of_another_model_is_refused(llama: Llama, tmp_path: Path) -> None:
    shape = TINY["qwen2" if llama.facts.architecture != "qwen2vl" else "qwen3"]
    other = Llama(*write_pair(tmp_path, shape), LlamaConfig(context=512, batch=64))
    other.decode([1, 2, 3], sequence=0, position=0)
    with pytest.raises(ValueError, match="another model"):
        llama.restore(0, other.state(0))
    other.close()


@pytest.mark.parametrize(
    "bad", [{"context": 0}, {"batch": 0}, {"sequences": 300}, {"image_tokens": (9, 2)}]
)
def test_a_configuration_that_cannot_be(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"needed|first"):
        LlamaConfig(**bad)


def test_embeddings_for_retrieval(llama: Llama) -> None:
    llama.decode(llama.tokens("the stream"), sequence=0, position=0)
    before = llama.state(0)
    text, same = (llama.embed(llama.tokens("a red mug")) for _ in range(2))
    picture = llama.embed(llama.encode(a_picture(1)))
    assert text.shape == picture.shape == (128,)
    assert np.linalg.norm(text) == pytest.approx(1, abs=1e-5)
    assert np.array_equal(text, same)
    assert not np.allclose(text, picture)
    assert llama.state(0) == before


def test_files_that_do_not_belong_together(tiny_vlm: TinyVlm) -> None:
    with pytest.raises(ModelError, match="projector"):
        Llama(tiny_vlm.model, tiny_vlm.model)
    with pytest.raises(ModelError, match="text model"):
        Llama(tiny_vlm.projector, tiny_vlm.projector)


def test_weights_that_are_no_numbers(tiny_vlm: TinyVlm, tmp_path: Path) -> None:
    damaged = bytearray(tiny_vlm.model.read_bytes())
    damaged[-4096:] = np.full(1024, np.nan, np.float32).tobytes()
    path = tmp_path / "nan.gguf"
    path.write_bytes(damaged)
    with pytest.raises(ModelCorrupt, match=r"nan\.gguf"):
        Llama(path, tiny_vlm.projector)


def test_nothing_of_the_users_is_logged(
    tiny_vlm: TinyVlm, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    secret = tmp_path / "my secret folder" / "model.gguf"
    secret.parent.mkdir()
    secret.write_bytes(tiny_vlm.model.read_bytes())
    with caplog.at_level(logging.DEBUG):
        Llama(secret, None, LlamaConfig(context=512, threads=1)).close()
        secret.write_bytes(tiny_vlm.model.read_bytes()[:5000])
        with pytest.raises(ModelError):
            Llama(secret, None)
    assert "llama.cpp" in caplog.text
    assert str(tmp_path) not in caplog.text


def test_a_context_is_never_longer_than_the_model_was_trained_for(tiny_vlm: TinyVlm) -> None:
    loaded = Llama(tiny_vlm.model, None, LlamaConfig(context=10_000_000, batch=64))
    assert loaded.facts.context == loaded.facts.trained_context == 32768
    with pytest.raises(ValueError, match="without a projector"):
        loaded.encode(a_picture(1))
    loaded.close()
