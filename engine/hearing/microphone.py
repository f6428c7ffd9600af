# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false
# pyright: reportPrivateUsage=false
"""Microphones through PortAudio (sounddevice)."""

import logging
import sys
from queue import Empty, Queue
from threading import Lock
from typing import Any

import numpy as np

from engine.environment import variable
from engine.errors import DeviceLost, DeviceNotFound
from engine.hearing.endpoint import BLOCK
from engine.hearing.silent_libraries import silence
from engine.media import RATE, Samples
from engine.sound_server import microphones

log = logging.getLogger(__name__)

BLOCK_BYTES = BLOCK * 2
HELD_BLOCKS = 256
"""Eight seconds may wait to be heard; then the oldest are dropped, and counted."""
_GONE = "The microphone is gone. What was heard is kept. Plug it in, and hearing goes on by itself."
_NO_LIBRARY = (
    "Nacre cannot listen on this machine: PortAudio is missing. Everything else works. "
    "Install the package libportaudio2."
)
_SERVER = "pulse"
"""PortAudio's name of the sound server."""
_SOURCE_VARIABLE = "PULSE_SOURCE"
_PREFERRED = (_SERVER, "pipewire", "default")
_library = Lock()
"""PortAudio's list of devices is one for the whole process."""


class SoundDeviceMicrophones:
    """The microphones of this machine."""

    def names(self) -> tuple[str, ...]:
        """What can be listened to now, the usual one first. Empty without PortAudio."""
        try:
            with _library:
                at_server = _at_server()
                if at_server:
                    return tuple(at_server)
                _look_again()
                devices = _devices()
        except DeviceNotFound:
            return ()
        return tuple(dict.fromkeys(str(device["name"]) for _, device in devices))

    def open(self, device: str) -> "SoundDeviceMicrophone":
        """Open a microphone by name, anew among those that are there now; empty: the usual one.

        Raises:
            DeviceNotFound: there is none (of this name).
            DeviceLost: it cannot be opened now; trying again may help.
        """
        with _library:
            _look_again()
            source = _at_server().get(device) if device else None
            if source is None:
                return SoundDeviceMicrophone(_choose(_devices(), device))
            # What is opened inside is this one of the sound server's: its library reads the
            # variable when it connects.
            with variable(_SOURCE_VARIABLE, source):
                return SoundDeviceMicrophone(_choose(_devices(), _SERVER))


class SoundDeviceMicrophone:
    """One open microphone: 16 kHz, one channel, blocks of 32 ms."""

    def __init__(self, number: int) -> None:
        import sounddevice

        self._blocks: Queue[Samples | None] = Queue(HELD_BLOCKS)
        self.dropped = 0
        self._closed = False
        self._rest = b""
        self._stream: Any = None
        try:
            self._stream = sounddevice.RawInputStream(
                samplerate=RATE,
                channels=1,
                dtype="int16",
                blocksize=BLOCK,
                device=number,
                latency="low",
                callback=self._came,
                finished_callback=self._finished,
            )
            self._stream.start()
        except sounddevice.PortAudioError as error:
            self.close()
            raise DeviceLost(_GONE) from error
        _streams.append(self)

    def read(self, timeout_s: float) -> Samples | None:
        """The next block; None when none came in that time.

        Raises:
            DeviceLost: it has stopped for good.
        """
        try:
            block = self._blocks.get(timeout=timeout_s)
        except Empty:
            return None
        if block is None:
            raise DeviceLost(_GONE)
        return block

    @property
    def waiting(self) -> int:
        """Blocks that came and have not been read yet."""
        return self._blocks.qsize()

    def close(self) -> None:
        """Give the device back; safe to call twice."""
        if self._closed:
            return
        self._closed = True
        if self in _streams:
            _streams.remove(self)
        import sounddevice

        if self._stream is None:
            return
        try:
            self._stream.close()
        except sounddevice.PortAudioError:
            log.info("a microphone could not be closed")

    def _came(self, data: Any, frames: int, time: Any, status: Any) -> None:
        # After a stall PortAudio may bring less than a block, or more.
        self._rest += bytes(data)
        while len(self._rest) >= BLOCK_BYTES:
            block, self._rest = self._rest[:BLOCK_BYTES], self._rest[BLOCK_BYTES:]
            if self._blocks.full():
                self.dropped += 1
                return
            self._blocks.put_nowait(np.frombuffer(block, np.int16))

    def _finished(self) -> None:
        if not self._closed and not self._blocks.full():
            self._blocks.put_nowait(None)


_streams: list[SoundDeviceMicrophone] = []


def _look_again() -> None:
    """Have PortAudio list the devices anew, which it does only when it begins. Not while another
    microphone is open: that would end it."""
    if _streams:
        return
    silence()
    try:
        import sounddevice

        # One that could not begin cannot end either; asked to, it would never begin again.
        if sounddevice._initialized:
            sounddevice._terminate()
        sounddevice._initialize()
    except OSError as error:
        raise DeviceNotFound(_NO_LIBRARY) from error
    except Exception as error:
        raise DeviceNotFound(_GONE) from error


def _at_server() -> dict[str, str]:
    """The sound server's microphones, where PortAudio can listen to them; it has one device for all
    of them, and does not see them come and go."""
    found = microphones()
    if not found or any(device["name"] == _SERVER for _, device in _devices()):
        return found
    _look_again()
    return found if any(device["name"] == _SERVER for _, device in _devices()) else {}


def _devices() -> list[tuple[int, Any]]:
    silence()
    try:
        import sounddevice
    except OSError as error:
        raise DeviceNotFound(_NO_LIBRARY) from error

    try:
        found = [
            (number, device)
            for number, device in enumerate(sounddevice.query_devices())
            if device["max_input_channels"] > 0
        ]
        usual = sounddevice.default.device[0]
    except sounddevice.PortAudioError:
        return []

    def order(entry: tuple[int, Any]) -> tuple[int, int]:
        name = str(entry[1]["name"])
        if sys.platform == "linux" and name in _PREFERRED:
            return _PREFERRED.index(name), entry[0]
        return len(_PREFERRED) + (entry[0] != usual), entry[0]

    return sorted(found, key=order)


def _choose(devices: list[tuple[int, Any]], name: str) -> int:
    if not devices:
        raise DeviceNotFound(
            "There is no microphone. Nothing was lost. Plug one in, and hearing goes on by itself."
        )
    for number, device in devices:
        if not name or str(device["name"]) == name:
            return number
    raise DeviceNotFound(
        f"The microphone “{name}” is not there. Nothing was lost. Plug it in, or choose another "
        "in Settings."
    )
