"""`nacre concepts`: the gallery of people, pets, things, places and actions."""

import base64
from pathlib import Path
from typing import Any

import click

from app.cli.printing import one_line, print_json, table
from app.cli.root import Invocation, common_options, json_option, pass_invocation
from engine.errors import ConceptError, EngineError
from engine.facts import likely

KINDS = ("person", "pet", "thing", "place", "action")


class BoxType(click.ParamType[tuple[int, int, int, int]]):
    """`x,y,w,h` in pixels of the picture."""

    name = "x,y,w,h"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int, int, int]:
        parts = str(value).split(",")
        try:
            x, y, w, h = (int(part) for part in parts)
        except ValueError:
            self.fail(f"{one_line(str(value), 40)!r} is no box: write x,y,w,h", param, ctx)
        if min(x, y) < 0 or min(w, h) <= 0 or max(x, y, w, h) > 10**6:
            self.fail(f"{value!r} is no box: x,y,w,h with width and height above 0", param, ctx)
        return x, y, w, h


@click.group()
@common_options
def concepts() -> None:
    """People, pets, things, places and actions that Nacre knows by name."""


@concepts.command()
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), required=True)
@click.option("--image", "images", metavar="FILE", multiple=True, help="A photo; repeatable.")
@click.option("--box", type=BoxType(), help="Where it is in the photo; with one --image.")
@click.option("--clip", metavar="FILE", help="A video in which an action is done.")
@click.option("--from", "start_s", type=float, metavar="S", help="Where it begins in the video.")
@click.option("--to", "end_s", type=float, metavar="S", help="Where it ends; 10 seconds at most.")
@json_option
@common_options
@pass_invocation
def add(
    invocation: Invocation,
    *,
    name: str,
    kind: str,
    images: tuple[str, ...],
    box: tuple[int, int, int, int] | None,
    clip: str | None,
    start_s: float | None,
    end_s: float | None,
    as_json: bool,
) -> None:
    """Remember what photos show under NAME; a known name gets more views. An action is shown by
    some seconds of a video: --clip FILE --from S --to S."""
    if (kind == "action") != (clip is not None) or (clip is not None and (images or box)):
        raise click.UsageError("An action, and nothing else, is shown by --clip FILE.")
    if clip is not None:
        if start_s is None or end_s is None:
            raise click.UsageError("--clip needs --from and --to, in seconds of the video.")
        say_concept(_act(invocation, name, clip, (start_s, end_s)), as_json, "Known now")
        return
    if not images:
        raise click.UsageError("Missing option '--image'.")
    from app.cli.remote import reach
    from app.requests import AddConcept

    if box is not None and len(images) > 1:
        raise click.UsageError("--box goes with one --image; add the others by themselves.")
    pictures = [encoded(image) for image in images]
    kept: dict[str, Any] | None = None
    with reach(invocation.paths()) as desk:
        for number, (image, picture) in enumerate(zip(images, pictures, strict=True)):
            request = AddConcept.model_validate(
                {"name": name, "kind": kind, "picture": picture, "box": box}
            )
            try:
                kept = desk(request)["concept"]
            except EngineError as error:
                raise type(error)(_not_all(error, image, number, len(images))) from error
    say_concept(kept, as_json, "Known now")


def _act(invocation: Invocation, name: str, clip: str, span: tuple[float, float]) -> dict[str, Any]:
    from app.cli.remote import reach
    from app.requests import AddAction

    if not (0 <= span[0] < span[1] <= 1e7):
        raise click.UsageError(
            "--from and --to are seconds of the video, the first before the last."
        )
    path = str(Path(clip).expanduser().absolute())
    request = AddAction(name=name, path=path, start_s=span[0], end_s=span[1])
    with reach(invocation.paths()) as desk:
        return desk(request)["concept"]


def _not_all(error: EngineError, image: str, done: int, of: int) -> str:
    if of == 1:
        return str(error)
    return f"{Path(image).name}: {error} {done} of {of} pictures were added before it."


@concepts.command("list")
@json_option
@common_options
@pass_invocation
def list_(invocation: Invocation, *, as_json: bool) -> None:
    """All that Nacre knows by name."""
    from app.cli.remote import reach
    from app.requests import ListConcepts

    with reach(invocation.paths()) as desk:
        reply = desk(ListConcepts())
    found = reply["concepts"]
    if as_json:
        print_json(found)
    elif not found:
        click.echo("Nothing has a name yet. `nacre concepts add --help` shows how.")
    else:
        rows = [(one_line(c["name"], 40), c["kind"], str(c["views"])) for c in found]
        click.echo(table(rows, ("NAME", "KIND", "VIEWS")))
        _tell_renewal(reply["waiting"], reply["show_again"])


def _tell_renewal(waiting: int, show_again: list[str]) -> None:
    """What of it is not known by the model that is installed now."""
    if waiting:
        click.echo(f"Still to be looked at anew with another model: {waiting} views.")
    if show_again:
        names = one_line(", ".join(show_again), 300)
        click.echo(f"No picture was kept of these, so show them again: {names}.")


