"""The model in its own process: how old the newest frame of an answer is, and what stillness
costs."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from threading import Event, Thread

from app.bench.model_speed import PREFIX, QUESTION, Told, picture
from app.bench.still import cpu_s
from app.clock import SystemClock
from engine.errors import ModelError
from engine.inference import protocol
from engine.inference.llama_vlm import LlamaVlm
from engine.inference.supervisor import Plan
from engine.media import NANOSECONDS, Frame

READY_S = 120.0
APART_S, QUICK_APART_S = 8.0, 1.5
ASKED, QUICK_ASKED = 3, 2
SEEN_S = 90.0
"""Until a frame is in an answer."""
STILL_S, QUICK_STILL_S = 15.0, 2.0


def measure(told: Told, files: tuple[Path, Path], *, quick: bool) -> None:
    load = protocol.Load(model=str(files[0]), projector=str(files[1]), context=4096, threads=1)
    vlm = LlamaVlm(Plan(title="random", load=load), clock=SystemClock())
    try:
        vlm.stand(PREFIX)
        list(vlm.ask(QUESTION))  # Until it is loaded.
        _still(told, vlm, QUICK_STILL_S if quick else STILL_S)
        _ages(told, vlm, quick=quick)
    finally:
        vlm.close()
        vlm.join(READY_S)


def _still(told: Told, vlm: LlamaVlm, lasts_s: float) -> None:
    """Processor time of the model's process and of ours, with a model loaded and nothing shown."""
    time.sleep(1.0)
    before, begin = cpu_s(), time.monotonic()
    time.sleep(lasts_s)
    lasted = time.monotonic() - begin
    told.metrics["still_cpu_core_share_model"] = (cpu_s() - before) / lasted
    told.row("still, model loaded", lasted, "s", f"state: {vlm.status.state}")


def _ages(told: Told, vlm: LlamaVlm, *, quick: bool) -> None:
    ages: list[float] = []
    with _watching(vlm) as begin:
        limit = time.monotonic() + SEEN_S
        while len(ages) < (QUICK_ASKED if quick else ASKED):
            if time.monotonic() > limit:
                raise ModelError("No frame was seen in time. Measure when the machine is free.")
            time.sleep(QUICK_APART_S if quick else APART_S)
            answering = vlm.ask(QUESTION)
            at: float | None = None
            for _ in answering:
                at = at or time.monotonic()
            newest = answering.outcome.newest_pts
            if newest is not None:
                ages.append((at or time.monotonic()) - begin - newest / NANOSECONDS)
    told.metrics["frame_age_at_first_token_s"] = median(ages)
    told.row("oldest newest frame of an answer", max(ages), "s", f"of {len(ages)}, 1 frame/s")


@contextmanager
def _watching(vlm: LlamaVlm) -> Generator[float]:
    """A frame a second is shown; when that began."""
    over = Event()
    shots = [picture(n) for n in range(8)]
    begin = time.monotonic()

    def show() -> None:
        number = 0
        while not over.wait(max(begin + number - time.monotonic(), 0)):
            shot = shots[number % len(shots)]
            pts = int((time.monotonic() - begin) * NANOSECONDS)
            vlm.take(Frame(image=shot.image, pts=pts, at=time.time_ns(), run="bench"), shot.mark)
            number += 1

    thread = Thread(target=show, name="camera")
    thread.start()
    try:
        yield begin
    finally:
        over.set()
        thread.join()
