from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, time
from threading import Event

import pytest

from engine.config import SpeakingConfig
from engine.echo import EchoGate
from engine.reports import Spoken
from engine.speaking.speaker import STALE_S, Speaker, shortened, within
from tests.fakes.clock import ManualClock
from tests.fakes.waiting import wait_for


class ScriptedVoice:
    """Speaks until it is let go or stopped."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.stopped = 0
        self.go_on = Event()
        self.go_on.set()

    def say(self, text: str) -> None:
        self.said.append(text)
        self.go_on.wait(5)

    def stop(self) -> None:
        self.stopped += 1
        self.go_on.set()


@dataclass
class Speaking:
    voice: ScriptedVoice
    gate: EchoGate
    clock: ManualClock
    config: SpeakingConfig = field(default_factory=lambda: SpeakingConfig(aloud="all"))
    told: list[str] = field(default_factory=list[str])
    speaker: Speaker = field(init=False)

    def __post_init__(self) -> None:
        self.speaker = Speaker(
            self.voice,
            gate=self.gate,
            clock=self.clock,
            config=lambda: self.config,
            tz=UTC,
            report=self.heard,
        )
        self.speaker.start()

    def heard(self, report: Spoken) -> None:
        self.told.append(report.text)


@pytest.fixture
def one() -> Iterator[Speaking]:
    made = Speaking(ScriptedVoice(), EchoGate(), ManualClock())
    made.clock.advance(60)
    yield made
    made.speaker.close()


def test_it_is_said_and_told_and_the_gate_is_closed_meanwhile(one: Speaking) -> None:
    one.voice.go_on.clear()
    one.speaker.say("Momo is here.", asked=True)
    wait_for(lambda: one.voice.said == ["Momo is here."])
    assert one.gate.closed(one.clock.monotonic())
    one.voice.go_on.set()
    wait_for(lambda: one.told == ["Momo is here.", ""])
    assert one.gate.closed(one.clock.monotonic())  # The tail.
    one.clock.advance(1)
    assert not one.gate.closed(one.clock.monotonic())


def test_stop_ends_it_and_what_was_to_be_said(one: Speaking) -> None:
    one.voice.go_on.clear()
    one.speaker.say("First.", asked=True)
    one.speaker.say("Second.", asked=True)
    wait_for(lambda: one.voice.said == ["First."])
    one.speaker.stop()
    wait_for(lambda: one.told == ["First.", ""])
    one.speaker.say("Third.", asked=True)
    wait_for(lambda: one.told[-2:] == ["Third.", ""])
    assert one.voice.said == ["First.", "Third."]


def test_nobody_is_talked_over(one: Speaking) -> None:
    one.gate.user_spoke(one.clock.monotonic())
    one.speaker.say("Momo is here.", asked=False)
    assert one.voice.said == []
    one.clock.advance(1)
    wait_for(lambda: one.voice.said == ["Momo is here."])


def test_a_remark_that_had_to_wait_too_long_is_no_news_any_more(one: Speaking) -> None:
    one.voice.go_on.clear()
    one.speaker.say("A long answer.", asked=True)
    wait_for(lambda: one.voice.said == ["A long answer."])
    one.speaker.say("Momo came.", asked=False)
    one.speaker.say("Another answer.", asked=True)
    one.clock.advance(STALE_S + 1)
    one.voice.go_on.set()
    wait_for(lambda: one.voice.said[1:] == ["Another answer."])


def test_only_what_is_wanted_is_said(one: Speaking) -> None:
    one.config = SpeakingConfig(aloud="asked")
    one.speaker.say("Unasked.", asked=False)
    one.config = SpeakingConfig(aloud="never")
    one.speaker.say("Never.", asked=True)
    now = one.clock.wall() // 1_000_000_000 % 86400 // 3600
    one.config = SpeakingConfig(
        aloud="all", quiet_from=f"{now:02}:00", quiet_until=f"{(now + 1) % 24:02}:00"
    )
    one.speaker.say("Quiet.", asked=True)
    one.config = replace(one.config, quiet_from="", quiet_until="")
    one.speaker.say("Said.", asked=False)
    wait_for(lambda: one.told[-1:] == [""])
    assert one.voice.said == ["Said."]


def test_mute_ends_what_is_said_and_lets_nothing_be_said_until_it_is_undone(one: Speaking) -> None:
    one.voice.go_on.clear()
    one.speaker.say("First.", asked=True)
    wait_for(lambda: one.voice.said == ["First."])
    one.speaker.mute(True)
    wait_for(lambda: one.told == ["First.", ""])
    one.speaker.say("Second.", asked=True)
    one.speaker.mute(False)
    one.speaker.say("Third.", asked=True)
    wait_for(lambda: one.told[-2:] == ["Third.", ""])
    assert one.voice.said == ["First.", "Third."]


def test_what_was_muted_is_muted_from_the_start() -> None:
    quiet = Speaking(
        ScriptedVoice(), EchoGate(), ManualClock(), SpeakingConfig(aloud="all", muted=True)
    )
    quiet.speaker.say("First.", asked=True)
    quiet.speaker.mute(False)
    quiet.speaker.say("Second.", asked=True)
    wait_for(lambda: quiet.told == ["Second.", ""])
    quiet.speaker.close()


def test_the_night_goes_over_midnight() -> None:
    assert within(time(23, 30), "22:00", "07:00")
    assert within(time(6, 59), "22:00", "07:00")
    assert not within(time(12), "22:00", "07:00")
    assert not within(time(12), "", "")


def test_a_long_text_is_said_by_whole_sentences() -> None:
    text = "One sentence. " * 60
    said = shortened(text)
    assert len(said) <= 400
    assert said.endswith(".")
