"""Damaged and malicious model files: each is a sentence, and whoever looked at it lives on."""

import multiprocessing
import os
import re
from collections.abc import Callable, Generator
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest

from engine.errors import ModelCorrupt, ModelCrashed, ModelError
from engine.inference import gguf_weights, llama, protocol, worker
from engine.inference.gguf_check import check_model, check_pair, check_projector
from engine.inference.gguf_file import read_gguf
from engine.inference.handler import Handler
from engine.inference.llama import Llama
from engine.inference.native import LlamaConfig
from engine.inference.random_vlm import SMOL, write_pair
from engine.inference.supervisor import Plan
from engine.prompts import Prompt
from tests.conftest import TinyVlm
from tests.fakes.corrupted import Corrupted, Pair, corrupted
from tests.fakes.model_process import StartModel

PATIENCE_S = 60.0


def use(pairs: Connection) -> None:
    """In a process of its own: load what comes, look at a picture with it, and tell how it went."""
    os.environ["GGML_NO_BACKTRACE"] = "1"
    config = LlamaConfig(context=512, batch=256, threads=1, sequences=2)
    while True:
        try:
            pair: Pair = pairs.recv()
        except EOFError:
            return
        try:
            model = Llama(*pair, config)
            encoded = model.encode(np.zeros((64, 64, 3), np.uint8))
            after = model.decode_encoded(encoded, sequence=0, position=0)
            model.decode(model.tokens("yes"), sequence=0, position=after)
            model.close()
        except ModelError as error:
            pairs.send((type(error).__name__, str(error)))
        else:
            pairs.send(("", ""))


class Child:
    """A process that uses models, one after the other."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pairs, other = context.Pipe()
        self._process = context.Process(target=use, args=(other,), daemon=True)
        self._process.start()
        other.close()

    def use(self, pair: Pair) -> tuple[str, str]:
        """(kind of error, its sentence); nothing where it could be used."""
        self._pairs.send(pair)
        assert self._pairs.poll(PATIENCE_S), "it hangs"
        return self._pairs.recv()

    def close(self) -> None:
        self._pairs.close()
        self._process.join(PATIENCE_S)
        self._process.kill()


@pytest.fixture
def child() -> Generator[Child]:
    started = Child()
    yield started
    started.close()


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Corrupted]:
    return corrupted(tmp_path_factory.mktemp("good"))


def fit_for_people(sentence: str) -> bool:
    """Starts with the file, ends as sentences do, is short, and names no folder, class or trace."""
    return (
        40 < len(sentence) < 260
        and sentence.endswith(".")
        and len(re.findall(r"\. [A-Z]|\.$", sentence)) >= 2
        and not re.search(r"/tmp|\bError\b|Exception|Traceback|None|<|>|\n", sentence)
        and ("model.gguf" in sentence or "projector.gguf" in sentence)
    )


def test_there_are_enough(cases: list[Corrupted]) -> None:
    assert len({case.name for case in cases}) == len(cases) >= 200


def test_each_is_a_sentence_and_nobody_dies(
    cases: list[Corrupted], child: Child, tmp_path: Path
) -> None:
    """Looked at here, as an import is; then loaded by a process that lives through all of them."""
    wrong: list[str] = []
    for number, case in enumerate(cases):
        folder = tmp_path / str(number)
        folder.mkdir()
        pair = case.make(folder)
        found = ""
        try:
            check_pair(*pair)
        except ModelError as error:
            found = str(error)
        kind, loaded = child.use(pair)
        if not kind or (found and found != loaded):
            wrong.append(f"{case.name}: {found or 'passes'} / {kind} {loaded}")
        elif not kind.startswith("Model") or not fit_for_people(loaded):
            wrong.append(f"{case.name}: says {loaded!r}")
    assert not wrong, "\n".join(wrong)


def unchecked(
    load: protocol.Load,
    loading: Callable[[float], bool],
    keep: Callable[[str, protocol.Rows], None],
) -> Handler:
    """In the model's process: load without looking at the files, as if the look had missed it."""
    llama.check_pair = lambda *_: None  # type: ignore[assignment]
    return worker.live(load, loading, keep)


def test_what_slips_through_ends_its_own_process_only(
    start: StartModel, cases: list[Corrupted], tmp_path: Path
) -> None:
    (case,) = [one for one in cases if one.name == "smol model with float64 weights"]
    model, projector = case.make(tmp_path)
    load = protocol.Load(model=str(model), projector=str(projector), context=512, threads=1)
    started = start.begin(Plan(title="Broken", load=load), unchecked)
    with pytest.raises(ModelCrashed) as caught:
        "".join(started.vlm.ask(Prompt(question="Well?", most_tokens=4)))
    assert re.fullmatch(r"[A-Z][^/<>\n]+\.", str(caught.value))


def test_numbers_that_nobody_looked_at(
    tiny_vlm: TinyVlm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of large files only a part is looked at beforehand; then it shows when they are used."""
    monkeypatch.setattr(gguf_weights, "_READ_AT_MOST", 0)
    data = bytearray(tiny_vlm.projector.read_bytes())
    name = "mm.model.fc.weight" if tiny_vlm.name == "smol" else "mm.0.weight"
    at = read_gguf(tiny_vlm.projector).tensors[name].offset + 4096
    data[at : at + 4] = np.float32(np.nan).tobytes()
    path = tmp_path / "projector.gguf"
    path.write_bytes(data)
    model = Llama(tiny_vlm.model, path, LlamaConfig(context=512, batch=256, threads=1))
    with pytest.raises(ModelCorrupt, match="not finite"):
        model.encode(np.zeros((64, 64, 3), np.uint8))
    model.close()


def test_what_a_file_calls_itself_is_shown_harmlessly(tmp_path: Path) -> None:
    path, _ = write_pair(tmp_path, SMOL)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"random llama", b"\x1b[2Jm llama\n"))
    assert check_model(path).title == "?[2Jm llama?"
    path.write_bytes(data.replace(b"llama", b"\x1b[2Jm", 1))
    with pytest.raises(ModelCorrupt) as caught:
        check_model(path)
    assert str(caught.value).isprintable()


def test_what_is_good_passes(child: Child, tiny_vlm: TinyVlm) -> None:
    facts = check_pair(tiny_vlm.model, tiny_vlm.projector)
    assert facts.text == check_model(tiny_vlm.model)
    assert facts.vision == check_projector(tiny_vlm.projector)
    assert facts.text.width == facts.vision.outputs == 128
    assert facts.text.cache_bytes == 3 * 2 * 2 * 2 * 32, "layers x key heads x (K, V) x f16 x size"
    assert child.use((tiny_vlm.model, tiny_vlm.projector)) == ("", "")
