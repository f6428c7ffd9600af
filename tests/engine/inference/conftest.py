"""A loaded model of each architecture, and pictures for it."""

from collections.abc import Generator

import numpy as np
import pytest

from engine.inference.llama import Llama
from engine.inference.native import LlamaConfig
from engine.media import Image
from tests.conftest import TinyVlm
from tests.fakes.clock import JumpingClock
from tests.fakes.model_process import StartModel


@pytest.fixture
def llama(tiny_vlm: TinyVlm) -> Generator[Llama]:
    config = LlamaConfig(context=2048, batch=256, threads=1)
    loaded = Llama(tiny_vlm.model, tiny_vlm.projector, config)
    yield loaded
    loaded.close()


def a_picture(seed: int) -> Image:
    chance = np.random.default_rng(seed)
    return chance.integers(0, 256, (60, 80, 3)).astype(np.uint8)


@pytest.fixture
def jumping() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
def start(jumping: JumpingClock) -> Generator[StartModel]:
    """Starts models in processes; all of them are gone afterwards."""
    starting = StartModel(jumping)
    yield starting
    starting.end()
