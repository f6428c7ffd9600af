import numpy as np
import pytest

from engine.errors import ConceptError, ModelNotInstalled
from engine.facts import PARTS
from engine.media import Box, Image
from engine.perception.finding import Eyes
from engine.perception.seeing import Watcher
from tests.fakes.perception import (
    BODY,
    FACE,
    THING,
    FakeFaceDetector,
    FakeFaceEmbedder,
    FakeImageEmbedder,
    FakeObjectDetector,
    fake_eyes,
    paint,
    wall,
)

ANNA, BEN = Box(100, 100, 80, 90), Box(400, 150, 60, 70)


def _two_people() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    image = paint(wall(), BODY, Box(60, 80, 180, 380))
    paint(image, BODY, Box(350, 130, 160, 330))
    return paint(paint(image, FACE, ANNA, 1), FACE, BEN, 2)


def lively(image: Image) -> Image:
    """With lines in the colour that the fakes do not look at."""
    image[::2, :, 2] ^= 16
    return image


def test_of_one_colour_there_is_nothing_to_be_known() -> None:
    for kind in ("thing", "pet", "place"):
        with pytest.raises(ConceptError, match="one colour"):
            Watcher(fake_eyes()).examine(wall(), None, kind)


def test_which_of_two_is_meant_has_to_be_said() -> None:
    with pytest.raises(ConceptError, match="2 faces"):
        Watcher(fake_eyes()).examine(_two_people(), None, "person")


def test_the_face_in_the_box_is_embedded() -> None:
    watcher = Watcher(fake_eyes())
    for which, box in ((1, Box(60, 80, 180, 200)), (2, Box(380, 120, 120, 120))):
        (view,) = watcher.examine(_two_people(), box, "person")
        assert int(view.vector.argmax()) == which
        assert view.crop.shape == (112, 112, 3)
        assert view.embedder == "fake-face@00000000"
        assert 0 <= view.quality <= 1


def test_a_box_without_a_face_is_refused() -> None:
    watcher = Watcher(fake_eyes())
    with pytest.raises(ConceptError, match="No face was found"):
        watcher.examine(_two_people(), Box(250, 300, 60, 60), "person")


@pytest.mark.parametrize("box", [Box(700, 10, 50, 50), Box(10, 10, 0, 5), Box(-50, -50, 50, 50)])
def test_a_box_outside_of_the_picture_is_refused(box: Box) -> None:
    with pytest.raises(ConceptError, match="box"):
        Watcher(fake_eyes()).examine(wall(), box, "thing")


def test_a_thing_is_embedded_from_its_box_and_kept_small() -> None:
    image = paint(wall(1280, 960), THING, Box(200, 200, 700, 500), 5)
    (view,) = Watcher(fake_eyes()).examine(lively(image), Box(200, 200, 700, 500), "pet")
    assert int(view.vector.argmax()) == 5
    assert view.crop.shape == (183, 256, 3)
    assert view.box == Box(200, 200, 700, 500)


def test_without_a_box_the_whole_picture_is_meant() -> None:
    watcher = Watcher(fake_eyes())
    (view,) = watcher.examine(lively(wall()), None, "place")
    assert view.box == Box(0, 0, 640, 480)
    (face,) = watcher.examine(paint(wall(), FACE, ANNA, 1), None, "person")
    assert face.box.overlap(ANNA) > 0.9


@pytest.mark.parametrize(
    ("eyes", "kind", "model"),
    [
        (Eyes(), "person", "yunet"),
        (Eyes(faces=FakeFaceDetector()), "person", "mobilefacenet"),
        (Eyes(), "thing", "nacre models import"),
    ],
)
def test_a_missing_model_is_named(eyes: Eyes, kind: str, model: str) -> None:
    with pytest.raises(ModelNotInstalled, match=model):
        Watcher(eyes).examine(wall(), None, "person" if kind == "person" else "thing")


