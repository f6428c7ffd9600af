"""The lines of a benchmark's table: the same columns for all, so that they can be put together."""

from typing import Any


def line(
    benchmark: str, what: str, value: float | None, unit: str, note: str = ""
) -> dict[str, Any]:
    """One figure behind a metric, with what has to be known about it."""
    rounded = None if value is None else float(f"{value:.5g}")
    return {"benchmark": benchmark, "what": what, "value": rounded, "unit": unit, "note": note}
