"""`nacre memory`: what was kept."""

import re
import sys
from typing import Any

import click

from app.cli.event_text import span
from app.cli.moments import wall_time
from app.cli.printing import one_line, print_json
from app.cli.root import Invocation, common_options, json_option, pass_invocation
from engine.errors import ConfigError
from engine.media import NANOSECONDS

UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class Duration(click.ParamType[int]):
    """`90s`, `10m`, `2h`, `7d`, as nanoseconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)\s*([smhd])", str(value).strip())
        if found is None or float(found[1]) == 0:
            self.fail(f"{one_line(str(value), 40)!r} is no duration: write 10m, 2h or 7d", param)
        return round(float(found[1]) * UNITS_S[found[2]] * NANOSECONDS)


@click.group()
@common_options
def memory() -> None:
    """Search, measure and forget what was kept."""


@memory.command()
@click.argument("words")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--since", metavar="TIME", help="Not before 2026-01-31T14:05.")
@click.option("--until", metavar="TIME", help="Not after.")
@json_option
@common_options
@pass_invocation
def search(
    invocation: Invocation,
    *,
    words: str,
    limit: int,
    since: str | None,
    until: str | None,
    as_json: bool,
) -> None:
    """Find WORDS in all that was read and said."""
    from app.cli.remote import reach
    from app.requests import SearchMemory

    start, end = bounds(since, until)
    request = SearchMemory(text=words, limit=limit, since=start, until=end)
    with reach(invocation.paths()) as desk:
        hits = desk(request)["hits"]
    if as_json:
        print_json(hits)
    elif not hits:
        click.echo("Nothing was found.")
    else:
        for hit in hits:
            when = hit["at"][0][:19].replace("T", " ")
            click.echo(f"{when}  {span(hit)}\n    {one_line(hit['text'], 200)}")


@memory.command()
@json_option
@common_options
@pass_invocation
def stats(invocation: Invocation, *, as_json: bool) -> None:
    """How much is kept, and since when."""
    from app.cli.remote import reach
    from app.requests import MeasureMemory

    with reach(invocation.paths()) as desk:
        found = desk(MeasureMemory())["stats"]
    if as_json:
        print_json(found)
        return
    oldest = found["oldest_at"]
    since = f"since {oldest[:16].replace('T', ' ')}" if oldest else "nothing was watched yet"
    counts = ", ".join(f"{found[key]:,} {key}" for key in ("facts", "clips", "concepts", "runs"))
    click.echo(f"{found['bytes'] / 1e6:.1f} MB: {counts}; {since}.")


@memory.command()
@click.option("--last", type=Duration(), metavar="DURATION", help="What came in the last 10m, 2h …")
@click.option("--since", metavar="TIME", help="From 2026-01-31T14:05 on.")
@click.option("--until", metavar="TIME", help="Up to then.")
@click.option("--everything", is_flag=True, help="All of it: concepts and alerts too.")
@click.option("--yes", is_flag=True, help="Do not ask back.")
@json_option
@common_options
@pass_invocation
def forget(
    invocation: Invocation,
    *,
    last: int | None,
    since: str | None,
    until: str | None,
    everything: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Delete for good: pictures, words, answers that quote them. Nothing brings them back."""
    import time

    from app.cli.remote import reach
    from app.requests import ForgetMemory

    ways = (last is not None, since is not None or until is not None, everything)
    if sum(ways) != 1:
        raise click.UsageError("Say what: --last, --since and/or --until, or --everything.")
    start, end = bounds(since, until)
    if last is not None:
        start = max(time.time_ns() - last, 0)
    if not yes and not _agreed():
        raise ConfigError("Nothing was forgotten.")
    with reach(invocation.paths()) as desk:
        reply = desk(ForgetMemory(since=start, until=end))
    if as_json:
        print_json({key: reply[key] for key in ("forgotten_facts", "forgotten_clips")})
    else:
        click.echo(
            f"Forgotten: {reply['forgotten_facts']} facts and {reply['forgotten_clips']} clips."
        )


@memory.command()
@click.argument("choice", type=click.Choice(("spared", "kept")), required=False)
@common_options
@pass_invocation
def bystanders(invocation: Invocation, *, choice: str | None) -> None:
    """Whether people without a name are made unrecognisable in what is kept from now on."""
    from app import settings
    from app.cli.remote import bystanders_changed

    paths = invocation.paths()
    if choice is not None:
        paths.prepare()
        chosen = settings.load(paths.settings).settings
        spared = choice == "spared"
        settings.save(paths.settings, chosen.model_copy(update={"spare_bystanders": spared}))
        bystanders_changed(paths, spared=spared)
    if settings.load(paths.settings).settings.spare_bystanders:
        click.echo("People without a name are made unrecognisable in everything that is kept.")
    else:
        click.echo("People without a name are kept as they are seen.")


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise click.UsageError("Where nobody can be asked back, --yes is needed.")
    return click.confirm("Delete this for good?", err=True)


def bounds(since: str | None, until: str | None) -> tuple[int | None, int | None]:
    """Wall times in nanoseconds.

    Raises:
        click.UsageError: one is no time, or they are the wrong way round.
    """
    start = None if since is None else wall_time(since)
    end = None if until is None else wall_time(until)
    if start is not None and end is not None and end < start:
        raise click.UsageError("--until lies before --since.")
    return start, end
