"""How far each policy of the live window drifts from a fresh decode of the same last frames."""

from contextlib import closing
from pathlib import Path
from statistics import median
from typing import get_args

import numpy as np

from app.bench.model_speed import FRAMES, PREFIX, QUESTION, Told, first_token, picture, took_s
from engine.inference.answering import log_likelihoods
from engine.inference.attendant import Attendant
from engine.inference.llama import Llama
from engine.inference.native import Encoded, LlamaConfig, Logits
from engine.inference.window import Policy, WindowConfig, follow
from engine.prompts import Picture, Prompt

QUICK_EVICTIONS, EVICTIONS = (10, 40), (10, 100, 1000)
QUESTIONS = ("What is it now?", "Who is there?", "Did it move?", "Is it day?")
ANSWER_TOKENS = 8
POOL = 31


def measure(told: Told, files: tuple[Path, Path], *, quick: bool) -> None:
    """Rows: Kullback-Leibler divergence of the first token, and the share of answers alike."""
    config = LlamaConfig(context=2048, batch=256, threads=1)
    stops = QUICK_EVICTIONS if quick else EVICTIONS
    with closing(Llama(*files, config)) as llama, closing(Llama(*files, config)) as other:
        pool = [Picture(image=picture(n).image[:64, :64], mark="[00:00]") for n in range(POOL)]
        kept = [(one, llama.encode(one.image)) for one in pool]
        for policy in get_args(Policy):
            _drift(told, policy, (llama, other), kept, stops)


def _drift(
    told: Told,
    policy: Policy,
    models: tuple[Llama, Llama],
    kept: list[tuple[Picture, Encoded]],
    stops: tuple[int, ...],
) -> None:
    llama, other = models
    config = WindowConfig(frames=FRAMES, policy=policy)
    known = {id(one): encoded for one, encoded in kept}
    watching = Attendant(llama, config, encoded=lambda one: known[id(one)])
    watching.begin(PREFIX)
    taken = 0
    for stop in stops:
        while watching.window.evictions < stop:
            watching.take(kept[taken % len(kept)][0], taken)
            while watching.work():
                pass
            taken += 1
        fresh = Attendant(other, WindowConfig(frames=FRAMES))
        fresh.begin(PREFIX, watching.window.shown)
        far = [_far(_logits(llama, watching, one), _logits(other, fresh, one)) for one in QUESTIONS]
        same = [_answer(watching, one) == _answer(fresh, one) for one in QUESTIONS]
        first_s = median(took_s(lambda: first_token(watching, QUESTION)) for _ in range(5))
        where = f"{policy}, {stop} evictions"
        told.row(f"drift {where}", float(np.mean(far)), "nats", "KL of the first token")
        told.row(f"answers alike {where}", float(np.mean(same)), "share", f"of {len(same)}")
        told.row(f"first token {where}", first_s * 1000, "ms", "tiny weights")


def _logits(llama: Llama, attendant: Attendant, question: str) -> Logits:
    with attendant.window.asked() as head:
        return follow(llama, llama.tokens(question), head)[0]


def _far(ours: Logits, fresh: Logits) -> float:
    right, said = log_likelihoods(fresh), log_likelihoods(ours)
    return max(float((np.exp(right) * (right - said)).sum(dtype=np.float64)), 0.0)


def _answer(attendant: Attendant, question: str) -> list[int]:
    prompt = Prompt(question=question, most_tokens=ANSWER_TOKENS)
    return [one.token for one in attendant.answer(prompt)]
