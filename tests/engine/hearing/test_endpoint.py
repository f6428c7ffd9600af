import numpy as np

from engine.hearing.endpoint import ENDS_AFTER, KEY_TAIL, LONGEST, PRE_ROLL, Endpointer, Segment
from engine.media import Samples

BLOCK = 512


def marked(number: int) -> Samples:
    return np.full(BLOCK, number, np.int16)


def heard(pointer: Endpointer, speech: list[float], first: int = 0) -> list[Segment]:
    found = [pointer.hear(marked(first + n), p) for n, p in enumerate(speech)]
    return [segment for segment in found if segment is not None]


def test_what_came_before_the_first_speech_belongs_to_the_utterance() -> None:
    (segment,) = heard(Endpointer(), [0.1] * 40 + [0.9] * 20 + [0.0] * ENDS_AFTER)
    # The detector notices the second of two blocks of speech; half a second is kept before it.
    assert segment.began == 42 - PRE_ROLL
    assert segment.samples[0] == 42 - PRE_ROLL
    assert segment.spoken
    assert not segment.by_key
    assert len(segment.samples) == (segment.ended - segment.began) * BLOCK


def test_a_pause_for_breath_does_not_end_it_and_silence_does() -> None:
    speech = [0.9] * 10 + [0.0] * (ENDS_AFTER - 1) + [0.9] * 10 + [0.0] * ENDS_AFTER
    assert len(heard(Endpointer(), speech)) == 1
    assert len(heard(Endpointer(), [*speech, *speech])) == 2


def test_a_click_is_no_utterance() -> None:
    assert heard(Endpointer(), [0.0] * 20 + [0.9] * 2 + [0.0] * (ENDS_AFTER + 5)) == []


def test_nobody_speaks_for_ever() -> None:
    segments = heard(Endpointer(), [0.9] * (2 * LONGEST))
    assert len(segments) >= 1
    assert all(len(segment.samples) <= LONGEST * BLOCK for segment in segments)


def test_the_key_takes_everything_from_a_little_before_it_to_a_little_after() -> None:
    pointer = Endpointer()
    assert heard(pointer, [0.0] * 30) == []
    pointer.hold(True)
    assert heard(pointer, [0.0] * 50, first=30) == []
    pointer.hold(False)
    (segment,) = heard(pointer, [0.0] * (KEY_TAIL + 1), first=80)
    assert segment.by_key
    assert not segment.spoken
    assert segment.samples[0] == 30 - PRE_ROLL
    assert segment.samples[-1] == 80 + KEY_TAIL - 1


def test_without_the_key_nothing_is_said_by_key_any_more() -> None:
    pointer = Endpointer()
    pointer.hold(True)
    heard(pointer, [0.9] * 10)
    pointer.hold(False)
    assert heard(pointer, [0.0] * (KEY_TAIL + 1))[0].by_key
    (next_one,) = heard(pointer, [0.9] * 10 + [0.0] * ENDS_AFTER)
    assert not next_one.by_key


def test_what_is_dropped_comes_back_in_nothing() -> None:
    pointer = Endpointer()
    heard(pointer, [0.9] * 10)
    pointer.drop()
    (segment,) = heard(pointer, [0.9] * 10 + [0.0] * ENDS_AFTER, first=100)
    assert segment.samples[0] == 100


def test_what_is_only_kept_begins_nothing_and_stands_before_what_does() -> None:
    pointer = Endpointer()
    for number in range(40):
        pointer.keep(marked(number))
    assert not pointer.hearing
    (segment,) = heard(pointer, [0.9] * 20 + [0.0] * ENDS_AFTER, first=40)
    assert segment.samples[0] == 42 - PRE_ROLL
    assert segment.began == 42 - PRE_ROLL


def test_what_is_under_way_can_be_ended_at_once() -> None:
    pointer = Endpointer()
    assert pointer.finish() is None
    assert heard(pointer, [0.9] * 10) == []
    segment = pointer.finish()
    assert segment is not None
    assert segment.ended == 10
    assert not pointer.hearing
    assert pointer.finish() is None
