"""Actions, as the session follows them: the last seconds of each run, what was done in them, by
whom."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from engine import reports as rep
from engine.decision.actions import ActionWatch, Known, Performance, known_action, lengths_of
from engine.decision.bodies import BodyWatch, templates_of
from engine.decision.templates import Templates
from engine.errors import ConceptError
from engine.facts import MOTION_EMBEDDER, ActionsSought, MotionClip, Sighting, family
from engine.media import Box, Grey, Span, nanoseconds
from engine.memory.gallery import Gallery
from engine.messages import TeachAction, Tracked

KEPT_S = 25.0
"""An action is 10 s at most; the rest is the time that a name takes to be typed."""
LEAST_OVERLAP = 0.5
"""So much of the smaller box lies in the other where one who is known did what was done."""


@dataclass(slots=True)
class _Recent:
    """The last seconds of one run."""

    watch: ActionWatch = field(default_factory=ActionWatch)
    bodies: BodyWatch | None = None
    glances: deque[tuple[int, Grey]] = field(default_factory=deque[tuple[int, Grey]])
    known: deque[tuple[int, Box, str]] = field(default_factory=deque[tuple[int, Box, str]])
    """(when, where, who) of those with a sure name."""

    def let_go(self, pts: int) -> None:
        for kept in (self.glances, self.known):
            while kept and pts - kept[0][0] > nanoseconds(KEPT_S):
                kept.popleft()


class Acting:
    """Follows what is done in the open runs. Bounded: 25 s of small grey pictures a run."""

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery
        self._recent: dict[str, _Recent] = {}
        self._version = -1
        self._known: tuple[Known, ...] = ()
        """By their motion."""
        self._templates: dict[str, Templates] = {}
        """By their poses: for each `PoseEstimator`."""
        self._sought = ActionsSought()

    @property
    def sought(self) -> ActionsSought:
        """What is looked for. Safe to be read from any thread."""
        return self._sought

    def know(self) -> None:
        """The gallery has changed."""
        if self._version == self._gallery.version:
            return
        self._version = self._gallery.version
        shown = self._gallery.actions()
        self._known = tuple(
            known_action(one.concept, one.right, one.wrong)
            for one in shown
            if one.embedder == MOTION_EMBEDDER
        )
        by_poses = {e for one in shown if not _by_motion(e := one.embedder)}
        self._templates = {
            name: templates_of(
                (one.concept, one.right, one.wrong) for one in shown if one.embedder == name
            )
            for name in sorted(by_poses)
        }
        for recent in self._recent.values():
            recent.bodies = None
        lengths_s = lengths_of(self._known)
        self._sought = ActionsSought(lengths_s=lengths_s, poses=frozenset(by_poses))

    def look(self, drawn: Tracked) -> None:
        """Who is known to be where."""
        recent = self._recent.setdefault(drawn.run, _Recent())
        for overlay in drawn.overlays:
            if overlay.certainty == "sure" and overlay.concept is not None:
                recent.known.append((drawn.pts, overlay.box, overlay.concept))
        recent.let_go(drawn.pts)

    def stirred(self, stirred: rep.Stirred) -> list[Sighting]:
        """What is now known to have been done."""
        recent = self._recent.setdefault(stirred.run, _Recent())
        glances = recent.glances
        if glances and glances[-1][1].shape != stirred.glance.shape:
            glances.clear()
        glances.append((stirred.pts, stirred.glance))
        recent.let_go(stirred.pts)
        return [
            _sighting(one, stirred.run, stirred.at - stirred.pts, recent)
            for one in self._done(recent, stirred)
        ]

    def _done(self, recent: _Recent, stirred: rep.Stirred) -> list[Performance]:
        """What is known by poses is not looked for in the motion where poses are read."""
        templates = self._templates.get(stirred.poses)
        if templates is None:
            return recent.watch.look(stirred.motions, self._known, stirred.pts)
        recent.bodies = recent.bodies or BodyWatch(templates)
        others = [known for known in self._known if known.concept not in templates.concepts]
        moved = recent.watch.look(stirred.motions, others, stirred.pts)
        return moved + recent.bodies.look(stirred.bodies, stirred.pts)

    def ended(self, run: str, pts: int, at: int) -> list[Sighting]:
        """Nothing more is seen of the run for now: what had been done until then."""
        recent = self._recent.pop(run, None)
        if recent is None:
            return []
        done = recent.watch.close()
        if recent.bodies is not None:
            done += recent.bodies.close()
        return [_sighting(one, run, at - pts, recent) for one in done]

    def forget(self) -> None:
        """Nothing of the last seconds is kept."""
        self._recent.clear()

    def clip(self, command: TeachAction) -> MotionClip:
        """The last seconds of a run, or of the one seen last.

        Raises:
            ConceptError: nothing is watched, or not for long enough.
        """
        newest = max(
            (name for name, recent in self._recent.items() if recent.glances),
            key=lambda name: self._recent[name].glances[-1][0],
            default=None,
        )
        recent = self._recent.get(command.run or newest or "")
        if recent is None or not recent.glances:
            raise ConceptError(
                "Nothing is being watched, so no action can be remembered. Nothing was changed. "
                "Open a camera, or give a file."
            )
        until = recent.glances[-1][0] if command.until is None else command.until
        since = until - nanoseconds(command.lasts_s)
        kept = [(pts, glance) for pts, glance in recent.glances if since <= pts <= until]
        return MotionClip(
            times=tuple(t for t, _ in kept),
            pictures=tuple(p for _, p in kept),
            run=command.run or newest or "",
        )


def _sighting(done: Performance, run: str, since: int, recent: _Recent) -> Sighting:
    """`since`: when the stream began."""
    return Sighting(
        run=run,
        span=done.span,
        at=since + done.span.end,
        phase="ended",
        concept=done.concept,
        kind="action",
        score=round(done.score, 4),
        box=done.box,
        track=0,
        actor=_actor(recent.known, done.span, done.box),
    )


def _by_motion(embedder: str) -> bool:
    """Whether it is MOTION_EMBEDDER, or an older one."""
    return family(embedder) == family(MOTION_EMBEDDER)


def _actor(known: Sequence[tuple[int, Box, str]] | deque[tuple[int, Box, str]], span: Span,
           box: Box) -> str | None:  # fmt: skip
    """Who was there most of the time."""
    there = Counter(
        who
        for pts, where, who in known
        if span.start <= pts <= span.end
        and where.intersection(box) >= LEAST_OVERLAP * min(where.area, box.area)
    )
    return there.most_common(1)[0][0] if there else None
