"""What it costs to have alerts armed: that the figures can tell."""

from pathlib import Path

from app.eval.armed import COUNT, held, measure
from app.paths import Paths


def test_whatever_is_held_on_to_is_counted() -> None:
    class Queue:
        def __init__(self) -> None:
            self.waiting: list[list[int]] = []

    queue = Queue()
    before = held(queue)
    queue.waiting += [[n] for n in range(100)]
    assert held(queue) >= before + 100


def test_twenty_alerts_for_some_minutes(tmp_path: Path) -> None:
    measured = measure(paths=Paths.locate(tmp_path), quick=True, out=None)
    assert measured.metrics["alerts"] == COUNT
    assert measured.metrics["still_batches_per_hour"] <= 3600 / 16
    texts = [row["hour"] for row in measured.rows if isinstance(row["hour"], str)]
    assert len(texts) == COUNT
