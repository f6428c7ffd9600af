"""`rss_growth`: the memory used while frames come and questions are asked, on tiny weights."""

from contextlib import closing
from pathlib import Path
from statistics import median

from app.bench.footprint import footprint
from app.bench.model_speed import PREFIX, QUESTION, Told, picture
from engine.inference.attendant import Attendant
from engine.inference.llama import Llama
from engine.inference.native import LlamaConfig
from engine.prompts import Picture

FRAMES, QUICK_FRAMES = 5000, 64
ASK_EVERY = 20
SAMPLES = 160


def measure(told: Told, files: tuple[Path, Path], *, quick: bool) -> None:
    """The medians of the second sixteenth of the frames and of the last one are compared."""
    frames = QUICK_FRAMES if quick else FRAMES
    every = max(frames // SAMPLES, 1)
    used: list[float] = []
    shots = [picture(n).image[:64, :64] for n in range(8)]
    with closing(Llama(*files, LlamaConfig(context=2048, batch=256, threads=1))) as llama:
        attendant = Attendant(llama)
        attendant.begin(PREFIX)
        for n in range(frames):
            attendant.take(Picture(image=shots[n % len(shots)], mark="[00:00]"), n)
            attendant.work()
            if n % ASK_EVERY == 0:
                list(attendant.answer(QUESTION))
            if n % every == 0:
                used.append(footprint().mb)
    sixteenth = max(len(used) // 16, 1)
    before, after = median(used[sixteenth : 2 * sixteenth]), median(used[-sixteenth:])
    told.metrics["rss_growth"] = after / before - 1
    told.row("memory before", before, "MB", "median of the second sixteenth")
    told.row("memory at the end", after, "MB", f"{frames} frames, {-(-frames // ASK_EVERY)} asked")
