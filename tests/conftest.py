"""Fixtures for every test: a movable clock, and the folders of real input where a machine has
them (`NACRE_SHARED`, or a folder `shared` beside the checkout)."""

import os
import signal
from pathlib import Path

import pytest

from tests.fakes.clock import ManualClock

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

SHARED = Path(os.environ.get("NACRE_SHARED", Path(__file__).parents[2] / "shared"))


@pytest.fixture(scope="session", autouse=True)
def _interruptible() -> None:
    """A shell that runs the tests in the background has SIGINT ignored, for every program that a
    test starts and means to interrupt as well."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


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
