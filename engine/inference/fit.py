"""What a vision-language model would do on a machine, told before it is downloaded.

An estimate from first principles: a network costs two operations a parameter and token (Kaplan et
al. 2020, arXiv:2001.08361, section 2.1), attention two products of every pair of patches; decoding
one token reads all weights once. Divided by what the machine was measured to do. Memory is weights,
the KV cache of the context and the buffers of a pass.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from engine.inference.catalogue import CatalogueEntry, VisionSpec
from engine.inference.intake import size_words
from engine.ports.shelf import Fit, Fitness

CONTEXT = 8192
"""Tokens that Nacre keeps; models trained on fewer get fewer."""
QUESTION_TOKENS = 32
OVERHEAD_BYTES = 400_000_000
"""Buffers of a pass and what llama.cpp itself takes."""
RESERVE = 0.1
"""Share of the free memory that must stay free."""
WELL_FRAMES_PER_S = 0.5
WELL_FIRST_TOKEN_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """What a machine does in a second."""

    encode_flops_s: float
    prefill_flops_s: float
    decode_bytes_s: float
    measured: bool
    """False: reckoned from the number of cores."""
    on: str
    """The processor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What a model can have here."""

    physical_cores: int
    logical_cores: int
    memory_bytes: int
    free_bytes: int
    gpu: str = ""
    """Its title; empty: none that llama.cpp can use."""
    gpu_bytes: int = 0
    gpu_free_bytes: int = 0
    speed: Speed


def reckoned(cores: int) -> Speed:
    """A careful guess where nothing was measured: one core of a laptop of some years ago, of which
    one stays free."""
    threads = max(1, cores - 1)
    return Speed(
        encode_flops_s=2.5e10 * threads,
        prefill_flops_s=2.5e10 * threads,
        decode_bytes_s=min(6e9 * threads, 2e10),
        measured=False,
        on="CPU",
    )


def encode_flops(spec: VisionSpec) -> float | None:
    """Operations of the vision tower for one frame; None: not known."""
    if spec.patches is None or spec.vision_width is None or spec.vision_layers is None:
        return None
    pairs = spec.patches**2 * spec.vision_width * spec.vision_layers
    return 2.0 * spec.vision_parameters * spec.patches + 4.0 * pairs


def needed_bytes(entry: CatalogueEntry, spec: VisionSpec) -> int:
    """Memory while it runs."""
    return entry.size + spec.kv_bytes * min(CONTEXT, spec.context) + OVERHEAD_BYTES


def fit(entry: CatalogueEntry, machine: Machine) -> Fit:
    """One model on one machine."""
    spec = entry.vision
    assert spec is not None
    speed, needs = machine.speed, needed_bytes(entry, spec)
    frames_per_s = _frames_per_s(spec, speed)
    first_s = 2.0 * spec.parameters * QUESTION_TOKENS / speed.prefill_flops_s
    first_s += entry.files[0].size / speed.decode_bytes_s
    reason = _lacking(needs, machine)
    fast = frames_per_s >= WELL_FRAMES_PER_S and first_s <= WELL_FIRST_TOKEN_S
    pace: Fitness = "runs well" if fast else "runs slowly" if frames_per_s else "not known"
    return Fit(
        model=entry.id,
        title=entry.title,
        fitness="does not fit" if reason else pace,
        frames_per_s=frames_per_s,
        first_token_s=first_s,
        needs_bytes=needs,
        reason=reason,
    )


def _frames_per_s(spec: VisionSpec, speed: Speed) -> float:
    flops = encode_flops(spec)
    if flops is None or spec.image_tokens is None:
        return 0.0
    reading = 2.0 * spec.parameters * spec.image_tokens / speed.prefill_flops_s
    return 1 / (flops / speed.encode_flops_s + reading)


def rank(entries: Iterable[CatalogueEntry], machine: Machine) -> tuple[Fit, ...]:
    """Every vision-language model: what runs well, the largest first; what runs slowly, the
    quickest first; what is not known, then what does not fit, the smallest first. What knows
    nothing but the drawn world comes last, however well it runs."""
    order: dict[Fitness, int] = {
        "runs well": 0, "runs slowly": 1, "not known": 2, "does not fit": 3,
    }  # fmt: skip
    listed = [(entry.vision, fit(entry, machine)) for entry in entries if entry.vision is not None]

    def place(one: tuple[VisionSpec, Fit]) -> tuple[bool, int, float]:
        spec, found = one
        then = {
            "runs well": -float(spec.parameters),
            "runs slowly": -found.frames_per_s,
            "not known": float(found.needs_bytes),
            "does not fit": float(found.needs_bytes),
        }
        return spec.domain != "general", order[found.fitness], then[found.fitness]

    return tuple(found for _, found in sorted(listed, key=place))


def _lacking(needs: int, machine: Machine) -> str:
    on_gpu = bool(machine.gpu) and machine.speed.on != "CPU"
    free = machine.gpu_free_bytes if on_gpu else machine.free_bytes
    if needs <= free * (1 - RESERVE):
        return ""
    whole = machine.gpu_bytes if on_gpu else machine.memory_bytes
    where = f"{machine.gpu} has" if on_gpu else "this computer has"
    words = f"It needs {needs / 1e9:.1f} GB, {where} {whole / 1e9:.1f} GB"
    if needs <= whole * (1 - RESERVE):
        return f"{words}, of which {free / 1e9:.1f} GB are free. Close other programs."
    return f"{words}."


def described(machine: Machine) -> str:
    """A line about a machine."""
    parts = [
        f"{machine.physical_cores} cores ({machine.logical_cores} threads)",
        f"{size_words(machine.memory_bytes)} of memory, {size_words(machine.free_bytes)} free",
    ]
    if machine.gpu:
        used = "" if machine.speed.on == machine.gpu else ", not used by llama.cpp"
        parts.append(f"{machine.gpu} with {size_words(machine.gpu_bytes)}{used}")
    speed, how = machine.speed, "measured" if machine.speed.measured else "reckoned"
    parts.append(
        f"{speed.encode_flops_s / 1e9:.0f} GFLOP/s, {speed.decode_bytes_s / 1e9:.1f} GB/s "
        f"on {speed.on}, {how}"
    )
    return "; ".join(parts)
