"""`nacre ask`, `nacre alerts` and `nacre memory` with the real engine."""

import json
from pathlib import Path

import pytest

from tests.app.cli.conftest import Nacre


@pytest.fixture
def watched(nacre: Nacre) -> Nacre:
    """`nacre` with the bundled clip in its memory, watched with an alert."""
    nacre("alerts", "add", "tell me when somebody appears")
    assert nacre("watch", "demo").code == 0
    return nacre


def test_a_question_is_answered_from_an_earlier_watching(watched: Nacre):
    answer = watched("ask", "when did somebody appear?", "--json").json
    assert answer["question"] == "when did somebody appear?"
    assert answer["evidence"]
    assert set(answer["evidence"][0]) == {"from", "to", "kind", "source", "at"}
    assert 0 < answer["confidence"] <= 1
    assert answer["first_token_s"] >= 0
    told = watched("ask", "when did somebody appear?").out.splitlines()
    assert told[0] == answer["text"]
    assert told[1].strip().startswith("▸")


def test_without_a_memory_nothing_is_made_up(nacre: Nacre):
    answer = nacre("ask", "when did somebody appear?", "--json").json
    assert (answer["evidence"], answer["confidence"]) == ([], 0.0)
    assert answer["help"]


@pytest.mark.parametrize("question", ["", "  ", "x" * 5000])
def test_what_is_no_question(nacre: Nacre, question: str):
    assert nacre("ask", question).code == 2


def test_an_alert_fires_once_an_event_and_names_itself(watched: Nacre):
    lines = watched("watch", "demo", "--json").lines
    remarks = [line for line in lines if line["event"] == "remarked"]
    sightings = [line for line in lines if line["event"] == "sighted"]
    assert 0 < len(remarks) <= len(sightings)
    assert {remark["alert"] for remark in remarks} == {"tell me when somebody appears"}
    assert all(remark["evidence"] for remark in remarks)


def test_alerts_are_added_listed_and_removed(nacre: Nacre):
    assert "nacre alerts add" in nacre("alerts", "list").out
    more = ("--dwell", 2, "--cooldown", 60, "--expires", "2199-01-01")
    alert = nacre("alerts", "add", "tell me when somebody appears", *more, "--json").json
    assert (alert["event"], alert["subject"]) == ("appears", "somebody")
    assert (alert["dwell_s"], alert["cooldown_s"]) == (2.0, 60.0)
    assert nacre("alerts", "list", "--json").json == [alert]
    assert "for 2 s, then silent for 60 s, until 2199" in nacre("alerts", "list").out
    assert nacre("alerts", "remove", alert["id"], "--json").json == {"removed": alert}
    assert nacre("alerts", "list", "--json").json == []


@pytest.mark.parametrize("sentence", ["", "make me rich", "tell me when Nobody appears"])
def test_what_cannot_be_watched_for_is_said(nacre: Nacre, sentence: str):
    said = nacre("alerts", "add", sentence)
    assert said.code == 1
    assert said.reason


def test_an_alert_that_is_not_there_cannot_be_removed(nacre: Nacre):
    said = nacre("alerts", "remove", "zzz")
    assert said.code == 1
    assert "no alert" in said.reason


def test_the_memory_is_searched_and_measured(watched: Nacre):
    hits = watched("memory", "search", "momo", "--limit", 3, "--json").json
    assert hits
    assert all("momo" in hit["text"].lower() for hit in hits)
    assert watched("memory", "search", "momo", "--until", "2001-01-01").out == (
        "Nothing was found.\n"
    )
    stats = watched("memory", "stats", "--json").json
    assert stats["runs"] >= 1
    assert stats["clips"] > 0
    assert f"{stats['clips']} clips" in watched("memory", "stats").out


def test_what_is_forgotten_is_gone(watched: Nacre, tmp_path: Path):
    said = watched("memory", "forget", "--last", "1d", "--yes", "--json")
    assert said.code == 0
    assert said.json["forgotten_facts"] > 0
    assert watched("memory", "search", "momo", "--json").json == []
    assert watched("memory", "stats", "--json").json["clips"] == 0
    assert len(watched("alerts", "list", "--json").json) == 1
    assert watched("memory", "forget", "--everything", "--yes").code == 0
    assert watched("alerts", "list", "--json").json == []


def test_nothing_is_forgotten_without_a_yes(watched: Nacre, monkeypatch: pytest.MonkeyPatch):
    before = watched("memory", "stats", "--json").json
    assert watched("memory", "forget", "--everything").code == 2
    monkeypatch.setattr("app.cli.memory._agreed", lambda: False)
    said = watched("memory", "forget", "--everything")
    assert (said.code, said.reason) == (1, "Nothing was forgotten.")
    assert watched("memory", "stats", "--json").json == before


def test_nothing_of_the_users_is_in_the_log(watched: Nacre, tmp_path: Path):
    watched("ask", "where is my secret mushroom?")
    watched("memory", "search", "mushroom")
    logged = "".join(p.read_text() for p in (tmp_path / "data" / "log").iterdir())
    assert "mushroom" not in logged
    assert str(tmp_path) not in logged
    assert json.dumps("mushroom") not in logged
