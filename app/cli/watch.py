"""`nacre watch`: the engine without a window."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from app.cli.moments import wall_time
from app.cli.root import common_options, invocation, json_option
from engine.errors import ConfigError, SourceError

if TYPE_CHECKING:
    from app.cli.watcher import Plan, Question
    from app.paths import Paths
    from engine.facts import SourceSpec

QUESTION_LENGTH_MAX = 1000


class Seconds(click.ParamType[float]):
    """Seconds of the stream, not negative."""

    name = "seconds"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        try:
            number = float(value)
        except (TypeError, ValueError):
            self.fail(f"{value!r} is no number of seconds", param, ctx)
        if not math.isfinite(number) or not 0 <= number <= 10**8:
            self.fail(f"{value} is no moment of a stream: give seconds from 0 on", param, ctx)
        return number


class WatchCommand(click.Command):
    """Remembers which `--at` follows which `--ask`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        order = [arg.partition("=")[0] for arg in args]
        ctx.meta["order"] = [arg for arg in order if arg in ("--ask", "--at")]
        return super().parse_args(ctx, args)


@click.command(cls=WatchCommand)
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@click.option("--ask", "asks", metavar="QUESTION", multiple=True, help="Ask this; repeatable.")
@click.option(
    "--at",
    "moments",
    type=Seconds(),
    multiple=True,
    help="When to ask the --ask before it (else at the end).",
)
@click.option("--until", type=Seconds(), help="Stop at this moment of the stream.")
@click.option("--realtime", is_flag=True, help="Play recordings at their own pace.")
@click.option("--as-screen", is_flag=True, help="Read the text in recordings.")
@click.option("--started-at", metavar="TIME", help="When a recording began: 2026-01-31T14:05.")
@click.option("--yes", is_flag=True, help="Consent to these sources being watched.")
@json_option
@common_options
@click.pass_context
def watch(
    ctx: click.Context,
    *,
    sources: tuple[str, ...],
    asks: tuple[str, ...],
    moments: tuple[float, ...],
    until: float | None,
    realtime: bool,
    as_screen: bool,
    started_at: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Watch sources without a window, and print one event a line.

    SOURCE is a file, camera[:N], screen[:N], screen:x,y,w,h, window:TITLE, an address (http MJPEG,
    rtsp), or demo. Cameras, screens and addresses need --yes once.
    """
    from app.cli.watcher import Plan

    questions = tuple(_questions(ctx.meta["order"], asks, moments))
    start = None if started_at is None else wall_time(started_at)
    specs, refused = _specs(sources, until, realtime, as_screen, start)
    plan = Plan(
        sources=specs,
        refused=refused,
        questions=questions,
        until_s=until,
        consented=yes,
        wall=realtime,
        as_json=as_json,
    )
    ctx.exit(run(invocation(ctx).paths(), plan))


def run(paths: "Paths", plan: "Plan") -> int:
    """Own the data folder, watch, and answer other commands meanwhile; the exit code."""
    from app import bootstrap, settings
    from app.claim import Claim, taken
    from app.cli.remote import PATIENCE_S
    from app.cli.watcher import Watcher
    from app.clock import SystemClock
    from app.local_socket import Server, answers
    from app.model_build import built_behind, wanted_build
    from app.office import Office
    from app.window import tell

    clock = SystemClock()
    with Claim(paths) as claim:
        if not claim.take_within(PATIENCE_S, unless=lambda: answers(paths)):
            raise taken(claim, "watching")
        loaded = settings.load(paths.settings)
        if loaded.notice:
            click.echo(f"nacre: {loaded.notice}", err=True)
        with (
            bootstrap.open_engine(paths, loaded.settings) as engine,
            Server(paths, Office(engine, clock).handle),
            built_behind(wanted_build(), ready=engine.reload, say=tell),
        ):
            return Watcher(engine, clock, plan).run()


def _questions(
    order: Sequence[str], asks: Sequence[str], moments: Sequence[float]
) -> "Iterator[Question]":
    """Every question with the moment given after it."""
    from app.cli.watcher import Question

    texts, times = iter(asks), iter(moments)
    waiting: str | None = None
    for option in order:
        if option == "--ask":
            if waiting is not None:
                yield Question(waiting)
            waiting = checked_question(next(texts, ""))
        elif waiting is None:
            raise click.UsageError("--at says when to ask the --ask before it; there is none.")
        else:
            yield Question(waiting, next(times, None))
            waiting = None
    if waiting is not None:
        yield Question(waiting)


def checked_question(text: str) -> str:
    text = text.strip()
    if not text:
        raise click.UsageError("A question is empty.")
    if len(text) > QUESTION_LENGTH_MAX:
        raise click.UsageError(
            f"A question has {len(text):,} characters; {QUESTION_LENGTH_MAX:,} at most."
        )
    return text


def _specs(
    sources: Sequence[str],
    until_s: float | None,
    realtime: bool,
    as_screen: bool,
    started_at: int | None,
) -> tuple[tuple["SourceSpec", ...], tuple[str, ...]]:
    """What can be opened, and why the rest cannot."""
    from engine.media import nanoseconds
    from engine.sources.address import parse_source

    until = None if until_s is None else nanoseconds(until_s)
    specs: list[SourceSpec] = []
    refused: list[str] = []
    for text in sources:
        try:
            spec = parse_source(text, realtime=realtime, as_screen=as_screen, started_at=started_at)
        except SourceError as error:
            refused.append(str(error))
        except ConfigError as error:
            raise click.UsageError(str(error)) from error
        else:
            specs.append(replace(spec, until=until))
    return tuple(specs), tuple(refused)
