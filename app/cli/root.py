"""The command `nacre` and its table of subcommands, each imported only when it is called."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import click

from app.paths import DATA_DIR_VARIABLE, Paths

COMMANDS: dict[str, tuple[str, str]] = {
    "watch": ("app.cli.watch:watch", "Watch sources without a window; one event a line."),
    "ask": ("app.cli.ask:ask", "Ask the memory of what was watched."),
    "concepts": ("app.cli.concepts:concepts", "People, pets, things and places of your own."),
    "alerts": ("app.cli.alerts:alerts", 'Standing requests: "tell me when …".'),
    "memory": ("app.cli.memory:memory", "Search, measure and forget what was kept."),
    "models": ("app.cli.models:models_group", "Get, import, check and remove models."),
    "doctor": ("app.cli.doctor:doctor", "Say what is missing here and how to get it."),
    "bench": ("app.cli.measure:bench", "Measure the speed on this machine."),
    "eval": ("app.cli.measure:evaluate", "Run an evaluation on real input."),
}


@dataclass
class Invocation:
    """What was said before (or after) the subcommand."""

    data_dir: str | None = None
    debug: bool = False

    def paths(self) -> Paths:
        """The folders, made ready; the log goes there from now on.

        Raises:
            ConfigError: a folder cannot be used.
        """
        from app import log

        paths = Paths.locate(self.data_dir)
        paths.prepare()
        log.set_up(paths.log, debug=self.debug)
        return paths


F = TypeVar("F", bound=Callable[..., Any])


def _remember(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """An option given at any level counts for the whole command line."""
    if value:
        setattr(ctx.ensure_object(Invocation), str(param.name), value)


def common_options(command: F) -> F:
    """`--data-dir` and `--debug`, understood before and after the subcommand."""
    command = click.option(
        "--debug", is_flag=True, expose_value=False, callback=_remember, help="Print traces."
    )(command)
    return click.option(
        "--data-dir",
        metavar="DIR",
        expose_value=False,
        callback=_remember,
        help=f"Keep everything in this folder (or {DATA_DIR_VARIABLE}).",
    )(command)


def json_option(command: F) -> F:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def resolve(target: str) -> Any:
    """The object that `module:name` names."""
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)


class LazyGroup(click.Group):
    """Knows its subcommands by name and line of help, so that `--help` imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        return cast(click.Command, resolve(COMMANDS[cmd_name][0]))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def _version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        from app.version import version

        click.echo(f"nacre {version()}")
        ctx.exit()


@click.group(cls=LazyGroup, invoke_without_command=True)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show it."
)
@click.option(
    "--smoke", is_flag=True, help="Show the window on the bundled clip for 2 s, then close."
)
@common_options
@click.pass_context
def nacre(ctx: click.Context, smoke: bool) -> None:
    """A private assistant that watches, remembers and tells you.

    Without a command it opens the window. Nothing leaves this machine.
    """
    if ctx.invoked_subcommand is None:
        from app.window import open_window

        ctx.exit(open_window(ctx.ensure_object(Invocation).paths(), smoke=smoke))
    if smoke:
        raise click.UsageError("--smoke takes no command")


def invocation(ctx: click.Context) -> Invocation:
    return ctx.ensure_object(Invocation)


pass_invocation = click.make_pass_decorator(Invocation, ensure=True)
