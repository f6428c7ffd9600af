"""What moves, as it is described: alike wherever, however large and however fast it is done."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from engine.decision.actions import fits, length_s, mirrored, parts_of
from engine.errors import ConceptError
from engine.facts import ActionsSought, MotionClip
from engine.media import Frame, Grey, Span, Vector, nanoseconds
from engine.perception.acting import (
    MotionSeer,
    clip_of,
    describe_again,
    examine_motion,
    sheet_of,
)
from engine.perception.flow import FlowReader, small_grey

Path = Callable[[float], tuple[float, float]]
"""Where a thing is, from the share of the time; in its own size."""
TEXTURE = np.kron(np.random.default_rng(3).integers(0, 255, (12, 12)), np.ones((8, 8)))


def up_and_down(share: float) -> tuple[float, float]:
    return 0.0, -abs(np.sin(2 * np.pi * share))


def there_and_back(share: float) -> tuple[float, float]:
    return float(np.sin(np.pi * share)), 0.0


def arc(share: float) -> tuple[float, float]:
    """Up to the right, and back."""
    return float(np.sin(np.pi * share)), -(float(np.sin(np.pi * share)) ** 2)


def clip(
    path: Path, *, x: float = 120, y: float = 150, size: int = 40, lasts_s: float = 2.0,
    jitter: int = 0,
) -> MotionClip:  # fmt: skip
    """A textured square on a textured ground, still for 0.4 s before and after it moves."""
    ground = np.random.default_rng(1).integers(90, 140, (180, 240)).astype(np.uint8)
    ground = cv2.GaussianBlur(ground, (9, 9), 0)
    square = cv2.resize(TEXTURE.astype(np.uint8), (size, size), interpolation=cv2.INTER_AREA)
    chance = np.random.default_rng(5)
    times: list[int] = []
    pictures: list[Grey] = []
    for number in range(round((lasts_s + 0.8) * 10) + 1):
        share = min(max((number / 10 - 0.4) / lasts_s, 0.0), 1.0)
        dx, dy = path(share)
        picture = ground.copy()
        left, top = round(x + dx * size * 0.8), round(y + dy * size * 0.8) - size
        picture[top : top + size, left : left + size] = square
        if jitter:
            move = np.float32([[1, 0, chance.uniform(-1, 1)], [0, 1, chance.uniform(-1, 1)]])
            picture = cv2.warpAffine(
                picture, move * 1, (240, 180), borderMode=cv2.BORDER_REPLICATE
            ).astype(np.uint8)
        times.append(nanoseconds(number / 10))
        pictures.append(picture)
    return MotionClip(times=tuple(times), pictures=tuple(pictures))


def described(path: Path, **how: float) -> Vector:
    (view,) = examine_motion(clip(path, **how))  # pyright: ignore[reportArgumentType]
    return view.vector


def fit(one: Vector, other: Vector) -> float:
    return float(fits(parts_of(one)[None], parts_of(other)[None])[0, 0])


def test_the_same_elsewhere_larger_and_slower_fits_and_another_does_not() -> None:
    shown = described(up_and_down)
    again = described(up_and_down, x=60, y=140, size=56, lasts_s=3.0)
    other = described(there_and_back)
    assert fit(shown, again) > 0.7
    assert fit(shown, other) < 0.55


def test_a_shaking_camera_changes_little() -> None:
    assert fit(described(up_and_down), described(up_and_down, jitter=1)) > 0.6


def test_the_other_way_round_fits_mirrored() -> None:
    right = described(arc)
    left = described(lambda share: (-arc(share)[0], arc(share)[1]), x=150)
    turned = float(fits(mirrored(parts_of(right))[None], parts_of(left)[None])[0, 0])
    assert turned > fit(right, left)
    assert turned > 0.7


def test_it_lasts_from_the_first_motion_to_the_last() -> None:
    assert length_s(described(up_and_down)) == pytest.approx(2.0, abs=0.35)


def test_the_rows_have_the_length_one() -> None:
    rows = np.linalg.norm(described(up_and_down), axis=1)
    assert rows == pytest.approx(np.ones(len(rows)), abs=1e-4)


def test_a_clip_in_which_nothing_moves_is_refused() -> None:
    with pytest.raises(ConceptError, match="Nothing moves"):
        examine_motion(clip(lambda _: (0.0, 0.0)))


def test_a_clip_that_is_too_long_is_refused() -> None:
    with pytest.raises(ConceptError, match="2 to 10 seconds"):
        examine_motion(clip(up_and_down, lasts_s=14.0))


def test_a_clip_of_a_moment_is_refused() -> None:
    with pytest.raises(ConceptError, match="too short"):
        examine_motion(MotionClip(times=(0,), pictures=(np.zeros((8, 8), np.uint8),)))


def test_what_is_kept_of_a_clip_can_be_described_again() -> None:
    (view,) = examine_motion(clip(up_and_down))
    again = describe_again(view.crop)
    assert again is not None
    assert fit(view.vector, again) > 0.95


@pytest.mark.parametrize("size", [(240, 180), (240, 135), (240, 60), (135, 240), (240, 240)])
@pytest.mark.parametrize("count", [4, 10, 11, 40, 105])
@pytest.mark.parametrize("grey", [0, 1, 255])
def test_a_sheet_tells_its_pictures_and_their_times(
    size: tuple[int, int], count: int, grey: int
) -> None:
    width, height = size
    times = tuple(nanoseconds(0.1 * n) for n in range(count))
    pictures = tuple(np.full((height, width), grey, np.uint8) for _ in times)
    shown = MotionClip(times=times, pictures=pictures)
    read = clip_of(sheet_of(shown, Span(start=times[0], end=times[-1])))
    assert read.times == times
    assert all(np.array_equal(*pair) for pair in zip(read.pictures, pictures, strict=True))


def test_another_picture_is_no_sheet() -> None:
    noise = np.random.default_rng(4).integers(0, 256, (240, 320, 3)).astype(np.uint8)
    for picture in (noise, np.zeros((1, 1, 3), np.uint8), np.zeros((240, 2400, 3), np.uint8)):
        assert describe_again(picture) is None


def test_a_change_of_the_light_is_no_motion() -> None:
    reader = FlowReader()
    dark = np.full((180, 240), 60, np.uint8)
    reader.read(dark)
    assert not reader.read(np.full((180, 240), 160, np.uint8)).moving.any()


def test_one_glance_is_taken_in_a_tenth_of_a_second_and_searched_only_where_wanted() -> None:
    seer = MotionSeer()
    glances = [
        glance
        for number in range(30)
        if (glance := seer.stir(_frame(number / 30), ActionsSought())) is not None
    ]
    assert len(glances) == 10
    assert all(not glance.motions for glance in glances)


def test_what_has_just_ended_is_found_in_the_stream() -> None:
    seer = MotionSeer()
    shown = clip(up_and_down)
    found: list[float] = []
    for time, picture in zip(shown.times, shown.pictures, strict=True):
        image = np.repeat(cv2.resize(picture, (480, 360))[:, :, None], 3, axis=2).astype(np.uint8)
        glance = seer.stir(
            Frame(image=image, pts=time, at=time, run="r"), ActionsSought(lengths_s=(1.953,))
        )
        assert glance is not None
        found += [fit(described(up_and_down), motion.vector) for motion in glance.motions]
    assert max(found) > 0.8


def _frame(seconds: float) -> Frame:
    image = np.zeros((90, 120, 3), np.uint8)
    return Frame(image=image, pts=nanoseconds(seconds), at=0, run="r")


def test_a_glance_has_its_longer_side_at_240() -> None:
    assert small_grey(np.zeros((720, 1280, 3), np.uint8)).shape == (135, 240)
    assert small_grey(np.zeros((1280, 720, 3), np.uint8)).shape == (240, 135)
