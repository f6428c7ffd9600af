import os
from multiprocessing.connection import Connection

import pytest

from engine.errors import ModelError
from engine.inference.devices import find_devices


def crash(_: Connection) -> None:
    os.abort()


def babble(answer: Connection) -> None:
    answer.send_bytes(b"\x80 no JSON")


def hang(answer: Connection) -> None:
    answer.poll(None)


def list_some(answer: Connection) -> None:
    answer.send_bytes(b'[["Vulkan0", "llvmpipe", 1, 5, 6], ["Meta", "", 4, 0, 0]]')


def test_the_processor_itself_is_always_there() -> None:
    assert "cpu" in {device.kind for device in find_devices()}


def test_what_is_no_processor_is_left_out() -> None:
    (device,) = find_devices(list_some)
    assert (device.name, device.kind, device.total_bytes) == ("Vulkan0", "gpu", 6)


@pytest.mark.parametrize("ask", [crash, babble])
def test_a_driver_that_ends_the_process_is_an_error(ask) -> None:
    with pytest.raises(ModelError, match="ended when it was asked"):
        find_devices(ask)


def test_a_driver_that_hangs_is_given_up() -> None:
    with pytest.raises(ModelError, match="ended when it was asked"):
        find_devices(hang, timeout_s=0.2)
