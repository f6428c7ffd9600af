"""The scripted scene shows what its description promises."""

from pathlib import Path

import cv2
import numpy as np

from app.eval.world.camera import Camera, truth
from app.eval.world.showcase import LENGTH_S, MOMO, STRANGER, Showcase
from app.eval.world.traits import differing
from app.eval.world.video import SIZE
from app.paths import Paths


def test_the_script_is_played() -> None:
    scene = Showcase().plan()
    assert scene == Showcase().plan()
    done = [(scene.cast[n].name, act.deed) for n, acts in enumerate(scene.acts) for act in acts]
    for expected in (
        ("Momo", "wave"), ("Momo", "pick up"), ("Momo", "give"), ("Mum", "take"), ("Mum", "bow"),
        ("Mum", "open the door"), ("Mum", "wave"), (None, "come in"), (None, "leave"),
    ):  # fmt: skip
        assert expected in done
    assert all(act.end_s <= LENGTH_S + 1e-6 for acts in scene.acts for act in acts)


def test_the_ball_goes_from_the_floor_by_momo_to_mum_and_back() -> None:
    scene = Showcase().plan()
    holders = [scene.place(0, t / 4).holder for t in range(int(LENGTH_S * 4))]
    order = [who for n, who in enumerate(holders) if n == 0 or who != holders[n - 1]]
    names = [None if who is None else scene.cast[who].name for who in order]
    assert names == [None, "Momo", "Mum", None, "Momo"]


def test_the_stranger_differs_from_momo_by_the_hat_alone_and_is_seen_beside() -> None:
    assert differing(MOMO, STRANGER) == ("hat",)
    scene = Showcase().plan()
    looks = [{one.look for one in truth(scene, t).seen} for t in range(int(LENGTH_S))]
    assert sum({MOMO, STRANGER} <= seen for seen in looks) >= 3


def test_the_bundled_clip_plays_the_script(tmp_path: Path) -> None:
    """What lies in `assets` is what the script draws today, but for its coding."""
    film = cv2.VideoCapture(str(Paths.locate(tmp_path).demo_clip))
    scene, camera, count = Showcase().plan(), Camera(SIZE), 0
    while True:
        there, picture = film.read()
        if not there:
            break
        if count % 60 == 0:
            drawn = camera.frame(scene, count / 15)
            assert np.abs(np.asarray(picture).astype(int) - drawn).mean() < 6
        count += 1
    film.release()
    assert count == LENGTH_S * 15
