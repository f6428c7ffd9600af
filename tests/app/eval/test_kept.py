"""A long evaluation goes on where it was broken off."""

from pathlib import Path

import pytest

from app.eval.kept import Kept, side_by_side


def never() -> int:
    raise AssertionError("this was found before")


def test_what_was_found_is_not_looked_for_again(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    first = Kept(path, "an hour")
    assert first.get("1", lambda: 10) == 10
    assert first.get("2", lambda: [1, 2]) == [1, 2]
    again = Kept(path, "an hour")
    assert "2" in again
    assert "3" not in again
    assert again.get("1", never) == 10
    assert again.get("2", never) == [1, 2]


def test_with_other_settings_all_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    Kept(path, "an hour").get("1", lambda: 10)
    assert Kept(path, "a day").get("1", lambda: 11) == 11


@pytest.mark.parametrize("cut", [1, 5, 20])
def test_a_line_that_was_broken_off_costs_that_piece_alone(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "x.jsonl"
    kept = Kept(path, "an hour")
    kept.get("1", lambda: 10)
    kept.get("2", lambda: 20)
    path.write_text(path.read_text(encoding="utf-8")[:-cut], encoding="utf-8")
    again = Kept(path, "an hour")
    assert again.get("1", never) == 10
    again.get("2", lambda: 20)
    assert Kept(path, "an hour").get("2", never) == 20


def test_without_a_file_nothing_is_kept() -> None:
    assert Kept(None, "an hour").get("1", lambda: 10) == 10
    assert Kept(None, "an hour").get("1", lambda: 11) == 11


def doubled(piece: str) -> int:
    return 2 * int(piece)


def fails(piece: str) -> int:
    raise AssertionError(piece)


def test_pieces_are_found_side_by_side_and_in_order(tmp_path: Path) -> None:
    out = tmp_path / "x.json"
    kept = Kept.beside(out, "doubles", "of numbers")
    kept.get("3", lambda: 7)
    assert side_by_side(kept, ["1", "3", "2"], doubled) == [2, 7, 4]
    again = Kept.beside(out, "doubles", "of numbers")
    assert side_by_side(again, ["3", "2", "1"], fails) == [7, 4, 2]
    assert "1" not in Kept.beside(out, "others", "of numbers")
    assert side_by_side(Kept.beside(None, "doubles", ""), ["4"], doubled) == [8]
