"""`nacre eval voice`: the whole way through the air, on a sound server of its own.

flite speaks into a room, PortAudio hears it there, and Nacre's own ear and voice
(`engine/hearing`, `engine/speaking`) do the rest. Needs PulseAudio and flite.
"""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

import numpy as np

from app.eval.commands import COMMANDS, VOICES, errors
from app.eval.kept import Kept
from app.eval.sound_server import RATE, SinkRecorder, written
from app.eval.spoken_room import SpokenRoom, spoken_room
from app.eval.utterances import as_sound, cut
from app.hearing import speech_model
from app.measure import Goal, Measurement
from app.paths import Paths
from app.settings import Settings
from app.shelf import open_shelf
from engine.decision.spoken import understand_speech
from engine.errors import ConfigError
from engine.hearing.endpoint import BLOCK

NOISES_DB: tuple[float | None, ...] = (None, 30.0, 20.0, 15.0, 10.0)
"""Pink noise, so far below the voice; None: silence."""
SELF_TRIES, BARGES, FALLS = 50, 40, 5
NEEDED = ("pulseaudio", "pactl", "paplay", "parec", "flite")
ANSWERS = (
    "Nobody is here now. I have not seen anybody today.",
    "Who is here? Momo came in at ten past three, and left again.",
    "Hey Nacre, what was said? Nobody has been listened to yet.",
    "Pause. Stop watching. Go on watching. Remember this as Grandma.",
    "I saw Mia on the screen at nine, and Momo in the kitchen a little later.",
)
LONG = (
    "I have seen Momo four times today. She came in at nine, at ten, at half past eleven and at "
    "two, and each time she slept on the chair for an hour before she left through the garden."
)
INTERRUPTION = "what happened today"
"""After the wake phrase, which is the first that would be lost."""
GOALS = (
    Goal(metric="first_syllables_lost", relation="==", goal=0),
    Goal(metric="self_answers", relation="==", goal=0),
    Goal(metric="barge_in_key_p95_ms", relation="<=", goal=150),
    Goal(metric="barge_in_voice_p95_ms", relation="<=", goal=150),
    Goal(metric="hearing_back_max_s", relation="<=", goal=5),
    Goal(metric="loss_told", relation="==", goal=1),
)

Row = dict[str, Any]


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """With `out`, each thing that is done is kept beside it, and a run that was broken off goes on
    there. `quick`: a few of each. Commands are heard as the data folder would have it: with its
    speech model, where one is installed.

    Raises:
        ConfigError: a program that it needs is not there.
    """
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        raise ConfigError(f"It needs {', '.join(missing)}. Nothing was measured.")
    rows = _Rows(Kept.beside(out, "voice", f"heard by {_recogniser(paths)}"))
    with TemporaryDirectory() as folder:
        sounds = Path(folder)
        _commands(rows, sounds, paths.data, quick=quick)
        _first_syllables(rows, sounds, quick=quick)
        _itself(rows, 1 if quick else SELF_TRIES)
        _barge_in(rows, sounds, 2 if quick else BARGES)
        _falls(rows, sounds, 1 if quick else FALLS)
    return report(rows.all)


def _recogniser(paths: Paths) -> str:
    """What makes words of what is said, by name."""
    model = speech_model(open_shelf(paths))
    return "a grammar of commands" if model is None else model.name


