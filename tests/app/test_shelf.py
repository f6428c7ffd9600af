"""The shelf of the window."""

from pathlib import Path

from app.shelf import TellingShelf
from tests.fakes.household import shelf


def test_what_runs_is_told_when_the_models_are_others(tmp_path: Path):
    told: list[str] = []
    inner = shelf()
    telling = TellingShelf(inner, lambda: told.append("changed"))
    assert telling.cards() == inner.cards()
    assert telling.folder == inner.folder
    assert told == []
    missing = next(card.id for card in telling.cards() if not card.installed)
    telling.get(missing, lambda _: None, lambda: False)
    telling.add(tmp_path)
    telling.remove(missing)
    assert len(told) == 3
    assert not inner.all[missing].installed
