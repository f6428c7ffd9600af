"""`nacre ask`: a question to the memory."""

import time

import click

from app.cli.event_text import answer as told
from app.cli.printing import print_json
from app.cli.root import Invocation, common_options, json_option, pass_invocation
from app.cli.watch import checked_question


@click.command()
@click.argument("question")
@json_option
@common_options
@pass_invocation
def ask(invocation: Invocation, *, question: str, as_json: bool) -> None:
    """Ask the memory of what was watched, now or earlier."""
    from app.cli.remote import reach
    from app.requests import AskMemory

    question = checked_question(question)
    with reach(invocation.paths()) as desk:
        began = time.monotonic()
        answer = desk(AskMemory(text=question))["answer"]
        took = time.monotonic() - began
    if as_json:
        print_json({**answer, "first_token_s": round(took, 3)})
    else:
        click.echo(told(answer, indent="  "))
