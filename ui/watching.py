"""What is being watched: the open runs, which of them is shown, and how fresh its picture is."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from PySide6.QtCore import QObject, Signal

from engine.facts import SourceSpec, SourceState, Watched
from engine.media import Frame
from engine.messages import (
    CloseSource,
    Failed,
    OpenSource,
    Pause,
    Resume,
    SourceChanged,
    Tracked,
)
from ui.bridge import Bridge

STALLED_AFTER_S = 2.0


@dataclass(kw_only=True)
class OpenRun:
    """One open source, as the window knows it."""

    run: str
    spec: SourceSpec
    state: SourceState | None = None
    """None until the engine said anything."""
    reason: str = ""
    newest: Frame | None = None
    fresh_at: float = 0.0
    """When its newest frame came, on the monotonic clock."""
    tracked: Tracked | None = None


class Watching(QObject):
    """Opens, closes and switches sources; `pull` brings the newest frame of the shown one."""

    changed = Signal()
    """Runs, their states, the selection or the pause are not what they were."""
    refused = Signal(Failed, SourceSpec)
    """A source could not be opened."""
    consent_wanted = Signal(SourceSpec)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.runs: dict[str, OpenRun] = {}
        self.selected: OpenRun | None = None
        self.paused = False
        self.now: Callable[[], float] = monotonic
        self._recorded: dict[str, bool] = {}
        bridge.source_changed.connect(self._source_changed)
        bridge.tracked.connect(self._tracked)
        bridge.read(bridge.archive.watched, self, self._past_runs)

    def open(self, spec: SourceSpec, *, consented: bool = False) -> str:
        """Watch a source and show it; an open one is only shown. While paused it waits for the user
        to go on, like every other. Returns the run."""
        for run in self.runs.values():
            if run.spec.consent_key == spec.consent_key and run.state != "ended":
                self.select(run.run)
                return run.run
        for run in [r for r in self.runs.values() if r.spec.consent_key == spec.consent_key]:
            self.close(run.run)
        command = OpenSource(spec=spec, consented=consented or spec.kind == "demo")
        self.runs[command.run] = OpenRun(run=command.run, spec=spec)
        self._recorded[command.run] = not spec.live
        self.select(command.run)
        self._bridge.request(command, self, failed=self._refused)
        return command.run

    def close(self, run: str) -> None:
        """Stop watching a run."""
        gone = self.runs.pop(run, None)
        if gone is None:
            return
        self._bridge.drop(run)
        self._bridge.send(CloseSource(run=run))
        if self.selected is gone:
            self.selected = next(reversed(self.runs.values()), None) if self.runs else None
        self.changed.emit()

    def select(self, run: str) -> None:
        self.selected = self.runs.get(run)
        self.changed.emit()

    def set_paused(self, paused: bool) -> None:
        """Stop (or go on) looking at every source."""
        self.paused = paused
        self._bridge.send(Pause() if paused else Resume())
        for run in self.runs.values():
            run.fresh_at = self.now()
        self.changed.emit()

    def pull(self) -> Frame | None:
        """The newest frame of the shown run, when it is another one than at the last pull."""
        shown = self.selected
        if shown is None or self.paused:
            return None
        frame = self._bridge.newest(shown.run)
        if frame is None or frame is shown.newest:
            return None
        shown.newest, shown.fresh_at = frame, self.now()
        return frame

    def age(self) -> float | None:
        """Seconds since the shown picture came; None when none ever came."""
        shown = self.selected
        if shown is None or shown.newest is None:
            return None
        return self.now() - shown.fresh_at

    @property
    def looks(self) -> bool:
        """Whether anything is looked at just now."""
        return not self.paused and any(r.state == "open" for r in self.runs.values())

    def again(self) -> None:
        """Watch the shown recording from its beginning."""
        if self.selected is not None:
            self.open(self.selected.spec)

    def recorded(self, run: str) -> bool:
        """Whether times of this run are told as stream time."""
        return self._recorded.get(run, False)

    def _past_runs(self, past: tuple[Watched, ...]) -> None:
        for stretch in past:
            self._recorded.setdefault(stretch.run, stretch.recorded)

    def _refused(self, failed: Failed) -> None:
        run = self.runs.pop(failed.ref, None)
        if run is None:
            return
        if self.selected is run:
            self.selected = next(reversed(self.runs.values()), None) if self.runs else None
        self.changed.emit()
        if failed.kind == "ConsentMissing":
            self.consent_wanted.emit(run.spec)
        else:
            self.refused.emit(failed, run.spec)

    def _source_changed(self, event: SourceChanged) -> None:
        if event.spec.kind == "microphone":  # It has no picture; ui/watch/voice.py shows it.
            return
        self._recorded[event.run] = not event.spec.live
        run = self.runs.get(event.run)
        if run is None:
            if event.state == "ended":
                return
            run = self.runs[event.run] = OpenRun(run=event.run, spec=event.spec)
            self.selected = self.selected or run
        was, run.state, run.reason = run.state, event.state, event.reason
        if event.state == "paused":
            self.paused = True
        elif event.state == "open" and was == "paused":
            self.paused = False
        if event.state == "open":
            self._bridge.drop(event.run)
        if event.state in ("ended", "lost"):
            run.tracked = None
        self.changed.emit()

    def _tracked(self, event: Tracked) -> None:
        run = self.runs.get(event.run)
        if run is not None:
            run.tracked = event
