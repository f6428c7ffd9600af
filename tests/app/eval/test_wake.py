"""What is read to the wake phrase's recogniser, and how its figures are counted."""

from pathlib import Path

import pytest

from app.eval.intervals import rate
from app.eval.wake import (
    CALLERS,
    READERS,
    READINGS,
    TOGETHER,
    _Listener,  # pyright: ignore[reportPrivateUsage]
    pieces_of,
    read_aloud,
    report,
    sentences,
    two_voices,
)
from app.paths import resources


def test_a_document_is_read_as_a_person_would_read_it() -> None:
    text = """# The house

One process: a window, or a `command line`, in front.

```
x = 1
```

| where | what is there |
|---|---|
| [engine](engine/ports.py) | 12,345 67 |
"""
    assert pieces_of(text) == [
        "The house",
        "One process:",
        "a window",
        "or a command line",
        "in front.",
        "what is there",
    ]
    assert [len(piece.split()) for piece in pieces_of("word " * 60)] == [25, 25, 10]


def test_there_is_more_than_an_hour_to_read_and_every_voice_reads_of_it() -> None:
    texts = sentences(resources())
    readings = list(read_aloud(texts))
    assert [text for _, some in readings for text in some] == texts
    # An hour at 160 words a minute, less the pauses: some 0.85 s after each sentence.
    read = [text for _, some in readings[:READINGS] for text in some]
    words = sum(len(text.split()) for text in read)
    assert words / 160 + 0.85 * len(read) / 60 > 60
    voices = [voice for voice, _ in readings]
    assert {voice for voice in READERS if voices.count(voice) < len(readings) // 5} == set()
    assert max(len(some) for _, some in readings) == TOGETHER


def test_every_caller_calls_as_often() -> None:
    pairs = two_voices([str(n) for n in range(24)])
    assert len(set(pairs)) == 48
    assert {voice: [v for v, _ in pairs].count(voice) for voice in CALLERS} == dict.fromkeys(
        CALLERS, 12
    )


def test_the_phrase_is_heard_and_other_speech_is_not(tmp_path: Path) -> None:
    listener = _Listener(tmp_path)
    assert listener.one("slt", "hey nacre who is here", None)["woken"] == ["who is here"]
    assert listener.one("slt", "the weather is fine in the mountains", None)["woken"] == []
    read = listener.reading("rms", ["the children are at school", "thank you very much"])
    assert read["woken"] == []
    assert read["utterances"] >= 1
    assert read["seconds"] > 3


def test_the_figures_are_those_of_what_was_found() -> None:
    def one(voice: str, seconds: float, *woken: str) -> dict[str, object]:
        return {"voice": voice, "seconds": seconds, "utterances": 1, "woken": list(woken)}

    read = [one("slt", 3600), one("kal16", 3600, "who is here")]
    calls = {None: [one("slt", 2, "hush"), one("rms", 2)], 20.0: [one("slt", 2, "hush")] * 2}
    measured = report(read, [{**one("", 36)}], [one("slt", 36)], calls)
    assert measured.metrics["false_wakes_per_hour"] == 0.5
    assert measured.intervals["false_wakes_per_hour"] == rate(1, 2)
    assert measured.intervals["false_wakes_per_hour_recorded"] == (0, 300)
    assert measured.metrics["wake_recall"] == 0.5
    assert measured.metrics["wake_recall_20db"] == 1
    (row,) = [row for row in measured.rows if row["voice"] == "kal16"]
    assert (row["hours"], row["false wakes"], row["taken for"]) == (1, 1, "who is here")


def test_the_bounds_of_a_rate_are_the_exact_ones() -> None:
    assert rate(0, 2) == (0, 1.5)
    assert rate(1, 1) == pytest.approx((0.0253, 5.572), abs=0.001)
    assert rate(10, 2) == pytest.approx((4.795 / 2, 18.390 / 2), abs=0.001)
