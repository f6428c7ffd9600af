"""`nacre doctor`: what works here, what does not, and how to get it."""

import json
from dataclasses import asdict

import click

from app.cli.root import Invocation, common_options, json_option
from app.paths import Paths


@click.command("doctor")
@json_option
@common_options
@click.pass_obj
def doctor(invocation: Invocation, as_json: bool) -> None:
    """Say what is missing here and how to get it.

    Looks only; nothing is created or changed. A feature that is off is no failure. Where a Nacre
    is running, it is asked which model it uses, and on what that really runs.
    """
    from app.cli.remote import running
    from app.doctor import examine
    from app.shelf import open_shelf

    # Not `invocation.paths()`: a folder that cannot be written is a finding, not an error.
    paths = Paths.locate(invocation.data_dir)
    now = running(paths)
    findings = examine(paths, open_shelf(paths), running=now)
    if as_json:
        rows = [asdict(finding) for finding in findings]
        model = asdict(now.model) if now and now.model else None
        click.echo(json.dumps({"findings": rows, "model": model}, ensure_ascii=False))
        return
    for finding in findings:
        click.echo(f"{'ok ' if finding.ok else 'off'}  {finding.name:<18}{finding.text}")
        if finding.fix:
            click.echo(f"{'':23}fix: {finding.fix}")
