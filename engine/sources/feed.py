"""The supervisor of one source: its thread, its states, its retries."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Thread
from typing import Literal

from engine.config import FeedConfig
from engine.errors import DeviceBusy, DeviceLost, SourceError
from engine.facts import Run, SourceSpec, SourceState
from engine.media import Frame, nanoseconds
from engine.ports.sources import Clock, Source, SourceFactory
from engine.reports import RunChanged, RunStarted
from engine.sources.handover import Handover

log = logging.getLogger(__name__)

Outcome = Literal["ended", "stopped", "failed"]

_CATCH_UP = nanoseconds(1)
"""A recording that fell this far behind its own pace goes on from there, without hurry."""


class Feed:
    """Reads one source in a thread of its own and hands its frames to one consumer.

    Live sources and recordings at their own pace: the newest frame wins, the rest is dropped and
    counted. Other recordings: every frame, in order; the thread waits for the consumer.

    States of a live source follow its frames, whatever the cause: none for `stalled_after_s` is
    `stalled`, none for `lost_after_s` is `lost`. A device that is lost, or hangs that long, is
    opened again, ever more slowly, on the same time line. One that is busy or does not answer at
    the very first is `lost` at once, and tried again.

    `report` is called on the source's thread. `failed` is called at most once, and the frames are
    then over: before the first frame by that thread, later by the consumer's when it has taken the
    last one, so that nothing read before is lost or overtaken. `ended` is not reported: whoever
    consumes the frames knows when the last one has been seen, and `outcome` tells why it was the
    last.
    """

    def __init__(
        self,
        *,
        factory: SourceFactory,
        spec: SourceSpec,
        run: str,
        clock: Clock,
        config: FeedConfig,
        report: Callable[[RunStarted | RunChanged], None],
        failed: Callable[[SourceError], None],
    ) -> None:
        self._factory, self._spec, self._run = factory, spec, run
        self._clock, self._config = clock, config
        self._report, self._failed = report, failed
        self._paced = not spec.live and spec.realtime
        self._handover = Handover(newest_wins=spec.paced)
        self._thread = Thread(target=self._work, name=f"source-{run}", daemon=True)
        self._state: SourceState | None = None
        self._started = False
        self._began: int | None = None
        self._origin: int | None = None
        self._last = 0
        self._last_sign = 0
        self._reason = ""
        self._retry_s = config.retry_first_s
        self._identity: str | None = None
        self._outcome: Outcome | None = None
        self._broke_off: SourceError | None = None

    @property
    def outcome(self) -> Outcome | None:
        """Why the frames are over; None while they are not."""
        return "stopped" if self._handover.stopped else self._outcome

    @property
    def dropped(self) -> int:
        """Frames that were read and never handed on, because newer ones came."""
        return self._handover.dropped

    def start(self) -> None:
        self._thread.start()

    def frames(self) -> Iterator[Frame]:
        """Frames for one consumer, waiting for each; over when the source is."""
        while (frame := self._handover.take()) is not None:
            yield frame
        error, self._broke_off = self._broke_off, None
        if error is not None:
            self._failed(error)

    def newest(self) -> Frame | None:
        """The newest frame, for a preview; None before the first and while held."""
        return self._handover.newest()

    def hold(self, held: bool) -> None:
        """Pause or go on. From this call on no frame is handed on or shown; a live device is given
        back meanwhile, a recording waits."""
        self._handover.hold(held)

    def stop(self, deadline_s: float = 3.0) -> None:
        """Give the source back and end the frames; safe to call twice. A device that hangs is left
        to its thread after the deadline."""
        self._handover.stop()
        if self._thread.ident is not None:
            self._thread.join(deadline_s)

    # --- on the source's thread ---------------------------------------------------------------

    def _work(self) -> None:
        try:
            self._watch()
        except SourceError as error:
            self._fail(error)
        except Exception:
            log.exception("a source of kind %s stopped unexpectedly", self._spec.kind)
            self._fail(
                SourceError(
                    f"Watching “{self._spec.label}” stopped because of an error in Nacre. What was "
                    "seen is kept; open it again to go on."
                )
            )
        finally:
            self._handover.finish()

    def _fail(self, error: SourceError) -> None:
        if not self._handover.stopped:
            self._outcome = "failed"
            if self._started:
                self._broke_off = error
            else:
                self._failed(error)

    def _watch(self) -> None:
        self._last_sign = self._clock.monotonic()
        while not self._handover.stopped:
            self._rest()
            source = self._open()
            if source is None:
                continue
            try:
                if self._spec.live:
                    self._follow(source)
                else:
                    self._play(source)
                    return
            except EOFError:
                self._outcome = "ended"
                return
            finally:
                source.close()

    def _rest(self) -> None:
        """While held, do nothing, and say so."""
        if not self._handover.held:
            return
        before = self._state
        self._change("paused")
        asleep = self._clock.monotonic()
        self._handover.wait_while_held()
        if self._origin is not None:
            self._origin += self._clock.monotonic() - asleep
        self._last_sign = self._clock.monotonic()
        if before is not None and not self._spec.live and not self._handover.stopped:
            self._change("open")

    def _open(self) -> Source | None:
        """The opened source; None when the feed was stopped or held meanwhile."""
        while not (self._handover.stopped or self._handover.held):
            now = self._clock.monotonic()
            first_pts = 0 if self._began is None else now - self._began
            try:
                source = self._factory.open(self._spec, self._run, first_pts=first_pts)
            except SourceError as error:
                self._bear(error)
            else:
                if self._began is None:
                    self._began = self._last_sign = now
                self._identity = source.identity
                return source
        return None

    def _bear(self, error: SourceError) -> None:
        """Wait before another try, if it is worth one: what was there once may come back, what is
        busy may become free. Otherwise raise the error."""
        if not (self._spec.live and (self._started or isinstance(error, DeviceBusy | DeviceLost))):
            raise error
        self._reason = str(error)
        if not self._started:
            self._change("lost", self._reason)
        due = self._clock.monotonic() + nanoseconds(self._retry_s)
        self._retry_s = min(self._retry_s * 2, self._config.retry_max_s)
        while self._clock.monotonic() < due and not (self._handover.stopped or self._handover.held):
            self._judge_silence()
            self._handover.wait_until(min(due, self._next_judgement()), self._clock)

    def _next_judgement(self) -> int:
        """When the silence, going on, changes the state again."""
        limits = (self._config.stalled_after_s, self._config.lost_after_s)
        times = [self._last_sign + nanoseconds(limit) for limit in limits]
        now = self._clock.monotonic()
        return min([time for time in times if time > now], default=now + nanoseconds(3600))

    def _judge_silence(self) -> None:
        silent = self._clock.monotonic() - self._last_sign
        reason = self._reason or f"No picture comes from “{self._spec.label}”."
        if silent >= nanoseconds(self._config.lost_after_s):
            self._change("lost", reason)
        elif silent >= nanoseconds(self._config.stalled_after_s) and self._state != "lost":
            self._change("stalled", reason)

    def _follow(self, source: Source) -> None:
        """Read a live source until it is lost, held or stopped."""
        opened = self._clock.monotonic()
        while not (self._handover.stopped or self._handover.held):
            try:
                frame = source.read()
            except SourceError as error:
                source.close()
                self._bear(error)
                return
            if frame is not None:
                self._last_sign = self._clock.monotonic()
                self._reason, self._retry_s = "", self._config.retry_first_s
                self._hand_on(frame)
                continue
            self._judge_silence()
            silent = self._clock.monotonic() - max(opened, self._last_sign)
            if silent >= nanoseconds(self._config.lost_after_s):
                return

    def _play(self, source: Source) -> None:
        """Read a recording to its end, at its own pace or as fast as frames are taken."""
        while not self._handover.stopped:
            self._rest()
            frame = source.read()
            if frame is None:
                continue
            if self._paced:
                frame = self._in_time(frame)
            self._hand_on(frame)

    def _in_time(self, frame: Frame) -> Frame:
        """Wait until the frame is due; without a known start it happens now."""
        now = self._clock.monotonic()
        if self._origin is None or now - self._origin - frame.pts > _CATCH_UP:
            self._origin = now - frame.pts
        while not self._handover.stopped:
            self._handover.wait_until(self._origin + frame.pts, self._clock)
            if not self._handover.held:
                break
            self._rest()
        return frame if self._spec.started_at is not None else replace(frame, at=self._clock.wall())

    def _hand_on(self, frame: Frame) -> None:
        if self._handover.stopped or (self._spec.live and self._handover.held):
            return
        if self._spec.until is not None and frame.pts > self._spec.until:
            raise EOFError
        self._last = frame.pts
        if not self._started:
            self._started = True
            self._report(RunStarted(run=self._describe(frame)))
        self._change("open", at=(frame.pts, frame.at))
        while not self._handover.put(frame) and not self._spec.live:
            self._rest()

    def _describe(self, first: Frame) -> Run:
        return Run(
            run=self._run,
            kind=self._spec.kind,
            label=self._spec.label,
            identity=self._identity or self._run,
            opened_at=first.at - first.pts,
        )

    def _change(
        self, state: SourceState, reason: str = "", at: tuple[int, int] | None = None
    ) -> None:
        if state == self._state or self._handover.stopped:
            return
        self._state = state
        pts, wall = at or self._now()
        self._report(RunChanged(run=self._run, state=state, pts=pts, at=wall, reason=reason))

    def _now(self) -> tuple[int, int]:
        """(pts, at) of this moment."""
        if self._spec.live:
            pts = 0 if self._began is None else self._clock.monotonic() - self._began
            return pts, self._clock.wall()
        start = self._spec.started_at
        return self._last, self._clock.wall() if start is None else start + self._last
