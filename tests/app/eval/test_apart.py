"""What a process finds out about a model is kept, however it ends."""

import os
import signal
from threading import Event

import pytest

from app.eval.apart import Telling, apart
from engine.errors import ModelCorrupt, ModelCrashed

LIMIT_S = 60.0


def found(telling: Telling) -> None:
    telling.loaded({"backend": "CPU"})
    telling.send("first")
    telling.metrics["a"] = 1.0
    telling.intervals["a"] = (0.5, 1.5)
    telling.rows.append({"what": "one"})
    telling.answers.append(("kind", "question", "right", "said"))
    telling.send("second")
    telling.rows.append({"what": "two"})
    telling.send()


def dies(telling: Telling, number: int) -> None:
    found(telling)
    os.kill(os.getpid(), number)


def hangs(telling: Telling) -> None:
    found(telling)
    Event().wait()


def fails(telling: Telling, *, loaded: bool = True) -> None:
    if loaded:
        found(telling)
    raise ModelCorrupt("The file is damaged. Get it again.")


def fails_at_once(telling: Telling) -> None:
    fails(telling, loaded=False)


def dies_at_once(telling: Telling) -> None:
    os.abort()


def test_what_was_found_is_handed_on_once() -> None:
    whole = apart(found, limit_s=LIMIT_S)
    assert whole.trouble == ""
    assert whole.metrics == {"a": 1.0}
    assert whole.intervals == {"a": (0.5, 1.5)}
    assert [row["what"] for row in whole.rows] == ["one", "two"]
    assert whole.answers == [("kind", "question", "right", "said")]
    assert whole.measurement("m").metrics == {"a": 1.0}


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_what_was_found_before_a_crash_is_kept_and_the_crash_is_told(number: int) -> None:
    whole = apart(dies, number, limit_s=LIMIT_S)
    assert whole.trouble == (
        f"The model's process ended unexpectedly ({-number}), in the part second."
    )
    assert [row["what"] for row in whole.rows] == ["one", "two"]


def test_what_takes_too_long_is_ended() -> None:
    whole = apart(hangs, limit_s=8.0)
    assert whole.trouble == "It took longer than 0.133 minutes, in the part second."
    assert whole.metrics == {"a": 1.0}


def test_an_error_in_the_middle_is_a_part_of_the_report_and_one_before_is_an_error() -> None:
    whole = apart(fails, limit_s=LIMIT_S)
    assert whole.trouble == (
        "It failed: The file is damaged. Get it again, in the part second."
    )  # fmt: skip
    with pytest.raises(ModelCorrupt, match="is damaged"):
        apart(fails_at_once, limit_s=LIMIT_S)
    with pytest.raises(ModelCrashed, match="ended unexpectedly"):
        apart(dies_at_once, limit_s=LIMIT_S)
