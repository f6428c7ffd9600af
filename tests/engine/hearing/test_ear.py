from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

from engine.config import HearingConfig
from engine.echo import EchoGate
from engine.facts import Utterance, microphone
from engine.hearing.ear import BARGES, MUTED, Ear, Organs, decibels
from engine.hearing.endpoint import BLOCK, ENDS_AFTER
from engine.hearing.vad import rms
from engine.media import Samples
from engine.ports.sound import Transcript
from engine.reports import NamesTaken, Report, RunChanged, RunStarted, UtteranceHeard
from tests.fakes.clock import ManualClock
from tests.fakes.microphone import NOISE, SILENCE, VOICE, FakeMicrophones, LoudVad, many
from tests.fakes.waiting import wait_for


class Scribe:
    """Writes down how long it was, and whether it was said to Nacre."""

    def __init__(self) -> None:
        self.called = False
        self.took: list[Samples] = []

    def know(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in names if not name.isascii())

    def transcribe(self, samples: Samples, *, addressed: bool, wake: bool) -> Transcript:
        voiced = int(np.count_nonzero(np.abs(samples) > 1000) > 0)
        self.took.append(samples)
        return Transcript(text=f"{voiced} voiced", confidence=0.9, called=wake and self.called)

    def close(self) -> None:
        return


@dataclass
class Listening:
    ear: Ear
    microphones: FakeMicrophones
    clock: ManualClock
    gate: EchoGate
    scribe: Scribe
    hushed: list[bool]
    reports: list[Report] = field(default_factory=list[Report])

    @property
    def said(self) -> list[Utterance]:
        return [r.utterance for r in self.reports if isinstance(r, UtteranceHeard)]

    @property
    def states(self) -> list[str]:
        return [r.state for r in self.reports if isinstance(r, RunChanged)]

    def speak(self, blocks: int = 20) -> None:
        self.microphones.bring(*many(NOISE, 10), *many(VOICE, blocks), *many(NOISE, ENDS_AFTER))

    def speak_with_the_key_held(self) -> None:
        """One utterance, from the key's going down to what was heard."""
        self.ear.attend(True)
        self.microphones.bring(*many(VOICE, 20))
        wait_for(self.microphones.blocks.empty)
        self.let_go_of_the_key()

    def let_go_of_the_key(self) -> None:
        before = len(self.said)
        self.ear.attend(False)
        # What is brought at once counts as from before the key went up.
        self.microphones.bring(*many(NOISE, 5))
        wait_for(self.microphones.blocks.empty)
        self.microphones.bring(*many(NOISE, 20))
        wait_for(lambda: len(self.said) == before + 1)


Start = Callable[..., Listening]


@pytest.fixture
def start() -> Iterator[Start]:
    ears: list[Ear] = []

    def made(config: HearingConfig | None = None) -> Listening:
        wanted = config or HearingConfig()
        microphones, clock, gate, scribe = FakeMicrophones(), ManualClock(), EchoGate(), Scribe()
        hushed: list[bool] = []
        reports: list[Report] = []
        organs = Organs(
            microphones=microphones,
            detector=LoudVad,
            transcriber=lambda: scribe,
            clock=clock,
            config=lambda: wanted,
            gate=gate,
            hush=lambda: hushed.append(True),
        )
        ear = Ear(organs, microphone(), "m1", reports.append)
        ears.append(ear)
        ear.start()
        return Listening(ear, microphones, clock, gate, scribe, hushed, reports)

    yield made
    for ear in ears:
        ear.stop()
        ear.join(5)


def test_what_is_said_is_reported_with_its_time(start: Start) -> None:
    one = start()
    one.speak()
    wait_for(lambda: len(one.said) == 1)
    assert one.said[0].text == "1 voiced"
    assert one.said[0].addressed == ""
    assert isinstance(one.reports[0], RunStarted)
    assert one.states[0] == "open"


def test_what_is_said_with_the_key_held_is_said_to_nacre(start: Start) -> None:
    one = start()
    one.speak_with_the_key_held()
    assert one.said[0].addressed == "key"


