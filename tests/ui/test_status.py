import pytest

from tests.fakes.household import CAMERA
from ui.watch.status import StatusLight, status
from ui.watching import OpenRun


def run(state: str | None = "open", reason: str = "") -> OpenRun:
    return OpenRun(run="r", spec=CAMERA, state=state, reason=reason)  # pyright: ignore


@pytest.mark.parametrize(
    ("shown", "age", "paused", "thinking", "words"),
    [
        (None, None, False, False, "nothing is watched"),
        (run(None), None, False, False, "opening"),
        (run(), 0.1, False, False, "watching · 0.1 s"),
        (run(), 0.1, False, True, "thinking · 0.1 s"),
        (run(), 0.1, True, False, "paused"),
        (run(), 4.2, False, True, "no signal for 4 s"),
        (run("lost"), 9.0, False, False, "no signal for 9 s"),
        (run("lost"), None, False, False, "no signal yet"),
        (run("ended"), 90.0, True, False, "the recording is over"),
    ],
)
def test_the_light_follows_the_picture(
    shown: OpenRun | None, age: float | None, paused: bool, thinking: bool, words: str
) -> None:
    assert status(shown, age, paused=paused, thinking=thinking).words == words


def test_an_open_source_without_pictures_is_not_watching() -> None:
    assert status(run("open"), 3.0, paused=False, thinking=False).colour == "danger"


def test_the_reason_is_said_and_read_out(qapp: object) -> None:
    light = StatusLight()
    reason = "camera in use by another program?"
    light.show_status(status(run("lost", reason), 4.0, paused=False, thinking=False))
    assert light.words == f"no signal for 4 s — {reason}"
    assert light.accessibleName() == f"Status: {light.words}"
