"""Every benchmark runs, names its metrics, and really did what it measured. No figure is judged
here: the machine of a test is busy."""

import math
from collections.abc import Callable

import cv2
import pytest

from app.bench.run import BENCHMARKS
from tests.bench.conftest import Told

Bench = Callable[[str], Told]

METRICS = {
    "gate": {"gated_fps"},
    "watch": {"watch_realtime_factor"},
    "still": {"still_cpu_core_share"},
    "window": {"preview_fps", "gui_longest_stall_ms", "gui_idle_stall_ms"},
    "start": {"start_to_first_frame_s"},
    "resident": {"rss_mb", "rss_ocr_mb", "rss_demo_mb"},
    "growth": {"rss_growth_8h"},
    "search": {"search_p95_ms", "recall_p95_ms"},
    "match": {"match_ms_1000", "gallery_start_s", "gallery_mb"},
    "model": {
        "ttft_ms", "ttft_ratio", "ttft_ratio_cached", "ttft_past_s", "ingest_cost_ratio",
        "probe8_ratio", "abort_decode_ms", "abort_encode_ms", "decode_tok_s", "rss_growth",
        "still_cpu_core_share_model", "frame_age_at_first_token_s", "frames_per_s",
    },
    "faults": {"kills_answered", "kill_stall_ms", "kills_remembered"},
}  # fmt: skip


def check(told: Told) -> dict[str, float]:
    """The rows, after what holds for every benchmark."""
    assert set(told.metrics) == METRICS[told.name]
    assert all(math.isfinite(value) for value in told.metrics.values())
    assert set(told.goals) <= set(told.metrics)
    assert all(value is not None for value in told.rows.values())
    return {what: value for what, value in told.rows.items() if value is not None}


def test_every_benchmark_is_tested_here():
    assert set(BENCHMARKS) == {"all", *METRICS}


def test_gate_reads_frames_and_some_pass(bench: Bench):
    told = bench("gate")
    rows = check(told)
    assert rows["frames"] >= 300
    assert 0 < rows["passed the gate"] <= rows["frames"]
    assert told.goals["gated_fps"]["goal"] == 100


def test_watching_looks_and_sees(bench: Bench, has_models: bool):
    rows = check(bench("watch"))
    assert rows["watched"] > 0
    assert rows["looks"] > 5
    if has_models:
        assert rows["boxes drawn"] > 5
        assert rows["visits told"] >= 1


def test_a_still_scene_is_watched_and_costs_something(bench: Bench):
    told = bench("still")
    rows = check(told)
    assert rows["lasted"] >= 4
    assert rows["looks"] >= 2
    assert told.metrics["still_cpu_core_share"] > 0


def test_the_window_paints_and_recognises_and_answers(bench: Bench, has_models: bool):
    told = bench("window")
    rows = check(told)
    assert rows["pictures painted"] > 1
    assert rows["ticks"] > 50
    assert rows["looks"] > 1
    assert rows["answers"] >= 1
    if has_models:
        assert rows["boxes with a sure name"] >= 1
    assert told.curve is not None


def test_the_program_starts_and_shows_a_picture(bench: Bench):
    rows = check(bench("start"))
    assert 0.2 < rows["fastest"] <= rows["slowest"] < 30


def test_the_memory_of_the_program_is_seen_from_outside(bench: Bench):
    rows = check(bench("resident"))
    assert rows["processes"] >= 1
    assert rows["window, models, watching"] > 50
    assert rows["questions answered"] == 1
    assert rows["reading words, besides"] > 10


def test_hours_are_simulated_and_stored(bench: Bench):
    told = bench("growth")
    rows = check(told)
    assert rows["simulated"] == 120
    assert rows["passed the gate"] == pytest.approx(0.05, abs=0.01)
    assert rows["looks"] > 10
    assert rows["stored"] >= 10
    assert told.curve is not None
    assert cv2.imread(str(told.curve)) is not None
    assert not told.goals, "two minutes do not tell what eight hours do"


def test_search_finds_what_was_stored(bench: Bench):
    rows = check(bench("search"))
    assert rows["stored facts"] == 100_000
    assert rows["a search, found something"] == 1
    assert rows["what a question looks up, found something"] == 1


def test_the_live_window_is_measured_against_what_remembers_less(bench: Bench):
    told = bench("model")
    rows = check(told)
    asked = ("ttft_ratio", "probe8_ratio", "ingest_cost_ratio", "rss_growth")
    assert [told.goals[name]["goal"] for name in asked] == [50, 0.65, 1.05, 0.01]
    assert all(value > 0 for name, value in told.metrics.items() if name[:3] in ("ttf", "abo"))
    for policy in ("rolled", "rebuilt", "redecoded"):
        assert rows[f"drift {policy}, 10 evictions"] >= 0
        assert 0 <= rows[f"answers alike {policy}, 10 evictions"] <= 1
        assert rows[f"first token {policy}, 40 evictions"] > 0
    assert rows["drift redecoded, 40 evictions"] < 1e-3
    assert rows["answers alike redecoded, 40 evictions"] == 1
    assert rows["drift rolled, 40 evictions"] > rows["drift redecoded, 40 evictions"]


def test_the_model_is_killed_in_the_middle_of_answers(bench: Bench):
    told = bench("faults")
    rows = check(told)
    assert rows["kills"] == rows["answered after a kill"] == rows["answers in the memory"] == 4
    assert rows["turns of the window's loop, fewest"] > 1
    assert told.goals["kill_stall_ms"]["goal"] == 50


def test_matching_finds_the_right_one_of_a_thousand(bench: Bench):
    rows = check(bench("match"))
    assert rows["rightly found"] > 0.9
