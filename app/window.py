"""`nacre` without a command: the window, or words where there is no display."""

import contextlib
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from app.claim import Claim, taken
from app.local_socket import Server, answers, call
from app.paths import Paths
from engine.errors import EngineError, StoreLocked

if TYPE_CHECKING:
    from app.settings import Settings
    from ui.preferences import Preferences

VOICE = (
    "microphone",
    "listening",
    "keep_speech",
    "wake_phrase",
    "headphones",
    "aloud",
    "quiet_from",
    "quiet_until",
    "muted",
    "remarks",
    "notifications",
)
"""Of the settings, what is about hearing, speaking and being told; called alike in the window."""
PATIENCE_S = 10.0
SMOKE_S = 2.0


def has_display() -> bool:
    """Whether a window can be shown; Qt's own platform plug-in may be chosen in its variable."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_window(paths: Paths, *, smoke: bool = False) -> int:
    """Show the window until it is closed; the exit code.

    Raises:
        StoreLocked: another Nacre uses this data folder; its window was brought to the front.
    """
    if not has_display():
        return _without_display(paths, smoke=smoke)
    with Claim(paths) as claim:
        if not claim.take_within(PATIENCE_S, unless=lambda: answers(paths)):
            raise _told(paths, claim)
        return _shown(paths, smoke=smoke)


def tell(line: str) -> None:
    """Say it on the console; nobody need be listening any more."""
    with contextlib.suppress(OSError):
        click.echo(f"nacre: {line}", err=True)


def _told(paths: Paths, claim: Claim) -> StoreLocked:
    """The error for a second start, after telling the first one."""
    try:
        shown = call(paths, {"do": "show"}).get("shown")
    except (OSError, EngineError):
        shown = False
    if shown:
        return StoreLocked(f"Nacre is already running{claim.holder()}; its window is in front now.")
    return taken(claim, "running")


def _without_display(paths: Paths, *, smoke: bool) -> int:
    from app.cli.watch import run
    from app.cli.watcher import Plan
    from engine.media import nanoseconds
    from engine.sources.address import parse_source

    click.echo(
        "nacre: there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so the "
        "bundled clip is watched in words. `nacre watch --help` says what else can be watched.",
        err=True,
    )
    source = parse_source("demo", realtime=not smoke)
    if smoke:
        source = replace(source, until=nanoseconds(SMOKE_S))
    return run(paths, Plan(sources=(source,)))


def _shown(paths: Paths, *, smoke: bool) -> int:
    from app import bootstrap, settings
    from app.chooser import Chooser
    from app.clock import SystemClock
    from app.front import ClosingSignals, Front
    from app.gallery_files import GalleryFile
    from app.model_build import built_behind, wanted_build
    from app.office import Office
    from app.shelf import TellingShelf
    from app.voices import voice_of_window
    from engine.sources.address import parse_source
    from ui import start

    loaded = settings.load(paths.settings)
    if loaded.notice:
        click.echo(f"nacre: {loaded.notice}", err=True)
    start.application()
    front, signals = Front(), ClosingSignals()
    shelf = bootstrap.open_model_store(paths)
    build = None if smoke else wanted_build()
    try:
        with (
            bootstrap.open_engine(paths, loaded.settings, voice=voice_of_window) as engine,
            Server(paths, Office(engine, SystemClock(), show=front.ask).handle),
            built_behind(build, ready=engine.reload, say=tell),
        ):
            return start.run(
                engine,
                TellingShelf(shelf, engine.reload),
                _preferences(paths, loaded.settings),
                smoke=smoke,
                open_first=parse_source("demo", realtime=True) if smoke else None,
                preparation=build.follow if build else None,
                chooser=Chooser(
                    paths,
                    loaded.settings,
                    shelf,
                    changed=engine.reload,
                    status=lambda: engine.model,
                ),
                files=GalleryFile(engine.archive),
            )
    finally:
        signals.give_back()


def _preferences(paths: Paths, chosen: "Settings") -> "Preferences":
    """What the window shows of the settings; what it changes there is saved."""
    from app import settings
    from app.version import version
    from engine.sources.windows import PRIVATE_APPLICATIONS, PRIVATE_TITLES
    from ui.preferences import Preferences

    def save(changed: Preferences) -> None:
        update = {
            "theme": changed.theme,
            "show_unknown": changed.show_unknown,
            "less_motion": changed.less_motion,
            "spare_bystanders": changed.spare_bystanders,
            **{name: getattr(changed, name) for name in VOICE},
            "retention_gb": changed.retention_bytes / settings.GIGABYTE,
            "retention_days": changed.retention_days,
            "excluded_applications": list(changed.excluded_applications),
            "excluded_titles": list(changed.excluded_titles),
        }
        settings.save(paths.settings, chosen.model_copy(update=update))
        # The engine reads the same object; what could not be saved must not hold either.
        for name, value in update.items():
            setattr(chosen, name, value)

    return Preferences(
        theme=chosen.theme,
        show_unknown=chosen.show_unknown,
        less_motion=chosen.less_motion,
        spare_bystanders=chosen.spare_bystanders,
        **{name: getattr(chosen, name) for name in VOICE},
        retention_bytes=round(chosen.retention_gb * settings.GIGABYTE),
        retention_days=chosen.retention_days,
        excluded_applications=tuple(chosen.excluded_applications),
        excluded_titles=tuple(chosen.excluded_titles),
        usual_applications=PRIVATE_APPLICATIONS,
        usual_titles=PRIVATE_TITLES,
        data_folder=paths.data,
        assets=paths.assets,
        version=version(),
        save=save,
    )
