"""`nacre eval wake`: how often the wake phrase is heard where nobody says it, and where it is said.

The program's own documents are read to the recogniser by five synthetic voices for more than
an hour, as sound that goes into the ear's own code and not through the air. Beside
that all recorded speech there is, sentences that sound much like the phrase, and the phrase itself.
"""

import random
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from app.eval.commands import COMMANDS, HELD_OUT, NAMES, OTHERS, VOICES
from app.eval.intervals import proportion, rate
from app.eval.kept import Kept
from app.eval.real_input import real_data
from app.eval.sound_server import ESPEAK, RATE, samples_of, spoken
from app.eval.utterances import as_sound, cut
from app.measure import Measurement
from app.paths import Paths, resources
from engine.errors import ConfigError
from engine.hearing.sphinx import PocketSphinx
from engine.media import Samples

READERS = (*VOICES, HELD_OUT, ESPEAK)
CALLERS = (*VOICES, HELD_OUT)
NOISES_DB: tuple[float | None, ...] = (None, 20.0, 10.0)
PAUSES_S = (0.2, 1.5)
"""Between two sentences: the ear takes them for one utterance, or for two."""
TOGETHER = 20
"""Sentences that are read in one go."""
DOCUMENTS = ("*.md", "docs/**/*.md", "models/**/*.md")
MOST_WORDS = 25
READINGS = 60
"""As many last a little more than an hour."""
_CODE = re.compile(r"```.*?```", re.S)
_LINK = re.compile(r"\]\([^)]*\)")
_MARKS = re.compile(r"[*_`#>\[\]]+|^\s*[-+]\s+", re.M)
_END = re.compile(r"(?<=[.;:!?])\s+|,\s+|\|+|\n\s*\n")

Found = dict[str, Any]


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """With `out`, each piece is kept beside it, and a run that was broken off goes on there.
    `quick`: a little of each.

    Raises:
        ConfigError: a program that it needs, or what is to be read, is not there.
    """
    missing = [name for name in ("flite", ESPEAK) if shutil.which(name) is None]
    if missing:
        raise ConfigError(f"It needs {', '.join(missing)}. Nothing was measured.")
    readings = list(read_aloud(sentences(resources())))[:READINGS]
    if not readings:
        raise ConfigError("The documents that are read to it are not here. Nothing was measured.")
    kept = Kept.beside(out, "wake", "wake 1")
    with TemporaryDirectory() as folder:
        listener = _Listener(Path(folder))
        few = 2 if quick else None
        found = [
            kept.get(f"{voice}: {texts[0]}", lambda v=voice, t=texts: listener.reading(v, t))
            for voice, texts in readings[:few]
        ]
        recorded = [
            kept.get(file.name, lambda file=file: listener.heard(samples_of(file)))
            for file in sorted(real_data("speech").glob("*.wav"))[:few]
        ]
        alike = [
            kept.get(f"{voice} says {said}", lambda v=voice, s=said: listener.one(v, s, None))
            for voice, said in two_voices(OTHERS[:few])
        ]
        calls = {
            noise: [
                kept.get(
                    f"{voice} calls {said} {noise}",
                    lambda v=voice, s=said, n=noise: listener.one(v, f"hey nacre {s}", n),
                )
                for voice, said in two_voices([said for said, _ in COMMANDS[:few]])
            ]
            for noise in NOISES_DB
        }
    return report(found, recorded, alike, calls)


# --- what is read ------------------------------------------------------------------------------


def sentences(folder: Path) -> list[str]:
    """Whole sentences and parts of them, as they stand in the documents, each once."""
    files = {file for pattern in DOCUMENTS for file in folder.glob(pattern)}
    pieces = [piece for file in sorted(files) for piece in pieces_of(file.read_text("utf-8"))]
    return list(dict.fromkeys(pieces))


