"""What the cheap looks find in a frame."""

import numpy as np
import pytest

from engine.config import JudgingConfig, Motion
from engine.decision.cues import Cues, Looks, cued
from engine.facts import Alert, Condition
from engine.media import Box
from tests.fakes.facts import body

PLAIN = np.full((120, 160, 3), 150, np.uint8)
STANDS = Box(50, 30, 30, 60)


@pytest.mark.parametrize(
    ("now", "motion"),
    [
        (STANDS, "calm"),
        (Box(51, 30, 30, 60), "calm"),
        (Box(57, 30, 30, 60), "moved"),
        (Box(70, 30, 30, 60), "walked"),
        (Box(50, 40, 30, 50), "reshaped"),
        (Box(50, 18, 30, 60), "reshaped"),
        (Box(45, 60, 45, 30), "turned"),
    ],
)
def test_what_somebody_did_since_the_look_before(now: Box, motion: Motion) -> None:
    looks = Looks(JudgingConfig())
    first = looks.look(PLAIN, [body(STANDS, concept="mum")], changed=True)
    assert first.motions == {"mum": "came"}
    assert looks.look(PLAIN, [body(now, concept="mum")], changed=True).motions == {"mum": motion}
    assert looks.look(PLAIN, [], changed=True).motions == {"mum": "left"}
    assert looks.look(PLAIN, [], changed=True).motions == {}


def test_who_gets_another_track_goes_on_and_of_the_nameless_the_liveliest_counts() -> None:
    looks = Looks(JudgingConfig())
    looks.look(PLAIN, [body(STANDS, 1, "mum"), body(Box(0, 0, 20, 40), 2)], changed=True)
    some = [body(STANDS, 7, "mum"), body(Box(0, 0, 20, 40), 2), body(Box(100, 0, 20, 40), 3)]
    cues = looks.look(PLAIN, some, changed=True)
    assert cues.motions == {"mum": "calm", "": "came"}
    assert cues.liveliest(frozenset({"mum"})) == "calm"
    assert cues.liveliest(frozenset()) == "came"
    assert cues.liveliest(frozenset({"dad"})) is None


def test_a_part_of_the_picture_must_stay_changed_and_the_whole_counts_at_once() -> None:
    looks = Looks(JudgingConfig())
    looks.look(PLAIN, [], changed=True)
    door = PLAIN.copy()
    door[30:100, 120:145] = 60
    seen = [looks.look(picture, [], changed=True) for picture in (door, door, door, door // 2)]
    assert [(one.changed, one.whole) for one in seen] == [
        (False, False),
        (True, False),
        (False, False),
        (True, True),
    ]


def test_a_picture_in_which_nothing_changes_is_still() -> None:
    looks = Looks(JudgingConfig())
    looks.look(PLAIN, [body(STANDS)], changed=True)
    assert looks.look(PLAIN, [body(STANDS)], changed=False).still
    looks.read()
    cues = looks.look(PLAIN, [body(STANDS)], changed=False)
    assert cues.text
    assert not cues.still


@pytest.mark.parametrize(
    ("words", "concept", "cues", "is_cue"),
    [
        ("mum waves", "mum", Cues(motions={"mum": "reshaped"}), True),
        ("mum waves", "mum", Cues(motions={"mum": "calm", "": "turned"}, changed=True), False),
        ("somebody waves", None, Cues(motions={"": "moved"}), True),
        ("somebody waves", None, Cues(changed=True), False),
        ("the door opens", None, Cues(changed=True), True),
        ("the door opens", None, Cues(motions={"mum": "walked"}), False),
    ],
)
def test_a_cue_is_what_the_sentence_is_about(
    words: str, concept: str | None, cues: Cues, is_cue: bool
) -> None:
    alert = Alert(
        id="a",
        text="",
        condition=Condition(event="judged", words=words, concept=concept),
        dwell_s=0.0,
        cooldown_s=0.0,
        created_at=0,
    )
    assert cued(alert, cues) is is_cue
