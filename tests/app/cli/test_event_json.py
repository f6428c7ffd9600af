"""Events as lines."""

from dataclasses import replace

import pytest

from app.cli.event_json import EventJson
from app.cli.event_text import clock, spoken
from engine import messages as msg
from engine.facts import SourceSpec
from engine.media import nanoseconds
from tests.fakes import facts

FILE = SourceSpec(kind="recording", address="/private/room.mp4", label="room.mp4")
HALL = SourceSpec(kind="recording", address="/private/hall.mp4", label="hall.mp4")


def writer(*, sources: dict[str, SourceSpec] | None = None, wall: bool = False) -> EventJson:
    return EventJson(sources or {"r1": FILE}, lambda alert: f"sentence of {alert}", wall=wall)


def sighted(run: str = "r1", track: int = 17, concept: str | None = "c1") -> msg.Sighted:
    sighting = facts.sighting(run, 4.2, concept=concept, track=track)
    return msg.Sighted(sighting=sighting, name="Mum" if concept else "someone")


def test_a_sighting_has_the_keys_of_the_contract_in_their_order():
    assert writer().line(sighted()) == {
        "t": 4.2,
        "event": "sighted",
        "concept": "Mum",
        "kind": "person",
        "score": 0.75,
        "box": [1, 2, 3, 4],
        "track": 1,
    }


def test_who_has_no_name_has_no_concept():
    line = writer().line(sighted(concept=None))
    assert line is not None
    assert line["concept"] is None
    assert "someone is here" in spoken(line)


def test_who_leaves_says_since_when():
    left = msg.Left(sighting=facts.sighting("r1", 2, 9.5, concept="c1"), name="Mum")
    line = writer().line(left)
    assert line is not None
    assert (line["t"], line["event"], line["from"], line["to"]) == (9.5, "left", 2.0, 9.5)
    assert spoken(line) == "  0:09.5  Mum has left, here from 0:02.0"


def test_tracks_are_counted_anew_in_every_run():
    lines = writer(sources={"r1": FILE, "r2": HALL})
    found = [
        (line["source"], line["track"])
        for run, track in (("r1", 17), ("r2", 18), ("r1", 19), ("r1", 17))
        if (line := lines.line(sighted(run, track)))
    ]
    assert found == [("room.mp4", 1), ("hall.mp4", 1), ("room.mp4", 2), ("room.mp4", 1)]


@pytest.mark.parametrize("wall", [True, False])
def test_wall_time_is_written_only_when_asked_for(wall: bool):
    remark = facts.remark("Mum came in.", "r1", 5, facts.evidence("r1", 4, 5))
    for event in (
        sighted(),
        msg.Read(text=facts.words("r1", "hello")),
        msg.Remarked(remark=remark),
        msg.SourceChanged(run="r1", spec=FILE, state="lost", pts=1, at=facts.wall(1)),
    ):
        line = writer(wall=wall).line(event)
        assert line is not None
        assert ("at" in line) is wall


def test_a_remark_names_its_alert_and_its_evidence():
    remark = facts.remark("Mum came in.", "r1", 5, facts.evidence("r1", 4, 5))
    line = writer().line(msg.Remarked(remark=remark))
    assert line is not None
    assert line["alert"] == "sentence of al"
    assert line["evidence"] == [{"from": 4.0, "to": 5.0, "kind": "sighting"}]


def test_evidence_from_elsewhere_names_its_source():
    answer = replace(facts.answer("At 9.", 9, facts.evidence("old", 1, 2, "Hall")), run="r1")
    line = writer().line(msg.AnswerFinished(answer=answer))
    assert line is not None
    assert line["evidence"][0]["source"] == "Hall"
    assert "▸ 0:01.0-0:02.0 Hall (sighting)" in spoken(line)


def test_a_failure_and_a_state_say_why():
    failed = msg.Failed(reason="Gone.", kind="DeviceLost", run="r1", pts=nanoseconds(3))
    assert writer().line(failed) == {"t": 3.0, "event": "failed", "reason": "Gone."}
    lost = msg.SourceChanged(
        run="r1", spec=FILE, state="stalled", pts=nanoseconds(2), at=0, reason="No picture."
    )
    line = writer().line(lost)
    assert line == {
        "t": 2.0, "event": "source", "state": "stalled", "reason": "No picture.",
    }  # fmt: skip
    assert spoken(line or {}) == "  0:02.0  no picture for a while (No picture.)"


def test_no_path_and_no_run_is_ever_written():
    line = writer().line(msg.SourceChanged(run="r1", spec=FILE, state="open", pts=0, at=0))
    assert "private" not in str(line)
    assert "r1" not in str(line)


def test_what_is_not_in_the_contract_is_not_written():
    assert writer().line(msg.ModelChanged(features=())) is None


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00.0"), (59.96, "1:00.0"), (61.25, "1:01.2"), (3723, "1:02:03")]
)
def test_moments_are_shown_as_on_a_player(seconds: float, shown: str):
    assert clock(seconds) == shown
