"""`still_cpu_core_share`: what a live source costs while nothing happens before it.

A scripted camera gives one JPEG a second of a scene that stands still but for the noise of a
sensor; the real engine watches it. Counted is the time of the processor, of this process and its
children, per second of wall time: 1 is one whole core.
"""

import time
from pathlib import Path

import cv2
import numpy as np
import psutil

from app.bench.driving import Driven, driven
from app.bench.footage import frames, people
from app.bench.home import borrowed_home, installed
from app.bench.lines import line
from app.bench.scripted import Camera, Scripted
from app.measure import Goal, Measurement
from app.paths import Paths
from engine.facts import SourceSpec
from engine.media import Image

FPS = 1.0
NOISE = 2.0
"""Standard deviation of the sensor's noise, in grey levels."""
VARIANTS = 8
SETTLES_S, QUICK_SETTLES_S = 6.0, 1.0
"""The first looks at something new are not what a still scene costs."""
LASTS_S, QUICK_S = 60.0, 4.0
STILL = SourceSpec(kind="camera", address="bench", label="still scene")
GOALS = (Goal(metric="still_cpu_core_share", relation="<", goal=0.05),)


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """A minute of stillness (4 s when `quick`, after 1 s to settle instead of 6).

    Raises:
        ConfigError: there is nothing to measure on.
    """
    del out
    scene, sources = still_scene(paths)
    with borrowed_home(paths) as home, driven(home, sources) as engine:
        engine.open(STILL)
        time.sleep(QUICK_SETTLES_S if quick else SETTLES_S)
        share, lasted, looks = watched(engine, QUICK_S if quick else LASTS_S)
    size = f"{scene.shape[1]}x{scene.shape[0]}"
    rows = [
        line("still", "share of one core", share, "cores", f"{size}, {FPS:g} frame/s"),
        line("still", "lasted", lasted, "s", "quick" if quick else ""),
        line("still", "looks", looks, "looks", f"models: {installed(paths)}"),
    ]
    return Measurement(
        name="still", metrics={"still_cpu_core_share": share}, goals=GOALS, rows=rows
    )


def still_scene(paths: Paths) -> tuple[Image, Scripted]:
    """A picture of people, and the camera that gives it with noise, once a second."""
    scene = next(frames(people(paths).files)).image
    shots = noisy_jpegs(scene, VARIANTS)
    return scene, Scripted(
        lambda run, first: Camera(run, lambda n: decoded(shots[n % VARIANTS]), FPS, first)
    )


def watched(engine: Driven, lasts_s: float) -> tuple[float, float, int]:
    """(share of a core, seconds, looks) of so long a stretch."""
    looks = engine.heard.counts["Tracked"]
    before, begin = cpu_s(), time.monotonic()
    time.sleep(lasts_s)
    used, lasted = cpu_s() - before, time.monotonic() - begin
    return used / lasted, lasted, engine.heard.counts["Tracked"] - looks


def cpu_s() -> float:
    """Seconds of processor time that this process and its children have used."""
    times = psutil.Process().cpu_times()
    children = sum(
        sum(child.cpu_times()[:2]) for child in psutil.Process().children(recursive=True)
    )
    return times.user + times.system + times.children_user + times.children_system + children


def noisy_jpegs(scene: Image, count: int) -> list[bytes]:
    """The same scene, seen `count` times by a sensor that is not perfect."""
    random = np.random.default_rng(1)
    shots: list[bytes] = []
    for _ in range(count):
        noise = random.normal(0, NOISE, scene.shape)
        seen = np.clip(scene + noise, 0, 255).astype(np.uint8)
        shots.append(cv2.imencode(".jpg", seen)[1].tobytes())
    return shots


def decoded(jpeg: bytes) -> Image:
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(image, np.uint8)
