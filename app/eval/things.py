"""Things known from three photos each, among strangers, over random splits.

A photo is judged as it would be in a stream in which nothing moves: by the same view, twice.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from engine.config import IdentityConfig
from engine.decision.identity import TrackIdentity
from engine.facts import Certainty, Concept, Exemplar, View
from engine.memory.gallery import Gallery


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One photo judged: whose it is (None for a stranger's subject), and the verdict."""

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


def random_splits(
    views: Mapping[str, Sequence[View]],
    *,
    splits: int,
    shots: int,
    config: IdentityConfig | None = None,
) -> list[Query]:
    """Half of the subjects registered by `shots` photos each, the other half strangers; by seed."""
    config = config or IdentityConfig()
    return list(chain.from_iterable(_split(views, seed, shots, config) for seed in range(splits)))


def _split(
    views: Mapping[str, Sequence[View]], seed: int, shots: int, config: IdentityConfig
) -> list[Query]:
    rng = random.Random(seed)
    subjects = sorted(views)
    rng.shuffle(subjects)
    known = set(subjects[: len(subjects) // 2])
    exemplars: list[Exemplar] = []
    queries: list[tuple[str, View]] = []
    for subject in subjects:
        photos = list(views[subject])
        rng.shuffle(photos)
        taught = photos[:shots] if subject in known else []
        exemplars += [_exemplar(subject, n, view) for n, view in enumerate(taught)]
        queries += [(subject, view) for view in photos[len(taught) :]]
    gallery = Gallery([Concept(id=s, name=s, kind="thing") for s in known], exemplars)
    return [_judge(gallery, subject, subject in known, view, config) for subject, view in queries]


def _judge(
    gallery: Gallery, subject: str, known: bool, view: View, config: IdentityConfig
) -> Query:
    identity = TrackIdentity(config, face=False)
    for _ in range(config.min_views):
        identity.look(view, gallery.scores, gallery.version)
    verdict = identity.verdict
    return Query(subject=subject, known=known, certainty=verdict.certainty, named=verdict.concept)


def _exemplar(subject: str, number: int, view: View) -> Exemplar:
    return Exemplar(
        id=f"{subject}-{number}",
        concept=subject,
        embedder=view.embedder,
        vector=view.vector,
        crop=view.crop,
        positive=True,
        at=0,
    )
