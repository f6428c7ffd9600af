"""What the user types for a source, turned into a `SourceSpec`."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from engine.errors import ConfigError, DeviceNotFound
from engine.facts import LONGEST_LABEL, SourceSpec, screen_region, screen_window

FORMS = (
    "a file, camera[:N], screen[:N], screen:x,y,w,h, window:TITLE, an http or rtsp address, or demo"
)
"""The forms a source can be written in, for messages to people."""

_SCHEME = re.compile(r"^([a-zA-Z][a-zA-Z0-9+.-]+)://")
_REGION = re.compile(r"^(-?\d+),(-?\d+),(\d+),(\d+)$")


def parse_source(
    text: str,
    *,
    realtime: bool = False,
    as_screen: bool = False,
    started_at: int | None = None,
) -> SourceSpec:
    """Understand a source as people write it. A file named like a keyword is written `./demo`.

    `realtime` is about recordings and the bundled clip: play at their own pace. `started_at` is the
    wall time of a recording's first frame, in nanoseconds.

    Raises:
        ConfigError: no source is written like this.
        DeviceNotFound: there is no such file.
    """
    text = text.strip()
    if not text or "\0" in text:
        raise ConfigError(f"No source was named. Give {FORMS}.")
    spec = _keyword(text, realtime) or _url(text) or _file(text, realtime, as_screen, started_at)
    if started_at is not None and spec.kind != "recording":
        raise ConfigError(
            "A start time can be given for recordings only: other sources are watched as they come."
        )
    return spec


def region(address: str) -> tuple[int, int, int, int] | None:
    """(x, y, w, h) in pixels of the whole desktop, when the screen address is a region."""
    found = _REGION.match(address)
    if found is None:
        return None
    x, y, w, h = (int(part) for part in found.groups())
    return x, y, w, h


def window_title(address: str) -> str | None:
    """The title looked for, when the screen address names a window."""
    return address.removeprefix("window:") if address.startswith("window:") else None


def _keyword(text: str, realtime: bool) -> SourceSpec | None:
    word, colon, rest = text.partition(":")
    rest = rest.strip()
    if text == "demo":
        return SourceSpec(kind="demo", address="demo", label="demo clip", realtime=realtime)
    if word == "camera":
        return _camera(rest if colon else "0")
    if word == "screen":
        return _screen(rest if colon else "1")
    if word == "window" and colon:
        return _window(rest)
    return None


def _camera(address: str) -> SourceSpec:
    if not address or re.fullmatch(r"-\d+", address):
        raise ConfigError("A camera is named by its number, counted from 0, or by its name.")
    label = f"camera {int(address)}" if address.isdecimal() else _short(address)
    return SourceSpec(kind="camera", address=address, label=label)


def _screen(address: str) -> SourceSpec:
    if (area := region(address.replace(" ", ""))) is not None:
        x, y, w, h = area
        if not w or not h:
            raise ConfigError(f"The screen region {x},{y},{w},{h} has no width or no height.")
        return screen_region(x, y, w, h)
    if not address.isdecimal() or int(address) < 1:
        raise ConfigError(
            f"“screen:{_short(address)}” is no screen. Screens are counted from 1; a part of the "
            "screen is written screen:x,y,w,h."
        )
    number = str(int(address))
    return SourceSpec(kind="screen", address=number, label=f"screen {number}", as_screen=True)


def _window(title: str) -> SourceSpec:
    if not title:
        raise ConfigError("Which window? Write window: and a part of its title.")
    return screen_window(title)


def _url(text: str) -> SourceSpec | None:
    scheme = _SCHEME.match(text)
    if scheme is None:
        return None
    if scheme[1].lower() not in ("http", "https", "rtsp", "rtsps"):
        raise ConfigError(
            f"Nacre does not know addresses that begin with {scheme[1]}://. Give {FORMS}."
        )
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host:
        raise ConfigError("This address names no host, or a port that is none.")
    return SourceSpec(kind="url", address=text, label=_short(f"{host}:{port}" if port else host))


def _file(text: str, realtime: bool, as_screen: bool, started_at: int | None) -> SourceSpec:
    try:
        path = Path(text).expanduser().resolve()
        there, folder = path.exists(), path.is_dir()
    except (OSError, RuntimeError):  # too long a name, or a home folder of nobody
        raise DeviceNotFound("There is no such file. A source is " + FORMS + ".") from None
    if not there:
        raise DeviceNotFound(f"There is no file “{_short(path.name)}”. A source is {FORMS}.")
    if folder:
        raise DeviceNotFound(f"“{_short(path.name)}” is a folder; name one video file in it.")
    return SourceSpec(
        kind="recording",
        address=str(path),
        label=path.name,
        realtime=realtime,
        as_screen=as_screen,
        started_at=started_at,
    )


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1] + "…"
