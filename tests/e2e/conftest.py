"""The real program with the real models, in a fresh home for every test."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from engine.perception.yunet import YuNet
from tests.e2e.signers import SHOWN, clip, first_clear_frame
from tests.e2e.window_desktop import Desktop
from tests.fakes.program import ROOT, Program
from tests.fakes.xvfb import Xvfb

PICTURES = ROOT / "build" / "screenshots"


@pytest.fixture(scope="session")
def model_store(real_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The models, imported once by the program itself."""
    importing = Program(tmp_path_factory.mktemp("importing"))
    importing.do("models", "import", real_models)
    return importing.data / "models"


@pytest.fixture
def bare(tmp_path: Path) -> Program:
    """The program before anything was installed."""
    home = tmp_path / "home"
    home.mkdir()
    return Program(home)


@pytest.fixture
def nacre(bare: Program, model_store: Path) -> Program:
    """The program with all models."""
    shutil.copytree(model_store, bare.data / "models", copy_function=os.link)
    return bare


@pytest.fixture(scope="session")
def visits_video(real_data: Path) -> Path:
    """Six people come and go, one after another."""
    return real_data / "scenes" / "one_by_one_person.mp4"


@pytest.fixture(scope="session")
def visits_watched(
    model_store: Path, visits_video: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A data folder after that video was watched; to be copied."""
    program = Program(tmp_path_factory.mktemp("visits"))
    shutil.copytree(model_store, program.data / "models", copy_function=os.link)
    program.do("watch", visits_video)
    return program.data


@pytest.fixture(scope="session")
def snapshots(
    real_data: Path, real_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """For each person a picture file: the first frame with a confident face."""
    detector = YuNet(real_models / "yunet_n_640_640.onnx")
    folder = tmp_path_factory.mktemp("snapshots")
    taken = {person: folder / f"{person}.png" for person in SHOWN}
    for person, path in taken.items():
        frame = first_clear_frame(clip(real_data, SHOWN[person]), detector)
        assert cv2.imwrite(str(path), frame)
    return taken


@pytest.fixture(scope="module")
def desktop() -> Iterator[Desktop]:
    missing = [name for name in ("Xvfb", "openbox", "xdotool") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    with Desktop(PICTURES) as made:
        yield made


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """The name of an X display of its own."""
    with Xvfb(1600, 1000) as server:
        yield server.display
