"""One run as the session sees it: who is in view, what each track is called, what to draw."""

from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from engine.config import EngineConfig
from engine.decision.identity import TrackIdentity
from engine.decision.presence import Presence, Seen, Stay
from engine.facts import (
    ClipRecord,
    Concept,
    ConceptKind,
    Overlay,
    Run,
    ScreenText,
    Sighting,
    SourceSpec,
    SourceState,
    Track,
)
from engine.media import Box, Frame, Image, Span
from engine.memory.gallery import Gallery
from engine.messages import Tracked
from engine.reports import Perceived

Spanned = TypeVar("Spanned", ClipRecord, ScreenText)

TRACKS_REMEMBERED = 64
"""Tracks seen last, whose names can still be corrected. Those in view are always remembered."""
NAMELESS = {"person": "someone", "thing": "", "motion": "something"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one watched frame changed."""

    began: tuple[Sighting, ...]
    ended: tuple[Sighting, ...]
    named: tuple[Sighting, ...]
    """Unnamed visits that go on under a name: they end here, and nobody left."""
    drawn: Tracked


class Watching:
    """The state of one open run."""

    def __init__(self, spec: SourceSpec, config: EngineConfig, opened_at: int) -> None:
        self.spec = spec
        self.run: Run | None = None
        self.state: SourceState | None = None
        self.closing = False
        """Asked to end: it may be opened again, before the last of it has been looked at."""
        self.pts = 0
        self.at = opened_at
        self.frame: Frame | None = None
        self._forgotten = -1
        self._config = config
        self._presence = Presence(config.presence)
        self._identities: dict[int, TrackIdentity] = {}
        """The one seen last is the last."""
        self._drawn: tuple[Overlay, ...] = ()
        self._born: dict[int, int] = {}
        """When each track of the newest look was first seen."""

    @property
    def drawn(self) -> tuple[tuple[Overlay, int], ...]:
        """What the newest look showed, each with how long it has been there (nanoseconds)."""
        return tuple((one, self.pts - self._born.get(one.track, self.pts)) for one in self._drawn)

    @property
    def moving(self) -> tuple[Box, ...]:
        """Where the newest look saw something move that nobody can tell what it is."""
        return tuple(one.box for one in self._drawn if one.kind == "motion")

    def in_view(self) -> tuple[Sighting, ...]:
        """The visits going on now."""
        return tuple(self.sighting(stay, "began") for stay in self._presence.stays)

    def look(self, perceived: Perceived, gallery: Gallery) -> Look:
        """Take in one watched frame."""
        frame = perceived.frame
        self.frame, self.pts, self.at = frame, frame.pts, frame.at
        overlays = tuple(self._identify(track, gallery) for track in perceived.tracks)
        self._let_go_of_tracks(max(TRACKS_REMEMBERED, len(perceived.tracks)))
        self._drawn = overlays
        self._born = {t.id: self._born.get(t.id, frame.pts) for t in perceived.tracks}
        seen = [
            _seen(overlay, gallery)
            for overlay in overlays
            # A proposed thing without a name is furniture: it neither comes nor goes.
            if overlay.certainty == "sure" or overlay.kind != "thing"
        ]
        changes = self._presence.look(seen, frame.pts, frame.at)
        return Look(
            began=tuple(self.sighting(stay, "began") for stay in changes.began),
            ended=tuple(self.sighting(stay, "ended") for stay in changes.ended),
            named=tuple(self.sighting(stay, "ended") for stay in changes.named),
            drawn=Tracked(
                run=frame.run, pts=frame.pts, at=frame.at, size=frame.size, overlays=overlays
            ),
        )

    def interrupt(self) -> tuple[Sighting, ...]:
        """The picture is gone (paused, lost, ended): what was still in view, last seen when it
        was. Tracks do not outlast it."""
        stays = self._presence.close()
        self._identities.clear()
        self._drawn = ()
        return tuple(self.sighting(stay, "stayed") for stay in stays)

    def forget(self, until: int | None, now: int) -> None:
        """Everything up to this wall time (None: up to now) is forgotten: reports that come later
        do not bring it back."""
        now = max(now, self.at) if self.spec.live else self.at
        until = now if until is None else min(until, now)
        self._forgotten = max(self._forgotten, self.pts + until - self.at)
        if self.frame is not None and self.is_forgotten(self.frame):
            self.frame = None

    def is_forgotten(self, frame: Frame) -> bool:
        return self.is_past(frame.pts)

    def is_past(self, pts: int) -> bool:
        """Whether this moment is forgotten."""
        return pts <= self._forgotten

    def remaining(self, fact: Spanned) -> Spanned | None:
        """What may be kept of a fact that began earlier: only what came after the forgotten."""
        gone, span = self._forgotten, fact.span
        if span.start > gone:
            return fact
        if span.end <= gone:
            return None
        span = Span(start=gone + 1, end=span.end)
        if isinstance(fact, ScreenText):
            return replace(fact, span=span)
        kept = tuple((pts, image) for pts, image in fact.key_frames if pts > gone)
        # The vector is that of the first picture.
        return replace(fact, span=span, key_frames=kept, vector=None, embedder=None)

    def identity(self, track: int) -> TrackIdentity | None:
        """The evidence for a track, as long as it is remembered."""
        return self._identities.get(track)

    def unsettled(self) -> tuple[int, str, Image] | None:
        """A track of the newest look that a second opinion would settle: (track, the concept that
        it may be, its newest pixels)."""
        for overlay in self._drawn:
            identity = self._identities.get(overlay.track)
            concept = identity.unsettled if identity is not None else None
            view = identity.newest_view if identity is not None else None
            if concept is not None and view is not None and view.crop.size:
                return overlay.track, concept, view.crop
        return None

    def track_in(self, box: Box, *, person: bool) -> TrackIdentity | None:
        """The track of the newest look that a taught box means: a person it covers or lies in (a
        face in its body), or the thing it outlines. What merely moves may be either."""
        best, fit = None, 0.5
        for overlay in self._drawn:
            if overlay.kind != "motion" and (overlay.kind == "person") != person:
                continue
            smaller = min(box.area, overlay.box.area)
            shared = box.intersection(overlay.box) / smaller if person and smaller else 0.0
            now = max(shared, box.overlap(overlay.box))
            if now >= fit:
                best, fit = overlay.track, now
        return None if best is None else self._identities.get(best)

    def drop(self, concept: str) -> None:
        """The concept is forgotten: no visit, no track has its name."""
        self._presence.forget(concept)
        for identity in self._identities.values():
            identity.drop(concept)

    def merge(self, source: str, target: Concept, ref: str) -> None:
        """Both were the same all the time."""
        self._presence.rename(source, target.id, target.kind)
        for identity in self._identities.values():
            identity.merge(source, target.id, ref)

    def retell(self, track: int, was: str | None, concept: str | None, kind: ConceptKind) -> None:
        """The visit that a track began is of another than was said."""
        self._presence.retell(track, was, concept, kind)

    def undone(self, ref: str, concepts: frozenset[str]) -> None:
        """A change of the gallery was undone; only these concepts are left."""
        for identity in self._identities.values():
            identity.unsay(ref)
        for stay in self._presence.stays:
            if stay.concept is not None and stay.concept not in concepts:
                self._presence.forget(stay.concept)

    def sighting(self, stay: Stay, phase: Literal["began", "ended", "stayed"]) -> Sighting:
        """The fact of a visit that begins now, or has ended where it was last seen."""
        begins = phase == "began"
        end = self.pts if begins else stay.last
        return Sighting(
            run=self.run_id,
            span=Span(start=stay.since, end=end),
            at=self.at if begins else stay.last_at,
            phase=phase,
            concept=stay.concept,
            kind=stay.kind,
            score=round(stay.score, 4),
            box=stay.box,
            # Whatever track it goes on with: by this one its beginning is found again.
            track=stay.began_on,
        )

    @property
    def run_id(self) -> str:
        """Empty until the source has delivered its first frame."""
        return "" if self.run is None else self.run.run

    def _let_go_of_tracks(self, kept: int) -> None:
        """All but so many, the ones not seen for longest first."""
        for track in list(self._identities)[: max(len(self._identities) - kept, 0)]:
            del self._identities[track]

    def _identify(self, track: Track, gallery: Gallery) -> Overlay:
        identity = self._identities.pop(track.id, None)
        if identity is None:
            identity = TrackIdentity(self._config.identity, face=track.kind == "person")
        self._identities[track.id] = identity
        verdict = identity.look(track.view, gallery.scores, gallery.version, gallery.people)
        concept = None if verdict.concept is None else gallery.get(verdict.concept)
        if concept is None:
            return Overlay(
                track=track.id,
                box=track.box,
                kind=track.kind,
                certainty="unknown",
                concept=None,
                name=NAMELESS[track.kind],
                colour="",
                score=track.score,
            )
        return Overlay(
            track=track.id,
            box=track.box,
            kind=track.kind,
            certainty=verdict.certainty,
            concept=concept.id,
            name=concept.name,
            colour=concept.colour,
            score=round(verdict.probability, 4),
        )


def _seen(overlay: Overlay, gallery: Gallery) -> Seen:
    sure = overlay.certainty == "sure" and overlay.concept is not None
    concept = gallery.get(overlay.concept) if sure and overlay.concept else None
    kind = concept.kind if concept else "person" if overlay.kind == "person" else "thing"
    return Seen(
        track=overlay.track,
        kind=kind,
        concept=concept.id if concept else None,
        box=overlay.box,
        score=overlay.score,
    )
