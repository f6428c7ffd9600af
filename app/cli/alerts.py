"""`nacre alerts`: standing requests."""

from typing import Any

import click

from app.cli.moments import wall_time
from app.cli.printing import one_line, print_json, table
from app.cli.root import Invocation, common_options, json_option, pass_invocation


@click.group()
@common_options
def alerts() -> None:
    """Standing requests: "tell me when Mum comes back"."""


@alerts.command()
@click.argument("sentence")
@click.option(
    "--dwell", type=click.FloatRange(0, 86_400), metavar="SECONDS", help="Only when it lasts."
)
@click.option(
    "--cooldown",
    type=click.FloatRange(0, 31_536_000),
    metavar="SECONDS",
    help="Then be silent for so long.",
)
@click.option("--expires", metavar="TIME", help="Forget it then: 2026-01-31T14:05.")
@json_option
@common_options
@pass_invocation
def add(
    invocation: Invocation,
    *,
    sentence: str,
    dwell: float | None,
    cooldown: float | None,
    expires: str | None,
    as_json: bool,
) -> None:
    """Tell me when something happens: "tell me when X appears | leaves | comes back", "… when
    somebody appears", "… when the screen shows TEXT"."""
    from app.cli.remote import reach
    from app.requests import AddAlertRequest

    request = AddAlertRequest(
        text=sentence,
        dwell_s=dwell,
        cooldown_s=cooldown,
        expires_at=None if expires is None else wall_time(expires),
    )
    with reach(invocation.paths()) as desk:
        alert = desk(request)["alert"]
    if as_json:
        print_json(alert)
    else:
        click.echo(f"{alert['id']}: {_watched(alert)}")


@alerts.command("list")
@json_option
@common_options
@pass_invocation
def list_(invocation: Invocation, *, as_json: bool) -> None:
    """All standing requests."""
    from app.cli.remote import reach
    from app.requests import ListAlerts

    with reach(invocation.paths()) as desk:
        found = desk(ListAlerts())["alerts"]
    if as_json:
        print_json(found)
    elif not found:
        click.echo('There are none. Try: nacre alerts add "tell me when somebody appears"')
    else:
        rows = [(a["id"], one_line(a["text"], 48), _watched(a)) for a in found]
        click.echo(table(rows, ("ID", "SAID", "WATCHED FOR")))


@alerts.command()
@click.argument("alert")
@json_option
@common_options
@pass_invocation
def remove(invocation: Invocation, *, alert: str, as_json: bool) -> None:
    """Remove the ALERT of this id or sentence."""
    from app.cli.remote import reach
    from app.requests import RemoveAlertRequest

    with reach(invocation.paths()) as desk:
        gone = desk(RemoveAlertRequest(alert=alert))["removed"]
    if as_json:
        print_json({"removed": gone})
    else:
        click.echo(f"Removed: {gone['text']}")


def _watched(alert: dict[str, Any]) -> str:
    """`Mum appears, for 5 s, then silent for 60 s`."""
    if alert["event"] == "reads":
        text = f'the screen shows "{one_line(alert["words"], 40)}"'
    else:
        who = alert.get("concept") or alert.get("subject", "something")
        text = f"{who} {'comes back' if alert['event'] == 'returns' else alert['event']}"
    if alert["dwell_s"]:
        text += f", for {alert['dwell_s']:g} s"
    if alert["cooldown_s"]:
        text += f", then silent for {alert['cooldown_s']:g} s"
    if alert["expires_at"]:
        text += f", until {alert['expires_at'][:16].replace('T', ' ')}"
    return text
