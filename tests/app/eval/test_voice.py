"""How the evaluation of the voice counts, and what it plays."""

from pathlib import Path

import numpy as np

from app.eval.commands import COMMANDS, errors
from app.eval.kept import Kept
from app.eval.sound_server import RATE, samples_of, spoken
from app.eval.utterances import cut, noisy
from app.eval.voice import (
    INTERRUPTION,
    Row,
    _Rows,  # pyright: ignore[reportPrivateUsage]
    report,
)
from engine.decision.spoken import understand_speech
from engine.hearing.endpoint import BLOCK


def command(said: str, heard: str, noise_db: float | None = None) -> Row:
    did = understand_speech(heard, "key").deed
    return {"what": "command", "said": said, "heard": heard, "deed": "ask", "did": did,
            "voice": "slt", "noise_db": noise_db, "sure": did != "ask"}  # fmt: skip


def test_words_that_are_put_in_left_out_or_taken_for_others_count() -> None:
    assert errors("who is here", "who is here") == 0
    assert errors("who is here", "who was there") == 2
    assert errors("hush", "") == 1
    assert errors("pause", "pause the cat") == 2


def test_the_figures_are_those_of_the_rows() -> None:
    rows = [command("who is here", "who is here"), command("who is here", "pause", 10.0)]
    for ms, heard in ((100, INTERRUPTION), (200, "")):
        rows.append({"what": "barge-in", "by": "voice", "ms": ms, "heard": heard})
    measured = report(rows)
    assert measured.metrics["word_accuracy"] == 0.5
    assert measured.metrics["command_accuracy"] == 0.5
    assert measured.metrics["deed_accuracy"] == 0.5
    assert measured.metrics["barge_in_voice_p50_ms"] == 150
    assert measured.metrics["barge_in_words_kept"] == 0.5
    assert measured.metrics["taken_for_another"] == measured.metrics["done_instead"] == 1
    assert [row["noise"] for row in measured.rows] == ["silence", "10 dB"]


def test_a_run_that_was_broken_off_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "tries.jsonl"
    rows = _Rows(Kept(file, "voice"))
    (first, second) = rows.left("itself", [{"try": 0}, {"try": 1}])
    rows.add({**first, "heard": ["pause"]})
    with file.open("a") as broken:
        broken.write('{"piece": "its')
    again = _Rows(Kept(file, "voice"))
    assert again.left("itself", [{"try": 0}, {"try": 1}]) == [second]
    assert again.all == [{**first, "heard": ["pause"]}]


def test_every_command_is_understood_as_what_it_is_counted_as() -> None:
    for said, deed in COMMANDS:
        assert understand_speech(said, "key").deed == deed, said


def test_noise_lies_as_far_below_the_voice_as_is_said(tmp_path: Path) -> None:
    speech = samples_of(spoken("who is here", tmp_path / "said.wav"))
    clean, onset = noisy(speech, None, 1)
    loud, _ = noisy(speech, 20.0, 1)
    noise = loud[: RATE // 2].astype(float)
    words = clean[np.abs(clean) > np.abs(clean).max() / 20].astype(float)
    apart = 10 * np.log10(np.square(words).mean() / np.square(noise).mean())
    assert 17 < apart < 23
    (segment,) = cut(clean)
    assert segment.began * BLOCK <= onset
