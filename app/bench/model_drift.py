"""How far each policy of the live window drifts from a fresh decode, on random weights: that the
policies differ, not by how much a trained model would (`nacre eval demo-model` tells that)."""

from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

from app.bench.model_speed import FRAMES, PREFIX, Told, picture
from app.eval.policies import Question, Watched, drifts
from engine.inference.attendant import Attendant
from engine.inference.llama import Llama
from engine.inference.native import LlamaConfig
from engine.inference.window import Policy, WindowConfig
from engine.prompts import Picture

QUICK_EVICTIONS, EVICTIONS = (10, 40), (10, 100, 1000)
QUESTIONS = tuple(
    Question(text=text)
    for text in ("What is it now?", "Who is there?", "Did it move?", "Is it day?")
)
ANSWER_TOKENS = 8
POOL = 31


def measure(told: Told, files: tuple[Path, Path], *, quick: bool) -> None:
    """Rows: Kullback-Leibler divergence of the first token, and the share of answers alike."""
    pool = [Picture(image=picture(n).image[:64, :64], mark="[00:00]") for n in range(POOL)]

    def stream() -> Iterator[Watched]:
        for n in count():
            yield Watched(picture=pool[n % POOL], pts=n, questions=QUESTIONS)

    with closing(Llama(*files, LlamaConfig(context=2048, batch=256, threads=1))) as llama:
        kept = {id(one): llama.encode(one.image) for one in pool}

        def begin(policy: Policy) -> Attendant:
            config = WindowConfig(frames=FRAMES, policy=policy)
            return Attendant(llama, config, encoded=lambda one: kept[id(one)])

        for drift in drifts(
            begin,
            stream,
            PREFIX,
            QUICK_EVICTIONS if quick else EVICTIONS,
            questions=len(QUESTIONS),
            most_tokens=ANSWER_TOKENS,
        ):
            row = drift.row()
            where = f"{drift.policy}, {drift.evictions} evictions"
            told.row(f"drift {where}", row["KL (nats)"], "nats", "KL of the first token")
            told.row(
                f"answers alike {where}", row["answers alike"], "share", f"of {len(QUESTIONS)}"
            )
            told.row(f"first token {where}", row["first token (ms)"], "ms", "tiny weights")
