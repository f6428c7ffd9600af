from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.config import SeeingConfig
from engine.facts import PARTS, ClipRecord, ScreenText, SourceSpec, Track, View
from engine.media import Box, Frame, Image, nanoseconds
from engine.perception.finding import Eyes
from engine.perception.mobilefacenet import MobileFaceNet
from engine.perception.mobilenet import MobileNet
from engine.perception.rapid_ocr import RapidOcr
from engine.perception.seeing import Watcher
from engine.perception.yolox import YoloX
from engine.perception.yunet import YuNet
from tests.fakes.perception import (
    BODY,
    FACE,
    THING,
    WORDS,
    FakeFaceDetector,
    FakeFaceEmbedder,
    FakeImageEmbedder,
    FakeObjectDetector,
    FakeTextReader,
    fake_eyes,
    paint,
    wall,
)

FILE = SourceSpec(kind="recording", address="a.mp4", label="a", realtime=False)
THINGS = [Box(20 + 70 * n, 300, 60, 60) for n in range(9)]


class Run:
    """One run through a seer; keeps what came of it."""

    def __init__(self, eyes: Eyes, spec: SourceSpec = FILE, *, want_things: bool = False) -> None:
        self.watcher = Watcher(eyes)
        self.seer = self.watcher.seer(spec, "r")
        self.want_things = want_things
        self.looks: list[tuple[float, tuple[Track, ...]]] = []
        self.clips: list[ClipRecord] = []
        self.texts: list[tuple[ScreenText, bool]] = []

    def see(self, seconds: float, image: Image) -> None:
        pts = nanoseconds(seconds)
        frame = Frame(image=image, pts=pts, at=pts, run="r")
        seen = self.seer.see(frame, want_things=self.want_things)
        if seen.tracks is not None:
            self.looks.append((seconds, seen.tracks))
        self.clips += seen.clips
        self.texts += seen.texts

    def close(self) -> "Run":
        seen = self.seer.close()
        self.clips += seen.clips
        self.texts += seen.texts
        return self

    @property
    def views(self) -> list[tuple[float, int, View]]:
        return [
            (seconds, track.id, track.view)
            for seconds, tracks in self.looks
            for track in tracks
            if track.view is not None
        ]


def _somebody(x: int, *, face: bool = True, look: int = 0) -> Image:
    """Somebody at `x`, who looks another way with every `look`."""
    image = paint(wall(), BODY, Box(x, 100, 180, 360))
    if face:
        paint(image, FACE, Box(x + 50, 120, 70, 80), 3)
        image[140:180, x + 55 + look * 7 % 40 :][:, :20] = 0
    return image


def _through(run: Run, seconds: float, *, still: bool = False) -> Run:
    for n in range(round(seconds * 10)):
        run.see(n / 10, _somebody(100) if still else _somebody(50 + 4 * n, look=n))
    return run


def test_somebody_is_followed_with_views_of_the_face() -> None:
    run = _through(Run(fake_eyes()), 6)
    assert {track.id for _, tracks in run.looks for track in tracks} == {1}
    assert {track.kind for _, tracks in run.looks for track in tracks} == {"person"}
    assert len(run.views) >= 8
    for _, _, view in run.views:
        assert int(view.vector.argmax()) == 3
        assert view.embedder == FakeFaceEmbedder.name
        assert view.crop.shape == (112, 112, 3)


def test_four_views_come_within_the_first_second_and_then_two_a_second() -> None:
    times = [seconds for seconds, *_ in _through(Run(fake_eyes()), 6).views]
    assert sum(seconds <= 1 for seconds in times) >= 4
    assert sum(2 <= seconds < 4 for seconds in times) == 4


def test_turning_the_head_away_keeps_the_track() -> None:
    run = Run(fake_eyes())
    for n in range(60):
        run.see(n / 10, _somebody(50 + 4 * n, face=not 20 <= n < 50, look=n))
    ids = [[track.id for track in tracks] for _, tracks in run.looks]
    assert ids == [[]] + [[1]] * (len(ids) - 1)
    times = [seconds for seconds, *_ in run.views]
    assert not any(2 <= seconds < 5 for seconds in times)
    assert any(seconds >= 5 for seconds in times)


def test_a_still_picture_is_hardly_looked_at_and_its_people_stay() -> None:
    eyes = fake_eyes()
    run = _through(Run(eyes), 60, still=True)
    assert isinstance(eyes.objects, FakeObjectDetector)
    assert eyes.objects.looks < 20
    assert [len(tracks) for seconds, tracks in run.looks if seconds > 1] == [1] * sum(
        seconds > 1 for seconds, _ in run.looks
    )
    gaps = np.diff([seconds for seconds, _ in run.looks])
    assert gaps.max() <= 1.0 + 1e-6
    assert 4 <= len(run.views) <= 6


