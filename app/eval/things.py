"""Things known from some photos each, among strangers, over random splits.

A photo is judged as it would be in a stream in which nothing moves: by the same view, twice. A
track of several photos is judged by all of them.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.config import IdentityConfig
from engine.decision.identity import TrackIdentity
from engine.facts import Certainty, Concept, Exemplar, View
from engine.memory.gallery import Gallery

CHOICE_SEED = 20261126
MARGIN = 0.05
"""Of the baselines, to the runner-up."""
Judge = Callable[[Mapping[str, Sequence[View]], Sequence[View]], tuple[Certainty, str | None]]
"""From the taught views by subject and those of a track: (how sure, who)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One track judged: whose it is, and the verdict."""

    subject: str
    known: bool
    certainty: Certainty
    named: str | None

    @property
    def right(self) -> bool:
        return self.known and self.certainty == "sure" and self.named == self.subject

    @property
    def wrong(self) -> bool:
        return self.known and self.certainty == "sure" and self.named != self.subject

    @property
    def stranger_named(self) -> bool:
        return not self.known and self.certainty == "sure"


def halves(subjects: Sequence[str]) -> tuple[frozenset[str], frozenset[str]]:
    """(thresholds are chosen on these, figures are reported on those), by a fixed seed."""
    order = sorted(subjects)
    random.Random(CHOICE_SEED).shuffle(order)
    middle = len(order) // 2
    return frozenset(order[:middle]), frozenset(order[middle:])


def random_splits(
    views: Mapping[str, Sequence[View]],
    *,
    splits: int,
    shots: int,
    photos: int = 1,
    judge: Judge | None = None,
) -> list[Query]:
    """Half of the subjects registered by `shots` photos each, the other half strangers; by seed. A
    track has so many `photos`."""
    found: list[Query] = []
    for seed in range(splits):
        found += _split(views, seed, shots, photos, judge or by_product)
    return found


def _split(
    views: Mapping[str, Sequence[View]], seed: int, shots: int, photos: int, judge: Judge
) -> list[Query]:
    rng = random.Random(seed)
    subjects = sorted(views)
    rng.shuffle(subjects)
    known = set(subjects[: len(subjects) // 2])
    taught: dict[str, list[View]] = {}
    queries: list[tuple[str, list[View]]] = []
    for subject in subjects:
        order = list(views[subject])
        rng.shuffle(order)
        if subject in known:
            taught[subject], order = order[:shots], order[shots:]
        tracks = [order[n : n + photos] for n in range(0, len(order), photos)]
        queries += [(subject, track) for track in tracks if len(track) == photos]
    found: list[Query] = []
    for subject, track in queries:
        certainty, named = judge(taught, track)
        found.append(
            Query(subject=subject, known=subject in known, certainty=certainty, named=named)
        )
    return found


def by_product(
    taught: Mapping[str, Sequence[View]], track: Sequence[View]
) -> tuple[Certainty, str | None]:
    """The policy of the product."""
    exemplars = [
        exemplar(s, view, n) for s, views in taught.items() for n, view in enumerate(views)
    ]
    gallery = Gallery([Concept(id=s, name=s, kind="thing") for s in taught], exemplars)
    config = IdentityConfig()
    identity = TrackIdentity(config, face=False)
    looks = list(track) * max(1, -(-config.min_views // len(track)))
    for view in looks:
        identity.look(view, gallery.scores, gallery.version)
    return identity.verdict.certainty, identity.verdict.concept


def by_mean(
    taught: Mapping[str, Sequence[View]], track: Sequence[View]
) -> tuple[Certainty, str | None]:
    """A baseline: mean of the cosines to each shot, at 0.60."""
    return _nearest(
        {
            s: _mean([[float(v.vector @ t.vector) for v in views] for t in track])
            for s, views in taught.items()
        },
        0.60,
    )


def by_centroid(
    taught: Mapping[str, Sequence[View]], track: Sequence[View]
) -> tuple[Certainty, str | None]:
    """A baseline: the cosine to the normalised centroid of the shots, at 0.70."""
    scores: dict[str, float] = {}
    for subject, views in taught.items():
        centre = np.sum([view.vector for view in views], axis=0)
        centre = centre / np.linalg.norm(centre)
        scores[subject] = _mean([[float(centre @ look.vector)] for look in track])
    return _nearest(scores, 0.70)


def _mean(values: Sequence[Sequence[float]]) -> float:
    return float(np.mean([np.mean(row) for row in values]))


def _nearest(scores: Mapping[str, float], bar: float) -> tuple[Certainty, str | None]:
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    second = ranked[1][1] if len(ranked) > 1 else -1.0
    sure = ranked[0][1] >= bar and ranked[0][1] - second >= MARGIN
    return ("sure", ranked[0][0]) if sure else ("unknown", None)


def exemplar(subject: str, view: View, number: int = 0) -> Exemplar:
    """What a view shows of a subject, as it is registered."""
    return Exemplar(
        id=f"{subject}-{number}",
        concept=subject,
        embedder=view.embedder,
        vector=view.vector,
        crop=view.crop,
        positive=True,
        at=0,
    )
