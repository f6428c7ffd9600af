"""Says what works on this machine, what does not, why, and the command that mends it."""

import ctypes
import importlib
import importlib.metadata
import os
import platform
import shutil
import stat
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from app import settings
from app.cli.remote import Running
from app.doctor_language import examine_language
from app.features import BY_LOOKS, features, lacking, ocr_models
from app.finding import Finding
from app.model_build import built_for, engine_installed, standing
from app.paths import Paths
from engine.errors import EngineError, ModelError, ModelNotInstalled
from engine.inference.devices import Device, find_devices
from engine.inference.intake import shown
from engine.inference.store import ModelStore

ENOUGH_BYTES = 1_000_000_000
RUNTIMES = ("onnxruntime", "onnxruntime-gpu")


def examine(
    paths: Paths,
    store: ModelStore,
    *,
    key: Finding | None = None,
    running: Running | None = None,
    environ: Mapping[str, str] = os.environ,
) -> list[Finding]:
    """Look at everything; nothing is created, downloaded or changed. `key` is what was found
    about the key of the memory, by default by `examine_key`; `running` what a Nacre that is running
    says of its model."""
    return [
        _python(),
        _window(),
        _display(environ),
        *_features(store, paths.catalogue),
        examine_language(store, settings.load(paths.settings).settings, running),
        _model_engine(),
        _runtime(store),
        _data_folder(paths),
        key or examine_key(paths),
        _space(paths),
    ]


def _python() -> Finding:
    version = platform.python_version()
    ok = sys.version_info >= (3, 11)
    return Finding(
        name="python",
        ok=ok,
        text=f"Python {version}." if ok else f"Python {version} is too old.",
        fix="" if ok else "Install Python 3.11 or newer, then run `make run`.",
    )


def _window() -> Finding:
    try:
        importlib.import_module("PySide6.QtWidgets")
        version = importlib.metadata.version("PySide6_Essentials")
    except (ImportError, OSError) as error:
        return Finding(
            name="window",
            ok=False,
            text=f"Qt cannot be loaded: {' '.join(str(error).split())}.",
            fix="`make run` installs the system libraries that are missing.",
        )
    return Finding(name="window", ok=True, text=f"Qt {version}.")


def _display(environ: Mapping[str, str]) -> Finding:
    if sys.platform != "linux":
        return Finding(name="display", ok=True, text="The system's own.")
    if environ.get("WAYLAND_DISPLAY"):
        return Finding(
            name="display",
            ok=True,
            text=f"Wayland, {environ['WAYLAND_DISPLAY']}: the window works, and cameras and files; "
            "the screen cannot be watched.",
        )
    display = environ.get("DISPLAY")
    if not display:
        return Finding(
            name="display",
            ok=False,
            text="There is no display: `nacre` watches in the console; the command line works.",
            fix="Start it in a desktop session, or `xvfb-run nacre`.",
        )
    try:
        ctypes.CDLL("libxcb-cursor.so.0")
    except OSError:
        return Finding(
            name="display",
            ok=False,
            text=f"X11, {display}, but Qt cannot use it: libxcb-cursor is missing.",
            fix="sudo apt-get install libxcb-cursor0",
        )
    return Finding(name="display", ok=True, text=f"X11, {display}.")


def _features(store: ModelStore, catalogue: Path) -> list[Finding]:
    found: list[Finding] = []
    for feature in features(store, catalogue):
        missing = lacking(store, feature.name)
        if feature.on:
            text = f"On. {feature.reason}".strip()
        elif missing:
            text = " ".join(
                f"{store.catalogue.entry(model).title} is not installed."
                if isinstance(error, ModelNotInstalled)
                else str(error)
                for model, error in missing
            )
            if feature.reason.endswith(BY_LOOKS):
                text = f"{text} {BY_LOOKS}"
        else:
            text = feature.reason
        commands = dict.fromkeys(store.catalogue.entry(model).command for model, _ in missing)
        fix = " && ".join(commands)
        found.append(Finding(name=feature.name, ok=feature.on, text=text, fix=fix))
    return found


def _model_engine(ask: Callable[[], tuple[Device, ...]] = find_devices) -> Finding:
    """Whether llama.cpp is there, and which processors answer it."""
    name, now = "model engine", standing()
    if now.state == "building":
        text = f"llama.cpp is being compiled: {now.percent} %."
        return Finding(name=name, ok=False, text=text, fix="Wait; `make run` shows how far it is.")
    failed = f"llama.cpp could not be compiled. {now.reason}" if now.state == "failed" else ""
    if failed and not engine_installed():
        return Finding(name=name, ok=False, text=failed, fix="make run")
    if now.state == "absent":
        part = f" A build was broken off at {now.percent} %." if now.percent else ""
        text = f"llama.cpp is not compiled yet.{part}"
        return Finding(name=name, ok=False, text=text, fix="make run")
    version = f"llama-cpp-python {_version('llama-cpp-python')}".strip()
    try:
        devices = ask()
    except ModelError as error:
        return Finding(name=name, ok=False, text=f"{version}: {error}", fix="GPU=cpu make run")
    used = ", ".join(_described(device) for device in devices)
    text = f"{version}; it computes on: {used}."
    if failed:
        text, fix = f"{text} The one asked for last is not there: {failed}", "make run"
        return Finding(name=name, ok=False, text=text, fix=fix)
    made_for = built_for()
    if made_for not in ("", "cpu") and all(device.kind == "cpu" for device in devices):
        text = f"{text} It is built for {made_for}, but no graphics card answers."
        fix = "Install the driver of the card, or: GPU=cpu make run"
        return Finding(name=name, ok=False, text=text, fix=fix)
    return Finding(name=name, ok=True, text=text)


