"""`nacre bench` and `nacre eval`: measurements, each imported only when it is called.

`app/bench/run.py` has `BENCHMARKS` and `app/eval/run.py` has `EVALUATIONS`: name of the
measurement -> `module:function`, each function an `app.measure.Measure`.
"""

import importlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.printing import print_json
from app.cli.root import Invocation, common_options, json_option, pass_invocation, resolve
from app.paths import Paths
from engine.errors import ConfigError

if TYPE_CHECKING:
    from app.measure import Measure

TABLES = {"bench": ("app.bench.run", "BENCHMARKS"), "eval": ("app.eval.run", "EVALUATIONS")}


def table_of(group: str) -> dict[str, str]:
    """The measurements of a group.

    Raises:
        ConfigError: this program was built without them.
    """
    module, name = TABLES[group]
    try:
        return dict(getattr(importlib.import_module(module), name))
    except ModuleNotFoundError as error:
        if error.name is None or not module.startswith(error.name):
            raise
        raise ConfigError("The measurements are not part of this program.") from None


def _measure(
    group: str,
    name: str,
    paths: Paths,
    *,
    quick: bool,
    out: Path | None,
    as_json: bool,
    **more: str,
) -> None:
    from app.measure import kept

    known = table_of(group)
    if name not in known:
        raise click.UsageError(f"There is no {name!r}. There are: {', '.join(known)}.")
    found = resolve(known[name])
    measure: Measure = partial(found, **more)
    if out is not None and not out.parent.is_dir():
        raise ConfigError(f"There is no folder {out.parent} to write into. Nothing was measured.")
    measured = measure(paths=paths, quick=quick, out=out)
    result = measured.to_json()
    if out is not None:
        kept(result, out)
    if as_json:
        print_json(result)
    else:
        click.echo(measured.table())


@click.command()
@click.argument("name", required=False, default="all")
@click.option("--quick", is_flag=True, help="The same metrics on less data, in under 50 s.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@click.option(
    "--dims",
    metavar="DIMS",
    help="Of `model`: the dimensions of its random weights (smolvlm-256m, or qwen3-vl-8b on a "
    "graphics card).",
)
@json_option
@common_options
@pass_invocation
def bench(
    invocation: Invocation,
    *,
    name: str,
    quick: bool,
    out: Path | None,
    dims: str | None,
    as_json: bool,
) -> None:
    """Measure the speed on this machine: all of it, or one measurement by NAME."""
    if dims is not None and name != "model":
        raise click.UsageError("--dims belongs to `nacre bench model`.")
    more = {} if dims is None else {"dims": dims}
    paths = Paths.locate(invocation.data_dir)
    _measure("bench", name, paths, quick=quick, out=out, as_json=as_json, **more)


@click.command("eval")
@click.argument("name", required=False)
@click.argument("model", required=False)
@click.option("--quick", is_flag=True, help="The same metrics on less data, in under 50 s.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@json_option
@common_options
@pass_invocation
def evaluate(
    invocation: Invocation,
    *,
    name: str | None,
    model: str | None,
    quick: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Run the evaluation NAME on real input; without NAME, say which there are. `first-contact`
    takes the id of an installed MODEL; its report is written beside --out, as Markdown.
    `demo-model` may take a folder of weights."""
    if name is None:
        names = list(table_of("eval"))
        if as_json:
            print_json(names)
        else:
            click.echo("\n".join(names))
        return
    _check_model(name, model)
    paths = Paths.locate(invocation.data_dir)
    more = {} if model is None else {"model": model}
    _measure("eval", name, paths, quick=quick, out=out, as_json=as_json, **more)


def _check_model(name: str, model: str | None) -> None:
    from app.eval.run import OF_A_MODEL, OR_OF_A_FOLDER

    if name in OF_A_MODEL and model is None:
        raise click.UsageError(
            f"`nacre eval {name} MODEL` needs an installed model: `nacre models` lists them."
        )
    if name not in (*OF_A_MODEL, *OR_OF_A_FOLDER) and model is not None:
        raise click.UsageError(f"The evaluation {name!r} takes no model.")
