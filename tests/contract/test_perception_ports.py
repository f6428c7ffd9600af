"""What every detector, embedder and reader promises: the fakes always, the real ones where their
models are on the machine."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.media import Box, Image
from engine.perception.minilm import MiniLm
from engine.perception.mobilefacenet import MobileFaceNet
from engine.perception.mobilenet import MobileNet
from engine.perception.rapid_ocr import RapidOcr
from engine.perception.yolox import YoloX
from engine.perception.yunet import YuNet
from engine.ports.seeing import (
    FaceDetector,
    FaceEmbedder,
    ImageEmbedder,
    ObjectDetector,
    TextEmbedder,
    TextReader,
)
from tests.fakes.perception import (
    BODY,
    FACE,
    THING,
    WORDS,
    FakeFaceDetector,
    FakeFaceEmbedder,
    FakeImageEmbedder,
    FakeObjectDetector,
    FakeTextEmbedder,
    FakeTextReader,
    paint,
    wall,
)


@dataclass(frozen=True)
class Setting:
    """A set of adapters with pictures that they can see something in."""

    faces: FaceDetector
    objects: ObjectDetector
    face_embedder: FaceEmbedder
    image_embedder: ImageEmbedder
    text_embedder: TextEmbedder
    anna: tuple[Image, Image]
    ben: Image
    """Two pictures of one person and one of another, each with a face and a body."""
    mug: tuple[Image, Image]
    box: Image


def _fake() -> Setting:
    def person(which: int, x: int) -> Image:
        image = paint(wall(), BODY, Box(x, 100, 200, 300))
        return paint(image, FACE, Box(x + 60, 120, 80, 90), which)

    def thing(which: int, x: int) -> Image:
        return paint(wall(), THING, Box(x, 20, 480, 440), which)

    return Setting(
        FakeFaceDetector(),
        FakeObjectDetector(),
        FakeFaceEmbedder(),
        FakeImageEmbedder(),
        FakeTextEmbedder(),
        (person(1, 100), person(1, 300)),
        person(2, 200),
        (thing(3, 100), thing(3, 150)),
        thing(4, 120),
    )


def _frame(path: Path, index: int) -> Image:
    video = cv2.VideoCapture(str(path))
    image = None
    for _ in range(index + 1):
        _, image = video.read()
    video.release()
    return np.asarray(image, np.uint8)


def _photo(folder: Path, index: int) -> Image:
    path = sorted(folder.iterdir())[index]
    return np.asarray(cv2.imread(str(path)), np.uint8)


def _real(models: Path, data: Path) -> Setting:
    minilm = models / "all-minilm-l6-v2"
    people, things = data / "people", data / "things"
    return Setting(
        YuNet(models / "yunet_n_640_640.onnx"),
        YoloX(models / "yolox_nano.onnx"),
        MobileFaceNet(models / "mobilefacenet_foamliu.onnx"),
        MobileNet(models / "mobilenet_v2_embed_int8w.onnx"),
        MiniLm(minilm / "model_int8.onnx", minilm / "tokenizer.json"),
        (_frame(people / "asl_help.mkv", 0), _frame(people / "asl_yes.mkv", 20)),
        _frame(people / "asl_thanks.mkv", 0),
        (_photo(things / "clock", 0), _photo(things / "clock", 1)),
        _photo(things / "backpack", 0),
    )


@pytest.fixture(scope="module", params=["fake", "real"])
def setting(request: pytest.FixtureRequest) -> Setting:
    if request.param == "fake":
        return _fake()
    models: Path = request.getfixturevalue("real_models")
    data: Path = request.getfixturevalue("real_data")
    return _real(models, data)


def _is_inside(box: Box, image: Image) -> bool:
    return box.area > 0 and box == box.clipped(image.shape[1], image.shape[0])


def test_a_face_is_found_with_its_landmarks_in_it(setting: Setting) -> None:
    image = setting.anna[0]
    best = setting.faces.detect(image)[0]
    assert _is_inside(best.box, image)
    assert 0.6 <= best.score <= 1
    assert best.landmarks.shape == (5, 2)
    x, y = best.landmarks.mean(axis=0)
    assert best.box.x < x < best.box.x + best.box.w
    assert best.box.y < y < best.box.y + best.box.h


def test_a_face_is_found_in_a_picture_of_any_size(setting: Setting) -> None:
    image = setting.anna[0]
    face = setting.faces.detect(image)[0].box
    beside = np.concatenate([image, np.full((image.shape[0], 700, 3), 90, np.uint8)], axis=1)
    again = setting.faces.detect(np.ascontiguousarray(beside, np.uint8))[0].box
    assert face.overlap(again) > 0.7


def test_nothing_is_found_on_a_blank_wall(setting: Setting) -> None:
    assert list(setting.faces.detect(wall())) == []
    assert list(setting.objects.detect(wall())) == []


def test_a_body_is_a_person_and_holds_the_face(setting: Setting) -> None:
    image = setting.anna[0]
    found = setting.objects.detect(image)
    assert [item.score for item in found] == sorted((item.score for item in found), reverse=True)
    person = next(item for item in found if item.is_person)
    assert _is_inside(person.box, image)
    face = setting.faces.detect(image)[0].box
    assert face.intersection(person.box) > 0.8 * face.area


def test_a_face_is_nearer_to_itself_than_to_another(setting: Setting) -> None:
    def vector(image: Image) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        face = setting.faces.detect(image)[0]
        aligned = setting.face_embedder.align(image, face)
        assert aligned.shape == (112, 112, 3)
        return setting.face_embedder.embed(aligned)

    one, same = (vector(image) for image in setting.anna)
    other = vector(setting.ben)
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-3)
    assert float(one @ same) > 0.5 > float(one @ other)


def test_a_thing_is_nearer_to_itself_than_to_another(setting: Setting) -> None:
    one, same = (setting.image_embedder.embed(image) for image in setting.mug)
    other = setting.image_embedder.embed(setting.box)
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-3)
    assert float(one @ same) > float(one @ other)


def test_the_parts_of_a_thing_meet(setting: Setting) -> None:
    one, same = (setting.image_embedder.embed_parts(image) for image in setting.mug)
    other = setting.image_embedder.embed_parts(setting.box)
    assert one.ndim == 2
    assert np.linalg.norm(one, axis=1) == pytest.approx(1, abs=1e-3)
    assert float((one @ same.T).max()) > float((one @ other.T).max())
    assert setting.image_embedder.embed_parts(setting.mug[0][:1, :3]).shape == one.shape


def test_an_embedder_gives_the_same_for_the_same_and_takes_a_sliver(setting: Setting) -> None:
    image = setting.mug[0]
    assert np.array_equal(setting.image_embedder.embed(image), setting.image_embedder.embed(image))
    assert np.isfinite(setting.image_embedder.embed(image[:1, :3])).all()


def test_embedders_are_told_apart_by_name(setting: Setting) -> None:
    names = [
        setting.face_embedder.name,
        setting.image_embedder.name,
        setting.text_embedder.name,
    ]
    assert len(set(names)) == 3
    assert all(len(name.rpartition("@")[2]) == 8 for name in names)


def test_texts_are_embedded_one_a_row(setting: Setting) -> None:
    rows = setting.text_embedder.embed(["a cat sat", "cats sat", "money market fund profits"])
    assert rows.shape[0] == 3
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-3)
    assert rows[0] @ rows[1] > rows[0] @ rows[2]
    assert setting.text_embedder.embed([]).shape == (0, rows.shape[1])


def _written() -> tuple[TextReader, Image]:
    image = np.full((300, 700, 3), 255, np.uint8)
    for y, words in ((200, "The kettle is hot"), (90, "The build has finished")):
        cv2.putText(image, words, (60, y), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (0, 0, 0), 2)
    return RapidOcr(), image


def _painted() -> tuple[TextReader, Image]:
    image = paint(wall(), WORDS, Box(60, 170, 400, 40), 2)
    paint(image, WORDS, Box(60, 60, 400, 40), 1)
    return FakeTextReader({1: "The build has finished", 2: "The kettle is hot"}), image


@pytest.mark.parametrize("given", [_written, _painted])
def test_words_are_read_from_top_to_bottom(
    given: Callable[[], tuple[TextReader, Image]], capfd: pytest.CaptureFixture[str]
) -> None:
    reader, image = given()
    lines = reader.read(image)
    assert [words for _, words in lines] == ["The build has finished", "The kettle is hot"]
    assert all(_is_inside(box, image) for box, _ in lines)
    assert list(reader.read(wall())) == []
    assert capfd.readouterr().err == ""
