"""Whether the microphone can hear the loudspeaker, as far as the sound server tells: not with
headphones plugged in, and not through a source that takes the echo out (PulseAudio's
module-echo-cancel, also PipeWire's, both asked by `pactl`)."""

import os
from collections.abc import Callable
from time import monotonic
from typing import Any, cast

from engine.sound_server import entries, listed

ASKED_EVERY_S = 10.0
"""Headphones are plugged in and out; nothing tells."""
_HEADPHONES = ("headphone", "headset", "earpiece", "hands-free")
_CANCELLING = ("echo-cancel", "echo_cancel", "echocancel")


class EchoPath:
    """Asks the sound server now and then. Used by one thread."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._asked = -ASKED_EVERY_S
        self._apart = False

    def apart(self) -> bool:
        """Whether the microphone surely does not hear the loudspeaker; False where it is not
        known."""
        if self._clock() - self._asked >= ASKED_EVERY_S:
            self._asked = self._clock()
            self._apart = is_apart(
                listed("info"),
                listed("list", "sinks"),
                listed("list", "sources"),
                listed("list", "source-outputs"),
            )
        return self._apart


def is_apart(info: object, sinks: object, sources: object, outputs: object = None) -> bool:
    """From what `pactl --format=json` says. `outputs` tell which source this process listens to;
    where it listens to none, the usual one would be it."""
    usual = cast(dict[str, Any], info) if isinstance(info, dict) else {}
    ours = [one.get("source") for one in entries(outputs) if _is_ours(one)]
    heard = [one for one in entries(sources) if one.get("index") in ours]
    heard = heard or [_named(sources, usual.get("default_source_name"))]
    out = _named(sinks, usual.get("default_sink_name"))
    port = str(out.get("active_port") or "").lower()
    return all(map(_takes_out, heard)) or any(word in port for word in _HEADPHONES)


def _is_ours(output: dict[str, Any]) -> bool:
    about = output.get("properties")
    told = cast(dict[str, Any], about) if isinstance(about, dict) else {}
    return told.get("application.process.id") == str(os.getpid())


def _takes_out(source: dict[str, Any]) -> bool:
    about = f"{source.get('name')} {source.get('driver')} {source.get('properties')}".lower()
    return any(word in about for word in _CANCELLING)


def _named(told: object, name: object) -> dict[str, Any]:
    nothing: dict[str, Any] = {}
    return next((one for one in entries(told) if one.get("name") == name), nothing)