class _Rows:
    """What was tried, and what came of it; kept as it comes."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self.all: list[Row] = []

    def left(self, what: str, tries: Iterable[Row]) -> list[Row]:
        """Those that were not tried before."""
        named = [{"what": what, **one} for one in tries]
        self.all += [self._found(one) for one in named if _piece(one) in self._kept]
        return [one for one in named if _piece(one) not in self._kept]

    def add(self, row: Row) -> None:
        self.all.append(self._found(row))

    def _found(self, row: Row) -> Row:
        return self._kept.get(_piece(row), lambda: row)


def _piece(row: Row) -> str:
    return " ".join(str(row.get(name)) for name in ("what", "try", "said", "voice", "noise_db"))


# --- what is said ------------------------------------------------------------------------------


def _tries(*, quick: bool) -> list[Row]:
    commands = COMMANDS[::12] if quick else COMMANDS
    voices, noises = (VOICES[:1], NOISES_DB[:1]) if quick else (VOICES, NOISES_DB)
    return [
        {"said": said, "deed": deed, "voice": voice, "noise_db": noise}
        for noise in noises
        for voice in voices
        for said, deed in commands
    ]


def _commands(rows: _Rows, folder: Path, data: Path, *, quick: bool) -> None:
    left = rows.left("command", _tries(quick=quick))
    if not left:
        return
    with spoken_room(Settings(), data=data) as room:
        for one in left:
            sound, _ = as_sound(one["said"], one["voice"], one["noise_db"], folder)
            file = written(sound, folder / "played.wav")
            begun = monotonic()
            heard = room.command(lambda file=file: room.server.play(file))
            deed = understand_speech(heard.text, heard.addressed).deed
            took = monotonic() - begun - len(sound) / RATE
            sure = heard.confidence > 0.5
            rows.add({**one, "heard": heard.text, "did": deed, "sure": sure, "after_s": took})


def _first_syllables(rows: _Rows, folder: Path, *, quick: bool) -> None:
    """Without the key: whether what is handed on begins before the first sound of the words."""
    for one in rows.left("first syllable", _tries(quick=quick)):
        sound, onset = as_sound(one["said"], one["voice"], one["noise_db"], folder)
        segments = cut(sound)
        kept = any(s.began * BLOCK <= onset < s.ended * BLOCK for s in segments)
        rows.add({**one, "found": bool(segments), "kept": kept})


# --- Nacre's own voice -------------------------------------------------------------------------


def _say(room: SpokenRoom, text: str) -> None:
    room.speaker.say(text, asked=True)
    room.wait(lambda: room.speaking, "its voice")


def _itself(rows: _Rows, tries: int) -> None:
    """Its voice comes out in the room, where the microphone hears it."""
    left = rows.left("itself", ({"try": n} for n in range(tries)))
    if not left:
        return
    with spoken_room(Settings(aloud="all", wake_phrase=True), sink="room") as room:
        for one in left:
            before = len(room.heard)
            _say(room, ANSWERS[int(one["try"]) % len(ANSWERS)])
            room.wait(lambda: not room.speaking, "its silence")
            room.rest(2.0)
            rows.add({**one, "heard": [said.text for said in room.heard[before:]]})


def _barge_in(rows: _Rows, folder: Path, tries: int) -> None:
    """By the key and by the voice, in turn, where the microphone does not hear the loudspeaker."""
    left = rows.left("barge-in", ({"try": n} for n in range(tries)))
    if not left:
        return
    settings = Settings(aloud="all", headphones=True, wake_phrase=True)
    with spoken_room(settings) as room:
        for one in left:
            by_key = one["try"] % 2 == 0
            voice: str = VOICES[int(one["try"]) // 2 % len(VOICES)]
            sound, onset = as_sound(f"hey nacre {INTERRUPTION}", voice, None, folder)
            file = written(sound[max(onset - 1600, 0) :], folder / "played.wav")
            out, into = SinkRecorder(room.server), SinkRecorder(room.server, "room")
            try:
                _say(room, LONG)
                room.wait(lambda out=out: _loud(out) is not None, "its voice")
                room.rest(0.5 + one["try"] % 7 / 10)
                before = len(room.heard)
                begun = monotonic()
                if by_key:
                    room.ear.attend(True)
                    room.speaker.stop()  # As the session does when the key goes down.
                    room.wait(lambda: not room.speaking, "its silence")
                    room.rest(0.4)
                    room.ear.attend(False)
                else:
                    room.server.play(file)
                room.wait(lambda before=before: len(room.heard) > before, "what was said")
                if not by_key:
                    begun = into.moment(_loud(into) or 0)
                end = out.moment(_last_loud(out))
            finally:
                out.close()
                into.close()
            room.wait(lambda: not room.speaking, "its silence")
            rows.add(
                {
                    **one,
                    "by": "key" if by_key else "voice",
                    "ms": max(1000 * (end - begun), 0),
                    "heard": room.heard[-1].text,
                }
            )
            room.rest(1.0)


def _loud(recorder: SinkRecorder) -> int | None:
    found = np.flatnonzero(np.abs(recorder.samples()) > 500)
    return int(found[0]) if len(found) else None


def _last_loud(recorder: SinkRecorder) -> int:
    return int(np.flatnonzero(np.abs(recorder.samples()) > 50)[-1])


def _falls(rows: _Rows, folder: Path, tries: int) -> None:
    """The sound server is killed and started again."""
    left = rows.left("fall", ({"try": n} for n in range(tries)))
    if not left:
        return
    with spoken_room(Settings()) as room:
        for one in left:
            seen = len(room.states)
            room.server.kill()
            room.wait(lambda seen=seen: "lost" in _since(room, seen), "word of the loss")
            told = room.states[-1][2] != ""
            room.server.start()
            back = room.wait(lambda: room.state in ("open", "stalled"), "hearing")
            sound, _ = as_sound("who is here", VOICES[0], None, folder)
            file = written(sound, folder / "played.wav")
            heard = room.command(lambda file=file: room.server.play(file))
            rows.add({**one, "told": told, "back_s": back, "heard": heard.text})


def _since(room: SpokenRoom, seen: int) -> list[str]:
    return [state for _, state, _ in room.states[seen:]]


# --- figures -----------------------------------------------------------------------------------


def report(rows: list[Row]) -> Measurement:
    """The figures over all rows."""

    def of(what: str, wanted: Callable[[Row], bool] = lambda _: True) -> list[Row]:
        return [row for row in rows if row["what"] == what and wanted(row)]

    commands = of("command")
    metrics = {"commands": float(len(commands)), **_accuracy("", commands)}
    sure = [row for row in commands if row["sure"] and row["said"] != row["heard"]]
    metrics["taken_for_another"] = float(len(sure))
    metrics["done_instead"] = float(sum(row["deed"] != row["did"] for row in sure))
    table: list[Row] = []
    for noise in NOISES_DB:
        here = [row for row in commands if row["noise_db"] == noise]
        if here:
            name = "silence" if noise is None else f"{noise:.0f} dB"
            table.append({"noise": name, "commands": len(here), **_accuracy("", here)})
    syllables = of("first syllable")
    metrics["first_syllables"] = float(len(syllables))
    metrics["first_syllables_lost"] = float(sum(not row["kept"] for row in syllables))
    metrics["self_tries"] = float(len(of("itself")))
    metrics["self_answers"] = float(sum(bool(row["heard"]) for row in of("itself")))
    for by in ("key", "voice"):
        times = [row["ms"] for row in of("barge-in") if row["by"] == by]
        if times:
            metrics[f"barge_in_{by}s"] = float(len(times))
            metrics[f"barge_in_{by}_p50_ms"] = float(np.percentile(times, 50))
            metrics[f"barge_in_{by}_p95_ms"] = float(np.percentile(times, 95))
    words = [row["heard"] for row in of("barge-in") if row["by"] == "voice"]
    if words:
        metrics["barge_in_words_kept"] = words.count(INTERRUPTION) / len(words)
    falls = of("fall")
    if falls:
        metrics["hearing_back_max_s"] = max(row["back_s"] for row in falls)
        metrics["loss_told"] = sum(row["told"] for row in falls) / len(falls)
    return Measurement(name="voice", metrics=metrics, goals=GOALS, rows=table)


def _accuracy(prefix: str, rows: list[Row]) -> dict[str, float]:
    """Words: one less the share of errors; commands: the right words; deeds: the right deed."""
    words = sum(len(row["said"].split()) for row in rows)
    if not words:
        return {}
    wrong = sum(errors(row["said"], row["heard"]) for row in rows)
    return {
        f"{prefix}word_accuracy": 1 - wrong / words,
        f"{prefix}command_accuracy": sum(r["said"] == r["heard"] for r in rows) / len(rows),
        f"{prefix}deed_accuracy": sum(r["deed"] == r["did"] for r in rows) / len(rows),
    }
