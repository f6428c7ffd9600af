import inspect

from engine import errors
from engine.messages import Failed
from ui.notices import TITLES, notice


def test_every_error_of_the_engine_has_a_title() -> None:
    kinds = {
        name
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.EngineError) and kind is not errors.EngineError
    }
    assert kinds - set(TITLES) == set()


def test_a_busy_camera_can_be_tried_again_and_a_bad_name_cannot() -> None:
    busy = notice(Failed(reason="Close the other program.", kind="DeviceBusy"))
    assert (busy.title, busy.retry) == ("The camera is in use", True)
    assert not notice(Failed(reason="Too long.", kind="ConceptError")).retry
    assert notice(Failed(reason="", kind="Whatever")).text
