"""What comes with the program for its demo, and when its language model is open."""

import shutil
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

from app import language
from app.clock import SystemClock
from app.demo import Demo
from app.language import Language
from app.paths import Paths
from app.settings import Settings
from app.shelf import open_shelf
from app.vision_model import ChosenModel
from engine.inference.llama_vlm import LlamaVlm
from engine.ports.language import VisionLanguageModel
from engine.prompts import ModelStatus
from tests.conftest import TinyVlm


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    found = Paths.locate(tmp_path / "data")
    found.prepare()
    return found


class Choosing:
    """A `Language` with the demo's model at hand, and what it opened."""

    def __init__(self, paths: Paths) -> None:
        self._told: list[ModelStatus] = []
        demo = Demo(paths)
        self._language = Language(
            open_shelf(paths), Settings(), SystemClock(), demo_model=demo.model
        )
        self._current: VisionLanguageModel | None = None

    def __call__(self, *, demo: bool) -> VisionLanguageModel | None:
        self._current = self._language(self._current, self._told.append, demo=demo)
        return self._current

    def close(self) -> None:
        self._language.end()


@pytest.fixture
def choosing(paths: Paths) -> Generator[Choosing]:
    found = Choosing(paths)
    yield found
    found.close()


def test_the_demos_model_is_open_while_the_demo_is_shown(choosing: Choosing) -> None:
    assert choosing(demo=False) is None
    opened = choosing(demo=True)
    assert isinstance(opened, LlamaVlm)
    assert opened.status.demo
    assert choosing(demo=True) is opened
    assert choosing(demo=False) is None
    assert opened.join(0.0)


def test_any_other_model_goes_before_it(
    choosing: Choosing, tiny_vlm: TinyVlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = ChosenModel(
        id="tiny", title="Tiny", model=tiny_vlm.model, projector=tiny_vlm.projector,
        domain="general", context=2048,
    )  # fmt: skip
    monkeypatch.setattr(language, "chosen_model", lambda *_: chosen)
    opened = choosing(demo=True)
    assert opened is not None
    assert not opened.status.demo


def test_what_did_not_come_with_the_program_is_left_out(paths: Paths, tmp_path: Path) -> None:
    catalogue = tmp_path / "models" / "catalogue.toml"
    catalogue.parent.mkdir()
    shutil.copy(paths.catalogue, catalogue)
    demo = Demo(replace(paths, catalogue=catalogue))
    assert demo.model() is None
    assert demo.eyes() is None
    assert demo.lent().concepts == ()
