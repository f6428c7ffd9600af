"""Variables of the environment, set for a while: for libraries that are told things in no other
way, and for processes that are started meanwhile."""

import os
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def variable(name: str, value: str) -> Generator[None]:
    """It is `value` inside, and what it was before afterwards."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
