# pyright: reportUnknownMemberType=false
"""What the sound libraries under PortAudio would write on the terminal goes into the log instead:
ALSA names every plug-in that it lacks, JACK that no server of its runs, and neither matters."""

import ctypes
import logging
import sys
from functools import cache

log = logging.getLogger(__name__)

_ALSA_ERROR = ctypes.CFUNCTYPE(
    None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p
)
"""`snd_lib_error_handler_t`; what fills the places of the format comes after it and is left out."""
_JACK_SAYS = ctypes.CFUNCTYPE(None, ctypes.c_char_p)


def _of_alsa(file: bytes, line: int, function: bytes, error: int, form: bytes) -> None:
    log.debug("ALSA: %s: %s", _text(function), _text(form))


def _of_jack(said: bytes) -> None:
    log.debug("JACK: %s", _text(said))


_alsa, _jack = _ALSA_ERROR(_of_alsa), _JACK_SAYS(_of_jack)
"""The libraries keep these addresses for as long as the process lives."""


@cache
def silence() -> None:
    """Once, before PortAudio looks for devices."""
    if sys.platform != "linux":
        return
    for library, function, handler in (
        ("libasound.so.2", "snd_lib_error_set_handler", _alsa),
        ("libjack.so.0", "jack_set_error_function", _jack),
        ("libjack.so.0", "jack_set_info_function", _jack),
    ):
        try:
            getattr(ctypes.CDLL(library), function)(handler)
        except (OSError, AttributeError):
            log.debug("%s is not there", library)


def _text(said: bytes | None) -> str:
    return (said or b"").decode(errors="replace").strip()