def test_things_are_embedded_only_when_wanted_and_not_again_unchanged() -> None:
    image = paint(wall(), THING, THINGS[0], 5)
    for want in (False, True):
        run = Run(fake_eyes(), want_things=want)
        for n in range(100):
            run.see(n / 10, paint(image.copy(), BODY, Box(100 + 2 * n, 20, 150, 250)))
        views = [view for _, _, view in run.views]
        assert len(views) == (4 if want else 0)
        assert all(int(view.vector.argmax()) == 5 for view in views)
        assert all(view.crop.shape == (60, 60, 3) for view in views)


def test_in_a_still_picture_things_are_embedded_when_they_become_wanted() -> None:
    run = Run(fake_eyes())
    image = paint(wall(), THING, THINGS[0], 5)
    for n in range(120):
        run.want_things = n >= 60
        run.see(n / 10, image)
    times = [seconds for seconds, *_ in run.views]
    assert len(times) == 4
    assert min(times) >= 6


def test_no_more_things_than_allowed_are_embedded_in_a_look() -> None:
    eyes = fake_eyes()
    watcher = Watcher(eyes, SeeingConfig(max_things=3))
    seer = watcher.seer(FILE, "r")
    image = wall()
    for box in THINGS:
        paint(image, THING, box, 2)
    for n in range(3):
        pts = nanoseconds(n / 2)
        seen = seer.see(Frame(image=image, pts=pts, at=pts, run="r"), want_things=True)
        assert sum(track.view is not None for track in seen.tracks or ()) <= 3
    assert isinstance(eyes.image_embedder, FakeImageEmbedder)
    assert eyes.image_embedder.embedded > 0


def test_without_models_what_moves_is_told() -> None:
    run = Run(Eyes())
    for n in range(40):
        run.see(n / 10, wall() if n < 20 else paint(wall(), THING, Box(6 * n, 100, 120, 200), 9))
    assert all(tracks == () for seconds, tracks in run.looks if seconds < 2)
    last = run.looks[-1][1]
    assert [track.kind for track in last] == ["motion"]
    assert last[0].box.overlap(Box(6 * 39, 100, 120, 200)) > 0.5
    assert run.views == []


def test_without_a_detector_what_moves_is_embedded_and_so_is_a_body_without_a_face_model() -> None:
    run = Run(Eyes(image_embedder=FakeImageEmbedder()), want_things=True)
    for n in range(40):
        run.see(n / 10, wall() if n < 20 else paint(wall(), THING, Box(6 * n, 100, 120, 200), 9))
    assert run.looks[-1][1][0].kind == "motion"
    assert len(run.views) >= 2
    assert all(view.embedder == FakeImageEmbedder.name + PARTS for *_, view in run.views)
    by_body = Eyes(image_embedder=FakeImageEmbedder(), objects=FakeObjectDetector())
    run = Run(by_body, want_things=True)
    _through(run, 4)
    assert run.views
    assert {track.kind for _, tracks in run.looks for track in tracks if track.view} == {"person"}


def test_faces_alone_make_people() -> None:
    eyes = Eyes(faces=FakeFaceDetector(), face_embedder=FakeFaceEmbedder())
    run = _through(Run(eyes), 4)
    people = [track for _, tracks in run.looks for track in tracks if track.kind == "person"]
    assert {track.id for track in people} == {1}
    assert len(run.views) >= 6


def test_a_model_that_is_installed_meanwhile_is_used() -> None:
    run = Run(Eyes())
    for n in range(60):
        if n == 30:
            run.watcher.eyes = fake_eyes()
        run.see(n / 10, _somebody(50 + 4 * n))
    assert [track.kind for track in run.looks[-1][1]] == ["person"]
    assert min(seconds for seconds, *_ in run.views) >= 3


def test_words_are_read_from_screens_and_where_it_is_asked_for() -> None:
    words = {4: "The build has finished"}
    image = paint(wall(), WORDS, Box(100, 60, 300, 24), 4)
    for as_screen in (False, True):
        eyes = Eyes(text_reader=FakeTextReader(words))
        spec = SourceSpec(
            kind="recording", address="a", label="a", realtime=False, as_screen=as_screen
        )
        run = Run(eyes, spec)
        for n in range(60):
            run.see(n / 10, image if n < 30 else wall())
        told = [(text.text, gone) for text, gone in run.close().texts]
        assert told == ([(words[4], False), (words[4], True)] if as_screen else [])


