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
@click.option("--check", is_flag=True, help="Only tell how it is understood; add nothing.")
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
    check: bool,
    as_json: bool,
) -> None:
    """Tell me when something happens: "tell me when X appears | leaves | comes back | is with Y",
    "… when there are three people", "… when nothing happens for ten minutes", "… when the screen
    shows TEXT"; with a vision-language model any sentence. At its end may stand for how long, how
    often and when: "for 5 seconds", "at most once an hour", "but not at night", "until 18:00"."""
    from app.cli.remote import reach
    from app.requests import AddAlertRequest

    request = AddAlertRequest(
        text=sentence,
        dwell_s=dwell,
        cooldown_s=cooldown,
        expires_at=None if expires is None else wall_time(expires),
        armed=not check,
    )
    with reach(invocation.paths()) as desk:
        alert = desk(request)["alert"]
    if as_json:
        print_json(alert)
    else:
        what = f"{_watched(alert)} (judged by {alert['judged_by']})"
        click.echo(f"Not added. It would be: {what}" if check else f"{alert['id']}: {what}")


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
        rows = [(a["id"], one_line(a["text"], 48), _watched(a), _last(a)) for a in found]
        click.echo(table(rows, ("ID", "SAID", "WATCHED FOR", "LAST")))


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


@alerts.command()
@click.argument("alert")
@click.option("--off", is_flag=True, help="Let it go on.")
@json_option
@common_options
@pass_invocation
def pause(invocation: Invocation, *, alert: str, off: bool, as_json: bool) -> None:
    """Pause the ALERT of this id or sentence."""
    from app.cli.remote import reach
    from app.requests import HoldAlertRequest

    with reach(invocation.paths()) as desk:
        held = desk(HoldAlertRequest(alert=alert, paused=not off))["alert"]
    if as_json:
        print_json(held)
    else:
        click.echo(f"{held['id']}: {_watched(held)}")


@alerts.command()
@click.argument("alert")
@click.option("--since", metavar="TIME", help="From then on: 2026-01-31T14:05.")
@click.option("--until", metavar="TIME", help="Up to then.")
@json_option
@common_options
@pass_invocation
def backtest(
    invocation: Invocation, *, alert: str, since: str | None, until: str | None, as_json: bool
) -> None:
    """When the ALERT (an id, its sentence, or a sentence that is not yet one) would have spoken,
    in what is remembered."""
    from app.cli.remote import reach
    from app.requests import BacktestRequest

    request = BacktestRequest(
        alert=alert,
        since=None if since is None else wall_time(since),
        until=None if until is None else wall_time(until),
    )
    with reach(invocation.paths()) as desk:
        tried = desk(request)["backtest"]
    if as_json:
        print_json(tried)
        return
    count, watched = tried["count"], tried["watched_s"]
    times = {1: " once", 2: " twice"}.get(count, f" {count} times" if count else "")
    would = "would have spoken" if count else "would not have spoken"
    click.echo(f"It {would}{times} in {watched:.0f} s that are remembered.")
    for remark in tried["remarks"]:
        source = remark["evidence"][0]["source"] if remark["evidence"] else ""
        when = remark["at"][:19].replace("T", " ")
        click.echo(f"{when}  {source} {remark['t']:.1f} s  {remark['text']}")
    if "why_not" in tried:
        click.echo(tried["why_not"])


def _last(alert: dict[str, Any]) -> str:
    """Why it spoke or did not, when it last might have."""
    last = alert["last"]
    if last is None:
        return "It has not come true yet."
    return f"{last['at'][:19].replace('T', ' ')} {one_line(last['why'], 60)}"


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
