# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
"""What was said, by pocketsphinx (BSD), which carries its English model.

Commands are recognised in a closed grammar with the concepts' names. A grammar makes a command out
of anything, so its result stands only where free dictation has heard something that sounds alike.
Dictation is what is kept of all that was not said to Nacre; it often errs, and is marked so.
"""

import logging
import tempfile
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from engine.hearing.grammar import ADDRESS, commands
from engine.hearing.pronunciation import OURS, letters_to_sound, words_of
from engine.media import Samples
from engine.ports import Transcript

log = logging.getLogger(__name__)

ALIKE = 0.55
"""How much of the phones of a command dictation must have heard too. Chosen by ear on sentences of
three flite voices; not yet measured by an evaluation."""
WAKE_THRESHOLD = 1e-15
"""Of the keyword search: it found 18 of 18 wake phrases of flite, and 3 in 132 other sentences."""
SURE, UNSURE = 0.9, 0.4


class PocketSphinx:
    """A transcriber for one thread; loading takes about half a second.

    Raises:
        ImportError: this installation is without pocketsphinx.
    """

    def __init__(self) -> None:
        from pocketsphinx import Decoder, get_model_path

        self._decoder: Any = Decoder(lm=None, loglevel="FATAL", maxhmmpf=6000, maxwpf=20)
        for word, spoken in OURS.items():
            self._teach(word, spoken)
        self._decoder.add_lm_file("dictation", get_model_path("en-us/en-us.lm.bin"))
        self._add_wake_phrase()
        self.know(())

    def know(self, names: Sequence[str]) -> tuple[str, ...]:
        """Take these names into the commands; those that cannot be spoken come back."""
        unspoken: list[str] = []
        spoken: list[str] = []
        for name in names:
            parts = words_of(name)
            if parts and all(self._has(word) for word in parts):
                spoken.append(" ".join(parts))
            else:
                unspoken.append(name)
        self._decoder.add_jsgf_string("commands", commands(spoken))
        return tuple(unspoken)

    def transcribe(self, samples: Samples, *, addressed: bool, wake: bool) -> Transcript:
        """What was said. `addressed`: by push-to-talk; `wake`: the wake phrase counts."""
        called = wake and not addressed and bool(self._decode("wake", samples))
        dictated = self._decode("dictation", samples)
        if not addressed and not called:
            return Transcript(text=dictated, confidence=UNSURE)
        said = self._decode("commands", samples)
        alike = self.alike(said, dictated)
        if said and alike >= ALIKE and (addressed or said.startswith(ADDRESS)):
            text = said.removeprefix(ADDRESS).strip()
            return Transcript(text=text, confidence=SURE, called=called)
        # Without a command nobody is sure that the wake phrase was one.
        return Transcript(text=dictated, confidence=UNSURE)

    def close(self) -> None:
        """It holds nothing but memory."""

    def alike(self, one: str, other: str) -> float:
        """How alike two sentences sound, in [0, 1]."""
        return SequenceMatcher(None, self._phones(one), self._phones(other), False).ratio()

    def _phones(self, text: str) -> list[str]:
        phones: list[str] = []
        for word in text.split():
            phones += str(self._decoder.lookup_word(word) or "").split()
        return phones

    def _has(self, word: str) -> bool:
        if self._decoder.lookup_word(word):
            return True
        phones = letters_to_sound(word.replace("'", ""))
        if phones:
            self._teach(word, (phones,))
        return bool(phones)

    def _teach(self, word: str, spoken: Sequence[str]) -> None:
        for number, phones in enumerate(spoken, start=1):
            name = word if number == 1 else f"{word}({number})"
            if not self._decoder.lookup_word(name):
                self._decoder.add_word(name, phones, True)

    def _add_wake_phrase(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "wake")
            file.write_text(f"{ADDRESS} /{WAKE_THRESHOLD:g}/\n", encoding="ascii")
            self._decoder.add_kws("wake", str(file))

    def _decode(self, search: str, samples: Samples) -> str:
        decoder = self._decoder
        decoder.activate_search(search)
        decoder.start_utt()
        decoder.process_raw(samples.tobytes(), full_utt=True)
        decoder.end_utt()
        found = decoder.hyp()
        return "" if found is None else " ".join(str(found.hypstr).split())