def test_clips_cover_the_run() -> None:
    run = _through(Run(fake_eyes()), 20).close()
    assert [clip.span.start for clip in run.clips] == [nanoseconds(n) for n in (0, 8, 16)]
    assert run.clips[-1].span.end == nanoseconds(19.9)
    assert all(clip.embedder == FakeImageEmbedder.name for clip in run.clips)


# --- on real video ------------------------------------------------------------------------------


def _real_eyes(models: Path) -> Eyes:
    return Eyes(
        faces=YuNet(models / "yunet_n_640_640.onnx"),
        face_embedder=MobileFaceNet(models / "mobilefacenet_foamliu.onnx"),
        objects=YoloX(models / "yolox_nano.onnx"),
        image_embedder=MobileNet(models / "mobilenet_v2_embed_int8w.onnx"),
        text_reader=RapidOcr(),
    )


@pytest.fixture(scope="module")
def eyes(real_models: Path) -> Eyes:
    return _real_eyes(real_models)


def _watch(run: Run, path: Path, *, until: float = 1e9) -> Run:
    video = cv2.VideoCapture(str(path))
    rate, index = video.get(cv2.CAP_PROP_FPS), 0
    while index / rate < until:
        more, image = video.read()
        if not more:
            break
        run.see(index / rate, np.asarray(image, np.uint8))
        index += 1
    video.release()
    return run.close()


def _spans(times: list[float], dwell: float = 2.0) -> list[tuple[float, float]]:
    spans: list[tuple[float, float]] = []
    for seconds in times:
        if spans and seconds - spans[-1][1] <= dwell:
            spans[-1] = (spans[-1][0], seconds)
        else:
            spans.append((seconds, seconds))
    return spans


def test_six_visits_of_people_seen_from_behind(eyes: Eyes, real_data: Path) -> None:
    run = _watch(Run(eyes), real_data / "scenes/one_by_one_person.mp4")
    there = [t for t, tracks in run.looks if any(track.kind == "person" for track in tracks)]
    found = _spans(there)
    truth = [(6, 19.5), (23, 44.5), (50.5, 70), (74.5, 86.5), (92.5, 119.5), (123.5, 136)]
    assert len(found) == len(truth)
    assert np.abs(np.array(found) - np.array(truth)).max() <= 1


@pytest.mark.parametrize("clip", ["asl_again", "asl_no", "asl_bird", "asl_thanks"])
def test_who_signs_is_there_throughout_and_is_alike(eyes: Eyes, real_data: Path, clip: str) -> None:
    run = _watch(Run(eyes), real_data / f"people/{clip}.mkv")
    signer, views = max(
        ((track, [v for _, t, v in run.views if t == track]) for _, track, _ in run.views),
        key=lambda item: len(item[1]),
    )
    looks = [seconds for seconds, _ in run.looks]
    there = [t for t, tracks in run.looks if any(track.id == signer for track in tracks)]
    assert there == looks[1:]
    assert len(views) >= 4
    mean = np.mean([view.vector for view in views], axis=0)
    assert all(float(view.vector @ mean) > 0.6 for view in views)


def test_the_same_file_gives_the_same_twice(eyes: Eyes, real_data: Path) -> None:
    def told() -> list[object]:
        run = _watch(Run(eyes, want_things=True), real_data / "scenes/bottles.mp4", until=8)
        tracks = [
            (
                seconds,
                [
                    (t.id, t.kind, t.box, t.score, t.view and t.view.vector.tobytes())
                    for t in tracks
                ],
            )
            for seconds, tracks in run.looks
        ]
        return [tracks, [(clip.span, [pts for pts, _ in clip.key_frames]) for clip in run.clips]]

    assert told() == told()


def test_words_of_a_screen_recording(eyes: Eyes, real_data: Path) -> None:
    spec = SourceSpec(kind="recording", address="a", label="a", realtime=False, as_screen=True)
    run = _watch(
        Run(Eyes(text_reader=eyes.text_reader), spec),
        real_data / "screen/screen_recording.mp4",
        until=12,
    )
    spans = [
        (text.span.start / 1e9, text.span.end / 1e9)
        for text, gone in run.texts
        if gone and "glove" in text.text
    ]
    assert spans
    assert 7 <= spans[0][0] <= 9
    assert 9 <= spans[0][1] <= 12
