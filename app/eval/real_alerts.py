"""`nacre eval alerts-real`: false alarms on real input.

20 alerts on what does not happen there are armed while every recording of the real input and the
bundled clip is watched; each remark is counted and listed. What is judged by a vision-language
model is not among them: none of known quality is here.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.bench.driving import Driven, driven
from app.bench.home import borrowed_home
from app.eval.real_input import real_data
from app.measure import Measurement
from app.paths import Paths
from engine.errors import UnreadableMedia
from engine.facts import Remark, SourceSpec
from engine.media import Frame
from engine.messages import AddAlert, Event, Remarked, TeachConcept

RECORDINGS = (".mp4", ".mkv", ".webm", ".avi")
THINGS = 6
WORDS = ("invoice", "boarding pass", "out of memory", "disk full", "password", "merge conflict",
         "delivered", "low battery")  # fmt: skip
PEOPLE = (5, 6, 7, 8)
SECONDS_AT_MOST = 3600.0


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """Every recording once (`quick`: three of them).

    Raises:
        ConfigError: the real input is not on this machine.
    """
    del out
    files = sorted(f for f in real_data("").rglob("*") if f.suffix in RECORDINGS)
    files = [*files[:2], paths.demo_clip] if quick else [*files, paths.demo_clip]
    remarks: list[Remark] = []

    def listen(event: Event) -> None:
        if isinstance(event, Remarked):
            remarks.append(event.remark)

    rows: list[dict[str, Any]] = []
    seconds = 0.0
    with borrowed_home(paths) as home, driven(home) as nacre:
        sentences = _arm(nacre)
        end = nacre.engine.subscribe(listen)
        for file in files:
            told, lasts = len(remarks), _lasts(file)
            nacre.watch(_spec(file), SECONDS_AT_MOST)
            seconds += lasts
            rows.append(_row(file.name, lasts, len(remarks) - told))
            rows += [
                _row("", one.pts / 1e9, f"{sentences[one.alert]}: {one.text}")
                for one in remarks[told:]
            ]
        end()
    hours = seconds / 3600
    metrics = {
        "hours": hours,
        "alerts": float(len(sentences)),
        "remarks": float(len(remarks)),
        "remarks_per_hour": len(remarks) / hours,
    }
    return Measurement(name="alerts-real", metrics=metrics, rows=rows)


def _row(file: str, seconds: float, remarks: int | str) -> dict[str, Any]:
    return {"recording": file, "seconds": round(seconds, 1), "remarks": remarks}


def _arm(nacre: Driven) -> dict[str, str]:
    """Teach six things that are in none of the recordings, and arm the alerts; sentences by id."""
    sentences = [f"Tell me when the screen shows {words}." for words in WORDS]
    sentences += [f"Tell me when {count} people are there." for count in PEOPLE]
    for name, image in _things():
        frame = Frame(image=image, pts=0, at=0, run="photo")
        nacre.engine.send(TeachConcept(name=name, kind="thing", frame=frame))
        sentences.append(f"Tell me when {name} appears.")
    wanted = THINGS
    nacre.heard.wait(lambda: nacre.heard.counts["GalleryChanged"] >= wanted, 60.0)
    sentences += [
        "Tell me when nothing happens for an hour.",
        "Tell me when nobody is there for 1 h.",
    ]
    commands = [AddAlert(text=text) for text in sentences]
    for command in commands:
        nacre.engine.send(command)
    nacre.heard.wait(lambda: nacre.heard.counts["AlertsChanged"] >= len(commands), 60.0)
    return {command.ref: command.text for command in commands}


def _things() -> Iterator[tuple[str, np.ndarray]]:
    for folder in sorted(one for one in real_data("things").iterdir() if one.is_dir())[:THINGS]:
        image = cv2.imread(str(min(folder.iterdir())))
        if image is None:
            raise UnreadableMedia(f"A photo of {folder.name} cannot be read. Nothing was measured.")
        yield folder.name.replace("_", " ").title().replace(" ", ""), image


def _spec(file: Path) -> SourceSpec:
    return SourceSpec(
        kind="recording",
        address=str(file),
        label=file.name,
        realtime=False,
        as_screen="screen" in file.name,
    )


def _lasts(file: Path) -> float:
    video = cv2.VideoCapture(str(file))
    rate = video.get(cv2.CAP_PROP_FPS)
    count = video.get(cv2.CAP_PROP_FRAME_COUNT)
    video.release()
    return count / rate if rate > 0 and count > 0 else 0.0
