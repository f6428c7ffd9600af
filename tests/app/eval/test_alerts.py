"""How the evaluation of alerts counts, and that the observer keeps the truth to itself."""

import json
import math
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from app.eval import alert_variants
from app.eval.alert_scores import (
    Counts,
    StreamResult,
    Told,
    counts,
    figures,
    matched,
    restored,
)
from app.eval.alert_streams import watch, watch_all
from app.eval.alert_variants import NOISE, SETTINGS
from app.eval.alerts import how_answered, report
from app.eval.demo_reader import Files
from app.eval.observer import Errors, Observer
from app.eval.world.standing import FPS, Condition
from app.eval.world.stream import Stream
from app.paths import Paths
from engine.inference.random_vlm import SMOL, write_pair


def told(at_s: float, request: int = 0) -> Told:
    return Told(request=request, at_s=at_s, wish="comes")


def test_each_trigger_is_answered_by_one_remark() -> None:
    pairs = matched([told(10), told(20)], [told(11), told(11.5), told(23)], 2.0)
    assert [(a.at_s, b.at_s) for a, b in pairs] == [(10, 11)]
    assert not matched([told(10)], [told(11, request=1)], 2.0)


def test_what_is_said_too_late_is_no_false_alarm_but_counts_against_both() -> None:
    result = StreamResult(seed=0, hours=2.0, triggers=[told(10), told(50)])
    result.said["nacre"] = [told(11), told(56), told(300)]
    found = counts(result, "nacre")
    assert found == Counts(triggers=2, said=3, right=1, false=1, hours=2.0)
    made = figures([found])
    assert (made["precision"], made["recall"]) == (1 / 3, 0.5)
    assert made["false_alarms_per_hour"] == 0.5


def test_a_stretch_of_the_drawn_world() -> None:
    result = watch(7, 120.0, split="dev")
    again = watch(7, 120.0, split="dev")
    assert result == again, "the same seed gives the same"
    measured = report([result])
    assert {
        "f1_2s",
        "precision",
        "recall",
        "delay_p50_s",
        "delay_p95_s",
        "false_alarms_per_hour",
        "model_calls_ratio",
    } <= set(measured.metrics)
    assert {row["way"] for row in measured.rows} == {"nacre", "polling at 1 Hz", "cues alone"}
    assert 0 < result.calls["nacre"] < result.calls["polling at 1 Hz"]


def test_observers_that_err_more_see_the_same_world() -> None:
    found = watch_all(7, NOISE, 60.0, split="dev")
    assert set(found) == set(NOISE)
    triggers = [result.triggers for result in found.values()]
    assert all(one == triggers[0] for one in triggers)
    assert found["5 in 100 wrong"] == watch(7, 60.0, split="dev")


def test_whoever_asks_at_one_moment_gets_the_same_answer_however_often_they_have_asked() -> None:
    nobody = next(Stream(7, "dev").frames(until_s=1.0, fps=FPS)).truth()
    waits = Condition(wish="does", deed="wave")
    busy, calm = (Observer("7", {}, Errors()) for _ in range(2))
    for n in range(240):
        answer = busy.judge([(1, waits)], n / 2, nobody)
        if n % 7 == 0:
            assert calm.judge([(1, waits), (2, waits)], n / 2, nobody)[:1] == answer


def test_the_model_s_errors_are_as_many_and_last_as_long_as_is_said() -> None:
    nobody = next(Stream(7, "dev").frames(until_s=1.0, fps=FPS)).truth()
    observer, waits = Observer("7", {}, Errors()), Condition(wish="does", deed="wave")
    answers = [observer.judge([(1, waits)], n / 2, nobody)[0] for n in range(40_000)]
    odds = np.log(answers) - np.log1p(np.negative(answers))
    assert np.mean(odds > 0) == pytest.approx(0.048, abs=0.008)
    a_second_on = np.corrcoef(odds[:-2], odds[2:])[0, 1]
    assert a_second_on == pytest.approx(math.exp(-1), abs=0.04)


def test_settings_are_compared_on_the_same_hours() -> None:
    found = watch_all(7, SETTINGS, 120.0, split="dev")
    assert found["as it is"] == watch(7, 120.0, split="dev")
    calls = {name: result.calls["nacre"] for name, result in found.items()}
    assert calls["a look in half a second, in calm too"] > calls["as it is"]
    said = {name: len(result.said["nacre"]) for name, result in found.items()}
    assert said["told above 0.97 and 0.98"] < said["as it is"]


def test_a_table_of_variants_has_a_row_for_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_variants, "QUICK_S", 2.0)
    found = alert_variants.measure_settings(paths=Paths.locate(tmp_path), quick=True, out=None)
    assert [row["variant"] for row in found.rows] == list(SETTINGS)
    assert 0 < found.metrics["hours"] < 1
    assert len({row["triggers"] for row in found.rows}) == 1


def test_a_result_comes_back_from_its_file_as_it_was() -> None:
    result = watch(7, 60.0, split="dev")
    assert restored(json.loads(json.dumps(asdict(result)))) == result


def test_a_model_that_looks_at_the_pictures_is_asked_in_the_observer_s_place(
    tmp_path: Path,
) -> None:
    text, projector = write_pair(tmp_path, SMOL)
    result = watch(7, 40.0, split="dev", model=Files(text=text, projector=projector))
    blind = watch(7, 40.0, split="dev")
    assert result.triggers == blind.triggers
    assert result.calls["polling at 1 Hz"] == blind.calls["polling at 1 Hz"] > 0
    asked = sum(one["so"] + one["not_so"] for one in result.answers.values())
    assert 0 < asked < result.calls["polling at 1 Hz"], "what has just changed is not counted"
    truth = {wish: (one["so"], one["not_so"]) for wish, one in result.answers.items()}
    assert truth == {wish: (one["so"], one["not_so"]) for wish, one in blind.answers.items()}


def test_wrong_answers_are_told_by_what_is_waited_for() -> None:
    results = [StreamResult(seed=n, hours=1.0) for n in range(2)]
    for result in results:
        result.answers["door"] = {"so": 5, "missed": 1, "not_so": 20, "imagined": 0}
    results[0].answers["does"] = {"so": 0, "missed": 0, "not_so": 10, "imagined": 5}
    found = how_answered(results)
    assert (found["door.missed"], found["does.imagined"]) == (0.2, 0.5)
    assert (found["all.missed"], found["all.imagined"]) == (0.2, 0.1)
