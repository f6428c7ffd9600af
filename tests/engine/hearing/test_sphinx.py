"""What is said with the key held, whatever silence lies around it."""

from pathlib import Path

import numpy as np
import pytest

from app.eval.sound_server import RATE, samples_of, spoken
from engine.hearing.sphinx import SURE, PocketSphinx

SILENCES_S = [(before / 8, after / 8) for before in range(2, 9, 2) for after in range(3, 10, 2)]


@pytest.mark.parametrize("word", ["pause", "resume", "hush"])
def test_a_command_of_one_word_is_heard_whatever_silence_lies_around_it(
    word: str, tmp_path: Path
) -> None:
    sphinx = PocketSphinx()
    samples = samples_of(spoken(word, tmp_path / "said.wav"))
    missed = [
        (before, after)
        for before, after in SILENCES_S
        if sphinx.transcribe(
            np.pad(samples, (round(before * RATE), round(after * RATE))), addressed=True, wake=False
        ).text
        != word
    ]
    assert missed == []


def test_another_sentence_is_no_command_of_one_word(tmp_path: Path) -> None:
    sphinx = PocketSphinx()
    samples = np.pad(samples_of(spoken("thank you very much", tmp_path / "said.wav")), 8000)
    assert sphinx.command(samples, addressed=True, wake=False) is None


@pytest.mark.parametrize(
    "order",
    ["stop telling me about momo", "only when momo is alone", "arm it", "cancel that"],
)
def test_a_request_is_changed_and_ended_by_voice(order: str, tmp_path: Path) -> None:
    sphinx = PocketSphinx()
    assert sphinx.know(("Momo",)) == ()
    samples = np.pad(samples_of(spoken(order, tmp_path / "said.wav")), 8000)
    heard = sphinx.transcribe(samples, addressed=True, wake=False)
    assert (heard.text, heard.confidence) == (order, SURE)
