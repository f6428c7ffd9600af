"""What a long evaluation has found so far, kept beside its result so that it can go on."""

import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Self


class Kept:
    """One line of JSON for each piece of work. A file that was begun with another `about` (other
    weights, another length) is begun anew; of one that ends in a broken line the rest is kept."""

    def __init__(self, path: Path | None, about: str) -> None:
        self._path = path
        self._found: dict[str, Any] = {}
        if path is None:
            return
        head = {"about": about}
        lines = _whole_lines(path)
        if lines[:1] != [head]:
            lines = [head]
        self._found = {line["piece"]: line["found"] for line in lines[1:]}
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")

    @classmethod
    def beside(cls, out: Path | None, name: str, about: str) -> Self:
        """Beside the result `out`, in a file of this evaluation's own; nowhere without one."""
        return cls(None if out is None else out.with_name(f"{out.name}.{name}.jsonl"), about)

    def __contains__(self, piece: str) -> bool:
        """Whether it was found before."""
        return piece in self._found

    def get(self, piece: str, work: Callable[[], Any]) -> Any:
        """What was found of this piece before, or what `work` finds now."""
        if piece not in self._found:
            self._found[piece] = work()
            if self._path is not None:
                line = json.dumps({"piece": piece, "found": self._found[piece]})
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(line + "\n")
        return self._found[piece]


def side_by_side(kept: Kept, pieces: Sequence[str], work: Callable[[str], Any]) -> list[Any]:
    """What is found of each piece, in order: kept, or found by `work` in processes of their own
    (which it must reach: a function of a module), as many at a time as there are processors."""
    missing = [piece for piece in pieces if piece not in kept]
    if missing:
        count = min(os.cpu_count() or 1, len(missing))
        with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
            begun = {pool.submit(work, piece): piece for piece in missing}
            for future in as_completed(begun):
                kept.get(begun[future], future.result)
    return [kept.get(piece, dict) for piece in pieces]


def _whole_lines(path: Path) -> list[dict[str, Any]]:
    """Those before the first that cannot be read."""
    lines: list[dict[str, Any]] = []
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            lines.append(json.loads(line))
    except (OSError, ValueError):
        return lines
    return lines
