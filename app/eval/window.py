"""`nacre eval window`: which policy of the live window the product should have, told by the demo
model on its own drawn world, where every answer's truth is known.

A policy is good enough when what it answers is as often right as what a fresh decode of the same
frames answers; of those the one with the soonest first token is the default.
"""

from contextlib import closing
from itertools import count
from pathlib import Path

from app.eval.apart import Telling, apart
from app.eval.demo_model import IMAGE
from app.eval.demo_reader import files
from app.eval.drawn_stream import drawn_stream
from app.eval.intervals import proportion
from app.eval.policies import drifts
from app.measure import Measurement
from app.paths import Paths
from engine.decision.prompting import DEMO_SYSTEM
from engine.inference.attendant import Attendant
from engine.inference.llama import Llama
from engine.inference.native import Encoded, LlamaConfig
from engine.inference.window import Policy, WindowConfig
from engine.prompts import Picture, Prefix

SEED = 940_000_001
FRAMES = 4
STOPS, QUICK_STOPS = (10, 100, 1000), (10, 40)
QUESTIONS, QUICK_QUESTIONS = 240, 20
ANSWER_TOKENS = 10


LIMIT_S = 4 * 3600.0


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """All policies on the same stream of the test split.

    Raises:
        ModelNotInstalled, ModelCorrupt: the weights are not there, or not the pinned ones.
        ModelCrashed: llama.cpp cannot run them.
    """
    del out
    chosen = files(paths)
    found = apart(_measured, chosen.text, chosen.projector, quick, limit_s=LIMIT_S)
    if found.trouble:
        found.rows.append({**dict.fromkeys(found.rows[0] if found.rows else ("policy",)),
                           "policy": found.trouble})  # fmt: skip
    return found.measurement("window")


def _measured(telling: Telling, text: Path, projector: Path, quick: bool) -> None:
    """In a process of its own."""
    with closing(Llama(text, projector, LlamaConfig(context=4096, threads=1))) as llama:
        telling.loaded({"backend": llama.facts.backend})
        known: dict[int, Encoded] = {}
        """By pts: every policy sees the same pictures."""

        def begin(policy: Policy) -> Attendant:
            numbers = count()

            def encoded(picture: Picture) -> Encoded:
                n = next(numbers)
                if n not in known:
                    known[n] = llama.encode(picture.image)
                return known[n]

            window = WindowConfig(frames=FRAMES, policy=policy)
            return Attendant(llama, window, encoded=encoded, trained_for_probes=True)

        for one in drifts(
            begin,
            lambda: drawn_stream(SEED, IMAGE),
            Prefix(system=DEMO_SYSTEM),
            QUICK_STOPS if quick else STOPS,
            questions=QUICK_QUESTIONS if quick else QUESTIONS,
            most_tokens=ANSWER_TOKENS,
        ):
            name = f"{one.policy}_{one.evictions}"
            alike, right = sum(one.alike), sum(one.right)
            telling.metrics[f"alike_{name}"] = alike / len(one.alike)
            telling.intervals[f"alike_{name}"] = proportion(alike, len(one.alike))
            lost = (sum(one.right_fresh) - right) / len(one.right)
            telling.metrics[f"right_lost_{name}"] = lost
            telling.rows.append(one.row())
            telling.send(f"after {name}")