def _described(device: Device) -> str:
    if device.kind == "cpu":
        return f"{device.name} ({device.title})" if device.title else device.name
    return f"{device.name} ({device.title}, {device.total_bytes / 1e9:.1f} GB)"


def _runtime(store: ModelStore) -> Finding:
    """Which processor really runs the models: asked of a loaded one, because a GPU is offered
    even where there is none."""
    installed = [name for name in RUNTIMES if _version(name)]
    if len(installed) != 1:
        which = "Both kinds" if installed else "No kind"
        return Finding(
            name="onnxruntime",
            ok=False,
            text=f"{which} of ONNX Runtime installed; exactly one works.",
            fix="make sync SET=run",
        )
    name = f"{installed[0]} {_version(installed[0])}"
    sample = _sample(store)
    if sample is None:
        return Finding(name="onnxruntime", ok=True, text=f"{name}; no model to try it with.")
    try:
        from engine.perception.onnx import OnnxModel

        providers = OnnxModel(sample).providers
    except (EngineError, ImportError, OSError) as error:
        return Finding(
            name="onnxruntime",
            ok=False,
            text=f"{name} does not run here: {' '.join(str(error).split())}",
            fix="make sync SET=run",
        )
    used = ", ".join(provider.removesuffix("ExecutionProvider") for provider in providers)
    return Finding(name="onnxruntime", ok=True, text=f"{name}; in use: {used}.")


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _sample(store: ModelStore) -> Path | None:
    for entry in store.catalogue.entries:
        try:
            return store.path(entry.id)
        except EngineError:
            continue
    return next(iter(ocr_models()), None)


def _data_folder(paths: Paths) -> Finding:
    folder = paths.data
    fix = f"chmod 700 '{shown(folder)}'"
    try:
        status = folder.stat()
    except FileNotFoundError:
        return Finding(
            name="data folder", ok=True, text=f"{shown(folder)} will be made at the first start."
        )
    except OSError as error:
        text = f"{shown(folder)} cannot be reached: {error.strerror}."
        return Finding(name="data folder", ok=False, text=text, fix="Choose one with --data-dir.")
    if not stat.S_ISDIR(status.st_mode):
        text = f"{shown(folder)} is not a folder."
        return Finding(name="data folder", ok=False, text=text, fix="Choose one with --data-dir.")
    if not os.access(folder, os.W_OK | os.X_OK):
        text = f"{shown(folder)} cannot be written: nothing can be remembered."
        return Finding(name="data folder", ok=False, text=text, fix=fix)
    if os.name == "posix" and status.st_mode & 0o077:
        text = f"{shown(folder)} can be read by others on this machine."
        return Finding(name="data folder", ok=False, text=text, fix=fix)
    return Finding(name="data folder", ok=True, text=f"{shown(folder)}, open to you alone.")


def examine_key(paths: Paths) -> Finding:
    """Where the key of the memory is; for a memory that exists, whether it can be had."""
    import keyring
    from keyring.backends import fail, null

    from engine.memory.key import NOTE_FILE, obtain_key

    name = "key of the memory"
    if not (paths.data / NOTE_FILE).exists():
        none = isinstance(keyring.get_keyring(), fail.Keyring | null.Keyring)
        place = "a file for you alone: this system has no keyring" if none else "the keyring"
        return Finding(name=name, ok=True, text=f"It will be made at the first start, in {place}.")
    try:
        key = obtain_key(paths.data, database_exists=True)
    except EngineError as error:
        return Finding(name=name, ok=False, text=str(error))
    return Finding(name=name, ok=True, text=key.note or "It lies in the system's keyring.")


def _space(paths: Paths) -> Finding:
    folder = paths.data
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding(name="disk", ok=False, text=f"It cannot be asked: {error.strerror}.")
    ok = free >= ENOUGH_BYTES
    text = f"{free / 1e9:.1f} GB are free{'' if ok else ': too little to remember much'}."
    fix = "" if ok else "Free some space, or lower the budget of the memory in the settings."
    return Finding(name="disk", ok=ok, text=text, fix=fix)
