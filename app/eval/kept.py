"""What a long evaluation has found so far, kept beside its result so that it can go on."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


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


def _whole_lines(path: Path) -> list[dict[str, Any]]:
    """Those before the first that cannot be read."""
    lines: list[dict[str, Any]] = []
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            lines.append(json.loads(line))
    except (OSError, ValueError):
        return lines
    return lines
