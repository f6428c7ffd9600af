"""The live window against paths that remember less, on one loaded model."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

import numpy as np

from app.bench.chat_handler import ChatHandler
from app.bench.lines import line
from engine.inference.attendant import Attendant
from engine.inference.llama import Llama
from engine.inference.native import Encoded
from engine.inference.window import Head, WindowConfig, lay
from engine.prompts import Picture, Prefix, Probe, Prompt

FRAMES = 4
ASIDE = 15
"""A sequence that neither the window nor the probes use."""
SIDE = 512
PREFIX = Prefix(system="You see a live picture. Answer briefly, and only what can be seen in it.")
QUESTION = Prompt(question="What is it now?", most_tokens=1)
"""Random weights have a vocabulary of bytes: 15 tokens, as a real question of ten words."""
PROBES = tuple(
    Probe(question=f"Look at the present picture: is there {what}?")
    for what in ("a cat", "a dog", "a man", "a car", "a cup", "fire", "smoke", "rain")
)


@dataclass
class Told:
    """What was measured so far."""

    metrics: dict[str, float] = field(default_factory=dict[str, float])
    rows: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    encode_s: float = 0.0
    """A frame through the vision tower."""

    def row(self, what: str, value: float, unit: str, note: str = "") -> None:
        self.rows.append(line("model", what, value, unit, note))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is measured."""

    side: int
    """Of a frame, in pixels."""
    pairs: int
    stream: int
    """Frames of the steady state."""
    decoded: int
    """Tokens."""


def picture(seed: int, side: int = SIDE) -> Picture:
    """Noise, with its time mark."""
    drawn = np.random.default_rng(seed).integers(0, 256, (side, side, 3))
    return Picture(image=drawn.astype(np.uint8), mark=f"[00:{seed % 60:02}]")


