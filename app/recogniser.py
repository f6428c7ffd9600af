"""What makes words of speech, in a process of its own. That process begins by importing this, so
nothing is imported here that it does not need."""

import logging
from pathlib import Path

from engine.errors import ModelError
from engine.hearing.sphinx import PocketSphinx
from engine.inference.confinement import confine
from engine.ports.sound import Transcriber

log = logging.getLogger(__name__)


def recogniser(folder: Path | None) -> Transcriber:
    """By the speech model in `folder`, where there is one that can be loaded. The process then
    opens no connection and starts no program any more."""
    if folder is not None:
        confine()
        try:
            from engine.hearing.whisper import Whisper

            return Whisper(folder)
        except (ImportError, ModelError) as error:
            log.warning("speech is written down without a model: %s", error)
    return PocketSphinx()
