"""What the demo's pose network learns from: that the numbers say what the window shows."""

from itertools import islice

import numpy as np

from app.eval.world.camera import Camera, owners, truth
from app.eval.world.rooms import Room
from app.eval.world.scene import Scene
from app.eval.world.script import Script
from engine.perception.drawn_poses import GLANCED, NUMBERS, STRIDE
from engine.perception.flow import small_grey
from models.demo.cells import stance
from models.demo.poses import CELLS, IGNORED, WINDOW, Posed, mirrored, posed, window
from tests.fakes.acts import TEACHER

ROOM = Room(kind="library", mirrored=False, occluder_x=None, word=None, seed=4)


def bowing() -> Scene:
    return Script(TEACHER, [("bow", 3.0)], x=320.0, facing=1, room=ROOM).plan()


def lesson(scene: Scene, t: float, corner: tuple[int, int]) -> Posed:
    picture = small_grey(Camera((320, 240), oversample=1).frame(scene, t))
    return window(scene, t, (picture, owners(scene, t, GLANCED)), corner)


def test_the_cells_of_a_figure_tell_its_box_and_its_pose() -> None:
    scene = bowing()
    one = lesson(scene, 1.5, (72, 70))
    (seen,) = truth(scene, 1.5).seen
    there = one.what == 1
    assert 8 < there.sum() < CELLS**2 / 2
    left, top, right, low = one.boxes[there][0] + np.array([72, 70, 72, 70])
    wanted = np.array(seen.box) * np.array([*GLANCED, *GLANCED])
    assert np.abs(np.array([left, top, right, low]) - wanted).max() < 3
    pose = scene.pose(0, 1.5)
    assert pose is not None
    assert pose.lean > 0.9
    assert np.allclose(one.poses[there], np.array(stance(pose), np.float32))
    rows, columns = np.divmod(np.flatnonzero(there), CELLS)
    assert (columns * STRIDE + 72 + STRIDE > left).all()
    assert (rows * STRIDE + 70 + STRIDE > top).all()


def test_who_is_mostly_outside_is_neither_there_nor_not() -> None:
    one = lesson(bowing(), 1.5, (120, 70))
    assert (one.what == IGNORED).any()
    assert not (one.what == 1).any()


def test_in_a_mirror_left_is_right() -> None:
    one = lesson(bowing(), 1.5, (72, 70))
    other = mirrored(one)
    assert np.array_equal(other.picture[:, ::-1], one.picture)
    back = mirrored(other)
    assert np.array_equal(back.what, one.what)
    assert np.allclose(back.poses, one.poses)
    there = one.what == 1
    assert np.allclose(back.boxes[there], one.boxes[there])
    facing, lean = other.poses[other.what == 1][0][:2]
    assert facing == -1
    assert lean < -0.9


def test_lessons_are_about_figures_and_the_same_for_a_seed() -> None:
    some = list(islice(posed(5, "train"), 60))
    assert np.mean([(one.what == 1).any() for one in some]) > 0.6
    assert all(one.picture.shape == (WINDOW, WINDOW) for one in some)
    assert all(one.poses.shape == (CELLS**2, NUMBERS) for one in some)
    again = list(islice(posed(5, "train"), 60))
    assert all(np.array_equal(a.picture, b.picture) for a, b in zip(some, again, strict=True))


def test_many_windows_show_where_two_stand_side_by_side() -> None:
    def figures(one: Posed) -> int:
        return len({tuple(pose) for pose in one.poses[one.what == 1]})

    some = [figures(one) for one in islice(posed(6, "train"), 400)]
    assert np.mean([n > 1 for n in some]) > 0.18  # By chance it is one window in ten.
