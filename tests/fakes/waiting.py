"""Waiting for what another thread or process does, with a limit and without sleeping blindly."""

from collections.abc import Callable
from threading import Event
from typing import TypeVar

T = TypeVar("T")


def wait_for(condition: Callable[[], T], *, limit_s: float = 10.0, what: str = "") -> T:
    """The first true value of the condition.

    Raises:
        AssertionError: it stayed false for `limit_s`.
    """
    pause = Event()
    for _ in range(round(limit_s / 0.01)):
        if value := condition():
            return value
        pause.wait(0.01)
    raise AssertionError(f"waited {limit_s} s in vain for {what or condition}")
