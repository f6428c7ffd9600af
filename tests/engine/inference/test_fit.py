"""The ranking of the delivered models on machines that are described."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.inference.catalogue import load_catalogue
from engine.inference.fit import Machine, Speed, encode_flops, rank, reckoned
from engine.ports.shelf import Fit

ALL = load_catalogue(Path(__file__).parents[3] / "models" / "catalogue.toml").entries
ENTRIES = [one for one in ALL if one.vision is None or one.vision.domain == "general"]
LAPTOP = Machine(
    physical_cores=4,
    logical_cores=8,
    memory_bytes=16 * 10**9,
    free_bytes=10 * 10**9,
    speed=reckoned(4),
)
OLD = replace(
    LAPTOP, physical_cores=2, memory_bytes=4 * 10**9, free_bytes=15 * 10**8, speed=reckoned(2)
)
CARD = replace(
    LAPTOP,
    gpu="A card",
    gpu_bytes=24 * 10**9,
    gpu_free_bytes=23 * 10**9,
    speed=Speed(
        encode_flops_s=3e13, prefill_flops_s=3e13, decode_bytes_s=5e11, measured=True, on="A card"
    ),
)


def found(machine: Machine) -> dict[str, Fit]:
    return {fit.model: fit for fit in rank(ENTRIES, machine)}


def test_a_card_runs_everything_well_the_largest_first():
    fits = rank(ENTRIES, CARD)
    assert {fit.fitness for fit in fits} == {"runs well"}
    assert fits[0].model in ("qwen3-vl-8b", "minicpm-v-4-5")
    assert fits[-1].model == "smolvlm2-256m"


@pytest.mark.parametrize("machine", [LAPTOP, OLD, CARD])
def test_the_model_of_the_drawn_world_comes_last_however_well_it_runs(machine: Machine):
    fits = rank(ALL, machine)
    assert fits[:-1] == rank(ENTRIES, machine)
    assert (fits[-1].model, fits[-1].fitness) == ("nacre-demo", "runs well")


def test_a_laptop_has_room_for_what_it_runs_slowly():
    fits = found(LAPTOP)
    assert fits["qwen3-vl-8b"].fitness == "runs slowly"
    assert fits["smolvlm2-256m"].frames_per_s > fits["qwen3-vl-2b"].frames_per_s
    assert fits["smolvlm2-256m"].first_token_s < fits["qwen3-vl-8b"].first_token_s


def test_what_does_not_fit_says_what_is_lacking_and_comes_last():
    fits = rank(ENTRIES, OLD)
    assert fits[-1].fitness == "does not fit"
    assert fits[-1].reason.endswith("this computer has 4.0 GB.")
    assert fits[0].fitness == "runs slowly"
    left = [fit.needs_bytes for fit in fits if fit.fitness == "does not fit"]
    assert left == sorted(left)


def test_memory_that_others_use_can_be_freed():
    busy = replace(LAPTOP, free_bytes=2 * 10**9)
    assert "Close other programs" in found(busy)["qwen3-vl-8b"].reason


def test_a_card_that_llama_cpp_does_not_use_is_no_room():
    unused = replace(CARD, free_bytes=10**9, speed=reckoned(4))
    assert found(unused)["qwen3-vl-8b"].fitness == "does not fit"
    small = replace(CARD, gpu_free_bytes=4 * 10**9, gpu_bytes=4 * 10**9)
    assert found(small)["qwen3-vl-8b"].reason.endswith("A card has 4.0 GB.")


def test_twice_the_speed_is_half_the_time():
    twice = replace(LAPTOP.speed, encode_flops_s=LAPTOP.speed.encode_flops_s * 2)
    twice = replace(twice, prefill_flops_s=twice.prefill_flops_s * 2)
    fast = found(replace(LAPTOP, speed=twice))["gemma-3-4b"]
    assert fast.frames_per_s == pytest.approx(2 * found(LAPTOP)["gemma-3-4b"].frames_per_s)


def test_the_tower_of_smolvlm_costs_what_is_known_of_it():
    entry = next(entry for entry in ENTRIES if entry.id == "smolvlm2-256m")
    assert entry.vision is not None
    # 12 layers of width 768 on 1,024 patches: 2 * 93 M * 1,024, and attention a fifth of it.
    flops = encode_flops(entry.vision)
    assert flops is not None
    assert 2.2e11 < flops < 2.4e11
