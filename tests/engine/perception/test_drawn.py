"""The demo's eyes, with the networks that come with the program, on frames of the bundled clip."""

import cv2
import numpy as np
import pytest

from app.demo import Demo, looked_at
from app.paths import Paths
from engine.media import Image
from engine.perception.drawn import TRAITS, DrawnLooks, cut_out, look_of
from engine.perception.finding import Eyes, find

PATHS = Paths.locate("unused")
AT_S = {"alone": 2.0, "three": 15.0}


@pytest.fixture(scope="module")
def eyes() -> Eyes:
    found = Demo(PATHS).eyes()
    assert found is not None
    return found


def frame(at_s: float) -> Image:
    film = cv2.VideoCapture(str(PATHS.demo_clip))
    film.set(cv2.CAP_PROP_POS_MSEC, at_s * 1000)
    there, picture = film.read()
    film.release()
    assert there
    return np.asarray(picture, np.uint8)


def test_every_figure_is_found_once_with_what_it_is_known_by(eyes: Eyes) -> None:
    for name, count in (("alone", 1), ("three", 3)):
        people = [one for one in find(eyes, frame(AT_S[name])) if one.kind == "person"]
        assert len(people) == count
        assert all(one.face is not None for one in people)


def test_a_look_alike_is_told_apart(eyes: Eyes) -> None:
    """Of the three at that moment one is Momo, and one differs from Momo by the hat alone."""
    assert eyes.face_embedder is not None
    crop = np.asarray(cv2.imread(str(PATHS.assets / "demo" / "Momo" / "1.jpg")), np.uint8)
    momo = eyes.face_embedder.embed(looked_at(crop))
    picture = frame(AT_S["three"])
    faces = [one.face for one in find(eyes, picture) if one.face is not None]
    fits = sorted(
        float(momo @ eyes.face_embedder.embed(eyes.face_embedder.align(picture, face)))
        for face in faces
    )
    assert fits[-1] > 0.6
    assert fits[-2] < 0.4


def test_a_look_has_length_one_and_one_trait_tells_it_apart(eyes: Eyes) -> None:
    count = sum(TRAITS.values())
    chances = np.zeros(count, np.float32)
    begins = np.cumsum([0, *TRAITS.values()])[:-1]
    chances[begins] = 1
    other = chances.copy()
    other[[begins[2], begins[2] + 1]] = 0, 1
    assert look_of(chances) @ look_of(chances) == pytest.approx(1)
    assert look_of(chances) @ look_of(other) == 0
    assert isinstance(eyes.face_embedder, DrawnLooks)
    blank = np.zeros((480, 640, 3), np.uint8)
    assert np.linalg.norm(eyes.face_embedder.embed(cut_out(blank, 0, 0))) == pytest.approx(1, 1e-3)


def test_where_nobody_is_nobody_is_found(eyes: Eyes) -> None:
    assert find(eyes, np.full((480, 640, 3), 127, np.uint8)) == []


def test_what_the_demo_lends_is_known_by_its_eyes(eyes: Eyes) -> None:
    demo = Demo(PATHS)
    lent = demo.lent()
    assert [concept.name for concept in lent.concepts] == ["Momo", "Mum"]
    assert all(concept.demo for concept in lent.concepts)
    assert eyes.face_embedder is not None
    for one in lent.exemplars:
        assert one.embedder == eyes.face_embedder.name
        crop = demo.crop(one.id)
        assert crop is not None
        assert crop.shape == (240, 240, 3)
        own = [float(one.vector @ e.vector) for e in lent.exemplars if e.concept == one.concept]
        others = [float(one.vector @ e.vector) for e in lent.exemplars if e.concept != one.concept]
        assert min(own) > 0.5
        assert max(others) < 0.1
    (alert,) = lent.alerts
    assert alert.demo
