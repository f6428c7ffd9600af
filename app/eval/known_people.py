"""What `nacre eval gallery` tells of people: two in clips, strangers in photos, strangers made."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.eval import people, returning, strangers
from app.eval.calibrating import calibration_error, of_people, outcomes
from app.eval.people import Unit, Watched
from app.eval.returning import LIKE, Cast, Photos
from app.eval.strangers import EACH, IN_A_PHOTO, QUICK_EACH, Face, Stranger
from app.eval.tabling import Table
from engine.facts import View
from engine.ports.seeing import FaceEmbedder

TWIN = 0.7
"""So much of the person a look-alike has who comes back. With half of each hardly any was named."""
DONORS, QUICK_DONORS = 5, 1
"""Whose rest it is: so many of the photos, evenly spread."""
PASSING_BY = 12
"""Strangers who come back in one stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """The people of an evaluation."""

    watched: Sequence[Watched]
    photos: Sequence[tuple[str, View]]
    """(photo, the view of the face in it): strangers to all who are watched."""
    embedder: FaceEmbedder
    quick: bool = False

    @property
    def donors(self) -> list[Face]:
        """Of whose faces look-alikes have the rest."""
        count = QUICK_DONORS if self.quick else DONORS
        return [view.crop for _, view in self.photos[:: max(len(self.photos) // count, 1)]][:count]

    @property
    def persons(self) -> tuple[str, ...]:
        return tuple(sorted({one.person for one in self.watched}))


def measure(crowd: Crowd, table: Table) -> list[Stranger]:
    """Names, strangers, and how far off the probabilities are. Returns the strangers."""
    _names(crowd, table)
    faces = [view.crop for _, view in crowd.photos]
    each = QUICK_EACH if crowd.quick else EACH
    made = strangers.made(faces, crowd.embedder, each)
    shown = [_of_a_photo(name, view, crowd) for name, view in crowd.photos]
    _strangers(crowd, [*shown, *made], table)
    _look_alikes(crowd, table)
    _probabilities(crowd, [*shown, *made], table)
    return [*shown, *made]


def _of_a_photo(name: str, view: View, crowd: Crowd) -> Stranger:
    if crowd.quick:
        return Stranger(name=name, sort=IN_A_PHOTO, views=(view,) * strangers.LOOKS)
    return strangers.at_other_moments(name, view.crop, crowd.embedder)


def cast_of(crowd: Crowd, made: Sequence[Stranger]) -> list[Cast]:
    """A stream for each of some donors of look-alikes: a look is a frame of a clip."""
    photos: dict[str, list[list[View]]] = {}
    for one in crowd.watched:
        photos.setdefault(one.person, []).append([one.snapshot, *one.views])
    for stranger in made:
        photos[stranger.name] = [list(stranger.views)]
    casts: list[Cast] = []
    for donor in crowd.donors:
        alike: dict[str, list[list[View]]] = {}
        for one in crowd.watched:
            twins = [
                strangers.mixed(view.crop, donor, TWIN) for view in one.views[: strangers.LOOKS]
            ]
            views = [strangers.view_of(twin, crowd.embedder) for twin in twins]
            alike.setdefault(one.person + LIKE, []).append(views)
        casts.append(
            Cast(
                photos=_without_pixels({**photos, **alike}),
                kind="person",
                known=crowd.persons,
                strangers=PASSING_BY,
            )
        )
    return casts


def _without_pixels(photos: Photos) -> Photos:
    return {
        name: [[replace(view, crop=returning.BLANK) for view in views] for views in mine]
        for name, mine in photos.items()
    }


def _names(crowd: Crowd, table: Table) -> None:
    alone, together = people.every_split(crowd.watched)
    known = [unit for unit in [*alone, *together] if unit.known]
    others = [unit for unit in alone if not unit.known]
    right = (sum(unit.right for unit in known), len(known))
    row = table.add("people: right", right, 2)
    table.metrics["people_right"] = right[0] / right[1]
    table.intervals["people_right"] = (row["low"], row["high"])
    table.add("people: missed", (sum(not unit.named for unit in known), len(known)), 2)
    wrong = sum(unit.wrong for unit in known)
    table.none("people_wrong", "people: wrong", (wrong, len(known)), 2)
    named = sum(bool(unit.named) for unit in others)
    table.none("strangers_named", "people: strangers named", (named, len(others)), 2)
    left = sum(unit.left for unit in known)
    table.none("people_falsely_left", "people: falsely left", (left, len(known)), 2)
    firsts = [unit.first_s for unit in known if unit.first_s is not None]
    table.metrics["first_name_s"] = float(np.percentile(firsts, 95))
    table.add("people: named within 1 s", (sum(one <= 1 for one in firsts), len(known)), 2)


def _strangers(crowd: Crowd, others: Sequence[Stranger], table: Table) -> None:
    """A stranger counts once, however many registrations name it: they are of two people."""
    units = strangers.units(crowd.watched, others)
    for sort in dict.fromkeys(one.sort for one in others):
        mine = [one.name for one in others if one.sort == sort]
        named = {unit.clip for unit in units if unit.named and unit.clip in set(mine)}
        metric = "photo" if sort == IN_A_PHOTO else sort.split()[0]
        what = f"people: strangers {sort} named, by any of {len(crowd.watched)} registrations"
        table.none(f"{metric}_strangers_named", what, (len(named), len(mine)), len(mine))
    made = [unit for unit in units if not unit.clip.startswith(tuple(n for n, _ in crowd.photos))]
    named = {unit.clip for unit in made if unit.named}
    count = (len(named), len({unit.clip for unit in made}))
    table.none("made_strangers_named", "people: strangers made, named", count, count[1])


def _look_alikes(crowd: Crowd, table: Table) -> None:
    """Named, before the other clips of the person that they are half of. No goal: who is half of
    somebody is no stranger quite."""
    named: list[tuple[str, float]] = []
    for clip in crowd.watched:
        for alike in strangers.look_alikes(clip, crowd.donors, crowd.embedder):
            posing = people.posing(alike.name, alike.views)
            for known in crowd.watched:
                if known is not clip and known.person == clip.person:
                    unit: Unit = people.unit(posing, [(known.person, known.snapshot)])
                    named.append((clip.person, float(bool(unit.named))))
    table.shared("half_alike_named", named)


def _probabilities(crowd: Crowd, others: Sequence[Stranger], table: Table) -> None:
    """Of one half of people and strangers, and of the other, on which nothing was fitted."""
    for number, person in enumerate(crowd.persons):
        mine = [one for one in crowd.watched if one.person == person]
        told = of_people(mine, crowd.watched, others[number::2])
        half = "_chosen" if number == 0 else ""
        table.metrics[f"people_calibration_error{half}"] = calibration_error(told)
        if number:
            for outcome, count in outcomes(told).items():
                table.add(f"people, {outcome}: it was so", count, 2)
