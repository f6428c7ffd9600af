"""The live window against paths that remember less, on one loaded model."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from statistics import median
from threading import Timer
from typing import Any

import numpy as np

from app.bench.lines import line
from engine.inference.attendant import Attendant
from engine.inference.llama import Llama
from engine.inference.native import Encoded, Stopped
from engine.inference.window import Head, WindowConfig, lay
from engine.media import Image
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
EARLIEST, LATEST = 0.1, 0.9
"""Shares of a piece of work that are done when it is broken off."""


@dataclass
class Told:
    """What was measured so far."""

    metrics: dict[str, float] = field(default_factory=dict[str, float])
    rows: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def row(self, what: str, value: float, unit: str, note: str = "") -> None:
        self.rows.append(line("model", what, value, unit, note))


def picture(seed: int) -> Picture:
    """Noise, with its time mark."""
    drawn = np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE, 3))
    return Picture(image=drawn.astype(np.uint8), mark=f"[00:{seed % 60:02}]")


def took_s(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def first_token(attendant: Attendant, prompt: Prompt = QUESTION) -> None:
    for _ in attendant.answer(prompt):
        return


def measure(told: Told, llama: Llama, *, quick: bool) -> None:
    rounds = 2
    pictures = [picture(n) for n in range(FRAMES)]
    attendant = _first_tokens(told, llama, pictures, rounds)
    _past(told, attendant, [picture(50 + n) for n in range(4)])
    _ingest(told, llama, attendant, 2 if quick else 8)
    _probes(told, attendant, rounds)
    _aborts(told, llama, pictures[0].image, quick=quick)
    _decoding(told, llama, 16 if quick else 64)


def _first_tokens(told: Told, llama: Llama, pictures: Sequence[Picture], rounds: int) -> Attendant:
    """Live, without memory, and with encoded pictures kept, in turns."""
    kept: dict[int, Encoded] = {id(one.image): llama.encode(one.image) for one in pictures}
    live_s: list[float] = []
    stateless_s: list[float] = []
    cached_s: list[float] = []

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
        cached_s += [took_s(lambda one=redecoded: first_token(one)) for _ in range(2)]
        begin = time.perf_counter()
        attendant = stateless()
        stateless_s.append(time.perf_counter() - begin)
        live_s += [took_s(lambda one=attendant: first_token(one)) for _ in range(5)]
    live, bare, keeping = median(live_s), median(stateless_s), median(cached_s)
    tokens = len(next(iter(kept.values())))
    told.metrics |= {
        "ttft_ms": live * 1000,
        "ttft_ratio": bare / live,
        "ttft_ratio_cached": keeping / live,
    }
    told.row("first token, live window", live, "s", f"{FRAMES} frames, median of {len(live_s)}")
    told.row("first token, stateless", bare, "s", f"{tokens} tokens a frame, of {rounds}")
    told.row("first token, pictures and prefix kept", keeping, "s", f"of {len(cached_s)}")
    return attendant


def _past(told: Told, attendant: Attendant, recalled: Sequence[Picture]) -> None:
    prompt = replace(QUESTION, pictures=tuple(recalled))
    past = took_s(lambda: first_token(attendant, prompt))
    told.metrics["ttft_past_s"] = past
    told.row("first token about the past", past, "s", "4 recalled pictures, encoded for it")


def _ingest(told: Told, llama: Llama, attendant: Attendant, rounds: int) -> None:
    """A frame taken in, against its bare encoding and decoding behind the same window, in turns."""
    taken: list[float] = []
    bare: list[float] = []

    def raw(shot: Picture) -> None:
        mark = tuple(llama.tokens(shot.mark))
        encoded = llama.encode(shot.image)
        pieces = ((*mark, *encoded.before), encoded, encoded.after)
        lay(llama, pieces, _aside(attendant, llama))

    for n in range(rounds):
        shot = picture(100 + n)
        if n % 2:
            bare.append(took_s(lambda shot=shot: raw(shot)))
            llama.remove(ASIDE)
        taken.append(took_s(lambda shot=shot, n=n: attendant.take(shot, FRAMES + n)))
        if not n % 2:
            bare.append(took_s(lambda shot=shot: raw(shot)))
            llama.remove(ASIDE)
    told.metrics["ingest_cost_ratio"] = sum(taken) / sum(bare)
    told.row("a frame taken in", median(taken), "s", f"of {rounds}")
    told.row("bare encoding and decoding", median(bare), "s", f"of {rounds}")

    def rebuild() -> None:
        attendant.stand(PREFIX)
        while attendant.work():
            pass

    every = attendant.window.config.rebuild_every
    share = took_s(rebuild) / every
    told.row("rebuilding, per frame", share, "s", f"when idle, every {every} frames")


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


def _aborts(told: Told, llama: Llama, image: Image, *, quick: bool) -> None:
    tokens = [5] * 512

    def decode() -> None:
        llama.remove(ASIDE)
        llama.decode(tokens, sequence=ASIDE, position=0)

    for what, work, times in (
        ("decode", decode, 5 if quick else 15),
        ("encode", lambda: llama.encode(image), 5 if quick else 8),
    ):
        whole = took_s(work)
        shares = np.linspace(EARLIEST, LATEST, times)
        idle_s = [_abort_s(llama, work, float(share) * whole) for share in shares]
        told.metrics[f"abort_{what}_ms"] = float(np.percentile(idle_s, 95)) * 1000
        told.row(f"abort in {what}, longest", max(idle_s) * 1000, "ms", f"of {times}")
        told.row(f"whole {what}", whole * 1000, "ms")
    llama.remove(ASIDE)


def _abort_s(llama: Llama, work: Callable[[], object], after_s: float) -> float:
    """From `stop` in another thread until the work has ended."""
    stopped_at: list[float] = []

    def stop() -> None:
        stopped_at.append(time.perf_counter())
        llama.stop()

    timer = Timer(after_s, stop)
    timer.start()
    try:
        for _ in count():
            work()
    except Stopped:
        return time.perf_counter() - stopped_at[0]
    finally:
        timer.join()
        llama.go_on()
    raise AssertionError("unreachable")


def _decoding(told: Told, llama: Llama, tokens: int) -> None:
    llama.decode([5], sequence=ASIDE, position=0)
    begin = time.perf_counter()
    for n in range(1, tokens + 1):
        llama.decode([5], sequence=ASIDE, position=n)
    told.metrics["decode_tok_s"] = tokens / (time.perf_counter() - begin)
    llama.remove(ASIDE)
