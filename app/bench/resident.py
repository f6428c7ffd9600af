"""`rss_mb`: the memory of a Nacre whose window is open, with its models, while it watches.

A real `nacre` plays the bundled clip, is asked a question, and its processes are looked at from
outside. What reading the words on a screen adds is `rss_ocr_mb`. A language model has a process of
its own, and does not count; that of the demo, which is open while the bundled clip is shown and
closed with it, is told beside (`rss_demo_mb`).
"""

import subprocess
import time
from pathlib import Path

import psutil

from app.bench.display import display
from app.bench.footage import frames
from app.bench.footprint import Footprint, footprint
from app.bench.home import borrowed_home, installed
from app.bench.lines import line
from app.bench.program import LIMIT_S, command, window_shown
from app.eyesight import load_eyes
from app.measure import Goal, Measurement
from app.paths import Paths
from app.shelf import open_shelf
from engine.perception.finding import find

WATCHES_S, QUICK_S = 15, 1
QUESTION = "who was here in the last minute?"
GOALS = (Goal(metric="rss_mb", relation="<", goal=500),)


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """The largest footprint in 15 s of watching (once when `quick`), a question included.

    Raises:
        EngineError: no picture came.
    """
    del out
    with borrowed_home(paths) as home, display() as shown_on, window_shown(home) as nacre:
        asked = _ask(home)
        process, samples, model = psutil.Process(nacre.pid), list[Footprint](), 0.0
        for _ in range(QUICK_S if quick else WATCHES_S):
            samples.append(footprint(process, models=False))
            model = max(model, footprint(process).mb - samples[-1].mb)
            time.sleep(1.0)
        processes = 1 + len(process.children(recursive=True))
    words, largest = _words(paths), max(samples, key=lambda sample: sample.mb)
    rows = [
        line("resident", "window, models, watching", largest.mb, "MB", shown_on),
        line("resident", "of it without files", largest.own, "MB", "libraries left out"),
        line("resident", "processes", processes, "processes", f"models: {installed(paths)}"),
        line("resident", "questions answered", asked, "questions"),
        line("resident", "the demo's model, besides", model, "MB", "open with the demo alone"),
        line("resident", "reading words, besides", words, "MB", "loaded when first needed"),
    ]
    return Measurement(
        name="resident",
        metrics={"rss_mb": largest.mb, "rss_ocr_mb": words, "rss_demo_mb": model},
        goals=GOALS,
        rows=rows,
    )


def _ask(home: Paths) -> int:
    """How many questions were answered: what they need is loaded from then on."""
    told = subprocess.run(
        command("ask", QUESTION, "--data-dir", str(home.data)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=LIMIT_S,
        check=False,
    )
    return int(told.returncode == 0)


def _words(paths: Paths) -> float:
    """Megabytes that the text reader adds to a process that has the other models already."""
    eyes = load_eyes(open_shelf(paths), paths.catalogue)
    image = next(frames((paths.demo_clip,))).image
    find(eyes, image)
    before = footprint().mb
    if eyes.text_reader is not None:
        eyes.text_reader.read(image)
    return footprint().mb - before
