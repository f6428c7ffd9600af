"""Whether the microphone can hear the loudspeaker, as far as the sound server tells: not with
headphones plugged in, and not through a source that takes the echo out (PulseAudio's
module-echo-cancel, also PipeWire's, both asked by `pactl`)."""

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
                listed("info"), listed("list", "sinks"), listed("list", "sources")
            )
        return self._apart


def is_apart(info: object, sinks: object, sources: object) -> bool:
    """From what `pactl --format=json` says."""
    usual = cast(dict[str, Any], info) if isinstance(info, dict) else {}
    into = _named(sources, usual.get("default_source_name"))
    out = _named(sinks, usual.get("default_sink_name"))
    about = f"{into.get('name')} {into.get('driver')} {into.get('properties')}".lower()
    port = str(out.get("active_port") or "").lower()
    return any(word in about for word in _CANCELLING) or any(word in port for word in _HEADPHONES)


def _named(told: object, name: object) -> dict[str, Any]:
    nothing: dict[str, Any] = {}
    return next((one for one in entries(told) if one.get("name") == name), nothing)
