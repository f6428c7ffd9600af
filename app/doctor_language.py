"""What `nacre doctor` says of the vision-language model: what a running Nacre tells of the one it
asks; where none runs, which one would be asked."""

from urllib.parse import urlsplit

from app.cli.remote import Running
from app.finding import Finding
from app.model_build import engine_installed
from app.settings import Settings
from app.vision_model import likely_model
from engine.errors import ModelError
from engine.inference.catalogue import is_loopback
from engine.inference.store import ModelStore
from engine.prompts import ModelStatus

NAME = "open questions"
AGAIN = "Press Try again in its window, or choose another: nacre models use ID"

_LEAVE = ": pictures leave this machine"


def examine_language(store: ModelStore, settings: Settings, running: Running | None) -> Finding:
    """`running` None: no Nacre runs."""
    if running is not None and running.reason:
        text = f"A Nacre is running, and does not say what it asks. {running.reason}"
        return Finding(name=NAME, ok=False, text=text)
    if running is not None and running.model is not None:
        return _in_use(running.model)
    return _expected(store, settings, runs=running is not None)


def _in_use(model: ModelStatus) -> Finding:
    only = " It knows only the drawn world of the bundled clip." if model.demo else ""
    match model.state:
        case "ready" if model.remote:
            text = f"{model.model} on {model.backend} is in use{_LEAVE}."
            return Finding(name=NAME, ok=True, text=text)
        case "ready":
            text = f"{model.model} is in use, on {model.backend}.{only}"
            if model.reason:
                return Finding(name=NAME, ok=False, text=f"{text} {model.reason}", fix=AGAIN)
            return Finding(name=NAME, ok=True, text=text)
        case "loading":
            text = f"{model.model} is loading: {round(100 * model.progress)} %."
            return Finding(name=NAME, ok=False, text=text, fix="Wait for it.")
        case "restarting":
            text = f"{model.model} is starting again. {model.reason}".strip()
            return Finding(name=NAME, ok=False, text=text, fix="Wait for it.")
        case "failed":
            text = f"{model.model} failed. {model.reason}".strip()
            return Finding(name=NAME, ok=False, text=text, fix=AGAIN)


def _expected(store: ModelStore, settings: Settings, *, runs: bool) -> Finding:
    if settings.model_server:
        where = f"{settings.model_on_server} on {settings.model_server}"
        leave = "" if is_loopback(urlsplit(settings.model_server).hostname) else _LEAVE
        text = f"{where} is asked{leave}."
        return Finding(name=NAME, ok=True, text=text)
    try:
        entry = likely_model(store, settings)
    except ModelError as error:
        return Finding(name=NAME, ok=False, text=str(error), fix="nacre models use best")
    if entry is None:
        text = (
            "No vision-language model is installed: questions are answered by quoting the memory."
        )
        return Finding(name=NAME, ok=False, text=text, fix="nacre models fit")
    if not engine_installed():
        text = f"{entry.title} is asked once llama.cpp is compiled."
        return Finding(name=NAME, ok=False, text=text, fix="make run")
    if runs:
        text = f"{entry.title} is chosen, but the Nacre that is running has not loaded it."
        return Finding(name=NAME, ok=False, text=text, fix="nacre models verify")
    text = f"{entry.title} is asked when Nacre runs; what it runs on is known then."
    return Finding(name=NAME, ok=True, text=text)
