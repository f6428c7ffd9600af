"""Who stands how from picture to picture, and what is done in a clip as a row of poses."""

import numpy as np
import pytest

from engine.decision.templates import poses_of
from engine.errors import ConceptError
from engine.facts import MOTION_EMBEDDER, ActionsSought, MotionClip
from engine.media import Box, Frame, Span, nanoseconds
from engine.perception.acting import MotionSeer, describe_again, examine_motion, sheet_of
from engine.perception.bodies import BodyFollower, deed_of
from tests.fakes.poses import GreyPoses, acted, once, picture, standing

POSES = GreyPoses()
SOUGHT = ActionsSought(poses=frozenset({POSES.name}))


def test_bodies_keep_their_number_while_they_move() -> None:
    follower = BodyFollower(POSES)
    seen = [
        follower.look(nanoseconds(n / 10), picture((20 + 2 * n, 0), (180, 1))) for n in range(9)
    ]
    assert seen[0] == (), "a single look may err"
    for bodies in seen[1:]:
        assert [body.track for body in bodies] == [1, 2]
    left, right = sorted(seen[-1], key=lambda body: body.box.x)
    assert left.box == Box(36, 60, 30, 60)
    assert (left.numbers[0], right.numbers[0]) == pytest.approx((0, 1), abs=0.02)


def test_who_is_not_seen_is_not_told() -> None:
    follower = BodyFollower(POSES)
    for n in range(5):
        follower.look(nanoseconds(n / 10), picture((20, 0)))
    assert follower.look(nanoseconds(0.5), picture()) == ()
    assert [body.track for body in follower.look(nanoseconds(0.6), picture((20, 0)))] == [1]


def test_a_description_lasts_from_the_first_stirring_to_the_last() -> None:
    deed = deed_of(POSES, acted(once, lasts_s=2.0, rests_s=1.0))
    assert deed is not None
    assert (deed.span.start / 1e9, deed.span.end / 1e9) == pytest.approx((0.7, 3.3), abs=0.21)
    poses = poses_of(deed.description)
    assert len(poses) == pytest.approx(20, abs=3)
    assert poses[:, 0].max() == pytest.approx(1, abs=0.02)
    assert np.linalg.norm(deed.description, axis=1) == pytest.approx(np.ones(len(poses)), abs=1e-3)


def test_of_several_it_is_who_stirs_most() -> None:
    shown = acted(once)
    both = tuple(np.maximum(one, picture((150, 0.1 * (n % 2)))) for n, one in
                 enumerate(shown.pictures))  # fmt: skip
    deed = deed_of(POSES, MotionClip(times=shown.times, pictures=both))
    assert deed is not None
    assert deed.box.x < 60


def test_an_action_is_described_by_poses_where_somebody_does_it() -> None:
    (view,) = examine_motion(acted(once), POSES)
    assert view.embedder == POSES.name
    again = describe_again(view.crop, POSES)
    assert again is not None
    assert again.shape == view.vector.shape
    assert np.allclose(again, view.vector, atol=0.05), "the pictures that are kept tell the same"


def test_and_by_what_moves_where_nobody_is_seen() -> None:
    ground = np.random.default_rng(1).integers(0, 30, (180, 240)).astype(np.uint8)
    square = np.random.default_rng(2).integers(0, 30, (40, 40)).astype(np.uint8)

    def moved(n: int) -> np.ndarray:
        shown, y = ground.copy(), 60 + round(30 * abs(np.sin(n / 4)))
        shown[y : y + 40, 100:140] = square + 8
        return shown

    times = tuple(nanoseconds(n / 10) for n in range(26))
    clip = MotionClip(times=times, pictures=tuple(moved(n) for n in range(26)))
    (view,) = examine_motion(clip, POSES)
    assert view.embedder == MOTION_EMBEDDER


def test_what_could_hardly_be_read_is_to_be_shown_again() -> None:
    shown = acted(lambda share: 0.4 * once(share))
    with pytest.raises(ConceptError, match=r"hardly be seen.* Nothing was changed\. Show it again"):
        examine_motion(shown, POSES)
    again = describe_again(sheet_of(shown, Span(start=0, end=4 * 10**9)), POSES)
    assert again is not None, "what is kept already is not lost"


def test_who_stands_by_is_not_what_moves() -> None:
    times = tuple(nanoseconds(n / 10) for n in range(26))
    chance = np.random.default_rng(1)
    ground = chance.integers(0, 30, (180, 240)).astype(np.uint8)
    square = chance.integers(8, 38, (30, 30)).astype(np.uint8)

    def moved(n: int) -> np.ndarray:
        shown, y = np.maximum(ground, picture((20, 0))), 60 + round(30 * abs(np.sin(n / 4)))
        shown[y : y + 30, 180:210] = square
        return shown

    clip = MotionClip(times=times, pictures=tuple(moved(n) for n in range(26)))
    (view,) = examine_motion(clip, POSES)
    assert view.embedder == MOTION_EMBEDDER


def test_who_only_stands_shows_nothing() -> None:
    with pytest.raises(ConceptError, match="Nothing moves"):
        examine_motion(acted(standing), POSES)


def test_poses_are_read_only_where_they_are_sought() -> None:
    for sought, read in ((ActionsSought(), ""), (SOUGHT, POSES.name)):
        seer = MotionSeer()
        bodies: list[Box] = []
        for n in range(4):
            grey = picture((20, 1))
            image = np.repeat(np.repeat(grey, 2, axis=0), 2, axis=1)[:, :, None].repeat(3, axis=2)
            frame = Frame(image=image, pts=nanoseconds(n / 10), at=0, run="r")
            glance = seer.stir(frame, sought, POSES)
            assert glance is not None
            assert glance.poses == read
            bodies = [body.box for body in glance.bodies]
        assert bodies == ([Box(40, 120, 60, 120)] if read else [])