def test_the_wake_phrase_counts_only_where_it_is_wanted(start: Start) -> None:
    one = start(HearingConfig(wake_phrase=True))
    one.scribe.called = True
    one.speak()
    wait_for(lambda: len(one.said) == 1)
    assert one.said[0].addressed == "name"
    other = start()
    other.scribe.called = True
    other.speak()
    wait_for(lambda: len(other.said) == 1)
    assert other.said[0].addressed == ""


def test_nothing_is_written_down_when_nothing_is_to_be_kept(start: Start) -> None:
    one = start(HearingConfig(keep=False))
    one.speak()
    wait_for(one.microphones.blocks.empty)
    one.speak_with_the_key_held()
    assert one.said[0].addressed == "key"
    kept = [r.keep for r in one.reports if isinstance(r, UtteranceHeard)]
    assert kept == [False]


def test_a_microphone_that_goes_and_comes_back_is_heard_again(start: Start) -> None:
    one = start()
    one.microphones.bring(*many(NOISE, 5))
    wait_for(lambda: one.states == ["open"])
    one.microphones.lose()
    wait_for(lambda: one.states == ["open", "lost"])
    assert one.ear.level() is None
    one.microphones.there = True
    one.speak()
    wait_for(lambda: len(one.said) == 1)
    assert one.states == ["open", "lost", "open"]
    assert sum(isinstance(r, RunStarted) for r in one.reports) == 1


def test_a_microphone_that_brings_nothing_is_gone(start: Start) -> None:
    one = start()
    one.microphones.bring(*many(NOISE, 5))
    wait_for(lambda: one.states == ["open"])
    wait_for(one.microphones.blocks.empty)

    def moved_on() -> bool:
        one.clock.advance(0.5)
        return "lost" in one.states

    wait_for(moved_on)


def test_the_first_sound_may_take_longer(start: Start) -> None:
    one = start()
    wait_for(lambda: len(one.microphones.opened) == 1)
    for _ in range(5):
        one.clock.advance(0.5)
        one.microphones.opened[0].awaited()
    one.microphones.bring(*many(NOISE, 5))
    wait_for(lambda: one.states == ["open"])
    assert len(one.microphones.opened) == 1


def test_a_stall_of_the_process_is_no_silence_of_the_microphone(start: Start) -> None:
    one = start()
    one.microphones.bring(*many(NOISE, 5))
    wait_for(lambda: one.states == ["open"])
    wait_for(one.microphones.blocks.empty)
    one.clock.advance(20)
    one.microphones.opened[0].awaited()
    one.microphones.bring(*many(NOISE, 5))
    wait_for(one.microphones.blocks.empty)
    assert one.states == ["open"]


def test_an_error_does_not_end_hearing(start: Start) -> None:
    one = start()
    one.microphones.bring(NOISE[:0])  # Nothing of the kind is ever brought; the detector stumbles.
    wait_for(lambda: one.states == ["open", "lost"])
    one.speak()
    wait_for(lambda: len(one.said) == 1)
    assert one.states == ["open", "lost", "open"]


def test_exact_silence_is_told(start: Start) -> None:
    one = start()
    one.microphones.bring(*many(SILENCE, MUTED + 1))
    wait_for(lambda: one.states[-1:] == ["stalled"])
    one.microphones.bring(NOISE)
    wait_for(lambda: one.states[-1:] == ["open"])


def test_a_pause_gives_the_microphone_back_and_keeps_nothing(start: Start) -> None:
    one = start()
    one.microphones.bring(*many(NOISE, 5), *many(VOICE, 20))
    wait_for(one.microphones.blocks.empty)
    one.ear.hold(True)
    wait_for(lambda: one.microphones.opened[0].closed)
    one.ear.hold(False)
    wait_for(lambda: len(one.microphones.opened) == 2)
    one.microphones.bring(*many(NOISE, ENDS_AFTER + 5))
    wait_for(one.microphones.blocks.empty)
    assert one.said == []


