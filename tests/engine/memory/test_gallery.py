"""The gallery: scores, names, merging."""

from dataclasses import replace

import numpy as np
import pytest

from engine.errors import ConceptError
from engine.facts import DRAWN, Concept, Exemplar, View
from engine.media import Box
from engine.memory.gallery import NAME_LENGTH_MAX, Gallery
from engine.memory.shelf import SHORTLIST, SHORTLIST_LARGE

EMBEDDER = "face@1"


def unit(*values: float) -> np.ndarray:
    vector = np.array(values, np.float32)
    return vector / np.linalg.norm(vector)


def view(*values: float, embedder: str = EMBEDDER) -> View:
    return View(
        embedder=embedder,
        vector=unit(*values),
        box=Box(0, 0, 10, 10),
        crop=np.zeros((10, 10, 3), np.uint8),
        quality=1.0,
    )


def exemplar(concept: str, *values: float, positive: bool = True) -> Exemplar:
    return Exemplar(
        id=f"{concept}-{values}",
        concept=concept,
        embedder=EMBEDDER,
        vector=unit(*values),
        crop=np.zeros((10, 10, 3), np.uint8),
        positive=positive,
        at=0,
    )


MUM = Concept(id="c1", name="Mum", kind="person")
MOMO = Concept(id="c2", name="Momo", kind="pet", aliases=("the cat",))


def test_a_things_score_is_the_cosine_to_the_nearest_part_of_the_nearest() -> None:
    far = replace(exemplar("c2", 0, 1), vector=np.stack([unit(0, 1), unit(3, 4)]))
    near = replace(exemplar("c2", 1, 0), vector=np.stack([unit(1, 0), unit(1, 0)]))
    gallery = Gallery([MOMO], [near, far])
    look = replace(view(1, 0), vector=np.stack([unit(4, 3), unit(3, 4)]))
    assert gallery.scores(look) == {"c2": pytest.approx(1.0, abs=1e-6)}
    assert gallery.scores(view(1, 1)) == {"c2": pytest.approx(7 / 5 * np.sqrt(0.5), abs=1e-6)}


def test_among_many_the_likeliest_are_found() -> None:
    random = np.random.default_rng(1)
    faces = random.normal(size=(200, 64)).astype(np.float32)
    known = [Concept(id=f"c{n}", name=f"n{n}", kind="thing") for n in range(200)]
    views = [exemplar(f"c{n}", *face) for n, face in enumerate(faces)]
    gallery = Gallery(known, views)
    for n in (0, 77, 199):
        scores = gallery.scores(view(*(faces[n] + 0.1)))
        assert len(scores) == SHORTLIST
        assert max(scores, key=scores.__getitem__) == f"c{n}"


