"""The office: every request, in one process."""

import base64
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from app import requests as rq
from app.office import Office
from engine import messages as msg
from engine.facts import GalleryEntry
from engine.media import Box
from engine.prompts import ModelStatus
from tests.fakes.clock import EPOCH_2026, ManualClock
from tests.fakes.desk import FakeDesk
from tests.fakes.household import MOMO, MUM, Household

NOW = EPOCH_2026


@pytest.fixture
def household() -> Household:
    return Household(NOW)


@pytest.fixture
def desk(household: Household) -> FakeDesk:
    return FakeDesk(household.archive)


@pytest.fixture
def office(desk: FakeDesk, clock: ManualClock) -> Office:
    return Office(desk, clock)


def picture(width: int = 64, height: int = 48, kind: str = ".png") -> str:
    image = np.full((height, width, 3), 120, np.uint8)
    image[:, : width // 2] = 30
    return base64.b64encode(cv2.imencode(kind, image)[1].tobytes()).decode()


def gallery(desk: FakeDesk, concept: str) -> Any:
    def changed(command: Any) -> list[msg.Event]:
        return [
            msg.GalleryChanged(entries=desk.archive.gallery(), concept=concept, ref=command.ref)
        ]

    return changed


def failed(office: Office, request: object) -> str:
    reply = office.handle(request)
    assert reply["ok"] is False
    assert "\n" not in reply["reason"]
    return str(reply["reason"])


def test_what_is_asked_and_on_what(office: Office, desk: FakeDesk):
    assert office.handle({"do": "models.status"}) == {"ok": True, "model": None}
    desk.model = ModelStatus(model="Eye", state="ready", backend="CPU", id="eye")
    told = office.handle({"do": "models.status"})["model"]
    assert (told["model"], told["state"], told["backend"]) == ("Eye", "ready", "CPU")


# --- asking ------------------------------------------------------------------------------------


def test_a_question_brings_the_answer_with_its_evidence(
    office: Office, desk: FakeDesk, household: Household
):
    desk.answers[msg.Say] = lambda ask: [  # pyright: ignore[reportArgumentType]
        msg.AnswerFinished(answer=household.answer(ask.ref, ask.text, "At 12:04.", 42, 186))  # pyright: ignore
    ]
    answer = office.handle({"do": "ask", "text": " when did Mum come? "})["answer"]
    assert answer["question"] == "when did Mum come?"
    assert answer["text"] == "At 12:04."
    assert [one["from"] for one in answer["evidence"]] == [42, 186]
    assert answer["evidence"][0]["source"] == "Desk camera"


def test_what_the_engine_refuses_comes_back_with_its_reason(office: Office, desk: FakeDesk):
    desk.answers[msg.AddAlert] = lambda command: [  # pyright: ignore[reportArgumentType]
        msg.Failed(reason="I cannot watch for that.", kind="AlertError", ref=command.ref)  # pyright: ignore
    ]
    assert failed(office, {"do": "alerts.add", "text": "nonsense"}) == "I cannot watch for that."


def test_an_engine_that_does_not_answer_is_not_waited_for(office: Office):
    assert "too long" in failed(office, {"do": "ask", "text": "anything?"})


@pytest.mark.parametrize(
    "request_",
    [
        None,
        7,
        [],
        {},
        {"do": "explode"},
        {"do": "ask"},
        {"do": "ask", "text": 7},
        {"do": "ask", "text": "  "},
        {"do": "ask", "text": "x", "more": 1},
        {"do": "concepts.add", "name": "A", "kind": "dragon", "picture": ""},
        {"do": "memory.search", "text": "x", "limit": 10**9},
        {"do": "memory.search", "text": ""},
        {"do": "memory.forget", "since": 5, "until": 4},
    ],
)
def test_a_malformed_request_is_refused_and_nothing_is_done(
    office: Office, desk: FakeDesk, request_: object
):
    failed(office, request_)
    assert desk.commands == []


def test_a_refused_request_is_not_quoted(office: Office):
    assert "secret" not in failed(office, {"do": "ask", "text": {"secret": "words"}})


# --- concepts ----------------------------------------------------------------------------------


def test_a_picture_is_taught_under_its_name(office: Office, desk: FakeDesk):
    desk.answers[msg.TeachConcept] = gallery(desk, MUM.id)
    request = rq.AddConcept(name="Mum", kind="person", picture=picture(), box=(4, 5, 20, 30))
    concept = office.handle(request.model_dump(mode="json"))["concept"]
    assert (concept["name"], concept["views"], concept["not_views"]) == ("Mum", 4, 1)
    (command,) = desk.commands
    assert isinstance(command, msg.TeachConcept)
    assert command.frame.size == (64, 48)
    assert command.box == Box(4, 5, 20, 30)
    assert command.frame.at == NOW


def test_a_large_picture_is_scaled_down_with_its_box(office: Office, desk: FakeDesk):
    desk.answers[msg.TeachConcept] = gallery(desk, MUM.id)
    large = picture(3840, 2160, ".jpg")
    request = {"do": "concepts.add", "name": "A", "kind": "person", "picture": large}
    assert office.handle({**request, "box": [2000, 1000, 400, 600]})["ok"]
    (command,) = desk.commands
    assert isinstance(command, msg.TeachConcept)
    assert command.frame.size == (1920, 1080)
    assert command.box == Box(1000, 500, 200, 300)


@pytest.mark.parametrize(
    ("data", "box", "said"),
    [
        ("", None, "empty"),
        (base64.b64encode(b"hello").decode(), None, "not a picture"),
        ("###", None, "damaged"),
        (picture(), [60, 0, 20, 20], "64x48"),
        (picture(), [-5, 0, 20, 20], "not inside"),
        (picture(), [0, 0, 0, 20], "not inside"),
    ],
)
def test_a_bad_picture_or_box_is_said(
    office: Office, desk: FakeDesk, data: str, box: list[int] | None, said: str
):
    request = {"do": "concepts.add", "name": "A", "kind": "thing", "picture": data, "box": box}
    assert said in failed(office, request)
    assert desk.commands == []


def test_concepts_are_listed_and_found_by_name_alias_or_id(office: Office):
    names = [concept["name"] for concept in office.handle({"do": "concepts.list"})["concepts"]]
    assert names == ["Me", "Momo", "Mum", "my red mug", "the desk by the window"]
    for name in ("MUM", "anna", "mum", " Mum "):
        assert office.handle({"do": "concepts.show", "name": name})["concept"]["id"] == MUM.id


def test_a_name_that_is_not_known_is_said_short(office: Office):
    reason = failed(office, {"do": "concepts.show", "name": "x" * 10_000})
    assert len(reason) < 250


def test_corrections_reach_the_engine_with_ids(office: Office, desk: FakeDesk):
    desk.answers[msg.CorrectConcept] = gallery(desk, MUM.id)
    desk.answers[msg.ForgetConcept] = gallery(desk, MUM.id)
    for request in (
        {"do": "concepts.rename", "name": "Mum", "to": "Mama"},
        {"do": "concepts.merge", "name": "Mum", "into": "Momo"},
        {"do": "concepts.not", "name": "Mum", "picture": picture()},
        {"do": "concepts.remove", "name": "Mum"},
    ):
        assert office.handle(request)["ok"]
    renamed, merged, rejected, removed = desk.commands
    assert isinstance(renamed, msg.CorrectConcept)
    assert renamed.concept == MUM.id
    assert renamed.correction == msg.Rename(name="Mama")
    assert isinstance(merged, msg.CorrectConcept)
    assert merged.correction == msg.MergeInto(concept=MOMO.id)
    assert isinstance(rejected, msg.CorrectConcept)
    assert isinstance(rejected.correction, msg.RejectPicture)
    assert isinstance(removed, msg.ForgetConcept)


def test_a_change_that_is_not_confirmed_is_an_error(office: Office, desk: FakeDesk):
    desk.answers[msg.TeachConcept] = gallery(desk, "nobody")
    request = {"do": "concepts.add", "name": "A", "kind": "thing", "picture": picture()}
    assert "did not confirm" in failed(office, request)


# --- alerts and memory -------------------------------------------------------------------------


def test_alerts_are_listed_with_what_they_watch(office: Office):
    first, second, _ = office.handle({"do": "alerts.list"})["alerts"]
    assert (first["event"], first["concept"]) == ("appears", "Mum")
    assert (second["event"], second["words"]) == ("reads", "build finished")
    assert second["expires_at"] is not None


def test_an_alert_is_removed_by_id_or_by_its_sentence(office: Office, desk: FakeDesk):
    desk.answers[msg.RemoveAlert] = lambda command: [  # pyright: ignore[reportArgumentType]
        msg.AlertsChanged(alerts=(), ref=command.ref)  # pyright: ignore
    ]
    assert office.handle({"do": "alerts.remove", "alert": "alert-2"})["ok"]
    assert office.handle({"do": "alerts.remove", "alert": "Tell me when MUM comes in"})["ok"]
    assert [c.alert for c in desk.commands if isinstance(c, msg.RemoveAlert)] == [
        "alert-2",
        "alert-1",
    ]
    assert "no alert" in failed(office, {"do": "alerts.remove", "alert": "zzz"})


def test_the_memory_is_searched_within_its_bounds(office: Office, household: Household):
    hits = office.handle({"do": "memory.search", "text": "build"})["hits"]
    assert [hit["text"] for hit in hits] == ["Build finished: 214 passed in 38 s"]
    late = household.began + 200 * 10**9
    assert office.handle({"do": "memory.search", "text": "build", "since": late})["hits"] == []


def test_forgetting_says_how_much_is_gone(office: Office, desk: FakeDesk):
    desk.answers[msg.Forget] = lambda command: [  # pyright: ignore[reportArgumentType]
        msg.Forgotten(scope=command.scope, ref=command.ref)  # pyright: ignore
    ]
    reply = office.handle({"do": "memory.forget", "since": 10, "until": 20})
    assert reply == {"ok": True, "forgotten_facts": 0, "forgotten_clips": 0}
    (command,) = desk.commands
    assert isinstance(command, msg.Forget)
    assert command.scope.at is not None
    assert (command.scope.at.start, command.scope.at.end) == (10, 20)
    office.handle({"do": "memory.forget"})
    everything = desk.commands[-1]
    assert isinstance(everything, msg.Forget)
    assert everything.scope.at is None


# --- the window --------------------------------------------------------------------------------


def test_a_second_start_asks_for_the_window(desk: FakeDesk, clock: ManualClock):
    asked: list[int] = []
    with_window = Office(desk, clock, show=lambda: asked.append(1))
    assert with_window.handle({"do": "show"})["shown"] is True
    assert asked == [1]
    assert Office(desk, clock).handle({"do": "show"})["shown"] is False


def test_newly_installed_models_are_loaded(office: Office, desk: FakeDesk):
    assert office.handle({"do": "models.reload"})["ok"]
    assert desk.reloaded == 1


def test_an_emoji_and_a_right_to_left_name_are_names_like_any(
    desk: FakeDesk, clock: ManualClock, tmp_path: Path
):
    from dataclasses import replace

    for name in ("🐈", "أمي"):
        concept = replace(MUM, id=name, name=name)
        desk.archive.entries.append(GalleryEntry(concept=concept, positives=1, negatives=0))
        assert Office(desk, clock).handle({"do": "concepts.show", "name": name})["ok"]