@concepts.command()
@click.argument("name")
@json_option
@common_options
@pass_invocation
def show(invocation: Invocation, *, name: str, as_json: bool) -> None:
    """What is known of NAME."""
    from app.cli.remote import reach
    from app.requests import ShowConcept

    with reach(invocation.paths()) as desk:
        say_concept(desk(ShowConcept(name=name))["concept"], as_json, "")


@concepts.command()
@click.argument("name")
@click.argument("new_name")
@json_option
@common_options
@pass_invocation
def rename(invocation: Invocation, *, name: str, new_name: str, as_json: bool) -> None:
    """Give NAME another name."""
    from app.cli.remote import reach
    from app.requests import RenameConcept

    with reach(invocation.paths()) as desk:
        say_concept(desk(RenameConcept(name=name, to=new_name))["concept"], as_json, "Renamed")


@concepts.command()
@click.argument("name")
@click.argument("into")
@json_option
@common_options
@pass_invocation
def merge(invocation: Invocation, *, name: str, into: str, as_json: bool) -> None:
    """NAME and INTO are the same: everything of NAME now belongs to INTO."""
    from app.cli.remote import reach
    from app.requests import MergeConcepts

    with reach(invocation.paths()) as desk:
        say_concept(desk(MergeConcepts(name=name, into=into))["concept"], as_json, "Merged")


@concepts.command("not")
@click.argument("name")
@click.option("--image", metavar="FILE", required=True, help="A photo of what is not NAME.")
@click.option("--box", type=BoxType(), help="Where it is in the photo.")
@json_option
@common_options
@pass_invocation
def not_(
    invocation: Invocation,
    *,
    name: str,
    image: str,
    box: tuple[int, int, int, int] | None,
    as_json: bool,
) -> None:
    """What the photo shows is not NAME, and looks like it."""
    from app.cli.remote import reach
    from app.requests import RejectConcept

    request = RejectConcept(name=name, picture=encoded(image), box=box)
    with reach(invocation.paths()) as desk:
        say_concept(desk(request)["concept"], as_json, "Noted")


@concepts.command()
@click.argument("name")
@click.argument("new_name")
@click.option("--view", "views", type=int, multiple=True, required=True, help="Its number from 1.")
@click.option("--since", help="Sightings from this time on go with them.")
@click.option("--until", help="Sightings up to this time go with them.")
@json_option
@common_options
@pass_invocation
def split(
    invocation: Invocation,
    *,
    name: str,
    new_name: str,
    views: tuple[int, ...],
    since: str | None,
    until: str | None,
    as_json: bool,
) -> None:
    """Some views of NAME show another: they become NEW_NAME. The newest view is the last."""
    from app.cli.remote import reach
    from app.requests import SplitConcept

    request = SplitConcept(
        name=name, to=new_name, views=views, since=_time(since), until=_time(until)
    )
    with reach(invocation.paths()) as desk:
        say_concept(desk(request)["concept"], as_json, "Split off")


@concepts.command()
@click.argument("name")
@click.argument("other_name")
@json_option
@common_options
@pass_invocation
def alias(invocation: Invocation, *, name: str, other_name: str, as_json: bool) -> None:
    """NAME is also called OTHER_NAME."""
    from app.cli.remote import reach
    from app.requests import AliasConcept

    with reach(invocation.paths()) as desk:
        say_concept(desk(AliasConcept(name=name, alias=other_name))["concept"], as_json, "Noted")


@concepts.command()
@click.argument("name")
@click.argument("description", required=False)
@click.option("--by-model", is_flag=True, help="Have the language model write it.")
@json_option
@common_options
@pass_invocation
def describe(
    invocation: Invocation, *, name: str, description: str | None, by_model: bool, as_json: bool
) -> None:
    """What NAME is known by: "short grey hair". An empty text takes it away."""
    if by_model == (description is not None):
        raise click.UsageError("Either a DESCRIPTION or --by-model is needed.")
    from app.cli.remote import reach
    from app.requests import DescribeConcept

    request = DescribeConcept(name=name, description=description)
    with reach(invocation.paths()) as desk:
        say_concept(desk(request)["concept"], as_json, "Noted")


@concepts.command()
@click.argument("name")
@click.option("--really", metavar="OTHER", help="Who or what it was; else nobody known.")
@click.option("--since", help="From this time on; else from the beginning.")
@click.option("--until", help="Up to this time; else until now.")
@json_option
@common_options
@pass_invocation
def retell(
    invocation: Invocation,
    *,
    name: str,
    really: str | None,
    since: str | None,
    until: str | None,
    as_json: bool,
) -> None:
    """What was seen as NAME in that time was not NAME; the sightings are marked as changed."""
    from app.cli.remote import reach
    from app.requests import RetellConcept

    request = RetellConcept(name=name, really=really, since=_time(since), until=_time(until))
    with reach(invocation.paths()) as desk:
        say_concept(desk(request)["concept"], as_json, "Changed what was seen of")


