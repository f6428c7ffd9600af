"""`nacre eval first-contact MODEL`: the first minutes with a vision-language model's real weights.

Its chat template, how it says yes and no, how far the live window's policies drift, what it makes
of two known figures in the bundled clip, and its speed here. Everything shown is the bundled clip:
the report, a page of Markdown beside `--out`, can be passed on.
"""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from app.bench.lines import line
from app.bench.model_speed import took_s
from app.eval.answered import Answered, calibration_error
from app.eval.drawn_stream import BundledClip
from app.eval.intervals import proportion
from app.eval.policies import Question, Watched, drifts, holds
from app.language import CONTEXT, plan_of, processors
from app.measure import Measurement
from app.paths import Paths
from app.settings import Settings
from app.shelf import open_shelf
from app.vision_model import ChosenModel, chosen_model, require_installed
from engine.decision.prompting import DEMO_SYSTEM, SYSTEM
from engine.inference.attendant import Attendant
from engine.inference.chat import chat_format
from engine.inference.llama import Llama
from engine.inference.native import Encoded, LlamaConfig
from engine.inference.window import Policy, WindowConfig
from engine.media import nanoseconds
from engine.prompts import Picture, Prefix, Probe, Prompt

FRAMES = 4
BRIEFLY = " Answer in a few words."
CLIP_BUDGET_S, DRIFT_BUDGET_S = 240.0, 420.0
"""So long the two long parts may take, that all is done within 15 minutes."""
STOPS, QUICK_STOPS = (10, 100, 1000), (10,)
DRIFT_QUESTIONS = 16
ANSWER_TOKENS = 24
BINS = 10
YES_NO = ("yes", "no")


@dataclass
class Contact:
    """A loaded model, and what was found so far."""

    llama: Llama
    chosen: ChosenModel
    clip: BundledClip
    quick: bool
    metrics: dict[str, float] = field(default_factory=dict[str, float])
    intervals: dict[str, tuple[float, float]] = field(
        default_factory=dict[str, tuple[float, float]]
    )
    rows: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    answers: list[tuple[str, str, str, str]] = field(
        default_factory=list[tuple[str, str, str, str]]
    )
    """Kind, question, right answer, what was said."""

    def __post_init__(self) -> None:
        self.demo = self.chosen.domain == "demo"
        self._encoded: dict[int, Encoded] = {}

    @property
    def prefix(self) -> Prefix:
        return Prefix(system=DEMO_SYSTEM if self.demo else SYSTEM, cards=self.clip.cards)

    def attendant(self, policy: Policy = "redecoded") -> Attendant:
        """Pictures are encoded once, whatever looks at them."""
        return Attendant(
            self.llama,
            WindowConfig(frames=FRAMES, policy=policy),
            encoded=self._encode,
            trained_for_probes=self.demo,
        )

    def prompt(self, question: str, tokens: int = ANSWER_TOKENS) -> Prompt:
        briefly = "" if self.demo else BRIEFLY
        return Prompt(question=f"{question}{briefly}", most_tokens=tokens)

    def tell(self, part: str, what: str, value: float | None, unit: str, note: str = "") -> None:
        self.rows.append(line(part, what, value, unit, note))

    def _encode(self, picture: Picture) -> Encoded:
        kept = self._encoded.get(id(picture.image))
        if kept is None:
            kept = self._encoded[id(picture.image)] = self.llama.encode(picture.image)
        return kept


def measure(*, paths: Paths, quick: bool, out: Path | None, model: str) -> Measurement:
    """At most 15 minutes: the long parts end where their time is over.

    Raises:
        ModelError: the model is unknown, not installed, damaged, or llama.cpp is not here.
    """
    store = open_shelf(paths)
    require_installed(store, model)
    chosen = chosen_model(store, Settings(vision_model=model))
    assert chosen is not None
    begun = time.perf_counter()
    with closing(_opened(chosen)) as llama:
        contact = Contact(llama, chosen, BundledClip(paths.demo_clip), quick)
        contact.tell("speed", "loading", time.perf_counter() - begun, "s", llama.facts.backend)
        _template(contact)
        _speed(contact)
        _clip(contact)
        _drift(contact)
    measurement = Measurement(
        name="first-contact",
        metrics=contact.metrics,
        intervals=contact.intervals,
        rows=contact.rows,
    )
    if out is not None:
        from app.eval.first_contact_report import page

        out.with_suffix(".md").write_text(page(contact, measurement), encoding="utf-8")
    return measurement


def _opened(chosen: ChosenModel) -> Llama:
    """As the product would run it, without its fall-backs."""
    plan = plan_of(chosen, processors())
    config = LlamaConfig(
        context=min(CONTEXT, chosen.context),
        gpu_layers=plan.gpu_layers[0] if plan.gpu_layers else 0,
        image_tokens=plan.load.image_tokens,
    )
    return Llama(chosen.model, chosen.projector, config)


def _template(contact: Contact) -> None:
    """Whether the model brings a usable chat template, and knows the marks of its turns."""
    llama = contact.llama
    form = chat_format(llama.template)
    marks = f"{form.before}{form.between}{form.after}"
    known = len(llama.tokens(marks, special=True)) < len(llama.tokens(marks))
    contact.metrics["template_usable"] = float(not form.fallback)
    contact.metrics["template_marks_known"] = float(known)
    for name in ("before", "between", "after"):
        contact.tell("template", name, None, "", repr(getattr(form, name)))


