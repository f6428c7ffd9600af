"""`nacre models`: list, get, import, check and remove models."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from app.cli.choose_model import use_model, use_server
from app.cli.fit import fit_models
from app.cli.root import Invocation, common_options, json_option
from engine.errors import ModelCorrupt, ModelError
from engine.inference.intake import size_words
from engine.ports.shelf import ModelCard, Progress


@click.group("models")
@common_options
def models_group() -> None:
    """Get, import, check and remove models.

    A model is used only when its size and SHA-256 are those of the catalogue, or those it had when
    you took it in as your own.
    """


models_group.add_command(fit_models)
models_group.add_command(use_model)
models_group.add_command(use_server)


@models_group.command("list")
@json_option
@common_options
@click.pass_obj
def list_models(invocation: Invocation, as_json: bool) -> None:
    """Show the catalogue, and what is installed."""
    store = _store(invocation)
    if as_json:
        _print({"folder": str(store.folder), "models": [asdict(card) for card in store.cards()]})
        return
    for card in store.cards():
        size = size_words(card.size_bytes)
        click.echo(f"{card.id:<15}{_state(card):<12}{size:>9}  {card.title}, {card.licence}")
        click.echo(f"{'':15}{card.unlocks}")
        if card.note:
            click.echo(f"{'':15}{card.note}")
    click.echo(f"Installed models lie in {store.folder}")


@models_group.command("get")
@click.argument("models", metavar="ID…", nargs=-1, required=True)
@click.option(
    "--mirror",
    metavar="WHERE",
    help="Take the files from this folder or address (or NACRE_MODEL_MIRROR).",
)
@json_option
@common_options
@click.pass_obj
def get_models(
    invocation: Invocation, models: tuple[str, ...], mirror: str | None, as_json: bool
) -> None:
    """Download models; one that broke off is resumed."""
    store = _store(invocation, mirror)
    for model in models:
        store.catalogue.entry(model)
    for model in models:
        meter = _Line(model)
        try:
            store.get(model, meter.show, lambda: False)
        except KeyboardInterrupt:
            meter.end()
            click.echo(
                f"Stopped. What came of {model} is kept: the same command resumes there.", err=True
            )
            raise
        finally:
            meter.end()
        _tell(invocation)
        path = str(store.path(model))
        if as_json:
            _print({"id": model, "path": path})
        else:
            click.echo(f"{model} is installed.")


@models_group.command("import")
@click.argument("paths", metavar="PATH…", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "--unlisted",
    is_flag=True,
    help="Take in a vision-language model of your own that the catalogue does not list: the text "
    "model and its projector (GGUF), or a folder that holds one of each.",
)
@click.option("--name", metavar="NAME", default="", help="What an unlisted model is to be called.")
@json_option
@common_options
@click.pass_obj
def import_models(
    invocation: Invocation, paths: tuple[Path, ...], unlisted: bool, name: str, as_json: bool
) -> None:
    """Import the models in a folder, or one file, whatever they are called."""
    if unlisted:
        _take_own(invocation, paths, name, as_json)
        return
    path, *others = paths
    if others or name:
        raise click.UsageError("Several paths, or --name, belong to --unlisted.")
    imported = _store(invocation).take(path)
    if imported.models:
        _tell(invocation)
    if as_json:
        _print({"imported": list(imported.models), "problems": list(imported.problems)})
    else:
        for model in imported.models:
            click.echo(f"{model} is installed.")
    if imported.problems:
        raise ModelError(" ".join(imported.problems))


def _take_own(invocation: Invocation, paths: tuple[Path, ...], name: str, as_json: bool) -> None:
    model = _store(invocation).take_own(paths, name)
    _tell(invocation)
    if as_json:
        _print({"imported": [model], "problems": []})
    else:
        click.echo(f"{model} is installed. `nacre models use {model}` has it asked.")


@models_group.command("verify")
@json_option
@common_options
@click.pass_obj
def verify_models(invocation: Invocation, as_json: bool) -> None:
    """Read every installed file again and compare it with the catalogue."""
    results = _store(invocation).verify()
    if as_json:
        _print({"models": [result._asdict() for result in results]})
    else:
        for result in results:
            click.echo(f"{result.id:<15}{'as it should be' if result.ok else 'WRONG'}")
        if not results:
            click.echo("No model is installed.")
    wrong = [result.reason for result in results if not result.ok]
    if wrong:
        raise ModelCorrupt(" ".join(wrong))


@models_group.command("remove")
@click.argument("model", metavar="ID")
@json_option
@common_options
@click.pass_obj
def remove_model(invocation: Invocation, model: str, as_json: bool) -> None:
    """Delete a model, and what is left of a download of it."""
    _store(invocation).remove(model)
    _tell(invocation)
    if as_json:
        _print({"removed": model})
    else:
        click.echo(f"{model} is removed.")


class _Line:
    """Progress on one line of a terminal; silent when standard error is none."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._live = sys.stderr.isatty()
        self._width = 0

    def show(self, progress: Progress) -> None:
        if not self._live:
            return
        share = 100 * progress.received // progress.total
        text = f"{self._model} {share} % of {size_words(progress.total)}"
        if progress.bytes_per_s > 0:
            left = (progress.total - progress.received) / progress.bytes_per_s
            text += f", {size_words(round(progress.bytes_per_s))}/s, {left:.0f} s left"
        click.echo(f"\r{text:<{self._width}}", nl=False, err=True)
        self._width = len(text)

    def end(self) -> None:
        if self._width:
            click.echo(err=True)
        self._width = 0


def _store(invocation: Invocation, mirror: str | None = None):
    from app.shelf import open_shelf

    return open_shelf(invocation.paths(), mirror)


def _tell(invocation: Invocation) -> None:
    """What was installed or removed counts at once in a Nacre that is running."""
    from app.cli.remote import models_changed

    models_changed(invocation.paths())


def _state(card: ModelCard) -> str:
    if card.installed:
        return "installed"
    return "get" if card.obtainable else "import only"


def _print(value: dict[str, Any]) -> None:
    click.echo(json.dumps(value, ensure_ascii=False))
