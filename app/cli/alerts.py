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
    text = _condition(alert)
    if alert["alone"]:
        text += ", alone"
    if alert["sources"]:
        text += f", only on: {', '.join(alert['sources'])}"
    if alert["dwell_s"]:
        text += f", for {alert['dwell_s']:g} s"
    if alert["cooldown_s"]:
        text += f", then silent for {alert['cooldown_s']:g} s"
    if alert["quiet_hours"]:
        text += f", not from {' to '.join(alert['quiet_hours'])}"
    if alert["expires_at"]:
        text += f", until {alert['expires_at'][:16].replace('T', ' ')}"
    if alert["paused"]:
        text += " (paused)"
    return text


def _condition(alert: dict[str, Any]) -> str:
    who = alert.get("concept") or alert.get("subject", "something")
    words = one_line(alert.get("words", ""), 40)
    match alert["event"]:
        case "reads":
            return f'the screen shows "{words}"'
        case "hears":
            return f'somebody says "{words}"' if words else "somebody speaks"
        case "judged":
            return f'the model sees "{words}"'
        case "together":
            return f"{who} is with {alert.get('other')}"
        case "counts" if alert.get("concept"):
            return f"{who} comes {alert['count']} times"
        case "counts":
            return f"{alert['count']} people are there"
        case "nothing" if alert.get("concept"):
            return f"{who} is not seen for {alert['after_s']:g} s"
        case "nothing":
            what = "nobody is there" if who == "somebody" else "nothing happens"
            return f"{what} for {alert['after_s']:g} s"
        case "returns":
            return f"{who} comes back"
        case event:
            return f"{who} {event}"
