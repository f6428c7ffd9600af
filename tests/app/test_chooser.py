"""The choice of the model as the window makes it: on real settings, with a keyring of the test's
own and a machine that is told."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app import settings
from app.chooser import Chooser
from app.paths import Paths
from app.server_key import read_key
from app.settings import Settings
from app.shelf import open_shelf
from engine.errors import ConfigError, ModelError, ModelNotInstalled
from engine.inference.fit import Machine, reckoned
from engine.ports.shelf import ModelChoice
from engine.prompts import ModelStatus
from tests.conftest import TinyVlm
from tests.fakes.keyring import MemoryKeyring, NoKeyring

LAPTOP = Machine(
    physical_cores=4,
    logical_cores=8,
    memory_bytes=16 * 10**9,
    free_bytes=10 * 10**9,
    speed=reckoned(4),
)


class Household:
    """A data folder, and the engine that would be running on it."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        self.held = Settings()
        self.machine = LAPTOP
        self.status: ModelStatus | None = None
        self.measured = self.changed = 0
        self.chooser = Chooser(
            paths,
            self.held,
            open_shelf(paths),
            changed=self._change,
            status=lambda: self.status,
            measure=self._measure,
        )

    def _change(self) -> None:
        self.changed += 1

    def _measure(self, cancelled: Callable[[], bool]) -> tuple[Machine, str]:
        if cancelled():
            raise ModelError("broken off")
        self.measured += 1
        return self.machine, "Not compiled."

    @property
    def saved(self) -> Settings:
        return settings.load(self.paths.settings).settings


@pytest.fixture
def home(tmp_path: Path) -> Household:
    paths = Paths.locate(tmp_path / "data")
    paths.prepare()
    return Household(paths)


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> MemoryKeyring:
    keys = MemoryKeyring()
    monkeypatch.setattr("keyring.get_password", keys.get_password)
    monkeypatch.setattr("keyring.set_password", keys.set_password)
    monkeypatch.setattr("keyring.delete_password", keys.delete_password)
    return keys


def never() -> bool:
    return False


def test_the_machine_is_measured_once_and_when_asked_again(home: Household) -> None:
    outlook = home.chooser.outlook(never)
    assert (outlook.measured, outlook.note) == (False, "Not compiled.")
    assert "4 cores (8 threads)" in outlook.computer
    assert {fit.fitness for fit in outlook.fits} >= {"runs well", "runs slowly"}
    assert home.chooser.outlook(never).fits == outlook.fits
    assert home.measured == 1
    home.machine = replace(LAPTOP, memory_bytes=10**9, free_bytes=10**9)
    again = home.chooser.outlook(never, again=True)
    assert home.measured == 2
    assert "does not fit" in {fit.fitness for fit in again.fits}


def test_a_measurement_that_was_broken_off_is_no_measurement(home: Household) -> None:
    with pytest.raises(ModelError):
        home.chooser.outlook(lambda: True)
    home.chooser.outlook(never)
    assert home.measured == 1


def test_what_the_model_of_now_takes_on_a_card_counts_as_free(home: Household) -> None:
    home.machine = replace(
        LAPTOP,
        gpu="A card",
        gpu_bytes=8 * 10**9,
        gpu_free_bytes=10**9,
        speed=replace(LAPTOP.speed, on="A card"),
    )
    without = {fit.model: fit.fitness for fit in home.chooser.outlook(never).fits}
    assert without["qwen3-vl-4b"] == "does not fit"
    home.status = ModelStatus(
        model="Qwen", state="ready", backend="Vulkan: A card, 37 of 37 layers", id="qwen3-vl-4b"
    )
    outlook = home.chooser.outlook(never, again=True)
    fits = {fit.model: fit.fitness for fit in outlook.fits}
    assert fits["qwen3-vl-4b"] != "does not fit"


def test_an_installed_model_is_used(home: Household, tiny_vlm: TinyVlm) -> None:
    open_shelf(home.paths).take_own((tiny_vlm.model.parent,), "eye")
    home.held.theme = "light"
    settings.save(home.paths.settings, home.held)
    home.chooser.use("eye")
    assert (home.saved.vision_model, home.saved.theme) == ("eye", "light")
    assert home.held.vision_model == "eye"
    assert home.changed == 1
    assert home.chooser.choice() == ModelChoice(model="eye")
    with pytest.raises(ModelNotInstalled, match="Nothing was changed"):
        home.chooser.use("smolvlm2-256m")
    home.chooser.use("")
    assert (home.saved.vision_model, home.held.vision_model, home.changed) == ("", "", 2)


def test_a_server_and_its_key(home: Household, keys: MemoryKeyring) -> None:
    home.chooser.use_server(" https://models.example ", " eye ", "s3cret")
    assert home.chooser.choice() == ModelChoice(
        server="https://models.example", on_server="eye", has_key=True
    )
    assert home.saved.model_server == "https://models.example"
    assert "s3cret" not in home.paths.settings.read_text()
    # The same server keeps its key, another one does not get it.
    home.chooser.use_server("https://models.example", "ear", None)
    assert (read_key(), home.held.model_on_server) == ("s3cret", "ear")
    home.chooser.use_server("https://other.example", "eye", None)
    assert read_key() == ""
    home.chooser.forget_server()
    assert home.chooser.choice() == ModelChoice()
    assert home.changed == 4


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (("", "eye", None), "Name the server's address"),
        (("https://models.example", " ", None), "Name the server's address"),
        (("nowhere", "eye", None), "begins with http"),
        (("http://models.example", "eye", "s3cret"), "without encryption"),
    ],
)
def test_what_is_refused_changes_nothing(
    home: Household, keys: MemoryKeyring, server: tuple[str, str, str | None], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        home.chooser.use_server(*server)
    assert (home.chooser.choice(), home.changed, keys.passwords) == (ModelChoice(), 0, {})


def test_without_a_keyring_no_key_is_kept_and_nothing_is_changed(
    home: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    none = NoKeyring()
    monkeypatch.setattr("keyring.get_password", none.get_password)
    monkeypatch.setattr("keyring.set_password", none.set_password)
    with pytest.raises(ConfigError, match="Nothing was changed"):
        home.chooser.use_server("https://models.example", "eye", "s3cret")
    assert home.chooser.choice() == ModelChoice()
    home.chooser.use_server("https://models.example", "eye", None)
    assert home.chooser.choice().server == "https://models.example"
