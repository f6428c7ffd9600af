"""One run being watched: its feed, and the thread that looks at the frames and reports."""

import logging
from collections.abc import Callable
from threading import BoundedSemaphore, Thread
from typing import Protocol

from engine import reports as rep
from engine.facts import ActionsSought, SourceSpec
from engine.media import Frame
from engine.parts import Feed
from engine.ports.seeing import Perception, Seen, Seer

log = logging.getLogger(__name__)

LOOKS_AHEAD = 4
"""The seeing thread may be so many reports ahead of the session, no more."""


class Post(Protocol):
    """Where the reports go."""

    def report(self, message: rep.Report, release: Callable[[], None] | None = None) -> None:
        """Put a report into the inbox; `release` is called when it was handled."""
        ...

    def perception(self) -> Perception:
        """The models; waits until they are loaded."""
        ...

    def wants_things(self) -> bool:
        """Whether things are worth embedding now."""
        ...

    def spares(self) -> bool:
        """Whether people without a name are made unrecognisable in what is kept."""
        ...

    def actions_sought(self) -> ActionsSought:
        """What is looked for of the actions that were shown."""
        ...

    def ended(self, run: str, last: Frame | None) -> None:
        """Nothing more will be reported of this run."""
        ...


class Lookout:
    """Watches one run."""

    def __init__(self, post: Post, spec: SourceSpec, run: str, feed: Feed) -> None:
        self.feed = feed
        self._post = post
        self._spec = spec
        self._run = run
        self._ahead = BoundedSemaphore(LOOKS_AHEAD)
        self._thread = Thread(target=self._watch, name=f"seeing-{run}", daemon=True)

    def start(self) -> None:
        self.feed.start()
        self._thread.start()

    def stop(self) -> None:
        """Have the feed end its frames; returns at once."""
        Thread(target=self.feed.stop, name=f"stop-{self._run}", daemon=True).start()

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    def _watch(self) -> None:
        last: Frame | None = None
        try:
            last = self._look_at_all()
        except Exception as error:
            log.exception("seeing stopped")
            self._post.report(
                rep.EffectFailed(
                    reason=f"{self._spec.label} can no longer be watched. What was seen is kept. "
                    "Open it again.",
                    error=type(error).__name__,
                    run=self._run,
                )
            )
        finally:
            self.feed.stop()
            self._post.ended(self._run, last)

    def _look_at_all(self) -> Frame | None:
        """Until the frames are over; the last one."""
        post, last = self._post, None
        seer: Seer | None = None
        for frame in self.feed.frames():
            # The models are waited for here, and not earlier: the preview does not need them.
            seer = seer or post.perception().seer(self._spec, self._run)
            things, spare = post.wants_things(), post.spares()
            self._tell(seer.see(frame, want_things=things, spare=spare), frame)
            self._stir(seer, frame)
            last = frame
        if seer is not None and last is not None:
            self._tell(seer.close(), last)
        return last

    def _stir(self, seer: Seer, frame: Frame) -> None:
        stir = seer.stir(frame, self._post.actions_sought())
        if stir is None:
            return
        self._ahead.acquire()
        report = rep.Stirred(
            run=frame.run,
            pts=frame.pts,
            at=frame.at,
            size=frame.size,
            glance=stir.glance,
            motions=stir.motions,
            bodies=stir.bodies,
            poses=stir.poses,
        )
        self._post.report(report, self._ahead.release)

    def _tell(self, seen: Seen, frame: Frame) -> None:
        for clip in seen.clips:
            self._post.report(rep.ClipClosed(clip=clip))
        if seen.tracks is not None:
            self._ahead.acquire()
            report = rep.Perceived(
                frame=frame, tracks=seen.tracks, changed=seen.changed, figures=seen.figures
            )
            self._post.report(report, self._ahead.release)
        for text, gone in seen.texts:
            self._post.report(rep.TextRead(text=text, gone=gone))
