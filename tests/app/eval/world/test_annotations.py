"""Annotations ask only about what was taught and shown; requests trigger when it is so."""

import json
import random
import re

import pytest

from app.eval.world.annotations import DEFINITION, PAST, PRESENT, Annotator, Stamp, annotated
from app.eval.world.standing import (
    FPS,
    QUIET_S,
    Condition,
    Request,
    Version,
    probes,
    requests,
    triggers,
)
from app.eval.world.stream import Stream
from app.eval.world.wording import UNSEEN

LENGTH_S = 240.0


@pytest.fixture(scope="module")
def stamps() -> list[Stamp]:
    return [
        stamp
        for seed in range(4)
        for stamp in annotated(Stream(seed, "test"), f"{seed}.mp4", until_s=LENGTH_S)["timestamps"]
    ]


def test_a_video_is_json_in_the_benchmarks_format() -> None:
    video = annotated(Stream(1, "dev"), "one.mp4", until_s=60)
    read = json.loads(json.dumps(video))
    assert read["video_path"] == "one.mp4"
    for stamp in read["timestamps"]:
        assert ("time" in stamp) != ("start_time" in stamp)
        if stamp["qa_type"] == DEFINITION:
            assert re.search(r"{\w+}", stamp["question"])
            assert "gt" not in stamp
        else:
            assert stamp["gt"] in "ABCD"
            assert len({stamp[f"option{letter}"] for letter in "ABCD"}) == 4


def test_names_are_asked_about_only_after_they_were_taught() -> None:
    for seed in range(4):
        taught: set[str] = set()
        for stamp in annotated(Stream(seed, "test"), "a", until_s=LENGTH_S)["timestamps"]:
            names = set(re.findall(r"{(\w+)}", json.dumps(stamp)))
            if stamp["qa_type"] == DEFINITION:
                taught |= names
            else:
                assert names
                assert names <= taught


def test_there_are_definitions_of_both_levels_and_questions_of_both_tenses(
    stamps: list[Stamp],
) -> None:
    assert any(one["qa_type"] == DEFINITION and "time" in one for one in stamps)
    assert any(one["qa_type"] == DEFINITION and "start_time" in one for one in stamps)
    assert sum(one["qa_type"] == PRESENT for one in stamps) > 40
    assert sum(one["qa_type"] == PAST for one in stamps) > 40
    assert any(UNSEEN in str(one.get(f"option{one.get('gt', 'A')}")) for one in stamps)


def test_the_right_option_stands_anywhere(stamps: list[Stamp]) -> None:
    letters = [one["gt"] for one in stamps if "gt" in one]
    for letter in "ABCD":
        assert 0.15 < letters.count(letter) / len(letters) < 0.37


def test_past_rooms_are_the_rooms_of_the_stream() -> None:
    stream = Stream(2, "test")
    rooms = {round(f.at_s): f.scene.room.kind for f in stream.frames(until_s=LENGTH_S)}
    asked = 0
    for stamp in annotated(stream, "a", until_s=LENGTH_S)["timestamps"]:
        match = re.search(r"^Where .* (\d+):(\d\d)\?$", stamp["question"])
        if match is None:
            continue
        asked += 1
        at = int(match[1]) * 60 + int(match[2])
        assert str(stamp.get(f"option{stamp.get('gt')}")) == f"the {rooms[at]}"
    assert asked > 3


def test_annotations_of_a_long_stream_come_as_it_goes() -> None:
    coming = Annotator(Stream(0, "test")).stamps(until_s=1e9)
    assert next(coming)["qa_type"] == DEFINITION


def test_a_request_triggers_when_its_condition_becomes_true() -> None:
    stream = Stream(5, "test")
    name = stream.population.known[0].name
    wish = Condition(wish="comes", name=name)
    wanted = (Request(number=0, versions=(Version(since_s=0.0, condition=wish),)),)
    found = list(triggers(stream, wanted, until_s=LENGTH_S))
    assert found
    truths = {f.at_s: wish.holds(f.truth()) for f in stream.frames(until_s=LENGTH_S, fps=FPS)}
    for trigger in found:
        assert truths[trigger.at_s]
        before = [t for t in truths if trigger.at_s - QUIET_S < t < trigger.at_s]
        assert not any(truths[t] for t in before)


def test_a_cancelled_request_is_silent_and_a_changed_one_follows_its_new_words() -> None:
    stream = Stream(5, "test")
    door, lamp = Condition(wish="door"), Condition(wish="lamp")
    wanted = (
        Request(number=0, versions=(
            Version(since_s=10.0, condition=door), Version(since_s=100.0, condition=None))),
        Request(number=1, versions=(
            Version(since_s=10.0, condition=door), Version(since_s=100.0, condition=lamp))),
    )  # fmt: skip
    found = list(triggers(stream, wanted, until_s=400.0))
    assert all(10.0 <= one.at_s < 100.0 for one in found if one.request == 0)
    assert {one.words for one in found if one.request == 1 and one.at_s >= 100} <= {lamp.words()}
    assert any(one.request == 0 for one in found)


def test_some_requests_are_changed_and_some_cancelled() -> None:
    made = requests(Stream(1, "test"), until_s=600)
    last = [request.versions[-1].condition for request in made]
    assert any(condition is None for condition in last)
    assert any(len(r.versions) == 2 and r.versions[1].condition is not None for r in made)
    assert all(request.at(-1.0) is None for request in made)


def test_probes_stand_where_silence_and_speech_are_right() -> None:
    stream = Stream(3, "test")
    found = list(triggers(stream, requests(stream, until_s=400), until_s=400))
    made = probes(found, chance=random.Random(0))
    assert any(probe.speak for probe in made)
    assert any(not probe.speak for probe in made)
    for probe in made:
        near = [
            t.at_s for t in found if t.request == probe.request and 0 <= probe.at_s - t.at_s <= 3
        ]
        assert bool(near) == probe.speak
