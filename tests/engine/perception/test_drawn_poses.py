"""How figures of the drawn world stand, by the network that comes with the program."""

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from app.demo import Demo
from app.eval.acted import sighted
from app.eval.world.camera import Camera
from app.eval.world.scene import Scene
from app.paths import Paths
from engine.errors import ConceptError
from engine.facts import Concept, Exemplar, MotionClip, SourceSpec
from engine.media import Frame, nanoseconds
from engine.memory.gallery import Gallery
from engine.perception.finding import Eyes, find
from engine.perception.flow import small_grey
from engine.perception.seeing import Watcher
from engine.ports.seeing import PoseEstimator
from tests.engine.perception.test_drawn import AT_S, frame
from tests.fakes.acts import DONE_AT, done_by_another, shown_once

DEMO = SourceSpec(kind="demo", address="demo", label="demo clip")


@pytest.fixture(scope="module")
def eyes() -> Eyes:
    found = Demo(Paths.locate("unused")).eyes()
    assert found is not None
    return found


@pytest.fixture
def poses(eyes: Eyes) -> PoseEstimator:
    assert eyes.poses is not None
    return eyes.poses


def test_every_figure_is_found_where_the_detector_finds_it(
    eyes: Eyes, poses: PoseEstimator
) -> None:
    for name, count in (("alone", 1), ("three", 3)):
        picture = frame(AT_S[name])
        grey = small_grey(picture)
        scale = picture.shape[1] / grey.shape[1]
        boxes = [one.box.scaled(scale) for one in poses.find(grey)]
        assert len(boxes) == count
        for found in find(eyes, picture):
            if found.kind == "person":
                assert max(found.box.overlap(box) for box in boxes) > 0.5


def test_a_pose_is_the_same_in_a_mirror(poses: PoseEstimator) -> None:
    grey = small_grey(frame(AT_S["alone"]))
    (one,), (other,) = poses.find(grey), poses.find(np.ascontiguousarray(grey[:, ::-1]))
    assert np.abs(one.numbers - other.numbers).max() < 0.3
    assert abs(other.box.x + other.box.w - (grey.shape[1] - one.box.x)) < 6


def test_an_empty_picture_holds_nobody(poses: PoseEstimator) -> None:
    assert poses.find(np.full((180, 240), 128, np.uint8)) == []
    assert poses.find(np.zeros((135, 240), np.uint8)) == []


def filmed(scene: Scene) -> Iterator[Frame]:
    camera = Camera((320, 240), oversample=1)
    for n in range(int(scene.length_s * 10)):
        pts = nanoseconds(n / 10)
        yield Frame(image=camera.frame(scene, n / 10), pts=pts, at=pts, run="run")


def test_what_one_figure_showed_is_known_when_another_does_it_elsewhere(eyes: Eyes) -> None:
    watcher = Watcher(Eyes(), drawn=lambda: eyes)
    shown = [one for one in filmed(shown_once()) if 0.7e9 <= one.pts <= 4.0e9]
    clip = MotionClip(
        times=tuple(one.pts for one in shown),
        pictures=tuple(small_grey(one.image) for one in shown),
    )
    (view,) = watcher.examine_motion(clip, drawn=True)
    assert eyes.poses is not None
    assert view.embedder == eyes.poses.name
    again = watcher.embed_again(view.crop, "action", view.embedder)
    assert again is not None
    assert again[0] == view.embedder
    gallery = Gallery()
    for vector in (view.vector, again[1]):
        exemplar = Exemplar(
            id="1", concept="bow", embedder=view.embedder, vector=vector, crop=view.crop,
            positive=True, at=0,
        )  # fmt: skip
        gallery.fill((), ())
        gallery.put(Concept(id="bow", name="bow", kind="action"), (exemplar,))
        seer = watcher.seer(DEMO, "run")
        told, _ = sighted(filmed(done_by_another()), gallery, seer.stir)
        spans = [(one.start_s, one.end_s) for one in told]
        assert len(spans) == len(DONE_AT)
        for span, done in zip(spans, DONE_AT, strict=True):
            assert span == pytest.approx(done, abs=0.7)


def test_elsewhere_it_is_known_by_what_moves(eyes: Eyes) -> None:
    watcher = Watcher(Eyes(), drawn=lambda: eyes)
    still = np.full((180, 240), 90, np.uint8)
    cv2.circle(still, (100, 100), 20, (200,), -1)
    clip = MotionClip(times=tuple(nanoseconds(n / 10) for n in range(20)), pictures=(still,) * 20)
    for drawn in (False, True):
        with pytest.raises(ConceptError, match="Nothing moves"):
            watcher.examine_motion(clip, drawn=drawn)
