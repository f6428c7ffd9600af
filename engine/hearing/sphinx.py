# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
"""What was said, by pocketsphinx (BSD), which carries its English model.

Commands are recognised in a closed grammar with the concepts' names. A grammar makes a command out
of anything, so its result stands only where it is a whole sentence, covers what was spoken, and
explains the sound as well as free phones do (utterance verification by a likelihood ratio against a
phone loop: Rahim, Lee and Juang, 1997). Dictation is what is kept of all else; it often errs, and
is marked so.
"""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.hearing.denoise import denoised, hissing
from engine.hearing.grammar import ADDRESS, HUSH, commands
from engine.hearing.pronunciation import OURS, letters_to_sound, words_of
from engine.media import Samples
from engine.ports.sound import Transcript

log = logging.getLogger(__name__)

LIKELY = -0.15
"""How much more likely a command must be than free phones, as the logarithm a frame (10 ms). Chosen
on sentences of two flite voices in quiet: 47 of 48 commands lie above, 6 of 66 others."""
LIKELY_ALONE = -0.4
"""For a command of one word, whose few phones free ones explain now better, now worse, by how much
silence lies around it: of 40 of "pause" by one voice 4 lay below `LIKELY`, and none below this."""
LIKELY_HUSH = -0.8
"""One breath of noise has no phones to tell by, and to be silent in vain does no harm."""
LIKELY_CALLED = 0.0
"""After the wake phrase, which may be a mishearing itself."""
COVERED = 0.6
"""So much of what free phones take for speech must be words of the command."""
COVERED_CALLED = 0.7
"""After the wake phrase: the grammar takes what it cannot explain for silence. Chosen on commands
of two flite voices that were said with the key held, and other sentences of theirs."""
SURE, UNSURE = 0.9, 0.4
SCALE = 1024
"""pocketsphinx keeps its scores in steps of so many."""
_NO_SPEECH = ("<", "(", "[", "+", "SIL")


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
        phones = get_model_path("en-us/en-us-phone.lm.bin")
        self._decoder.add_allphone_file("phones", phones)
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
        command = self.command(samples, addressed=addressed, wake=wake)
        if command is not None:
            return command
        text = self._decode("dictation", hissing(denoised(samples))).text
        return Transcript(text=text, confidence=UNSURE)

    def command(self, samples: Samples, *, addressed: bool, wake: bool) -> Transcript | None:
        """The command that was said to Nacre; None where it is more likely that none was."""
        said = self._command(hissing(denoised(samples))) if addressed or wake else ""
        called = said.startswith(ADDRESS)
        if not said or not (addressed or called):
            return None
        text = said.removeprefix(ADDRESS).strip()
        return Transcript(text=text, confidence=SURE, called=called and not addressed)

    def close(self) -> None:
        """It holds nothing but memory."""

    def _command(self, samples: Samples) -> str:
        """The command that was said; empty where it is more likely that none was."""
        said = self._decode("commands", samples)
        if not said.text or not self._decoder.get_fsg("commands").accept(said.text):
            return ""
        called = said.text.startswith(ADDRESS)
        phones = self._decode("phones", samples)
        if said.speech < (COVERED_CALLED if called else COVERED) * phones.speech:
            return ""
        likely = (said.score - phones.score) / max(said.frames, 1)
        return said.text if likely >= _least(said.text, called=called) else ""

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

    def _decode(self, search: str, samples: Samples) -> "_Decoded":
        decoder = self._decoder
        decoder.activate_search(search)
        decoder.start_utt()
        decoder.process_raw(samples.tobytes(), full_utt=True)
        decoder.end_utt()
        found = decoder.hyp()
        if found is None:
            return _Decoded(text="", score=-math.inf, speech=0, frames=decoder.n_frames())
        heard = [one for one in decoder.seg() if not str(one.word).startswith(_NO_SPEECH)]
        best = float(found.best_score)
        return _Decoded(
            text=" ".join(str(found.hypstr).split()),
            score=math.log(best) * SCALE if best > 0 else -math.inf,
            speech=sum(int(one.end_frame) - int(one.start_frame) + 1 for one in heard),
            frames=decoder.n_frames(),
        )


def _least(said: str, *, called: bool) -> float:
    """How likely a command must be at least."""
    if said in HUSH:
        return LIKELY_HUSH
    if called:
        return LIKELY_CALLED
    return LIKELY if " " in said else LIKELY_ALONE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decoded:
    """What a search found."""

    text: str
    score: float
    """Logarithm of how likely the sound is."""
    speech: int
    """Frames of 10 ms that are words, or phones."""
    frames: int