@concepts.command()
@json_option
@common_options
@pass_invocation
def history(invocation: Invocation, *, as_json: bool) -> None:
    """What was changed here and can be undone, the newest last."""
    from app.cli.remote import reach
    from app.requests import ListChanges

    with reach(invocation.paths()) as desk:
        found = desk(ListChanges())["changes"]
    if as_json:
        print_json(found)
    elif not found:
        click.echo("There is nothing to undo.")
    else:
        rows = [
            (c["id"], c["at"][:19].replace("T", " "), str(c["sightings"]), one_line(c["text"], 70))
            for c in found
        ]
        click.echo(table(rows, ("ID", "WHEN", "SIGHTINGS", "CHANGE")))


@concepts.command()
@click.argument("change", required=False)
@json_option
@common_options
@pass_invocation
def undo(invocation: Invocation, *, change: str | None, as_json: bool) -> None:
    """Take back a change, by its ID in `history`; without one the newest."""
    from app.cli.remote import reach
    from app.requests import UndoConcepts

    with reach(invocation.paths()) as desk:
        undone = desk(UndoConcepts(change=change))["undone"]
    if as_json:
        print_json(undone)
    else:
        click.echo(f"Undone: {undone['text']}")


@concepts.command()
@click.argument("name")
@json_option
@common_options
@pass_invocation
def remove(invocation: Invocation, *, name: str, as_json: bool) -> None:
    """Forget NAME: its views, its sightings, and the name wherever it was written."""
    from app.cli.remote import reach
    from app.requests import RemoveConcept

    with reach(invocation.paths()) as desk:
        reply = desk(RemoveConcept(name=name))
    if as_json:
        print_json({"removed": reply["removed"]})
    else:
        click.echo(f"{reply['removed']} is forgotten.")


PASSPHRASE = click.option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False),
    help="Its first line; without it the passphrase is typed unseen.",
)


@concepts.command("export")
@click.argument("file")
@PASSPHRASE
@common_options
@pass_invocation
def export(invocation: Invocation, *, file: str, passphrase_file: str | None) -> None:
    """Write the whole gallery into one encrypted FILE."""
    from app.cli.remote import reach
    from app.requests import ExportConcepts

    secret = _passphrase(passphrase_file, confirm=True)
    request = ExportConcepts(path=str(Path(file).expanduser().absolute()), passphrase=secret)
    with reach(invocation.paths()) as desk:
        number = desk(request)["exported"]
    click.echo(f"{number} name{'' if number == 1 else 's'} exported. Keep the passphrase.")


@concepts.command("import")
@click.argument("file")
@PASSPHRASE
@common_options
@pass_invocation
def import_(invocation: Invocation, *, file: str, passphrase_file: str | None) -> None:
    """Take in what `export` wrote; `undo` takes it back."""
    from app.cli.remote import reach
    from app.requests import ImportGallery

    secret = _passphrase(passphrase_file, confirm=False)
    request = ImportGallery(path=str(Path(file).expanduser().absolute()), passphrase=secret)
    with reach(invocation.paths()) as desk:
        taken = desk(request)["imported"]
    click.echo(f"Taken in: {one_line(', '.join(taken) or 'nothing, it is empty', 300)}.")


def _passphrase(file: str | None, *, confirm: bool) -> str:
    if file is None:
        return str(click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm))
    try:
        with Path(file).open(encoding="utf-8") as lines:
            return lines.readline(4096).rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise ConceptError("The passphrase file cannot be read. Nothing was done.") from None


def _time(text: str | None) -> int | None:
    from app.cli.moments import wall_time

    return None if text is None else wall_time(text)


def encoded(image: str) -> str:
    """A picture file, base64.

    Raises:
        ConceptError: it is missing, unreadable, empty or too large.
    """
    from app.requests import PICTURE_BYTES_MAX, TOO_LARGE

    path = Path(image).expanduser()
    shown = one_line(path.name, 60)
    try:
        if path.exists() and not path.is_file():
            raise ConceptError(f"“{shown}” is no picture file. Nothing was changed.")
        with path.open("rb") as file:
            data = file.read(PICTURE_BYTES_MAX + 1)
    except FileNotFoundError:
        raise ConceptError(f"There is no file “{shown}”. Nothing was changed.") from None
    except (OSError, ValueError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or "it cannot be read"
        raise ConceptError(f"“{shown}”: {why}. Nothing was changed.") from None
    if not data:
        raise ConceptError(f"“{shown}” is empty. Nothing was changed.")
    if len(data) > PICTURE_BYTES_MAX:
        raise ConceptError(TOO_LARGE)
    return base64.b64encode(data).decode("ascii")


def say_concept(concept: dict[str, Any] | None, as_json: bool, done: str) -> None:
    if concept is None:
        return
    if as_json:
        print_json(concept)
        return
    views = "1 view" if concept["views"] == 1 else f"{concept['views']} views"
    text = f"{concept['name']}, {concept['kind']}, {views}"
    if concept["not_views"]:
        text += f", {concept['not_views']} of what it is not"
    if concept["aliases"]:
        text += f", also called {', '.join(concept['aliases'])}"
    if concept["last_named"] is not None:
        text += f", {likely(concept['last_named'])} when it was named last"
    if concept["description"]:
        text += f"; {one_line(concept['description'], 300)}"
    click.echo(f"{done}: {text}." if done else f"{text}.")