def took_s(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def first_token(attendant: Attendant, prompt: Prompt = QUESTION) -> None:
    for _ in attendant.answer(prompt):
        return


def measure(told: Told, llama: Llama, handler: ChatHandler, sizes: Sizes) -> None:
    """`handler` has the same model, and is asked about `shots(side)`."""
    rounds, side = 2, sizes.side
    pictures = shots(side)
    attendant = _first_tokens(told, llama, handler, pictures, rounds)
    _past(told, attendant, [picture(50 + n, side) for n in range(4)])
    _ingest(told, llama, attendant, sizes)
    _steady(told, attendant, sizes)
    _probes(told, attendant, rounds)
    _decoding(told, llama, sizes.decoded)


def shots(side: int) -> list[Picture]:
    """What is in view."""
    return [picture(n, side) for n in range(FRAMES)]


def _first_tokens(
    told: Told, llama: Llama, handler: ChatHandler, pictures: Sequence[Picture], rounds: int
) -> Attendant:
    """Live, without memory (the chat handler, and our own calls), and with encoded pictures kept,
    in turns."""
    kept: dict[int, Encoded] = {id(one.image): llama.encode(one.image) for one in pictures}
    live_s: list[float] = []
    handler_s: list[float] = []
    stateless_s: list[float] = []
    cached_s: list[float] = []
    read = 0

    def stateless() -> Attendant:
        one = Attendant(llama)
        one.begin(PREFIX, [one.shown(each, n) for n, each in enumerate(pictures)])
        first_token(one)
        return one

    def cached() -> Attendant:
        one = Attendant(
            llama,
            WindowConfig(frames=FRAMES, policy="redecoded"),
            encoded=lambda each: kept[id(each.image)],
        )
        one.begin(PREFIX, [one.shown(each, n) for n, each in enumerate(pictures)])
        return one

    attendant = stateless()  # The first of all warms up.
    for _ in range(rounds):
        redecoded = cached()
        first_token(redecoded)
        cached_s += [took_s(lambda one=redecoded: first_token(one)) for _ in range(2)]
        begin = time.perf_counter()
        attendant = stateless()
        stateless_s.append(time.perf_counter() - begin)
        took, read = handler.first_token_s()
        handler_s.append(took)
        live_s += [took_s(lambda one=attendant: first_token(one)) for _ in range(5)]
    live, bare, keeping = median(live_s), median(handler_s), median(cached_s)
    tokens = len(next(iter(kept.values())))
    told.encode_s = median(took_s(lambda: llama.encode(pictures[0].image)) for _ in range(3))
    told.metrics |= {
        "ttft_ms": live * 1000,
        "ttft_ratio": bare / live,
        "ttft_ratio_cached": keeping / live,
    }
    told.row("first token, live window", live, "s", f"{FRAMES} frames, median of {len(live_s)}")
    told.row("first token, stateless chat handler", bare, "s", f"of {rounds}; read {read} tokens")
    told.row("first token, stateless by our own calls", median(stateless_s), "s",
             f"{tokens} tokens a frame, of {rounds}")  # fmt: skip
    told.row("first token, pictures and prefix kept", keeping, "s", f"of {len(cached_s)}")
    told.row("encoding a frame", told.encode_s, "s", f"{pictures[0].image.shape[0]} pixels square")
    return attendant


def _past(told: Told, attendant: Attendant, recalled: Sequence[Picture]) -> None:
    prompt = replace(QUESTION, pictures=tuple(recalled))
    past = took_s(lambda: first_token(attendant, prompt))
    told.metrics["ttft_past_s"] = past
    told.row("first token about the past", past, "s", "4 recalled pictures, encoded for it")


def _ingest(told: Told, llama: Llama, attendant: Attendant, sizes: Sizes) -> None:
    """A frame taken in, against its bare encoding and decoding behind the same window: frame by
    frame in turns, so that what else the machine does falls on both."""
    taken: list[float] = []
    bare: list[float] = []

    def raw(shot: Picture) -> None:
        mark = tuple(llama.tokens(shot.mark))
        encoded = llama.encode(shot.image)
        pieces = ((*mark, *encoded.before), encoded, encoded.after)
        lay(llama, pieces, _aside(attendant, llama))

    for n in range(sizes.pairs):
        shot = picture(100 + n, sizes.side)
        if n % 2:
            bare.append(took_s(lambda shot=shot: raw(shot)))
            llama.remove(ASIDE)
        taken.append(took_s(lambda shot=shot, n=n: attendant.take(shot, FRAMES + n)))
        if not n % 2:
            bare.append(took_s(lambda shot=shot: raw(shot)))
            llama.remove(ASIDE)
    ratios = [ours / theirs for ours, theirs in zip(taken, bare, strict=True)]
    told.metrics["ingest_cost_ratio"] = median(ratios)
    note = f"median of {len(ratios)} pairs; {min(ratios):.3f} to {max(ratios):.3f}"
    told.row("a frame taken in, against its bare cost", median(ratios), "", note)
    told.row("a frame taken in", median(taken), "s", f"of {sizes.pairs}")
    told.row("bare encoding and decoding", median(bare), "s", f"of {sizes.pairs}")


def _steady(told: Told, attendant: Attendant, sizes: Sizes) -> None:
    """Frames as fast as they are taken in, with what is rebuilt behind the stream; then how soon a
    question is answered."""
    every = attendant.window.config.rebuild_every
    some = [picture(200 + n, sizes.side) for n in range(8)]
    begin = time.perf_counter()
    for n in range(sizes.stream):
        attendant.take(some[n % len(some)], FRAMES + sizes.pairs + n)
        while attendant.work():
            pass
    lasted = time.perf_counter() - begin

    def rebuild() -> None:
        attendant.stand(PREFIX)
        while attendant.work():
            pass

    share = took_s(rebuild) / every
    if sizes.stream < every:  # None came in that time.
        lasted += share * sizes.stream
    rate = sizes.stream / lasted
    told.metrics["frames_per_s"] = rate
    told.row("frames taken in a second", rate, "frames/s",
             f"{sizes.stream} frames; {FRAMES} in view span {FRAMES / rate:.3g} s")  # fmt: skip
    told.row("rebuilding, per frame", share, "s", f"when idle, every {every} frames")
    first_s = [took_s(lambda: first_token(attendant)) for _ in range(5)]
    told.row("first token after them", median(first_s), "s", f"{sizes.stream / 60:.3g} minutes "
             "of a stream of one frame a second")  # fmt: skip
    if sizes.stream > every:
        told.metrics["ttft_ms"] = median(first_s) * 1000


def _aside(attendant: Attendant, llama: Llama) -> Head:
    """Where the stream goes on, on a fork of it."""
    head = attendant.window.head
    llama.fork(head.sequence, ASIDE)
    return Head(ASIDE, head.position)


def _probes(told: Told, attendant: Attendant, rounds: int) -> None:
    attendant.probe(PROBES[:1])  # The lean is measured once.
    together: list[float] = []
    apart: list[float] = []
    for _ in range(rounds):
        together.append(took_s(lambda: attendant.probe(PROBES)))
        apart.append(took_s(lambda: [attendant.probe([one]) for one in PROBES]))
    told.metrics["probe8_ratio"] = sum(together) / sum(apart)
    told.row("8 probes in one batch", median(together), "s", f"of {rounds}")
    told.row("8 probes apart", median(apart), "s", f"of {rounds}")


def _decoding(told: Told, llama: Llama, tokens: int) -> None:
    llama.decode([5], sequence=ASIDE, position=0)
    begin = time.perf_counter()
    for n in range(1, tokens + 1):
        llama.decode([5], sequence=ASIDE, position=n)
    told.metrics["decode_tok_s"] = tokens / (time.perf_counter() - begin)
    llama.remove(ASIDE)
