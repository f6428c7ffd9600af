"""Comparing a look with exemplars: the same numbers, however they are laid out."""

import numpy as np
import pytest

from engine.facts import Exemplar
from engine.media import Vector
from engine.memory import shelf
from engine.memory.shelf import NEAREST, Shelf, widened

NO_CROP = np.zeros((0, 0, 3), np.uint8)


def test_every_finite_half_is_widened_exactly() -> None:
    halves = np.arange(2**16, dtype=np.uint32).astype(np.uint16).view(np.float16)
    finite = halves[np.isfinite(halves)]
    np.testing.assert_array_equal(widened(finite), finite.astype(np.float32))


def exemplars(parts: int, most: int, random: np.random.Generator) -> list[Exemplar]:
    """Of 40 concepts, with one to `most` each, now and then of what it is not."""
    found: list[Exemplar] = []
    for concept in range(40):
        for number in range(1 + concept % most):
            drawn = random.standard_normal((parts, 32))
            vector = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float16)
            found.append(
                Exemplar(
                    id=f"{concept}-{number}",
                    concept=str(concept),
                    embedder="e",
                    vector=vector if parts > 1 else vector[0],
                    crop=NO_CROP,
                    positive=number == 0 or number % 3 > 0,
                    at=0,
                )
            )
    return found


def by_hand(known: list[Exemplar], look: Vector, *, people: bool) -> dict[str, float]:
    """The score of each concept as the policy words it, one product after another."""
    fits: dict[str, float] = {}
    for concept in {one.concept for one in known}:
        mine = [one for one in known if one.concept == concept]
        cosines = [
            (one.positive, float((np.atleast_2d(one.vector).astype(np.float32) @ look.T).max()))
            for one in mine
        ]
        right = sorted((cosine for positive, cosine in cosines if positive), reverse=True)
        if max((c for positive, c in cosines if not positive), default=-2.0) <= right[0]:
            fits[concept] = float(np.mean(right[:NEAREST])) if people else right[0]
    return fits


@pytest.mark.parametrize(("parts", "people"), [(1, True), (3, False)])
@pytest.mark.parametrize("large", [False, True])
def test_scores_are_those_that_the_policy_words(
    parts: int, people: bool, large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(3)
    known = exemplars(parts, 7, random)
    monkeypatch.setattr(shelf, "SHORTLIST", 40)
    if large:
        monkeypatch.setattr(shelf, "LARGE", 0)
        monkeypatch.setattr(shelf, "SHORTLIST_LARGE", 39)
    held = Shelf(known, {one.concept for one in known} if people else set())
    for _ in range(20):
        drawn = random.standard_normal((parts, 32))
        look = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
        told = held.scores(look if parts > 1 else look[0])
        hand = by_hand(known, look, people=people)
        assert len(set(hand) - set(told)) <= int(large)
        for concept, score in told.items():
            assert score == pytest.approx(hand[concept], abs=1e-5)
