from engine.config import SeeingConfig
from engine.media import nanoseconds
from engine.perception.looks import LookSchedule


def _at(
    times: list[float], *, changed: bool, eager: bool = False, schedule: LookSchedule | None = None
) -> list[tuple[float, str]]:
    schedule = schedule or LookSchedule(SeeingConfig())
    looks = [(t, schedule.due(nanoseconds(t), changed=changed, eager=eager)) for t in times]
    return [(t, look) for t, look in looks if look != "none"]


def _every(step: float, count: int, start: float = 0.0) -> list[float]:
    return [round(start + step * n, 3) for n in range(count)]


def test_moving_pictures_are_looked_at_twice_a_second() -> None:
    assert [t for t, _ in _at(_every(0.1, 31), changed=True)] == _every(0.5, 7)


def test_the_grid_is_one_of_stream_time_not_of_frames() -> None:
    assert [t for t, _ in _at(_every(0.35, 9), changed=True)] == [0, 0.7, 1.05, 1.75, 2.1, 2.8]


def test_somebody_new_is_looked_at_five_times_a_second() -> None:
    assert [t for t, _ in _at(_every(0.1, 11), changed=True, eager=True)] == _every(0.2, 6)


def test_a_still_picture_is_looked_at_once_a_second_and_soon_not_by_the_detectors() -> None:
    schedule = LookSchedule(SeeingConfig())
    schedule.due(0, changed=True, eager=False)
    looks = _at(_every(0.1, 140, 0.1), changed=False, schedule=schedule)
    assert [t for t, _ in looks] == _every(1, 14, 1)
    assert [look for _, look in looks][:4] == ["fresh", "fresh", "again", "again"]
    assert [t for t, look in looks if look == "fresh"] == [1, 2, 12]


def test_a_change_ends_the_stillness() -> None:
    schedule = LookSchedule(SeeingConfig())
    _at(_every(0.5, 20), changed=False, schedule=schedule)
    assert _at([9.7, 10.1], changed=True, schedule=schedule) == [(9.7, "fresh"), (10.1, "fresh")]
    assert _at([11.1], changed=False, schedule=schedule) == [(11.1, "fresh")]
