"""Times of day as they are written on the command line."""

from datetime import UTC, datetime

import click

from engine.media import NANOSECONDS

FORMS = "write it like 2026-01-31T14:05 or 2026-01-31T14:05:30+01:00"


def wall_time(text: str) -> int:
    """Wall time in nanoseconds; local time where no offset is written.

    Raises:
        click.UsageError: it is none.
    """
    try:
        moment = datetime.fromisoformat(text.strip()).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise click.UsageError(f"{_short(text)!r} is no time: {FORMS}.") from None
    if not 1970 <= moment.year < 2200:
        raise click.UsageError(f"{_short(text)!r} is too far away: {FORMS}.")
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    whole = since.days * 86_400 + since.seconds
    return whole * NANOSECONDS + since.microseconds * 1000


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "…"
