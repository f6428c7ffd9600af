"""The voices of this machine: which one speaks is found when something is first to be said."""

import logging
import os
from collections.abc import Callable, Sequence

from engine.errors import DeviceLost
from engine.ports.sound import Voice
from engine.speaking.program_voice import ProgramVoice, find_program

log = logging.getLogger(__name__)

SINK_VARIABLE = "NACRE_SPEECH_SINK"
"""Sends what is said to a sound device of its own."""


class NoVoice:
    """Where nothing can be said aloud: it stands in the window."""

    def say(self, text: str) -> None:
        return

    def stop(self) -> None:
        return


class FirstVoice:
    """Speaks by the first of several that works, and by the next where that fails."""

    def __init__(self, choices: Sequence[Callable[[], Voice]]) -> None:
        self._left = list(choices)
        self._voice: Voice | None = None
        self._stops = 0

    def say(self, text: str) -> None:
        """Raises:
        DeviceLost: none of them can say it.
        """
        stops = self._stops
        while stops == self._stops:
            try:
                if self._voice is None:
                    if not self._left:
                        raise DeviceLost("Nothing can be said aloud here. It stands in the window.")
                    self._voice = self._left.pop(0)()
                    continue  # Unless it was stopped meanwhile.
                self._voice.say(text)
                return
            except DeviceLost:
                self._voice = None
                if not self._left:
                    raise
                log.info("a voice cannot speak; the next one is tried")

    def stop(self) -> None:
        self._stops += 1
        if self._voice is not None:
            self._voice.stop()


def voice_of_programs() -> Voice:
    """The voice of a program of this system, where there is one."""
    program = find_program()
    if not program:
        return NoVoice()
    sink = os.environ.get(SINK_VARIABLE, "")
    return ProgramVoice(program, {"PULSE_SINK": sink} if sink else None)


def voice_of_window() -> Voice:
    """Qt's voice where it has one, else that of a program. Where a device was named it is the
    program's, which can be sent there."""
    if os.environ.get(SINK_VARIABLE):
        return voice_of_programs()
    from ui.desktop.speech import QtVoice

    return FirstVoice((QtVoice, voice_of_programs))
