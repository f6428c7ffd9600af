"""How well a look fits each concept, by the exemplars that one embedder made."""

from collections.abc import Iterable, Sequence
from functools import reduce

import numpy as np
import numpy.typing as npt

from engine.facts import Exemplar
from engine.media import Vector

NEAREST = 3
"""The score of a person is the mean cosine to so many of its exemplars, the nearest: views from
another side do no harm. The score of anything else is the cosine to the nearest part of the nearest
exemplar: photos of a thing from near and from afar meet in one of their parts. Measured, each tells
strangers apart better than the other (docs/decisions/0006)."""
SHORTLIST = 24
"""Of more concepts only the best so many are told."""
LARGE = 6_000_000
"""Numbers in all vectors together from which they are no longer held at full precision: then only
the concepts that are likeliest by their centroids are compared exemplar by exemplar."""
SHORTLIST_LARGE = 8
ALONE = 200_000
"""Multiplications that OpenBLAS does without a second thread (its limit is 262,144). Waiting for a
thread on a busy machine takes longer than the whole product: measured, 30 ms against 0.7."""

Rows = npt.NDArray[np.float32]
Places = npt.NDArray[np.intp]


class Shelf:
    """Concepts by their exemplars; grows one concept at a time."""

    def __init__(self, exemplars: Iterable[Exemplar], people: Iterable[str]) -> None:
        self._right: dict[str, list[Vector]] = {}
        self._wrong: dict[str, list[Vector]] = {}
        self._people = set(people)
        self._centroids: dict[str, Rows] = {}
        self._table: _Table | None = None
        self._centres: Rows = np.zeros((0, 0), np.float32)
        self._owners: list[str] = []
        self.add(exemplars)

    def add(self, exemplars: Iterable[Exemplar], person: str | None = None) -> None:
        """More exemplars; `person`: a concept that is one."""
        if person is not None:
            self._people.add(person)
        for exemplar in exemplars:
            side = self._right if exemplar.positive else self._wrong
            side.setdefault(exemplar.concept, []).append(exemplar.vector)
            self._centroids.pop(exemplar.concept, None)
        self._table, self._owners = None, []

    def scores(self, vector: Vector) -> dict[str, float]:
        """Of the best concepts; without those that the look is nearer to what they are not."""
        looks = np.atleast_2d(np.asarray(vector, np.float32))
        if not self._right:
            return {}
        if self._table is None and not self._owners:
            self._lay()
        if self._table is not None:
            return self._table.scores(looks)
        fits = products(self._centres, looks.sum(axis=0, keepdims=True))[:, 0]
        likely = [self._owners[place] for place in _largest(fits, SHORTLIST_LARGE)]
        return _Table(likely, self._right, self._wrong, self._people).scores(looks)

    def _lay(self) -> None:
        owners = list(self._right)
        numbers = sum(v.size for side in (self._right, self._wrong) for o in side for v in side[o])
        if numbers <= LARGE or len(owners) <= SHORTLIST_LARGE:
            self._table = _Table(owners, self._right, self._wrong, self._people)
            return
        for owner in owners:
            if owner not in self._centroids:
                self._centroids[owner] = _centroid(self._right[owner])
        self._owners = owners
        self._centres = np.stack([self._centroids[owner] for owner in owners])
        self._centroids = dict(zip(owners, self._centres, strict=True))


class _Table:
    """All parts of all exemplars of some concepts, in one matrix."""

    def __init__(
        self,
        owners: Sequence[str],
        right: dict[str, list[Vector]],
        wrong: dict[str, list[Vector]],
        people: set[str],
    ) -> None:
        self._owners = owners
        self._people = [owner in people for owner in owners]
        self._right = _Laid([right[owner] for owner in owners])
        denied = [place for place, owner in enumerate(owners) if owner in wrong]
        self._denied = np.array(denied, np.intp)
        self._wrong = _Laid([wrong[owners[place]] for place in denied]) if denied else None

    def scores(self, looks: Rows) -> dict[str, float]:
        """See `Shelf.scores`."""
        each = self._right.nearest(looks)
        best = np.maximum.reduceat(each, self._right.owners)
        holds = np.ones(len(best), np.bool_)
        if self._wrong is not None:
            near = np.maximum.reduceat(self._wrong.nearest(looks), self._wrong.owners)
            holds[self._denied] = near <= best[self._denied]
        told = [place for place in _largest(best, SHORTLIST) if holds[place]]
        fits = best[told]
        people = [number for number, place in enumerate(told) if self._people[place]]
        if people:
            fits[people] = self._right.near(each, [told[number] for number in people])
        return {self._owners[place]: float(fit) for place, fit in zip(told, fits, strict=True)}