def _speed(contact: Contact) -> None:
    """Encoding, taking in, first token, decoding: one after the other, nothing cached."""
    llama, clip = contact.llama, contact.clip
    shown = [clip.shown(second) for second in range(FRAMES + 3)]
    encode_s = [took_s(lambda one=one: llama.encode(one.image)) for one in shown[:3]]
    tokens = len(llama.encode(shown[0].image))
    attendant = Attendant(llama, WindowConfig(frames=FRAMES), trained_for_probes=contact.demo)
    attendant.begin(contact.prefix)
    take_s = [
        took_s(lambda one=one, n=n: attendant.take(one, nanoseconds(float(n))))
        for n, one in enumerate(shown)
    ]
    prompt = contact.prompt("What is seen now?", 32)
    first_s = [took_s(lambda: next(iter(attendant.answer(prompt)), None)) for _ in range(3)]
    begun = time.perf_counter()
    said = len(list(attendant.answer(prompt)))
    whole_s = time.perf_counter() - begun
    contact.metrics |= {
        "frames_per_s": 1 / median(take_s),
        "ttft_ms": median(first_s) * 1000,
        "decode_tok_s": (said - 1) / max(whole_s - median(first_s), 1e-9) if said > 1 else 0.0,
    }
    contact.tell("speed", "encoding a frame", median(encode_s), "s", f"{tokens} tokens")
    contact.tell("speed", "taking in a frame", median(take_s), "s", "encoding and decoding")
    contact.tell("speed", "first token about now", median(first_s), "s", f"{FRAMES} frames in view")


def _clip(contact: Contact) -> None:
    """Questions about the two known figures and what happens; yes and no twice: as the model says
    it, and as a probe."""
    attendant = contact.attendant()
    attendant.begin(contact.prefix)
    until = time.perf_counter() + CLIP_BUDGET_S
    right: dict[str, list[bool]] = defaultdict(list)
    probed: list[Answered] = []
    ended: list[bool] = []
    passes = 1 if contact.quick else 3
    for seed in range(passes):
        for watched, asked in contact.clip.watched(seed):
            if time.perf_counter() > until:
                break
            attendant.take(watched.picture, watched.pts)
            for one in asked[:: 3 if contact.quick else 1]:
                if time.perf_counter() > until:
                    break
                spoken = list(attendant.answer(contact.prompt(one.question)))
                said = "".join(token.text for token in spoken).strip()
                ended.append(len(spoken) < ANSWER_TOKENS)
                right[one.kind].append(holds(said, one.answer))
                contact.answers.append((one.kind, one.question, one.answer, said))
                if one.answer in YES_NO:
                    (verdict,) = attendant.probe([Probe(question=one.question)])
                    yes = one.answer == "yes"
                    exact = (verdict.yes >= 0.5) == yes
                    probed.append(
                        Answered(
                            shape="clip", kind=one.kind, exact=exact, p_yes=verdict.yes, yes=yes
                        )
                    )
    flat = [one for each in right.values() for one in each]
    contact.metrics["concepts_right"] = float(np.mean(flat)) if flat else 0.0
    contact.intervals["concepts_right"] = proportion(sum(flat), len(flat))
    contact.metrics["answers_ended"] = float(np.mean(ended)) if ended else 0.0
    for kind, each in sorted(right.items()):
        contact.tell("clip", kind, float(np.mean(each)), "share", f"right, of {len(each)}")
    if probed:
        exact = [one.exact for one in probed]
        contact.metrics["yes_no_right"] = float(np.mean(exact))
        contact.intervals["yes_no_right"] = proportion(sum(exact), len(exact))
    if len(probed) >= BINS:
        contact.metrics["yes_no_ece"] = calibration_error(probed)
    lean = contact.attendant()
    lean.begin(contact.prefix)
    contact.metrics["yes_no_lean"] = lean.lean(YES_NO)[0]


def _drift(contact: Contact) -> None:
    """The clip again and again, at a frame a second."""
    until = time.perf_counter() + DRIFT_BUDGET_S
    questions = [
        tuple(Question(text=contact.prompt(one.text).question, answer=one.answer) for one in found)
        for found in (watched.questions for watched, _ in contact.clip.watched(0))
    ]

    def stream() -> Iterator[Watched]:
        for second in count():
            yield Watched(
                picture=contact.clip.shown(second),
                pts=nanoseconds(float(second)),
                questions=questions[second % len(questions)][:4],
            )

    for drift in drifts(
        contact.attendant,
        stream,
        contact.prefix,
        QUICK_STOPS if contact.quick else STOPS,
        questions=4 if contact.quick else DRIFT_QUESTIONS,
        most_tokens=ANSWER_TOKENS,
        goes_on=lambda: time.perf_counter() < until,
    ):
        row = drift.row()
        where = f"{drift.policy}, {drift.evictions} evictions"
        for what, unit in (
            ("KL (nats)", "nats"),
            ("answers alike", "share"),
            ("first token (ms)", "ms"),
        ):
            note = f"of {row['questions']}" if unit == "share" else ""
            contact.tell("drift", f"{what.split(' (')[0]} {where}", row[what], unit, note)
