"""A drawn stream of eleven minutes: somebody bows, leaves, and comes back to bow again."""

import random
from pathlib import Path

import cv2

from app.eval.world.camera import Camera
from app.eval.world.director import RIGHT, Director, Role
from app.eval.world.rooms import Room
from app.eval.world.scene import Light, Scene
from app.eval.world.video import SIZE
from tests.fakes.acts import OTHER

FPS = 10
BOWED_S, LEAVES_S, GONE_S = 5.6, 20.0, 25.0
BACK_S, BOWED_AGAIN_S, LENGTH_S = 640.0, 650.0, 664.0


class Later(Director):
    """The only one of its cast bows before BOWED_S and again before BOWED_AGAIN_S."""

    def __init__(self) -> None:
        super().__init__(random.Random(1), [Role(look=OTHER, name=None)], length_s=LENGTH_S)
        self._room = Room(kind="living room", mirrored=False, occluder_x=None, word="HELLO", seed=3)

    def plan(self) -> Scene:
        self._x[0] = 200.0
        self._wait(0, BOWED_S - 2.6)
        self._do(0, "bow", 2.6, facing=1)
        self._wait(0, LEAVES_S)
        self._do(0, "leave", 4.0, to=RIGHT)
        self._free[0] = BACK_S
        self._do(0, "come in", 4.0, to=360.0)
        self._wait(0, BOWED_AGAIN_S - 3.2)
        self._do(0, "bow", 3.2)
        self._wait(0, LENGTH_S)
        return self._scene(Light(hour=0.2, pace=0.0, warm=0.3), 0.0)


def ten_minutes_later(path: Path) -> Path:
    """Encode it; the empty room between is drawn once."""
    scene, camera = Later().plan(), Camera(SIZE)
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), FPS, SIZE)
    assert writer.isOpened()
    empty = camera.frame(scene, GONE_S)
    for n in range(round(LENGTH_S * FPS)):
        t = n / FPS
        writer.write(empty if GONE_S < t < BACK_S else camera.frame(scene, t))
    writer.release()
    return path