class _Laid:
    """The rows of some exemplars of some owners, one below the other."""

    def __init__(self, owners: Sequence[Sequence[Vector]]) -> None:
        vectors = [np.atleast_2d(vector) for owner in owners for vector in owner]
        self._rows = widened(np.concatenate(vectors))
        self._views = _starts([len(vector) for vector in vectors])
        self._lengths: Places = np.array([len(owner) for owner in owners], np.intp)
        self.owners = _starts(self._lengths)
        """Where the exemplars of each owner begin."""

    def nearest(self, looks: Rows) -> Rows:
        """Of each exemplar the largest cosine over its parts and those of the look."""
        # Column by column: a maximum along rows of three numbers takes longer than the product.
        best: Rows = reduce(np.maximum, products(self._rows, looks).T)
        alone = len(self._views) == len(best)
        return best if alone else np.maximum.reduceat(best, self._views)

    def near(self, each: Rows, owners: Sequence[int]) -> Rows:
        """Of each of these owners the mean over its exemplars that are nearest."""
        lengths = self._lengths[owners]
        places = np.arange(int(lengths.max()))
        held = places < lengths[:, None]
        mine = each[np.where(held, self.owners[owners][:, None] + places, 0)]
        mine[~held] = -2
        best: Rows = np.sort(mine, axis=1)[:, ::-1][:, :NEAREST]
        counts = np.minimum(lengths, NEAREST)
        best[np.arange(best.shape[1]) >= counts[:, None]] = 0
        return np.asarray(best.sum(axis=1) / counts, np.float32)


def products(rows: Rows, looks: Rows) -> Rows:
    """`rows @ looks.T` in pieces that need no second thread."""
    count = len(looks)
    if count == 1:
        # A product with one column is made by other code, which takes threads much sooner.
        looks = np.concatenate([looks, looks])
    columns = np.ascontiguousarray(looks.T)
    step = max(ALONE // columns.size, 1)
    pieces = [rows[n : n + step] @ columns for n in range(0, len(rows), step)]
    return np.concatenate(pieces)[:, :count]


def widened(vectors: Vector | npt.NDArray[np.float16]) -> Rows:
    """The vectors at full precision. NumPy widens numbers of half precision one by one; moved by
    their bits, many at once, it takes a third of the time. A finite half has the bits of a single
    whose exponent is too small by 112."""
    if vectors.dtype != np.float16:
        return vectors.astype(np.float32)
    bits = vectors.view(np.int16).astype(np.int32)
    bits <<= 13
    bits &= np.int32(-0x70000001)  # The sign was copied into the exponent.
    wide: Rows = bits.view(np.float32)
    wide *= np.float32(2.0**112)
    return wide


def _largest(values: Rows, count: int) -> list[int]:
    """The places of so many largest values, in order of place."""
    if len(values) <= count:
        return list(range(len(values)))
    return sorted(int(place) for place in np.argpartition(values, -count)[-count:])


def _starts(lengths: Sequence[int] | Places) -> Places:
    return np.concatenate([[0], np.cumsum(lengths[:-1])]).astype(np.intp)


def _centroid(vectors: Sequence[Vector]) -> Rows:
    total = np.concatenate([np.atleast_2d(v) for v in vectors]).sum(axis=0, dtype=np.float32)
    return total / max(float(np.linalg.norm(total)), 1e-12)
