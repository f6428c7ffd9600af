"""The supervisor: order, pace, states, retries, pauses, and no thread left behind."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from engine.config import FeedConfig
from engine.errors import (
    DeviceBusy,
    DeviceLost,
    DeviceNotFound,
    PermissionDenied,
    SourceError,
    UnreadableMedia,
)
from engine.facts import SourceKind, SourceSpec
from engine.media import Frame, nanoseconds
from engine.reports import RunChanged, RunStarted
from engine.sources.feed import Feed
from tests.fakes.clock import ManualClock
from tests.fakes.sources import FakeSource, FakeSources, ScriptedSource, frames
from tests.fakes.waiting import wait_for


class Watching:
    """A feed with a consumer thread, and all that came of them."""

    def __init__(
        self,
        clock: ManualClock,
        sources: FakeSources,
        *,
        kind: SourceKind = "camera",
        realtime: bool = True,
        started_at: int | None = None,
        until: int | None = None,
    ) -> None:
        self.clock = clock
        self.log: list[str | int] = []
        """States, `started`, and the pts of frames in milliseconds, in the order they came."""
        self.reports: list[RunStarted | RunChanged] = []
        self.frames: list[Frame] = []
        self.failures: list[SourceError] = []
        spec = SourceSpec(
            kind=kind,
            address="0",
            label="cam",
            realtime=realtime,
            started_at=started_at,
            until=until,
        )
        self.feed = Feed(
            factory=sources,
            spec=spec,
            run="run",
            clock=clock,
            config=FeedConfig(),
            report=self._reported,
            failed=self.failures.append,
        )
        self.gate = threading.Event()
        self.gate.set()
        self._consumer = threading.Thread(target=self._consume, name="consumer")

    def start(self) -> "Watching":
        self.feed.start()
        self._consumer.start()
        return self

    def _reported(self, report: RunStarted | RunChanged) -> None:
        self.reports.append(report)
        self.log.append("started" if isinstance(report, RunStarted) else report.state)

    def _consume(self) -> None:
        for frame in self.feed.frames():
            self.log.append(frame.pts // 1_000_000)
            self.frames.append(frame)
            self.gate.wait()
        self.log.append("over")

    @property
    def states(self) -> list[str]:
        return [r.state for r in self.reports if isinstance(r, RunChanged)]

    def changes(self, state: str) -> list[RunChanged]:
        return [r for r in self.reports if isinstance(r, RunChanged) and r.state == state]

    def until(self, condition: Callable[[], object]) -> None:
        wait_for(condition, what=f"{condition}; log: {self.log}")

    def finish(self) -> None:
        self.gate.set()
        self._consumer.join(10)
        assert not self._consumer.is_alive()

    def stop(self) -> None:
        self.gate.set()
        self.feed.stop()
        if self._consumer.ident:
            self._consumer.join(10)
            assert not self._consumer.is_alive()


Start = Callable[..., Watching]


@pytest.fixture
def watch(clock: ManualClock) -> Iterator[Start]:
    made: list[Watching] = []

    def start(
        *outcomes: FakeSource | ScriptedSource | Exception, busy: bool = False, **more: Any
    ) -> Watching:
        made.append(Watching(clock, FakeSources(*outcomes), **more))
        if busy:
            made[-1].gate.clear()
        return made[-1].start()

    yield start
    for watching in made:
        watching.stop()
    assert [t.name for t in threading.enumerate() if t.name.startswith(("source-", "pump-"))] == []


def live_frame(clock: ManualClock, first_pts: int = 0) -> Frame:
    frame = frames(1)[0]
    return replace(frame, pts=first_pts + clock.monotonic(), at=clock.wall())


# --- recordings -----------------------------------------------------------------------------------


def test_an_offline_recording_is_handed_on_whole_and_in_order(watch: Start) -> None:
    watching = watch(FakeSource("run", count=200), kind="recording", realtime=False)
    watching.finish()
    assert watching.log == ["started", "open", *range(0, 20_000, 100), "over"]
    assert watching.feed.dropped == 0
    assert watching.feed.outcome == "ended"


def test_a_recording_ends_where_it_was_told_to(watch: Start) -> None:
    source = FakeSource("run", count=200)
    watching = watch(source, kind="recording", realtime=False, until=nanoseconds(0.5))
    watching.finish()
    assert watching.log == ["started", "open", 0, 100, 200, 300, 400, 500, "over"]
    assert watching.feed.outcome == "ended"


def test_an_offline_recording_waits_for_its_consumer(watch: Start) -> None:
    source = ScriptedSource([*frames(50), EOFError()], identity="file:x")
    watching = watch(source, kind="recording", realtime=False, busy=True)
    watching.until(lambda: len(watching.frames) == 1)
    watching.until(lambda: source.left < 50)
    assert source.left > 30
    watching.finish()
    assert [frame.pts for frame in watching.frames] == [frame.pts for frame in frames(50)]
    assert watching.feed.dropped == 0


def test_the_run_is_described_before_its_first_frame(watch: Start, clock: ManualClock) -> None:
    source = ScriptedSource([*frames(1), EOFError()], identity="file:x")
    watching = watch(source, kind="recording", realtime=False)
    watching.finish()
    first = watching.reports[0]
    assert isinstance(first, RunStarted)
    assert (first.run.identity, first.run.kind, first.run.label) == ("file:x", "recording", "cam")
    assert first.run.opened_at == watching.frames[0].at - watching.frames[0].pts
    assert source.closed


def test_a_recording_at_its_own_pace_follows_the_clock(watch: Start, clock: ManualClock) -> None:
    watching = watch(FakeSource("run", count=5), kind="recording")
    watching.until(lambda: len(watching.frames) == 1)
    for n in range(1, 5):
        assert len(watching.frames) == n
        clock.advance(0.1)
        watching.until(lambda n=n: len(watching.frames) == n + 1)
        assert watching.frames[n].at == clock.wall()
    watching.finish()
    assert [frame.pts for frame in watching.frames] == [nanoseconds(n / 10) for n in range(5)]
    assert watching.feed.outcome == "ended"


def test_a_slow_consumer_of_a_paced_recording_gets_the_newest(
    watch: Start, clock: ManualClock
) -> None:
    watching = watch(FakeSource("run", count=9), kind="demo", busy=True)
    watching.until(lambda: len(watching.frames) == 1)
    for n in range(1, 9):
        clock.advance(0.1)
        watching.until(lambda n=n: (f := watching.feed.newest()) and f.pts == nanoseconds(n / 10))
    watching.finish()
    assert [frame.pts for frame in watching.frames] == [0, nanoseconds(0.8)]
    assert watching.feed.dropped == 7


def test_a_known_start_sets_the_wall_time_of_reports_too(watch: Start) -> None:
    source = ScriptedSource([*frames(2, start=1000), EOFError()])
    watching = watch(source, kind="recording", started_at=1000, realtime=False)
    watching.finish()
    assert watching.changes("open")[0].at == 1000


@pytest.mark.parametrize("realtime", [False, True])
def test_a_paused_recording_stands_still(watch: Start, clock: ManualClock, realtime: bool) -> None:
    source = ScriptedSource(frames(100), identity="file:x")
    watching = watch(source, kind="recording", realtime=realtime)
    watching.until(lambda: watching.frames)
    watching.feed.hold(True)
    assert watching.feed.newest() is None
    watching.until(lambda: watching.states[-1] == "paused")
    seen, left = len(watching.frames), source.left
    clock.advance(60)
    assert watching.feed.newest() is None
    assert (len(watching.frames), source.left) == (seen, left)
    watching.feed.hold(False)
    watching.until(lambda: watching.states[-1] == "open")
    clock.advance(0.11)
    watching.until(lambda: len(watching.frames) > seen)
    if realtime:  # the minute of pause is not caught up with
        assert source.left > 90
    else:
        watching.until(lambda: len(watching.frames) == 100)
        assert [f.pts for f in watching.frames] == [f.pts for f in frames(100)]
    assert watching.feed.dropped == 0


@pytest.mark.parametrize(
    "error", [DeviceNotFound("No file."), UnreadableMedia("Text."), DeviceLost("Disk.")]
)
def test_a_recording_that_cannot_be_opened_has_failed(watch: Start, error: SourceError) -> None:
    watching = watch(error, kind="recording", realtime=False)
    watching.finish()
    assert watching.failures == [error]
    assert watching.reports == []
    assert watching.feed.outcome == "failed"


def test_an_error_nobody_expected_becomes_a_sentence(watch: Start) -> None:
    watching = watch(ScriptedSource([*frames(1), ValueError("x")]), kind="recording")
    watching.finish()
    assert "error in Nacre" in str(watching.failures[0])
    assert len(watching.failures) == 1


# --- live sources ---------------------------------------------------------------------------------


def test_a_live_source_hands_on_the_newest_and_counts_the_rest(
    watch: Start, clock: ManualClock
) -> None:
    source = ScriptedSource([live_frame(clock)])
    watching = watch(source, busy=True)
    watching.until(lambda: watching.frames)
    for _ in range(5):
        clock.advance(0.03)
        source.push(live_frame(clock))
        watching.until(lambda: (f := watching.feed.newest()) and f.pts == clock.monotonic())
    watching.gate.set()
    watching.until(lambda: len(watching.frames) == 2)
    assert watching.frames[-1].pts == clock.monotonic()
    assert watching.feed.dropped == 4
    assert watching.states == ["open"]


def test_silence_is_stalled_and_a_frame_opens_again(watch: Start, clock: ManualClock) -> None:
    source = ScriptedSource([live_frame(clock)])
    watching = watch(source)
    watching.until(lambda: watching.frames)
    clock.advance(2.1)
    watching.until(lambda: watching.states == ["open", "stalled"])
    assert watching.changes("stalled")[0].pts == nanoseconds(2.1)
    assert watching.changes("stalled")[0].reason
    source.push(live_frame(clock))
    watching.until(lambda: watching.states == ["open", "stalled", "open"])
    assert not source.closed


def test_a_source_that_stays_silent_is_lost_and_opened_again_on_the_same_time_line(
    clock: ManualClock, watch: Start
) -> None:
    hung, fresh = ScriptedSource([live_frame(clock)]), ScriptedSource()
    sources = FakeSources(hung, fresh)
    watching = Watching(clock, sources).start()
    try:
        watching.until(lambda: watching.frames)
        clock.advance(2.5)
        watching.until(lambda: watching.states[-1] == "stalled")
        clock.advance(2.6)
        watching.until(lambda: watching.states[-1] == "lost")
        watching.until(lambda: len(sources.opened) == 2)
        assert hung.closed
        assert sources.opened[1][2] == nanoseconds(5.1)
        clock.advance(1)
        fresh.push(live_frame(clock))
        watching.until(lambda: watching.states[-1] == "open")
        watching.until(lambda: len(watching.frames) == 2)
        assert watching.states == ["open", "stalled", "lost", "open"]
        assert watching.changes("open")[1].pts == watching.frames[1].pts == nanoseconds(6.1)
        assert sum(isinstance(r, RunStarted) for r in watching.reports) == 1
    finally:
        watching.stop()


def test_an_unplugged_device_is_tried_ever_more_slowly(clock: ManualClock) -> None:
    gone = [DeviceNotFound("No camera.") for _ in range(4)]
    back = ScriptedSource()
    sources = FakeSources(ScriptedSource([live_frame(clock), DeviceLost("Pulled.")]), *gone, back)
    watching = Watching(clock, sources).start()
    try:
        while len(sources.opened) < 6:
            clock.advance(0.05)
            threading.Event().wait(0.005)
        back.push(live_frame(clock))
        watching.until(lambda: len(watching.frames) == 2)
        assert watching.states == ["open", "stalled", "lost", "open"]
        assert watching.changes("lost")[0].reason == "No camera."
        attempts = [0, *(first_pts for _, _, first_pts in sources.opened[1:])]
        gaps = [later - earlier for earlier, later in pairwise(attempts)]
        limits = [nanoseconds(least) for least in (0.5, 1, 2, 4, 8)]
        assert all(gap >= least for gap, least in zip(gaps, limits, strict=True))
    finally:
        watching.stop()


def test_a_short_hiccup_is_not_worth_a_word(watch: Start, clock: ManualClock) -> None:
    broken, back = ScriptedSource([live_frame(clock), DeviceLost("Reset.")]), ScriptedSource()
    watching = watch(broken, back)
    watching.until(lambda: broken.closed)
    clock.advance(0.6)
    back.push(live_frame(clock))
    watching.until(lambda: len(watching.frames) == 2)
    assert watching.states == ["open"]


def test_a_busy_camera_is_lost_at_once_and_comes_when_it_is_free(
    watch: Start, clock: ManualClock
) -> None:
    free = ScriptedSource([live_frame(clock)])
    watching = watch(DeviceBusy("Another program has it."), free)
    watching.until(lambda: watching.states == ["lost"])
    assert watching.changes("lost")[0].reason == "Another program has it."
    clock.advance(0.6)
    watching.until(lambda: watching.frames)
    assert watching.log[:3] == ["lost", "started", "open"]


@pytest.mark.parametrize("error", [DeviceNotFound("None."), PermissionDenied("No.")])
def test_a_live_source_that_was_never_there_has_failed(watch: Start, error: SourceError) -> None:
    watching = watch(error)
    watching.finish()
    assert (watching.failures, watching.feed.outcome) == ([error], "failed")


def test_a_stream_with_an_end_ends(watch: Start, clock: ManualClock) -> None:
    watching = watch(ScriptedSource([live_frame(clock), EOFError()]), kind="url")
    watching.finish()
    assert watching.log == ["started", "open", 0, "over"]
    assert watching.feed.outcome == "ended"


def test_a_paused_camera_is_given_back(watch: Start, clock: ManualClock) -> None:
    before, after = ScriptedSource([live_frame(clock)]), ScriptedSource()
    watching = watch(before, after)
    watching.until(lambda: watching.frames)
    watching.feed.hold(True)
    before.push(live_frame(clock))
    assert watching.feed.newest() is None
    watching.until(lambda: watching.states == ["open", "paused"])
    watching.until(lambda: before.closed)
    clock.advance(100)
    watching.feed.hold(False)
    after.push(live_frame(clock))
    watching.until(lambda: len(watching.frames) == 2)
    assert watching.states == ["open", "paused", "open"]
    assert watching.frames[1].pts == nanoseconds(100)


def test_stopping_ends_everything_from_any_state(watch: Start, clock: ManualClock) -> None:
    silent, waiting = watch(ScriptedSource()), watch(DeviceBusy("Busy."))
    paused = watch(ScriptedSource([live_frame(clock)]))
    paused.feed.hold(True)
    full = watch(FakeSource("run", count=100), kind="recording", realtime=False, busy=True)
    full.until(lambda: full.frames)
    for watching in (silent, waiting, paused, full):
        watching.stop()
        watching.feed.stop()
        assert watching.feed.outcome == "stopped"
        assert watching.log[-1] == "over"
        assert watching.failures == []
        assert watching.feed.newest() is None


def test_a_feed_that_never_began_can_be_stopped(clock: ManualClock) -> None:
    Watching(clock, FakeSources()).feed.stop()
