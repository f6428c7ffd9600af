# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
"""What was said, by a Whisper model (Radford et al., 2022) in CTranslate2 (faster-whisper), with
8-bit weights on the processor.

It writes down free speech; orders and the wake phrase are still found by the closed grammar, whose
false alarms are measured, and which spells names as the gallery does. A command stands where both
heard much the same; where they differ, the words of Whisper stand.
"""

import math
import os
import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import ModelCorrupt
from engine.hearing.sphinx import UNSURE, PocketSphinx
from engine.media import Samples
from engine.ports.sound import Transcript

NEEDED = ("model.bin", "config.json", "tokenizer.json")
ALIKE = 0.6
"""So much of the letters of a command must be in what Whisper heard, in this order. Not chosen on
any data: where the two heard different sentences it is below 0.5, where the same it is near 1."""
MOST_NAMES = 40
"""Names that are hinted at; the prompt of the model is short."""
MOST_THREADS = 4


class Whisper:
    """A transcriber for one thread. Nothing is fetched: what is not in `folder` is not there.

    Raises:
        ModelCorrupt: the folder holds no model that can be loaded.
        ImportError: this installation is without faster-whisper, or without pocketsphinx.
    """

    def __init__(self, folder: Path) -> None:
        missing = [name for name in NEEDED if not (folder / name).is_file()]
        if missing:
            raise ModelCorrupt(f"The speech model lacks {missing[0]}. It is not used.")
        os.environ["HF_HUB_OFFLINE"] = "1"  # Read when the library is loaded.
        from faster_whisper import WhisperModel

        try:
            self._model = WhisperModel(
                str(folder),
                device="cpu",
                compute_type="int8",
                cpu_threads=min(os.cpu_count() or 1, MOST_THREADS),
                local_files_only=True,
            )
        # CTranslate2 and the tokenizer raise whatever their native code says.
        except Exception as error:
            raise ModelCorrupt("The speech model cannot be loaded. It is not used.") from error
        self._commands = PocketSphinx()
        self._names = ""

    def know(self, names: Sequence[str]) -> tuple[str, ...]:
        """Take these names into the commands, and hint at them; those that cannot be spoken come
        back."""
        self._names = ", ".join(names[:MOST_NAMES])
        return self._commands.know(names)

    def transcribe(self, samples: Samples, *, addressed: bool, wake: bool) -> Transcript:
        """What was said. `addressed`: by push-to-talk; `wake`: the wake phrase counts."""
        command = self._commands.command(samples, addressed=addressed, wake=wake)
        if command is not None and command.called:
            return command
        heard = self._write(samples)
        if command is not None and (not heard.text or alike(command.text, heard.text)):
            return command
        return heard

    def close(self) -> None:
        """It holds nothing but memory."""

    def _write(self, samples: Samples) -> Transcript:
        sound = samples.astype(np.float32) / 32768
        segments: list[Any] = list(
            self._model.transcribe(
                sound,
                language="en",
                temperature=0.0,
                condition_on_previous_text=False,
                without_timestamps=True,
                hotwords=self._names or None,
            )[0]
        )
        text = " ".join(" ".join(str(one.text) for one in segments).split())
        if not letters(text):
            return Transcript(text="", confidence=UNSURE)
        likely = min(float(one.avg_logprob) for one in segments)
        return Transcript(text=text, confidence=min(max(math.exp(likely), 0.0), 1.0))


def alike(command: str, heard: str) -> bool:
    """Whether two recognisers heard much the same, whatever each takes for a word."""
    pair = (letters(command), letters(heard))
    return SequenceMatcher(None, *pair, autojunk=False).ratio() >= ALIKE


def letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower())
