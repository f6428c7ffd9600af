"""What a still scene costs with a model loaded: the whole engine before a camera of one picture a
second, whose noise must not get past the change gate, and the model's process beside it."""

import tempfile
import time
from dataclasses import replace
from pathlib import Path

from app.bench.driving import driven
from app.bench.faults import model_processes
from app.bench.home import borrowed_home
from app.bench.model_speed import Told
from app.bench.still import STILL, still_scene, watched
from app.paths import Paths
from app.shelf import open_shelf
from engine.errors import ModelError

READY_S = 180.0
LOOK_S = 0.05
SETTLES_S, QUICK_SETTLES_S = 20.0, 3.0
"""The first pictures are encoded, and looked at closely."""
LASTS_S, QUICK_S = 30.0, 2.0


def measure(told: Told, paths: Paths, files: tuple[Path, Path], *, quick: bool) -> None:
    """Half a minute of stillness; the model is taken in as a user's own.

    Raises:
        ModelError: it is not ready in time.
    """
    _, sources = still_scene(paths)
    with tempfile.TemporaryDirectory(prefix="nacre-bench-") as folder:
        store = Path(folder) / "models"
        store.mkdir()
        with borrowed_home(replace(paths, models=store)) as home:
            open_shelf(home).take_own(files, "Random")
            with driven(home, sources) as engine:
                engine.open(STILL)
                limit = time.monotonic() + READY_S
                while (model := engine.engine.model) is None or model.state != "ready":
                    if time.monotonic() > limit:
                        raise ModelError("The model was not ready in time. Nothing was measured.")
                    time.sleep(LOOK_S)
                time.sleep(QUICK_SETTLES_S if quick else SETTLES_S)
                share, lasted, looks = watched(engine, QUICK_S if quick else LASTS_S)
                processes = len(model_processes())
    told.metrics["still_cpu_core_share_model"] = share
    told.row("still scene, model loaded", lasted, "s", f"{looks} looks, {processes} model process")