def test_in_a_pause_only_the_key_is_heard_and_nothing_is_kept(start: Start) -> None:
    one = start()
    one.microphones.bring(*many(NOISE, 5))
    wait_for(lambda: one.states == ["open"])
    one.ear.hold(True)
    wait_for(lambda: one.microphones.opened[0].closed)
    one.speak_with_the_key_held()
    wait_for(lambda: one.microphones.opened[-1].closed)
    assert [said.addressed for said in one.said] == ["key"]
    assert [r.keep for r in one.reports if isinstance(r, UtteranceHeard)] == [False]


def test_nacre_does_not_hear_itself(start: Start) -> None:
    one = start()
    one.gate.began()
    one.speak()
    wait_for(one.microphones.blocks.empty)
    one.gate.ended(one.clock.monotonic())
    one.speak()  # Still in the tail: the clock stands.
    wait_for(one.microphones.blocks.empty)
    assert one.said == []
    assert one.hushed == []
    one.clock.advance(1)
    one.speak()
    wait_for(lambda: len(one.said) == 1)


def test_the_users_voice_stops_nacre_where_it_may(start: Start) -> None:
    one = start()
    one.gate.began(by_voice=True)
    one.speak()
    wait_for(lambda: len(one.said) == 1)
    assert one.hushed == [True]


def test_the_first_word_that_stops_nacre_is_heard_and_so_is_the_last(start: Start) -> None:
    one = start()
    one.gate.began(by_voice=True)
    one.microphones.bring(*many(NOISE, 5), *many(VOICE, BARGES))
    wait_for(lambda: one.hushed == [True])
    one.gate.ended(one.clock.monotonic())  # As the speaker says once its voice is still.
    one.microphones.bring(*many(VOICE, 20), *many(NOISE, ENDS_AFTER))
    wait_for(lambda: len(one.said) == 1)
    voiced = np.abs(one.scribe.took[0].reshape(-1, BLOCK)).max(1) > 1000
    assert np.count_nonzero(voiced) == BARGES + 20


def test_what_was_said_before_nacre_began_is_not_lost(start: Start) -> None:
    one = start()
    one.microphones.bring(*many(NOISE, 5), *many(VOICE, 20), *many(NOISE, 3))
    wait_for(one.microphones.blocks.empty)
    one.gate.began()
    one.speak()
    wait_for(lambda: len(one.said) == 1)
    wait_for(one.microphones.blocks.empty)
    voiced = np.abs(one.scribe.took[0].reshape(-1, BLOCK)).max(1) > 1000
    assert np.count_nonzero(voiced) == 20


def test_who_holds_the_key_is_not_talked_over_before_the_first_word(start: Start) -> None:
    one = start()
    one.microphones.bring(*many(NOISE, 5))
    wait_for(lambda: one.states == ["open"])
    one.clock.advance(60)
    assert not one.gate.user_speaks(one.clock.monotonic())
    one.ear.attend(True)
    assert one.gate.user_speaks(one.clock.monotonic())

    def still_so() -> bool:
        """However long nothing but the room is heard."""
        one.microphones.bring(*many(NOISE, 2))
        wait_for(one.microphones.blocks.empty)
        one.microphones.opened[0].awaited()
        return one.gate.user_speaks(one.clock.monotonic())

    for _ in range(3):
        one.clock.advance(0.5)
        assert still_so()
    one.let_go_of_the_key()
    one.clock.advance(1)
    assert not one.gate.user_speaks(one.clock.monotonic())


def test_the_key_opens_the_gate(start: Start) -> None:
    one = start()
    one.gate.began()
    one.speak_with_the_key_held()


def test_names_that_cannot_be_spoken_are_told(start: Start) -> None:
    one = start()
    one.ear.know(("Momo", "李雷"))
    wait_for(lambda: NamesTaken(unspoken=("李雷",)) in one.reports)


def test_the_level_is_that_of_the_samples(start: Start) -> None:
    one = start()

    def level() -> float | None:
        one.microphones.bring(VOICE)  # It is told only while sound comes.
        return one.ear.level()

    assert wait_for(level) == pytest.approx(decibels(rms(VOICE)))
    assert decibels(32768) == pytest.approx(0)
    assert decibels(0) == -90
