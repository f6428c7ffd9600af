"""Actions in drawn streams: that the figures can tell."""

from pathlib import Path

import pytest

from app.eval.acted import Done, Scores, done_in, joined, scores
from app.eval.actions import DEVELOPMENT_SEED, SEED, STREAMS, count_error, f1, measure
from app.eval.world.acts import STEPS, Act, Deed
from app.paths import Paths

HERE, THERE = (10, 10, 40, 80), (200, 10, 40, 80)


def done(start_s: float, box: tuple[int, int, int, int] = HERE, *, scored: bool = True) -> Done:
    return Done(deed="bow", start_s=start_s, end_s=start_s + 3, box=box, scored=scored)


def of_bow(wanted: list[Done], told: list[Done]) -> Scores:
    (found,) = (one for one in scores(wanted, told) if one.deed == "bow")
    return found


def test_a_sighting_is_right_once_at_its_place_and_time() -> None:
    found = of_bow([done(1), done(20)], [done(1.5), done(2), done(20, THERE), done(40)])
    assert (found.done, found.right, found.told) == (2, 1, 4)
    assert f1([found]) == pytest.approx(2 / 6)
    assert count_error([found]) == 1.0


def test_what_is_hidden_counts_for_nothing() -> None:
    found = of_bow([done(1, scored=False), done(20, scored=False)], [done(1)])
    assert (found.done, found.right, found.told) == (0, 0, 0)


def test_jumps_that_follow_one_another_are_one_and_bows_are_two() -> None:
    def act(deed: Deed, start_s: float) -> Act:
        return Act(deed=deed, start_s=start_s, end_s=start_s + 2, x0=0, x1=0, facing=1)

    acts = [act("jump", 0), act("jump", 2), act("bow", 4), act("bow", 6), act("stand", 8)]
    spans = [(one.deed, one.start_s, one.end_s) for one in joined(acts)]
    assert spans == [("jump", 0, 4), ("bow", 4, 6), ("bow", 6, 8)]


def test_what_is_done_is_known_and_the_seeds_are_apart() -> None:
    acted = done_in(SEED, "test", 40)
    assert acted
    assert all(0 <= one.start_s < one.end_s <= 40 for one in acted)
    assert abs(SEED - DEVELOPMENT_SEED) > STREAMS


@pytest.mark.usefixtures("real_data")
def test_a_quick_run(tmp_path: Path) -> None:
    measured = measure(paths=Paths.locate(tmp_path), quick=True, out=tmp_path / "x.json")
    assert [row["action"] for row in measured.rows] == list(STEPS)
    assert sum(row["done"] for row in measured.rows) > 5
    assert measured.metrics["actions_f1"] > 0.6
    assert measured.metrics["actions_robustness_auc"] > 0.8
    assert (tmp_path / "x.json.actions.jsonl").is_file()