def test_a_large_gallery_grows_and_is_searched_by_its_centroids(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.memory.shelf.LARGE", 1000)
    random = np.random.default_rng(2)
    faces = random.normal(size=(100, 64)).astype(np.float32)
    known = [Concept(id=f"c{n}", name=f"n{n}", kind="thing") for n in range(100)]
    gallery = Gallery(known, [exemplar(f"c{n}", *face) for n, face in enumerate(faces[:99])])
    for n in (0, 98):
        scores = gallery.scores(view(*(faces[n] + 0.1)))
        assert len(scores) == SHORTLIST_LARGE
        assert max(scores, key=scores.__getitem__) == f"c{n}"
    gallery.put(known[99], [exemplar("c99", *faces[99])])
    assert gallery.scores(view(*faces[99]))["c99"] == pytest.approx(1.0, abs=1e-5)
    gallery.put(known[99], [replace(exemplar("c99", *(faces[99] + 0.01), positive=False), id="x")])
    assert "c99" not in gallery.scores(view(*(faces[99] + 0.01)))


def test_a_persons_score_is_the_mean_of_the_three_nearest_exemplars() -> None:
    gallery = Gallery(
        [MUM],
        [exemplar("c1", 1, 0), exemplar("c1", 1, 0), exemplar("c1", 1, 1), exemplar("c1", 0, 1)],
    )
    expected = (1 + 1 + np.sqrt(0.5)) / 3
    assert gallery.scores(view(1, 0)) == {"c1": pytest.approx(expected, abs=1e-6)}


def test_a_view_nearer_to_what_it_is_not_rules_the_concept_out() -> None:
    gallery = Gallery([MUM], [exemplar("c1", 1, 0), exemplar("c1", 1, 0.3, positive=False)])
    assert gallery.scores(view(1, 0.3)) == {}
    assert "c1" in gallery.scores(view(1, -0.1))


def test_vectors_of_another_embedder_are_never_compared() -> None:
    gallery = Gallery([MUM], [exemplar("c1", 1, 0)])
    assert gallery.scores(view(1, 0, embedder="face@2")) == {}


def test_who_was_shown_in_the_demo_is_known_there_alone() -> None:
    drawn = replace(exemplar("c1", 1, 0), id="drawn", embedder=f"{DRAWN}looks@1")
    gallery = Gallery([MUM], [exemplar("c1", 1, 0), drawn])
    (seen,) = gallery.stale({"person": ("glance@1/parts",)})
    assert seen[0] != "drawn"
    newer = f"{DRAWN}looks@2"
    stale = gallery.stale({"person": ("glance@1/parts", newer)})
    assert ("drawn", "person", newer) in stale


def test_names_are_found_in_any_case_and_by_alias() -> None:
    gallery = Gallery([MUM, MOMO])
    assert gallery.named(" mum ") == MUM
    assert gallery.named("The Cat") == MOMO
    assert gallery.named("Dad") is None


@pytest.mark.parametrize("name", ["", "   ", "a" * 10_000, "two\nlines", "nul\0"])
def test_names_that_cannot_be_used_are_refused(name: str) -> None:
    gallery = Gallery([MUM])
    with pytest.raises(ConceptError):
        gallery.draft("new", name, "person")
    with pytest.raises(ConceptError):
        gallery.renamed("c1", name)
    assert gallery.concepts == (MUM,)


@pytest.mark.parametrize("name", ["🐈‍⬛", "أمي", "Ω", "a" * NAME_LENGTH_MAX])
def test_unusual_names_are_names(name: str) -> None:
    assert Gallery().draft("new", name, "pet").name == name


def test_a_known_name_of_the_same_kind_gets_another_view() -> None:
    assert Gallery([MUM]).draft("new", "MUM", "person") == MUM


def test_a_known_name_of_another_kind_is_refused() -> None:
    with pytest.raises(ConceptError, match="already the name of a person"):
        Gallery([MUM]).draft("new", "Mum", "thing")


def test_renaming_to_the_name_of_another_is_refused() -> None:
    with pytest.raises(ConceptError, match="already a pet called Momo"):
        Gallery([MUM, MOMO]).renamed("c1", "momo")


def test_renaming_may_change_the_case_of_the_own_name() -> None:
    assert Gallery([MUM]).renamed("c1", "MUM").name == "MUM"


def test_merging_moves_exemplars_and_names() -> None:
    mother = Concept(id="c3", name="Mother", kind="person", is_me=True)
    gallery = Gallery([MUM, mother], [exemplar("c1", 1, 0), exemplar("c3", 0, 1)])
    merged = gallery.merge("c1", "c3")
    assert merged.aliases == ("Mum",)
    assert merged.is_me
    assert gallery.concepts == (merged,)
    assert gallery.entries()[0].positives == 2
    assert gallery.named("mum") == merged


@pytest.mark.parametrize(("source", "target"), [("c1", "c1"), ("c1", "c2"), ("c1", "gone")])
def test_merges_that_make_no_sense_are_refused(source: str, target: str) -> None:
    gallery = Gallery([MUM, MOMO])
    with pytest.raises(ConceptError):
        gallery.merge(source, target)
    assert gallery.concepts == (MUM, MOMO)


def test_removing_takes_the_exemplars_too() -> None:
    gallery = Gallery([MUM, MOMO], [exemplar("c1", 1, 0)])
    before = gallery.version
    assert gallery.remove("c1") == MUM
    assert gallery.scores(view(1, 0)) == {}
    assert gallery.version > before
    with pytest.raises(ConceptError):
        gallery.remove("c1")


def test_things_are_wanted_once_something_but_a_person_is_known() -> None:
    assert not Gallery([MUM]).wants_things
    assert Gallery([MUM, MOMO]).wants_things
