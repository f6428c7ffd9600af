"""Fixtures for every test: a movable clock, and the folders of real input where a machine has
them (`NACRE_SHARED`, or a folder `shared` beside the checkout)."""

import os
import signal
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.inference.random_vlm import TINY, write_pair
from tests.fakes.clock import ManualClock

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

SHARED = Path(os.environ.get("NACRE_SHARED", Path(__file__).parents[2] / "shared"))


@pytest.fixture(scope="session", autouse=True)
def _interruptible() -> None:
    """A shell that runs the tests in the background has SIGINT ignored, for every program that a
    test starts and means to interrupt as well."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


class TinyVlm(NamedTuple):
    """The two files of a small model."""

    name: str
    model: Path
    projector: Path


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def _folder(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"the folder of real {name} is not on this machine")
    return folder


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Real videos, pictures and speech."""
    return _folder("data")


@pytest.fixture(scope="session")
def real_models() -> Path:
    """Small pre-trained models."""
    return _folder("models")


@pytest.fixture(scope="session", params=sorted(TINY))
def tiny_vlm(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> TinyVlm:
    """A model with random weights, of each of three architectures."""
    name: str = request.param
    return TinyVlm(name, *write_pair(tmp_path_factory.mktemp(name), TINY[name]))
