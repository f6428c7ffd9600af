"""`nacre ask`: a question to the memory."""

import time
from typing import Any

import click

from app.cli.concepts import say_concept
from app.cli.event_text import answer as told
from app.cli.printing import one_line, print_json
from app.cli.root import Invocation, common_options, json_option, pass_invocation
from app.cli.watch import checked_question


@click.command()
@click.argument("question")
@json_option
@common_options
@pass_invocation
def ask(invocation: Invocation, *, question: str, as_json: bool) -> None:
    """Ask the memory of what was watched, now or earlier; or give a name to what a running Nacre
    sees: "this is my mum, she has short grey hair"."""
    from app.cli.remote import reach
    from app.requests import AskMemory

    question = checked_question(question)
    with reach(invocation.paths()) as desk:
        began = time.monotonic()
        reply = desk(AskMemory(text=question))
        took = time.monotonic() - began
    answer = reply.get("answer")
    if answer is None:
        _told(reply, as_json=as_json)
    elif as_json:
        print_json({**answer, "first_token_s": round(took, 3)})
    else:
        click.echo(told(answer, indent="  "))


def _told(reply: dict[str, Any], *, as_json: bool) -> None:
    """What came of a sentence that was no question."""
    if as_json:
        print_json({key: value for key, value in reply.items() if key != "ok"})
    elif "concept" in reply:
        say_concept(reply["concept"], as_json, "Known now")
    elif "which" in reply:
        click.echo(_which(reply["which"]["name"], reply["which"]["offered"]))
    else:
        click.echo("Done. `nacre alerts list` shows what is looked out for.")


def _which(name: str, offered: list[dict[str, Any]]) -> str:
    if not offered:
        return (
            f"I cannot tell where {one_line(name, 80)} is. Nothing was changed. Show it by a box: "
            "`nacre concepts add` with --image and --box."
        )
    kinds = ", ".join(one["kind"] for one in offered)
    return (
        f"Which one is {one_line(name, 80)}? From left to right: {kinds}. Nothing was changed yet. "
        'Say it: `nacre ask "the left one"`, `nacre ask "number 2"`.'
    )