def pieces_of(text: str) -> list[str]:
    """What can be read aloud of a text in Markdown: at least two words, mostly letters."""
    plain = _MARKS.sub(" ", _LINK.sub(" ", _CODE.sub("\n\n", text)))
    found: list[str] = []
    for piece in _END.split(plain):
        words = piece.split()
        letters = sum(map(str.isalpha, piece))
        if len(words) >= 2 and letters >= 0.7 * len("".join(words)):
            found += [" ".join(words[n : n + MOST_WORDS]) for n in range(0, len(words), MOST_WORDS)]
    return found


def read_aloud(texts: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Who reads what, in turn."""
    for number, at in enumerate(range(0, len(texts), TOGETHER)):
        yield READERS[number % len(READERS)], list(texts[at : at + TOGETHER])


def two_voices(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Each said by two of the callers, in turn."""
    spoken_by = [(CALLERS[n % 4], CALLERS[(n + 1 + n // 4 % 3) % 4]) for n in range(len(texts))]
    return [(voice, text) for text, two in zip(texts, spoken_by, strict=True) for voice in two]


# --- who listens -------------------------------------------------------------------------------


class _Listener:
    """What the ear cuts out, and what the recogniser makes of it where the phrase counts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._recogniser = PocketSphinx()
        self._recogniser.know(NAMES)

    def reading(self, voice: str, texts: Sequence[str]) -> Found:
        pauses = random.Random(texts[0])
        parts: list[Samples] = []
        for text in texts:
            parts.append(samples_of(spoken(text, self._folder / "read.wav", voice)))
            parts.append(np.zeros(round(pauses.uniform(*PAUSES_S) * RATE), np.int16))
        return {"voice": voice, **self.heard(np.concatenate(parts))}

    def one(self, voice: str, text: str, noise_db: float | None) -> Found:
        return {"voice": voice, **self.heard(as_sound(text, voice, noise_db, self._folder)[0])}

    def heard(self, sound: Samples) -> Found:
        utterances = [segment.samples for segment in cut(sound)]
        commands = [self._recogniser.command(u, addressed=False, wake=True) for u in utterances]
        woken = [one.text for one in commands if one is not None and one.called]
        return {"seconds": len(sound) / RATE, "utterances": len(utterances), "woken": woken}


# --- figures -----------------------------------------------------------------------------------


def report(
    read: Sequence[Found],
    recorded: Sequence[Found],
    alike: Sequence[Found],
    calls: Mapping[float | None, Sequence[Found]],
) -> Measurement:
    """The figures; a row for each voice, with what it was taken to have called."""
    metrics: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}
    for name, some in (("", read), ("_recorded", recorded), ("_alike", alike)):
        hours = sum(one["seconds"] for one in some) / 3600
        woken = sum(len(one["woken"]) for one in some)
        metrics[f"hours{name}"] = hours
        metrics[f"false_wakes{name}"] = float(woken)
        metrics[f"false_wakes_per_hour{name}"] = woken / hours
        intervals[f"false_wakes_per_hour{name}"] = rate(woken, hours)
    for noise, some in calls.items():
        name = "wake_recall" if noise is None else f"wake_recall_{noise:.0f}db"
        called = sum(bool(one["woken"]) for one in some)
        metrics[name] = called / len(some)
        intervals[name] = proportion(called, len(some))
    rows: list[Found] = []
    for voice in READERS:
        these = [one for one in read if one["voice"] == voice]
        mine = [one for some in calls.values() for one in some if one["voice"] == voice]
        rows.append(
            {
                "voice": voice,
                "hours": sum(one["seconds"] for one in these) / 3600,
                "utterances": sum(one["utterances"] for one in these),
                "false wakes": sum(len(one["woken"]) for one in these),
                "taken for": "; ".join(text for one in these for text in one["woken"]),
                "calls": len(mine),
                "calls heard": sum(bool(one["woken"]) for one in mine),
            }
        )
    return Measurement(name="wake", metrics=metrics, intervals=intervals, rows=rows)
