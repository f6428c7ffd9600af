"""How a lesson was answered, and figures as a table. Needs no torch."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from app.eval.answered import Answered
from models.demo.lessons import IGNORED, Lesson


def marked(
    lesson: Lesson, logits: npt.NDArray[np.float32], yes_no: tuple[int, int]
) -> list[Answered]:
    """The lesson's questions by the logits at every place whose next token is of an answer.

    Greedy decoding gives the right answer exactly when each of its tokens is the likeliest after
    those before it, so one pass over the right answers is enough.
    """
    places = lesson.targets != IGNORED
    wanted, owner = lesson.targets[places], lesson.branches[places]
    right = logits.argmax(axis=-1) == wanted
    yes, no = (logits[:, word] for word in yes_no)
    p_yes = 1 / (1 + np.exp(np.clip(no - yes, -60, 60)))
    found: list[Answered] = []
    for n, kind in enumerate(lesson.kinds, start=1):
        mine = np.flatnonzero(owner == n)
        first = int(wanted[mine[0]])
        found.append(
            Answered(
                shape=lesson.shape,
                kind=kind,
                exact=bool(right[mine].all()),
                p_yes=float(p_yes[mine[0]]) if first in yes_no else None,
                yes=first == yes_no[0],
            )
        )
    return found


def table(found: Mapping[str, tuple[float, float, float, int]]) -> str:
    """As Markdown."""
    lines = ["| metric | share | 95 % interval | questions |", "|---|---|---|---|"]
    for name, (share, low, high, count) in found.items():
        lines.append(f"| `{name}` | {share:.3f} | {low:.3f} to {high:.3f} | {count} |")
    return "\n".join(lines)
