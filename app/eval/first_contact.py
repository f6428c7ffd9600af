"""`nacre eval first-contact MODEL`: the first minutes with a vision-language model's real weights.

Its chat template, how it says yes and no, how far the live window's policies drift, what it makes
of two known figures in the bundled clip, and its speed here. Everything shown is the bundled clip:
the report, a page of Markdown beside `--out`, can be passed on.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from statistics import median

import numpy as np

from app.bench.lines import line
from app.bench.model_speed import took_s
from app.eval.answered import Answered, calibration_error
from app.eval.apart import Telling, apart
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
from engine.inference.supervisor import Plan
from engine.inference.window import Policy, WindowConfig, follow
from engine.media import nanoseconds
from engine.prompts import Picture, Prefix, Probe, Prompt

FRAMES = 4
BRIEFLY = " Answer in a few words."
SPEED_BUDGET_S, CLIP_BUDGET_S, DRIFT_BUDGET_S = 120.0, 240.0, 420.0
"""So long the long parts may take, that all is done within 15 minutes."""
LIMIT_S = 14.5 * 60
"""Then it is ended, wherever it is."""
STOPS, QUICK_STOPS = (10, 100, 1000), (10,)
DRIFT_QUESTIONS = 16
ANSWER_TOKENS = 24
DECODED = 32
BINS = 10
YES_NO = ("yes", "no")


@dataclass
class Contact:
    """A loaded model, and whom it is told what was found."""

    llama: Llama
    chosen: ChosenModel
    clip: BundledClip
    quick: bool
    telling: Telling

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
        self.telling.rows.append(line(part, what, value, unit, note))

    def _encode(self, picture: Picture) -> Encoded:
        kept = self._encoded.get(id(picture.image))
        if kept is None:
            kept = self._encoded[id(picture.image)] = self.llama.encode(picture.image)
        return kept


def measure(*, paths: Paths, quick: bool, out: Path | None, model: str) -> Measurement:
    """At most 15 minutes: the long parts end where their time is over, and the process at
    `LIMIT_S`. What was found until a crash is told all the same.

    Raises:
        ModelError: the model is unknown, not installed, damaged, or llama.cpp is not here.
    """
    begun = time.monotonic()
    store = open_shelf(paths)
    require_installed(store, model)
    chosen = chosen_model(store, Settings(vision_model=model))
    assert chosen is not None
    plan = plan_of(chosen, processors())
    # Checking large files takes a part of the time.
    left_s = LIMIT_S - (time.monotonic() - begun)
    found = apart(_met, chosen, plan, paths.demo_clip, quick, limit_s=left_s)
    if found.trouble:
        found.rows.append(line("process", "ended early", None, "", found.trouble))
    measurement = found.measurement("first-contact")
    if out is not None:
        from app.eval.first_contact_report import page

        text = page(chosen.title, found, measurement)
        out.with_suffix(".md").write_text(text, encoding="utf-8")
    return measurement


def _met(telling: Telling, chosen: ChosenModel, plan: Plan, demo_clip: Path, quick: bool) -> None:
    """In a process of its own."""
    begun = time.perf_counter()
    with closing(_opened(chosen, plan)) as llama:
        contact = Contact(llama, chosen, BundledClip(demo_clip), quick, telling)
        contact.tell("speed", "loading", time.perf_counter() - begun, "s", llama.facts.backend)
        telling.loaded(asdict(llama.facts))
        for part in (_template, _speed, _clip, _drift):
            telling.send(part.__name__.strip("_"))
            part(contact)
        telling.send()


def _opened(chosen: ChosenModel, plan: Plan) -> Llama:
    """As the product would run it, without its fall-backs."""
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
    contact.telling.metrics["template_usable"] = float(not form.fallback)
    contact.telling.metrics["template_marks_known"] = float(known)
    for name in ("before", "between", "after"):
        contact.tell("template", name, None, "", repr(getattr(form, name)))


def _speed(contact: Contact) -> None:
    """Encoding, taking in, first token, decoding: one after the other, nothing cached. On a slow
    machine each is done once, and what does not fit into the time is left out."""
    until = time.perf_counter() + SPEED_BUDGET_S
    llama, clip = contact.llama, contact.clip
    shown = [clip.shown(second) for second in range(FRAMES + 3)]
    encode_s = _timed(until, [lambda one=one: llama.encode(one.image) for one in shown[:3]])
    attendant = Attendant(llama, WindowConfig(frames=FRAMES), trained_for_probes=contact.demo)
    attendant.begin(contact.prefix)
    take_s = _timed(
        until,
        [
            lambda one=one, n=n: attendant.take(one, nanoseconds(float(n)))
            for n, one in enumerate(shown)
        ],
    )
    contact.telling.metrics["frames_per_s"] = 1 / median(take_s)
    contact.tell("speed", "encoding a frame", median(encode_s), "s", f"of {len(encode_s)}")
    contact.tell("speed", "taking in a frame", median(take_s), "s", "encoding and decoding")
    contact.telling.send()
    prompt = contact.prompt("What is seen now?", 32)
    first_s = _timed(until, [lambda: next(iter(attendant.answer(prompt)), None)] * 3)
    contact.telling.metrics |= {
        "ttft_ms": median(first_s) * 1000,
        "decode_tok_s": _decoded_a_second(contact.llama, attendant, prompt.question, until),
    }
    seen = len(attendant.window.shown)
    contact.tell("speed", "first token about now", median(first_s), "s", f"{seen} frames in view")


def _decoded_a_second(llama: Llama, attendant: Attendant, question: str, until: float) -> float:
    """Tokens one after the other, on a fork; however soon the model would end its answer."""
    with attendant.window.asked() as fork:
        logits, head = follow(llama, llama.tokens(question), fork)
        begun, decoded = time.perf_counter(), 0
        while decoded < DECODED and (not decoded or time.perf_counter() < until):
            logits, head = follow(llama, [int(logits.argmax())], head)
            decoded += 1
        return decoded / (time.perf_counter() - begun)


def _timed(until: float, works: Sequence[Callable[[], object]]) -> list[float]:
    """Seconds of each; the first is done in any case, the others while there is time."""
    took: list[float] = []
    for work in works:
        if took and time.perf_counter() > until:
            break
        took.append(took_s(work))
    return took


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
            contact.telling.send()
            for one in asked[:: 2 if contact.quick else 1]:
                if time.perf_counter() > until:
                    break
                spoken = list(attendant.answer(contact.prompt(one.question)))
                said = "".join(token.text for token in spoken).strip()
                ended.append(len(spoken) < ANSWER_TOKENS)
                right[one.kind].append(holds(said, one.answer))
                contact.telling.answers.append((one.kind, one.question, one.answer, said))
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
    contact.telling.metrics["concepts_right"] = float(np.mean(flat)) if flat else 0.0
    contact.telling.intervals["concepts_right"] = proportion(sum(flat), len(flat))
    contact.telling.metrics["answers_ended"] = float(np.mean(ended)) if ended else 0.0
    for kind, each in sorted(right.items()):
        contact.tell("clip", kind, float(np.mean(each)), "share", f"right, of {len(each)}")
    if probed:
        exact = [one.exact for one in probed]
        contact.telling.metrics["yes_no_right"] = float(np.mean(exact))
        contact.telling.intervals["yes_no_right"] = proportion(sum(exact), len(exact))
    if len(probed) >= BINS:
        contact.telling.metrics["yes_no_ece"] = calibration_error(probed)
    lean = contact.attendant()
    lean.begin(contact.prefix)
    contact.telling.metrics["yes_no_lean"] = lean.lean(YES_NO)[0]


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
        contact.telling.send()
