"""Draws the bundled clip: an afternoon in a little room, in 28 seconds.

    .venv/bin/python assets/make_clip.py [--out assets/demo.mp4] [--frames FOLDER]

A cat walks in and sits down, a ball rolls up to it and away again, the lamp is lit, somebody
brings a mug of tea; outside it gets dark. The same seed draws the same pictures. Encoded as H.264
by `ffmpeg` where that is installed (the clip in the repository is), else as VP9 by OpenCV, in a
file about eight times as large.
"""

import argparse
import os
import random
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import cv2
from clip.actors import Cat, Person, draw_ball, draw_cat, draw_mug, draw_person
from clip.canvas import HEIGHT, WIDTH, Canvas, Picture
from clip.room import (
    MUG_PLACE,
    draw_lamp,
    draw_window,
    lamp_glow,
    lit,
    still_room,
    sun_patch,
)

FPS = 15
LENGTH_S = 28.0
SEED = 11

CAT_SEAT, CAT_FLOOR = 292.0, 424.0
BALL_STOP, BALL_FLOOR = 372.0, 432.0
PERSON_STOP, PERSON_FLOOR = 722.0, 430.0
LAMP_ON, MUG_DOWN = 15.0, 20.2


def eased(t: float, begin: float, end: float) -> float:
    """0 before `begin`, 1 after `end`, gently between."""
    x = min(max((t - begin) / (end - begin), 0.0), 1.0)
    return x * x * (3 - 2 * x)


def cat_at(t: float) -> Cat | None:
    """In at 2 s, sits from 5.4 s to 11.6 s, out at 14.5 s."""
    if not 2.0 <= t <= 14.6:
        return None
    come, go = min(max((t - 2.0) / 3.2, 0), 1), min(max((t - 12.0) / 2.6, 0), 1)
    came = -110 + (CAT_SEAT + 110) * (1 - (1 - come) ** 1.5)
    x = came if t < 11.8 else CAT_SEAT - (CAT_SEAT + 130) * go**1.35
    return Cat(
        x=x,
        y=CAT_FLOOR,
        facing=1 if t < 11.9 else -1,
        sits=eased(t, 5.0, 5.7) * (1 - eased(t, 11.4, 11.9)),
        stride=x / 15,
        swish=t * 2.4,
        blinks=any(begin <= t < begin + 0.18 for begin in (6.6, 8.9, 10.7)),
    )


def ball_at(t: float) -> float | None:
    """Its x: rolls in at 7 s, rests from 9.4 s, is nudged and rolls out from 11 s."""
    if not 7.0 <= t <= 14.0:
        return None
    if t < 11.0:
        roll = min((t - 7.0) / 2.4, 1)
        return BALL_STOP + (WIDTH + 30 - BALL_STOP) * (1 - roll) ** 2
    roll = (t - 11.0) / 3.0
    return BALL_STOP + (WIDTH + 40 - BALL_STOP) * (1 - (1 - roll) ** 1.6)


def person_at(t: float) -> Person | None:
    """In at 16.5 s, puts the mug down at 20.2 s, out at 24.5 s."""
    if not 16.4 <= t <= 24.6:
        return None
    come, go = min((t - 16.4) / 2.6, 1), min(max((t - 21.6) / 2.8, 0), 1)
    away = WIDTH + 90 - PERSON_STOP
    x = PERSON_STOP + away * (1 - come) if t < 21.4 else PERSON_STOP + away * go
    walks = 1 - eased(t, 18.8, 19.2) if t < 21.4 else eased(t, 21.5, 21.8)
    return Person(
        x=x,
        y=PERSON_FLOOR,
        facing=-1 if t < 21.4 else 1,
        walks=walks,
        stride=x / 19,
        reach=eased(t, 19.3, 20.1) * (1 - eased(t, 20.4, 21.2)),
        holds_mug=t < MUG_DOWN,
    )


def hour_at(t: float) -> float:
    """How late it is, 0 (noon) to 1 (night); slow enough to be no event by itself."""
    return 0.28 + 0.5 * t / LENGTH_S


