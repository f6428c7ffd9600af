"""`nacre models fit`: what this machine can run, before anything is downloaded."""

import json
from dataclasses import asdict

import click

from app.cli.root import Invocation, common_options, json_option
from engine.inference.fit import described, rank
from engine.inference.intake import size_words
from engine.ports.shelf import Fit


@click.command("fit")
@json_option
@common_options
@click.pass_obj
def fit_models(invocation: Invocation, as_json: bool) -> None:
    """Measure this machine (about 10 s) and rank the vision-language models."""
    from app.shelf import open_shelf
    from engine.inference.measuring import measure

    store = open_shelf(invocation.paths())
    machine, note = measure()
    fits = rank(store.catalogue.entries, machine)
    if as_json:
        models = [asdict(fit) for fit in fits]
        click.echo(json.dumps({"machine": asdict(machine), "note": note, "models": models}))
        return
    click.echo(described(machine))
    if note:
        click.echo(note)
    for fit in fits:
        click.echo(_line(fit))


def _line(fit: Fit) -> str:
    start = f"{fit.model:<15}{fit.fitness:<14}"
    if fit.reason:
        return f"{start}{fit.reason}"
    rate = fit.frames_per_s
    pace = f"{rate:.1f} frames/s" if rate >= 1 else f"a frame in {1 / (rate or 1):.1f} s"
    if not rate:
        pace = "it is not known how fast it sees"
    return (
        f"{start}{pace}, first token after {fit.first_token_s:.1f} s, "
        f"{size_words(fit.needs_bytes)} of memory"
    )
