"""Coming and going: visits, folded from what each look shows.

A visit has a key: a concept, or a place among the people (or moving things) without a name. An
unnamed track that is lost and found again under another number goes on with the same visit, so a
broken track is not an arrival. A visit ends when its key was not seen for `leave_s`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from engine.config import PresenceConfig
from engine.facts import ConceptKind
from engine.media import Box, nanoseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One track in one look, with its name where it has one."""

    track: int
    kind: ConceptKind
    concept: str | None
    box: Box
    score: float


@dataclass(slots=True, kw_only=True)
class Stay:
    """One visit, as it goes on."""

    concept: str | None
    kind: ConceptKind
    track: int
    since: int
    last: int
    last_at: int
    """Wall time of `last`: a recording does not play at the pace of the clock."""
    box: Box
    score: float
    began_on: int = 0
    """The track that it began with."""
    on_track_since: int = 0
    """When the track that it goes on with took it over."""
    announced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a look changed, in order. `named`: an unnamed visit that now has a name and goes on
    under it: nobody left."""

    began: tuple[Stay, ...]
    ended: tuple[Stay, ...]
    named: tuple[Stay, ...]


class Presence:
    """The visits of one run."""

    def __init__(self, config: PresenceConfig) -> None:
        self._arrive = nanoseconds(config.arrive_s)
        self._leave = nanoseconds(config.leave_s)
        self._stays: list[Stay] = []

    @property
    def stays(self) -> tuple[Stay, ...]:
        """The visits that have begun and not ended."""
        return tuple(stay for stay in self._stays if stay.announced)

    def look(self, seen: Iterable[Seen], pts: int, at: int) -> Changes:
        """Take in all that one look showed."""
        in_view = sorted(seen, key=lambda s: (s.concept is None, s.track))
        tracks = {s.track for s in in_view}
        named: list[Stay] = []
        touched: set[int] = set()
        for one in in_view:
            stay = self._stay_of(one, tracks, touched, named)
            if stay is None:
                stay = Stay(
                    concept=one.concept,
                    kind=one.kind,
                    track=one.track,
                    since=pts,
                    last=pts,
                    last_at=at,
                    box=one.box,
                    score=one.score,
                    began_on=one.track,
                    on_track_since=pts,
                )
                self._stays.append(stay)
            if stay.track != one.track:
                stay.on_track_since = pts
            stay.track, stay.box = one.track, one.box
            stay.last, stay.last_at = pts, at
            stay.score = max(stay.score, one.score)
            touched.add(id(stay))
        began = [s for s in self._stays if not s.announced and self._arrived(s)]
        for stay in began:
            stay.announced = True
        gone = [s for s in self._stays if pts - s.last >= self._leave]
        self._stays = [s for s in self._stays if pts - s.last < self._leave]
        ended = [s for s in gone if s.announced]
        return Changes(began=tuple(began), ended=tuple(ended), named=tuple(named))

    def close(self) -> tuple[Stay, ...]:
        """The run is over or out of sight: the visits that were still going on, and none now."""
        stays, self._stays = self.stays, []
        return stays

    def forget(self, concept: str) -> None:
        """Drop the visit of a concept without a word."""
        self._stays = [s for s in self._stays if s.concept != concept]

    def retell(self, track: int, was: str | None, concept: str | None, kind: ConceptKind) -> None:
        """The visit that this track began, of `was` (None: of nobody known), is one of `concept`.
        One that began with another track ends by itself: then it was right."""
        for stay in self._stays:
            if (stay.concept, stay.track, stay.began_on) == (was, track, track):
                stay.concept, stay.kind = concept, kind
        self._unite(concept)

    def rename(self, was: str, concept: str, kind: ConceptKind) -> None:
        """All visits of one concept are of another."""
        for stay in self._stays:
            if stay.concept == was:
                stay.concept, stay.kind = concept, kind
        self._unite(concept)

    def _unite(self, concept: str | None) -> None:
        """Of several visits of one concept the longest goes on."""
        same = [s for s in self._stays if s.concept == concept]
        if concept is None or len(same) < 2:
            return
        first = min(same, key=lambda s: s.since)
        self._stays = [s for s in self._stays if s.concept != concept or s is first]

    def _arrived(self, stay: Stay) -> bool:
        # A name has already waited for its views; an unnamed track waits to be more than a flicker.
        return stay.concept is not None or stay.last - stay.since >= self._arrive

    def _stay_of(
        self, one: Seen, tracks: set[int], touched: set[int], named: list[Stay]
    ) -> Stay | None:
        """The visit that this track goes on with, if any."""
        if one.concept is None:
            return self._unnamed(one, tracks, touched)
        own = next((s for s in self._stays if s.concept == one.concept), None)
        before = next((s for s in self._stays if s.concept is None and s.track == one.track), None)
        if before is not None:
            self._stays.remove(before)
            if before.announced:
                named.append(before)
        if own is None and before is not None:
            own = Stay(
                concept=one.concept,
                kind=one.kind,
                track=one.track,
                # Other bodies may have been taken for the same visitor while nobody had a name.
                since=before.on_track_since,
                last=before.last,
                last_at=before.last_at,
                box=one.box,
                score=one.score,
                began_on=one.track,
                on_track_since=before.on_track_since,
            )
            self._stays.append(own)
        return own

    def _unnamed(self, one: Seen, tracks: set[int], touched: set[int]) -> Stay | None:
        same = [s for s in self._stays if s.concept is None and s.kind == one.kind]
        for stay in same:
            if stay.track == one.track and id(stay) not in touched:
                return stay
        for stay in same:
            if stay.track not in tracks and id(stay) not in touched:
                return stay
        return None
