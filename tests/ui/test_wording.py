from datetime import date, datetime

import pytest

from engine.facts import Alert, Condition
from engine.media import Span, nanoseconds
from ui.wording import by_hand, condition, count, day, duration, patience, size, stream, stretch


def test_stream_times() -> None:
    assert stream(nanoseconds(4.9)) == "0:04"
    assert stream(nanoseconds(3725)) == "1:02:05"


def test_days() -> None:
    noon = int(datetime(2026, 3, 5, 12).timestamp() * 1e9)
    assert day(noon, date(2026, 3, 5)) == "today"
    assert day(noon, date(2026, 3, 6)) == "yesterday"
    assert day(noon, date(2026, 3, 9)) == "5 March"
    assert day(noon, date(2027, 3, 9)) == "5 March 2026"


def test_a_stretch_of_a_recording_is_told_in_its_own_time() -> None:
    span = Span(start=nanoseconds(4), end=nanoseconds(9))
    assert stretch(span, span, recorded=True) == "0:04 – 0:09"
    assert stretch(span, Span(start=4, end=5), recorded=True) == "0:00"


@pytest.mark.parametrize(
    ("bytes_", "words"), [(12, "12 bytes"), (5 * 1024**3, "5 GB"), (1_500_000, "1.4 MB")]
)
def test_sizes(bytes_: int, words: str) -> None:
    assert size(bytes_) == words


def test_counts_and_durations() -> None:
    assert count(1, "entry", "entries") == "1 entry"
    assert count(18_204, "entry", "entries") == "18 204 entries"
    assert [duration(s) for s in (2, 90, 7200)] == ["2 s", "2 min", "2 h"]


def test_standing_requests_are_read_back() -> None:
    assert condition(Condition(event="returns", concept="x"), "Mum") == "When Mum comes back"
    somebody = Condition(event="appears", subject="somebody")
    assert condition(somebody, "it") == "When somebody appears"
    reads = Condition(event="reads", words="done")
    assert condition(reads, "it") == "When the screen shows “done”"
    alert = Alert(id="a", text="", condition=reads, dwell_s=2.0, cooldown_s=0.0, created_at=0)
    assert patience(alert) == "once it lasts 2 s · every time · no end"


@pytest.mark.parametrize(
    ("reason", "below"),
    [
        ("YuNet lacks it. `nacre models get yunet` gets it.", "YuNet lacks it. Get it below."),
        ("`nacre models import PATH` takes a.onnx from a folder.", "Import it from a folder."),
        (
            "Is needed; get it with `nacre models get a` or import it with `nacre models import`.",
            "Is needed; get it on the Models page.",
        ),
        (
            "Is needed; import it with `nacre models import FOLDER` (see `nacre models list`).",
            "Is needed; import it on the Models page.",
        ),
        ("Switched off.", "Switched off."),
    ],
)
def test_the_window_names_no_command_line(reason: str, below: str) -> None:
    assert by_hand(reason, on_models=True) == below
    assert "`" not in by_hand(reason)
