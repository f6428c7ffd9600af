"""The model in its own process: how old the newest frame of an answer is, and how soon work is
broken off."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from statistics import median
from threading import Event, Thread
from typing import cast

import numpy as np

from app.bench.model_speed import PREFIX, QUESTION, Told, picture
from app.clock import SystemClock
from engine.errors import ModelError
from engine.inference import protocol, worker
from engine.inference.child import Child
from engine.inference.llama_vlm import LlamaVlm
from engine.inference.supervisor import Plan, Supervisor
from engine.inference.watch import Limits
from engine.media import NANOSECONDS, Frame

READY_S = 120.0
APART_S, QUICK_APART_S = 8.0, 1.5
ASKED, QUICK_ASKED = 3, 2
SEEN_S = 90.0
"""Until a frame is in an answer."""
PROMPT_TOKENS = 512
EARLIEST, LATEST = 0.1, 0.9
"""Shares of a piece of work that are done when it is broken off."""
MOST_TRIES = 3


def measure(
    told: Told, files: tuple[Path, Path], *, side: int, gpu_layers: int, quick: bool
) -> None:
    load = protocol.Load(model=str(files[0]), projector=str(files[1]), context=4096, threads=1)
    plan = Plan(title="random", load=load, gpu_layers=(gpu_layers,))
    _aborts(told, plan, side, quick=quick)
    vlm = LlamaVlm(plan, clock=SystemClock())
    try:
        vlm.stand(PREFIX)
        list(vlm.ask(QUESTION))  # Until it is loaded.
        _ages(told, vlm, side, quick=quick)
    finally:
        vlm.close()
        vlm.join(READY_S)


def _aborts(told: Told, plan: Plan, side: int, *, quick: bool) -> None:
    """From the request at the supervisor until the process has told that it is idle."""
    bench = _Breaking(plan)
    try:
        bench.do(protocol.Stand(id=1, system=PREFIX.system))
        asked = protocol.Ask(id=0, question="x" * PROMPT_TOKENS, window=False, most_tokens=1)
        begin = time.perf_counter()
        bench.do(asked)
        decode_s = time.perf_counter() - begin
        for what, lasts_s, times in (
            ("decode", decode_s, 5 if quick else 15),
            ("encode", told.encode_s, 5 if quick else 8),
        ):
            idle_s: list[float] = []
            for n in range(MOST_TRIES * times):
                share = EARLIEST + (LATEST - EARLIEST) * (n % times) / (times - 1)
                shown = protocol.Shown(key=f"{n}", image=picture(n, side).image)
                order = asked if what == "decode" else protocol.Take(id=0, picture=shown, pts=n)
                took_s = bench.broken_off_s(order, share * lasts_s)
                if took_s is not None:  # Else it was done before.
                    idle_s.append(took_s)
                if len(idle_s) == times:
                    break
            if not idle_s:
                raise ModelError("Nothing could be broken off. Measure when the machine is free.")
            told.metrics[f"abort_{what}_ms"] = float(np.percentile(idle_s, 95)) * 1000
            told.row(f"abort in {what}, longest", max(idle_s) * 1000, "ms", f"of {len(idle_s)}")
            told.row(f"whole {what}", lasts_s * 1000, "ms")
    finally:
        bench.close()


class _Breaking:
    """Owns a supervisor, and gives its process orders one at a time."""

    def __init__(self, plan: Plan) -> None:
        self._reports: SimpleQueue[tuple[Child, protocol.Report | None]] = SimpleQueue()
        self._number = 0
        self._is_ready = False
        self._supervisor = Supervisor(
            plan, worker.live, self, SystemClock(), limits=Limits(), changed=lambda _: None
        )
        self._supervisor.start()
        limit = time.monotonic() + READY_S
        while not self._is_ready:
            self._hear(limit - time.monotonic())

    def do(self, order: protocol.Work) -> protocol.Ended:
        """To its end."""
        self._supervisor.send(self._numbered(order))
        return self._ended(READY_S)

    def broken_off_s(self, order: protocol.Work, after_s: float) -> float | None:
        """How long it took; None where the work was done before."""
        self._supervisor.send(self._numbered(order))
        limit = time.perf_counter() + after_s
        while (left := limit - time.perf_counter()) > 0:
            try:
                if self._is_end(self._hear(left)):
                    return None
            except Empty:
                break
        begin = time.perf_counter()
        self._supervisor.stop(self._number)
        ended = self._ended(READY_S)
        return time.perf_counter() - begin if isinstance(ended, protocol.Stopped) else None

    def close(self) -> None:
        self._supervisor.close()

    def _numbered(self, order: protocol.Work) -> protocol.Work:
        self._number += 1
        return replace(order, id=self._number)

    def _ended(self, limit_s: float) -> protocol.Ended:
        until = time.monotonic() + limit_s
        while True:
            try:
                report = self._hear(max(until - time.monotonic(), 0))
            except Empty:
                raise ModelError("The model's process did not answer in time.") from None
            if self._is_end(report):
                return cast(protocol.Ended, report)

    def _is_end(self, report: protocol.Report | None) -> bool:
        return isinstance(report, protocol.Ended) and report.id == self._number

    def _hear(self, limit_s: float) -> protocol.Report | None:
        child, report = self._reports.get(timeout=limit_s)
        return self._supervisor.hear(child, report)

    # --- what the supervisor tells ---------------------------------------------------------------

    def deliver(self, child: Child, report: protocol.Report | None) -> None:
        self._reports.put((child, report))

    def ready(self) -> None:
        self._is_ready = True

    def lost(self, *, blame: bool) -> None:
        raise ModelError("The model's process ended. Nothing was measured.")

    def gave_up(self, error: ModelError) -> None:
        raise error


def _ages(told: Told, vlm: LlamaVlm, side: int, *, quick: bool) -> None:
    ages: list[float] = []
    with _watching(vlm, side) as begin:
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
def _watching(vlm: LlamaVlm, side: int) -> Generator[float]:
    """A frame a second is shown; when that began."""
    over = Event()
    shots = [picture(n, side) for n in range(8)]
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
