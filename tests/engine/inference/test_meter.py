"""How fast a download is said to be."""

from engine.inference.meter import Meter
from engine.ports.shelf import Progress
from tests.fakes.clock import ManualClock


def test_the_rate_is_that_of_the_last_seconds(clock: ManualClock):
    told: list[Progress] = []
    meter = Meter(100_000, told.append, clock.monotonic)
    meter.at(5_000)
    for received in range(6_000, 15_001, 1_000):
        clock.advance(1)
        meter.at(received)
    assert told[0].bytes_per_s == 0
    assert told[-1].bytes_per_s == 1_000
    for received in (20_000, 25_000, 30_000, 35_000):
        clock.advance(1)
        meter.at(received)
    assert told[-1].bytes_per_s == 5_000


def test_it_is_told_at_most_ten_times_a_second_and_at_the_end(clock: ManualClock):
    told: list[Progress] = []
    meter = Meter(1_000, told.append, clock.monotonic)
    for received in range(0, 1_000, 10):
        meter.at(received)
        clock.advance(0.01)
    meter.at(1_000)
    assert 9 <= len(told) <= 12
    assert told[-1].received == 1_000


def test_a_new_start_has_no_negative_rate(clock: ManualClock):
    told: list[Progress] = []
    meter = Meter(1_000, told.append, clock.monotonic)
    meter.at(800)
    clock.advance(1)
    meter.at(0)
    clock.advance(1)
    meter.at(100)
    assert [progress.bytes_per_s for progress in told] == [0, 0, 100]