class Clip:
    """Draws any moment of the clip."""

    def __init__(self, seed: int = SEED) -> None:
        chance = random.Random(seed)
        self._stars = [
            (chance.random(), chance.random(), chance.uniform(0.6, 1.3)) for _ in range(26)
        ]
        self._room = still_room(seed)
        self._glow = lamp_glow()

    def frame(self, t: float) -> Picture:
        """The picture at `t` seconds, BGR."""
        hour = hour_at(t)
        lamp = eased(t, LAMP_ON, LAMP_ON + 0.35)
        canvas = Canvas(self._room)
        sun_patch(canvas, hour)
        draw_lamp(canvas, lamp)
        if t >= MUG_DOWN:
            canvas.shadow((MUG_PLACE[0] + 2, MUG_PLACE[1] + 1), (14, 3), 0.3, 3)
            draw_mug(canvas, MUG_PLACE)
        self._act(canvas, t)
        canvas.picture = lit(canvas.picture, hour, lamp, self._glow)
        return canvas.shown()

    def _act(self, canvas: Canvas, t: float) -> None:
        draw_window(canvas, hour_at(t), self._stars)
        if (cat := cat_at(t)) is not None:
            draw_cat(canvas, cat)
        if (ball := ball_at(t)) is not None:
            draw_ball(canvas, ball, BALL_FLOOR, ball / 15)
        if (person := person_at(t)) is not None:
            draw_person(canvas, person)


def encode(clip: Clip, out: Path) -> None:
    """Write the whole clip.

    Raises:
        SystemExit: nothing here can encode it.
    """
    part = out.with_name(f".part-{out.name}")
    frames = (clip.frame(n / FPS) for n in range(round(LENGTH_S * FPS)))
    (_by_ffmpeg if shutil.which("ffmpeg") else _by_opencv)(frames, part)
    os.replace(part, out)
    print(f"{out}: {out.stat().st_size / 1000:.0f} kB")


def _by_ffmpeg(frames: Iterable[Picture], part: Path) -> None:
    size, rate = f"{WIDTH}x{HEIGHT}", str(FPS)
    raw = ["-f", "rawvideo", "-pix_fmt", "bgr24", "-s", size, "-r", rate, "-i", "-"]
    coded = ["-c:v", "libx264", "-preset", "veryslow", "-crf", "25", "-tune", "animation"]
    plain = ["-pix_fmt", "yuv420p", "-g", "75", "-movflags", "+faststart", "-bitexact"]
    command = ["ffmpeg", "-v", "error", "-y", *raw, *coded, *plain, "-threads", "1", str(part)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for frame in frames:
            process.stdin.write(frame.tobytes())
        process.stdin.close()
    if process.returncode:
        raise SystemExit("ffmpeg could not encode the clip.")


def _by_opencv(frames: Iterable[Picture], part: Path) -> None:
    code = cv2.VideoWriter.fourcc(*"vp09")
    writer = cv2.VideoWriter(str(part), cv2.CAP_FFMPEG, code, FPS, (WIDTH, HEIGHT))
    if not writer.isOpened():
        raise SystemExit("Neither ffmpeg nor this OpenCV can encode the clip.")
    for frame in frames:
        writer.write(frame)
    writer.release()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--out", type=Path, default=Path(__file__).with_name("demo.mp4"))
    arguments.add_argument("--frames", type=Path, help="write single pictures there instead")
    arguments.add_argument(
        "--at", type=float, nargs="*", default=[], help="moments of the pictures"
    )
    chosen = arguments.parse_args()
    clip = Clip()
    if chosen.frames is None:
        encode(clip, chosen.out)
        return
    chosen.frames.mkdir(parents=True, exist_ok=True)
    for moment in chosen.at:
        cv2.imwrite(str(chosen.frames / f"{moment:05.1f}.png"), clip.frame(moment))


if __name__ == "__main__":
    main()
