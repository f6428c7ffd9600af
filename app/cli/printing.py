"""How commands print what they were told."""

import json
import unicodedata
from collections.abc import Sequence
from typing import Any

import click


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False))


def table(rows: Sequence[Sequence[str]], head: Sequence[str]) -> str:
    """Rows under a head, in columns as wide as they must be."""
    everything = [tuple(head), *(tuple(row) for row in rows)]
    widths = [max(_width(row[n]) for row in everything) for n in range(len(head))]
    lines = (
        "  ".join(_padded(cell, w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in everything
    )
    return "\n".join(lines)


def one_line(text: str, width: int = 72) -> str:
    text = " ".join(text.split())
    return text if len(text) <= width else text[: width - 1] + "…"


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - _width(cell))


def _width(text: str) -> int:
    """Columns on a terminal: wide signs take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in text
    )
