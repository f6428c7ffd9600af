import numpy as np

from engine.config import SeeingConfig
from engine.facts import ClipRecord
from engine.media import Box, Frame, Image, nanoseconds
from engine.perception.gate import thumbnail
from engine.perception.scenes import SceneCutter
from tests.fakes.perception import THING, FakeImageEmbedder, paint, wall


def _cut(pictures: list[tuple[float, Image]]) -> list[ClipRecord]:
    cutter = SceneCutter(SeeingConfig())
    embedder = FakeImageEmbedder()
    clips: list[ClipRecord] = []
    for seconds, image in pictures:
        pts = nanoseconds(seconds)
        frame = Frame(image=image, pts=pts, at=1000 + pts, run="r")
        clips += cutter.add(frame, thumbnail(image)[0], embedder)
    return [*clips, *cutter.close(embedder), *cutter.close(embedder)]


def _spans(clips: list[ClipRecord]) -> list[tuple[float, float]]:
    return [(clip.span.start / 1e9, clip.span.end / 1e9) for clip in clips]


def _colour(*bgr: int) -> Image:
    return np.full((90, 160, 3), bgr, np.uint8)


def test_a_still_scene_is_cut_at_eight_seconds_and_keeps_one_picture() -> None:
    clips = _cut([(n / 2, wall()) for n in range(40)])
    assert _spans(clips) == [(0, 7.5), (8, 15.5), (16, 19.5)]
    assert [len(clip.key_frames) for clip in clips] == [1, 1, 1]


def test_a_scene_cut_ends_a_clip_but_not_within_its_first_second() -> None:
    pictures = [(n / 10, _colour(20, 30, 200)) for n in range(30)]
    pictures += [(3 + n / 10, _colour(200, 220, 20)) for n in range(30)]
    pictures[5] = (0.5, _colour(255, 255, 255))
    assert _spans(_cut(pictures)) == [(0, 2.9), (3, 5.9)]


def test_a_gap_ends_a_clip_at_the_last_frame_before_it() -> None:
    clips = _cut([(0, wall()), (1.5, wall()), (7.5, wall()), (8, wall())])
    assert _spans(clips) == [(0, 1.5), (7.5, 8)]


def test_the_first_and_the_most_changed_frame_are_kept() -> None:
    pictures = [(n / 10, wall()) for n in range(20)]
    pictures[7] = (0.7, paint(wall(), THING, Box(0, 0, 110, 110), 3))
    pictures[12] = (1.2, paint(wall(), THING, Box(0, 0, 170, 170), 3))
    (clip,) = _cut(pictures)
    assert [pts for pts, _ in clip.key_frames] == [0, nanoseconds(1.2)]
    assert clip.embedder == FakeImageEmbedder.name
    assert clip.vector is not None
    assert clip.at == 1000 + clip.span.end


def test_another_size_of_picture_begins_another_clip() -> None:
    pictures = [(n / 2, wall()) for n in range(4)] + [
        (2 + n / 2, wall(1280, 720)) for n in range(4)
    ]
    assert _spans(_cut(pictures)) == [(0, 1.5), (2, 3.5)]


def _paused_at_two_seconds(*, paced: bool) -> list[ClipRecord]:
    cutter = SceneCutter(SeeingConfig(), paced=paced)
    clips: list[ClipRecord] = []
    for n in range(8):
        pts = nanoseconds(n / 2)
        at = pts + (nanoseconds(60) if n >= 4 else 0)
        frame = Frame(image=wall(), pts=pts, at=at, run="r")
        clips += cutter.add(frame, thumbnail(frame.image)[0], None)
    return [*clips, *cutter.close(None)]


def test_a_pause_ends_a_clip_where_the_stream_goes_on_where_it_stopped() -> None:
    clips = _paused_at_two_seconds(paced=True)
    assert _spans(clips) == [(0, 1.5), (2, 3.5)]
    assert [clip.at for clip in clips] == [nanoseconds(1.5), nanoseconds(63.5)]


def test_a_slow_machine_cuts_a_recording_no_differently() -> None:
    assert _spans(_paused_at_two_seconds(paced=False)) == [(0, 3.5)]
