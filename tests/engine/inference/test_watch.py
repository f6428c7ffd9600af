"""When a model's process counts as lost."""

from engine.inference.watch import Limits, Restarts, Watch
from engine.media import nanoseconds

LIMITS = Limits(silent_s=10, stuck_s=60, begin_s=90, asleep_s=2, restarts=5, restarts_in_s=60)


def working() -> Watch:
    watch = Watch(LIMITS)
    watch.begin(0)
    watch.hear(0, 0)
    return watch


def looked_for(watch: Watch, seconds: float, *, beating: bool, moving: bool = False) -> list[str]:
    """What a look every half second finds."""
    found: list[str] = []
    for half in range(1, round(2 * seconds) + 1):
        now = nanoseconds(half / 2)
        if beating:
            watch.hear(now, half if moving else 0)
        found.append(watch.look(now))
    return found


def test_silence_while_working_is_noticed() -> None:
    found = looked_for(working(), 12, beating=False)
    assert found[:20] == [""] * 20
    assert found[-1] == "silent"


def test_silence_with_nothing_to_do_is_no_loss() -> None:
    watch = working()
    watch.rest()
    assert set(looked_for(watch, 300, beating=False)) == {""}


def test_beats_without_progress_are_noticed() -> None:
    found = looked_for(working(), 62, beating=True)
    assert found[:118] == [""] * 118
    assert found[-1] == "stuck"


def test_slow_work_that_makes_progress_is_never_given_up() -> None:
    assert set(looked_for(working(), 3600, beating=True, moving=True)) == {""}


def test_a_report_that_is_no_beat_is_progress() -> None:
    watch = working()
    found: list[str] = []
    for half in range(1, 200):
        watch.hear(nanoseconds(half / 2))
        found.append(watch.look(nanoseconds(half / 2)))
    assert set(found) == {""}


def test_an_interpreter_has_longer_to_start() -> None:
    watch = Watch(LIMITS)
    watch.begin(0)
    found = looked_for(watch, 92, beating=False)
    assert found[:178] == [""] * 178
    assert found[-1] == "silent"


def test_a_watcher_that_slept_gives_a_fresh_deadline() -> None:
    watch = working()
    assert watch.look(nanoseconds(1)) == ""
    night = 8 * 3600
    assert watch.look(nanoseconds(night)) == ""
    for second in range(1, 10):
        assert watch.look(nanoseconds(night + second)) == ""
    assert watch.look(nanoseconds(night + 11)) == "silent"


def test_five_restarts_within_a_minute_are_allowed() -> None:
    restarts = Restarts(LIMITS)
    for second in range(5):
        restarts.lost(nanoseconds(second))
        assert not restarts.spent
    restarts.lost(nanoseconds(59))
    assert restarts.spent


def test_what_is_longer_ago_does_not_count() -> None:
    restarts = Restarts(LIMITS)
    for minute in range(20):
        assert restarts.lost(nanoseconds(61 * minute)) == 1
    assert not restarts.spent
