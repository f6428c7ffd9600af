"""`nacre models use` and `nacre models server`: which vision-language model is asked."""

import click

from app.cli.printing import print_json
from app.cli.root import Invocation, common_options, json_option

BEST = "best"


@click.command("use")
@click.argument("model", metavar="ID", required=False)
@click.option("--none", is_flag=True, help="Choose none by name: the same as `use best`.")
@json_option
@common_options
@click.pass_obj
def use_model(invocation: Invocation, model: str | None, none: bool, as_json: bool) -> None:
    """Have this vision-language model asked; `best`: the largest that is here and fits."""
    if none == (model is not None):
        raise click.UsageError("Name one model, or `best`.")
    from app.cli.remote import models_changed
    from app.model_choice import choose_model
    from app.settings import load
    from app.shelf import open_shelf

    paths = invocation.paths()
    chosen = "" if model in (None, BEST) else str(model)
    choose_model(paths, open_shelf(paths), chosen)
    models_changed(paths)
    server = load(paths.settings).settings.model_server
    if as_json:
        print_json({"vision_model": chosen, "model_server": server})
        return
    what = chosen or "The largest model that is installed and fits"
    if server:
        click.echo(f"{what} is asked once no server is: `nacre models server --none`.")
    else:
        click.echo(f"{what} is asked from now on.")


@click.command("server")
@click.argument("address", required=False)
@click.argument("model", required=False)
@click.option("--key", is_flag=True, help="The server wants a key: ask me for it, unseen.")
@click.option("--none", is_flag=True, help="Ask no server any more, and forget its key.")
@json_option
@common_options
@click.pass_obj
def use_server(
    invocation: Invocation,
    address: str | None,
    model: str | None,
    *,
    key: bool,
    none: bool,
    as_json: bool,
) -> None:
    """Have a model on a server of yours asked (OpenAI-compatible).

    Pictures of what is seen are sent to ADDRESS with every question. The key is kept in the
    keyring of your system and nowhere else.
    """
    if none and (address or key):
        raise click.UsageError("--none goes with nothing else.")
    if not none and not (address and model):
        raise click.UsageError("Name the server's ADDRESS and its MODEL, or --none.")
    from app.cli.remote import models_changed
    from app.model_choice import choose_server, forget_server

    paths = invocation.paths()
    address, model = address or "", model or ""
    typed: str = click.prompt("Key", hide_input=True, err=True) if key else ""
    if address:
        choose_server(paths, address, model, typed)
    else:
        forget_server(paths)
    models_changed(paths)
    if as_json:
        print_json({"model_server": address, "model_on_server": model})
    elif address:
        click.echo(f"{model} on {address} is asked from now on, and sent what is seen.")
    else:
        click.echo("No server is asked any more.")
