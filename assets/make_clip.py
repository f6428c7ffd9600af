"""Draws the bundled clip, 32 seconds of the drawn world, and the pictures by which the demo knows
two of its figures; the script is `app.eval.world.showcase`.

    PYTHONPATH=. .venv/bin/python assets/make_clip.py [--out assets] [--gallery-only]

The same script draws the same pictures. Encoded as H.264 by `ffmpeg` where that is installed (the
clip in the repository is), else as VP9 by OpenCV, in a larger file.
"""

import argparse
import random
from pathlib import Path

import cv2
import numpy as np

from app.eval.world.camera import Camera, truth
from app.eval.world.canvas import Picture
from app.eval.world.director import Director, Role
from app.eval.world.showcase import MOMO, MUM, Showcase
from app.eval.world.video import SIZE, write_scene

KNOWN = (Role(look=MOMO, name="Momo"), Role(look=MUM, name="Mum"))
EACH = 3
DARK = 110
SIDE = SIZE[1] // 2
"""As much as is looked at in a frame (`engine.perception.drawn.REACH`)."""


def portraits(role: Role, count: int) -> list[Picture]:
    """The figure in plain sight, each time in another room and another light."""
    found: list[Picture] = []
    for seed in range(1000):
        chance, camera = random.Random(f"{role.name}{seed}"), Camera(SIZE)
        scene = Director(chance, [role], length_s=8).plan()
        t = chance.uniform(2, 7)
        seen = truth(scene, t).seen
        upright = seen and seen[0].deed in ("stand", "wave", "walk left", "walk right")
        if not upright or seen[0].visible < 0.95 or seen[0].holding is not None:
            continue
        left, top, right, low = seen[0].box
        x, y = round((left + right) / 2 * SIZE[0]), round((top + low) / 2 * SIZE[1])
        half = SIDE // 2
        if half <= x <= SIZE[0] - half and half <= y <= SIZE[1] - half:
            frame = camera.frame(scene, t)
            if frame.mean() < DARK:
                continue
            found.append(np.ascontiguousarray(frame[y - half : y + half, x - half : x + half]))
        if len(found) == count:
            break
    return found


def write_gallery(folder: Path) -> None:
    """One folder for each name, with its pictures."""
    for role in KNOWN:
        place = folder / (role.name or "")
        place.mkdir(parents=True, exist_ok=True)
        for n, picture in enumerate(portraits(role, EACH), 1):
            cv2.imwrite(str(place / f"{n}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 90])
            print(place / f"{n}.jpg")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--out", type=Path, default=Path(__file__).parent)
    arguments.add_argument("--gallery-only", action="store_true")
    chosen = arguments.parse_args()
    write_gallery(chosen.out / "demo")
    if not chosen.gallery_only:
        clip = chosen.out / "demo.mp4"
        write_scene(Showcase().plan(), clip)
        print(f"{clip}: {clip.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