def test_faces_are_proposed_first_then_things() -> None:
    image = lively(paint(_two_people(), THING, Box(540, 300, 80, 100), 3))
    proposals = Watcher(fake_eyes()).propose(image)
    assert [proposal.kind for proposal in proposals] == ["person", "person", "thing"]
    assert proposals[2].box == Box(540, 300, 80, 100)
    for proposal in proposals[:2]:
        inside = [face for face in (ANNA, BEN) if face.intersection(proposal.box) == face.area]
        assert len(inside) == 1


def test_what_is_proposed_can_be_examined() -> None:
    watcher = Watcher(fake_eyes())
    image = lively(paint(_two_people(), THING, Box(540, 300, 80, 100), 3))
    for proposal in watcher.propose(image):
        assert len(watcher.examine(image, proposal.box, proposal.kind)) == 1


def test_at_most_twelve_are_proposed_and_nothing_without_models() -> None:
    image = wall()
    for n in range(20):
        paint(image, THING, Box(10 + 62 * (n % 10), 20 + 200 * (n // 10), 50, 60), 3)
    assert len(Watcher(Eyes(objects=FakeObjectDetector())).propose(image)) == 12
    assert Watcher(Eyes()).propose(image) == ()


LOOKS = FakeImageEmbedder.name + PARTS


def test_without_a_face_model_somebody_is_known_by_looks() -> None:
    image, body = lively(_two_people()), Box(60, 80, 180, 380)
    for eyes in (
        Eyes(image_embedder=FakeImageEmbedder()),
        Eyes(image_embedder=FakeImageEmbedder(), faces=FakeFaceDetector()),
    ):
        (view,) = Watcher(eyes).examine(image, body, "person")
        assert (view.embedder, view.box) == (LOOKS, body)
        assert dict(Watcher(eyes).embedders())["person"] == LOOKS
    assert dict(Watcher(fake_eyes()).embedders())["person"] == FakeFaceEmbedder.name


def test_when_a_face_model_comes_the_face_is_looked_for_in_what_was_kept() -> None:
    by_looks = Watcher(Eyes(image_embedder=FakeImageEmbedder()))
    (view,) = by_looks.examine(lively(_two_people()), Box(60, 80, 180, 200), "person")
    again = Watcher(fake_eyes()).embed_again(view.crop, "person", "")
    assert again is not None
    assert again[0] == FakeFaceEmbedder.name
    assert int(again[1].argmax()) == 1
    back = by_looks.embed_again(view.crop, "person", "")
    assert back is not None
    assert back[0] == LOOKS
    (faceless,) = by_looks.examine(lively(wall()), Box(300, 300, 90, 150), "person")
    assert Watcher(fake_eyes()).embed_again(faceless.crop, "person", "") is None


def test_a_face_is_not_taken_for_somebodys_looks() -> None:
    (face,) = Watcher(fake_eyes()).examine(_two_people(), Box(60, 80, 180, 200), "person")
    by_looks = Watcher(Eyes(image_embedder=FakeImageEmbedder()))
    assert by_looks.embed_again(face.crop, "person", "") is None


@pytest.mark.parametrize(("kind", "model"), [("person", "mobilefacenet"), ("thing", "yunet")])
def test_bystanders_cannot_be_spared_by_who_sees_no_faces(kind: str, model: str) -> None:
    watcher = Watcher(Eyes(image_embedder=FakeImageEmbedder()))
    with pytest.raises(ConceptError, match=f"Nothing was changed.*{model}"):
        watcher.examine(lively(wall()), None, "person" if kind == "person" else "thing", spare=True)


def test_what_moves_is_proposed_and_may_be_somebody_where_nothing_finds_faces() -> None:
    image, box = lively(wall()), Box(600, 400, 90, 150)
    (blind,) = Watcher(Eyes(image_embedder=FakeImageEmbedder())).propose(image, moving=(box,))
    assert (blind.box, blind.kind, blind.anybody) == (Box(600, 400, 40, 80), "thing", True)
    (seeing,) = Watcher(fake_eyes()).propose(image, moving=(box,))
    assert not seeing.anybody
    assert Watcher(Eyes()).propose(image, moving=(box,)) == ()
