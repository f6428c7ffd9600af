"""The model behind a server: what is sent, what is understood, and what is said when it fails."""

import base64
from collections.abc import Generator

import cv2
import numpy as np
import pytest

from engine.errors import ConfigError, ModelError, ModelTimedOut
from engine.inference.openai_server import OpenAiServer, Patience
from engine.inference.openai_vlm import OpenAiVlm, verdict
from engine.media import Frame, nanoseconds
from engine.prompts import Card, ModelStatus, Picture, Prefix, Probe, Prompt
from tests.fakes.chat_server import ChatServer, chat_server
from tests.fakes.waiting import wait_for

HURRY = Patience(connect_s=2, silence_s=5, tries=3, wait_s=0.01)


@pytest.fixture
def server() -> Generator[ChatServer]:
    with chat_server() as serving:
        yield serving


@pytest.fixture
def vlm(server: ChatServer) -> Generator[OpenAiVlm]:
    opened = OpenAiVlm(OpenAiServer(server.address, "eye", patience=HURRY))
    yield opened
    opened.close()


def a_frame(t: float, shade: int = 0, run: str = "run") -> Frame:
    image = np.full((48, 64, 3), shade, np.uint8)
    return Frame(image=image, pts=nanoseconds(t), at=nanoseconds(t), run=run)


def sent_parts(server: ChatServer) -> list[str]:
    """The user's turn of the last request: its texts, and `#shade` for each picture."""
    return [_read(part) for part in server.asked[-1]["messages"][-1]["content"]]


def _read(part: dict[str, dict[str, str]]) -> str:
    if "text" in part:
        return str(part["text"])
    data = base64.b64decode(part["image_url"]["url"].removeprefix("data:image/jpeg;base64,"))
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return f"#{round(float(image.mean()) / 10) * 10}"


def test_an_answer_comes_in_pieces_with_how_sure_they_were(
    server: ChatServer, vlm: OpenAiVlm
) -> None:
    vlm.take(a_frame(3), "[00:03]")
    answering = vlm.ask(Prompt(question="What does the cat do?"))
    assert list(answering) == ["The ", "cat ", "sleeps."]
    outcome = answering.outcome
    assert outcome.why == "end"
    assert outcome.weakest == pytest.approx(0.8)
    assert outcome.newest_pts == nanoseconds(3)
    assert outcome.first_token_s > 0
    assert server.paths == ["/v1/chat/completions"]


def test_everything_is_sent_in_the_order_it_is_read(server: ChatServer, vlm: OpenAiVlm) -> None:
    card = Card(name="Momo", kind="pet", text="a grey cat", picture=a_frame(0, 50).image)
    vlm.stand(Prefix(system="Be brief.", standing=("Momo may not eat plants.",), cards=(card,)))
    for second in range(6):
        vlm.take(a_frame(second, 100 + 10 * second), f"[00:0{second}]")
    past = Picture(image=a_frame(0, 200).image, mark="[yesterday]")
    list(vlm.ask(Prompt(question="And now?", notes=("10:00 Momo came",), pictures=(past,))))
    system, _ = server.asked[-1]["messages"]
    assert system == {"role": "system", "content": "Be brief.\nMomo may not eat plants.\n"}
    assert sent_parts(server) == [
        "Momo:", "#50", " a grey cat\n",
        "From the memory:\n10:00 Momo came\n",
        "Pictures from earlier:\n", "[yesterday]", "#200",
        "What is seen now:\n",
        "[00:02]", "#120", "[00:03]", "#130", "[00:04]", "#140", "[00:05]", "#150",
        "And now?",
    ]  # fmt: skip


def test_a_frame_of_another_run_empties_the_window(server: ChatServer, vlm: OpenAiVlm) -> None:
    vlm.take(a_frame(1), "[00:01]")
    vlm.take(a_frame(9, run="other"), "[00:09]")
    list(vlm.ask(Prompt(question="What is seen?")))
    assert "[00:01]" not in sent_parts(server)
    vlm.clear()
    list(vlm.ask(Prompt(question="What is seen?")))
    assert sent_parts(server) == ["What is seen?"]


def test_without_the_window_no_live_picture_leaves(server: ChatServer, vlm: OpenAiVlm) -> None:
    vlm.take(a_frame(1), "[00:01]")
    list(vlm.ask(Prompt(question="Who came?", notes=("10:00 Momo came",), window=False)))
    assert sent_parts(server) == ["From the memory:\n10:00 Momo came\n", "Who came?"]


def test_cancelling_does_not_wait_for_the_server(server: ChatServer, vlm: OpenAiVlm) -> None:
    server.hold_after = 1
    server.words = ["One ", *["two "] * 10_000]
    answering = vlm.ask(Prompt(question="Count.", most_tokens=20_000))
    pieces = iter(answering)
    assert next(pieces) == "One "
    assert server.held.wait(5)
    answering.cancel()
    assert list(pieces) == []
    assert answering.outcome.why == "cancelled"
    server.go.set()
    assert server.hung_up.wait(5), "the connection stayed open"


def test_an_answer_that_was_cut_says_so(server: ChatServer, vlm: OpenAiVlm) -> None:
    server.finish = "length"
    answering = vlm.ask(Prompt(question="Tell all.", most_tokens=3))
    list(answering)
    assert answering.outcome.why == "length"
    assert server.asked[-1]["max_tokens"] == 3


def test_probabilities_of_a_probe(server: ChatServer, vlm: OpenAiVlm) -> None:
    (judged,) = vlm.probe([Probe(question="Is it the cat?")])
    assert judged.probabilities == pytest.approx((0.8 / 0.9, 0.1 / 0.9))
    assert vlm.perplexity("The cat sleeps.") == pytest.approx(0.9 / 0.8)


def test_a_server_that_tells_no_probabilities_is_taken_at_its_word(
    server: ChatServer, vlm: OpenAiVlm
) -> None:
    server.refuses_logprobs, server.tells_probabilities = True, False
    server.words = ["No, ", "it is not."]
    (judged,) = vlm.probe([Probe(question="Is it the cat?")])
    assert judged.probabilities == (0.0, 1.0)
    answering = vlm.ask(Prompt(question="Is it?"))
    assert "".join(answering) == "No, it is not."
    assert answering.outcome.weakest is None


def test_an_answer_that_is_no_option_says_nothing() -> None:
    assert verdict(("yes", "no"), "Perhaps.", {}).probabilities == (0.5, 0.5)
    assert verdict(("yes", "no"), "", {"": -0.1, "maybe": -1.0}).probabilities == (0.5, 0.5)


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_busy_server_is_asked_again(server: ChatServer, vlm: OpenAiVlm, status: int) -> None:
    server.statuses = [status, status]
    assert "".join(vlm.ask(Prompt(question="Well?"))) == "The cat sleeps."


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "refused the key"),
        (404, "has no model eye"),
        (413, "takes no pictures of this size"),
        (422, "does not take pictures"),
        (500, "answered 500"),
        (302, "answered 302"),
    ],
)
def test_a_refusal_is_told_in_one_sentence(
    server: ChatServer, vlm: OpenAiVlm, status: int, words: str
) -> None:
    tries = HURRY.tries if status == 500 else 1
    server.statuses, server.location = [status] * tries, "http://127.0.0.1:1/elsewhere"
    with pytest.raises(ModelError, match=words):
        list(vlm.ask(Prompt(question="Well?")))
    # What may be better the next time does not switch the server off.
    lasting = status in (401, 403, 404)
    assert vlm.status.state == ("failed" if lasting else "ready")
    assert (words in vlm.status.reason) == lasting
    assert "".join(vlm.ask(Prompt(question="Well?")))
    assert vlm.status.state == "ready"


def test_a_connection_that_breaks_off(server: ChatServer, vlm: OpenAiVlm) -> None:
    server.raw = b'data: {"choices": [{"delta": {"content": "The "}}]}\n\ndata: {"choi\n\n'
    pieces = iter(vlm.ask(Prompt(question="Well?")))
    assert next(pieces) == "The "
    with pytest.raises(ModelError, match="not understood"):
        next(pieces)


@pytest.mark.parametrize("raw", [b"<html>", b"[]", b'{"choices": 3}', b'{"error": "no"}'])
def test_what_is_no_answer_is_told(server: ChatServer, vlm: OpenAiVlm, raw: bytes) -> None:
    server.raw = raw
    with pytest.raises(ModelError, match=r"not understood|could not answer"):
        vlm.probe([Probe(question="Is it?")])


def test_an_answer_that_cannot_be_decoded_is_told(server: ChatServer, vlm: OpenAiVlm) -> None:
    server.coding, server.raw = "gzip", b"no gzip at all"
    with pytest.raises(ModelError, match="broke off"):
        vlm.probe([Probe(question="Is it?")])
    with pytest.raises(ModelError, match="broke off"):
        list(vlm.ask(Prompt(question="Well?")))


def test_a_probability_that_is_none(server: ChatServer, vlm: OpenAiVlm) -> None:
    told = '{"choices": [{"message": {"content": "yes"}, "logprobs": {"content": [{"token": "yes",'
    told += '"logprob": %s, "top_logprobs": [{"token": "yes", "logprob": %s}]}]}}]}'
    server.raw = (told % ("1000", "1000")).encode()
    assert vlm.probe([Probe(question="Is it?")])[0].yes == 1
    server.raw = (told % ("NaN", "NaN")).encode()
    with pytest.raises(ModelError, match="not understood"):
        vlm.probe([Probe(question="Is it?")])


@pytest.mark.parametrize(
    "said", [b"x" * 65536, b'data: {"choices": [{"delta": {"content": ""}}]}\n\n' * 1000]
)
def test_a_server_that_does_not_stop_is_left(
    server: ChatServer, vlm: OpenAiVlm, said: bytes
) -> None:
    server.endless = said
    with pytest.raises(ModelError, match="does not stop answering"):
        list(vlm.ask(Prompt(question="Well?")))
    with pytest.raises(ModelError, match="does not stop answering"):
        vlm.probe([Probe(question="Is it?")])
    wait_for(server.hung_up.is_set, what="the server to be left")


def test_an_answer_that_trickles_is_late(server: ChatServer) -> None:
    server.trickles = True
    hurry = Patience(connect_s=2, silence_s=5, whole_s=0.3, tries=1)
    vlm = OpenAiVlm(OpenAiServer(server.address, "eye", patience=hurry))
    with pytest.raises(ModelTimedOut, match="did not answer in time"):
        vlm.probe([Probe(question="Is it?")])
    vlm.close()


def test_what_was_cancelled_before_anyone_read_it_has_an_outcome(
    server: ChatServer, vlm: OpenAiVlm
) -> None:
    server.hold_after = 0
    answering = vlm.ask(Prompt(question="Well?"))
    answering.cancel()
    assert answering.outcome.why == "cancelled"
    assert list(answering) == []


def test_no_server_there() -> None:
    vlm = OpenAiVlm(OpenAiServer("http://127.0.0.1:9", "eye", patience=HURRY))
    with pytest.raises(ModelError, match="No connection to the model server"):
        list(vlm.ask(Prompt(question="Well?")))
    vlm.close()


def test_a_silent_server_is_late(server: ChatServer) -> None:
    server.hold_after = 0
    hurry = Patience(connect_s=1, silence_s=0.1, tries=1)
    vlm = OpenAiVlm(OpenAiServer(server.address, "eye", patience=hurry))
    with pytest.raises(ModelTimedOut, match="did not answer in time"):
        list(vlm.ask(Prompt(question="Well?")))
    vlm.close()


def test_changes_of_its_state_are_told(server: ChatServer) -> None:
    told: list[ModelStatus] = []
    vlm = OpenAiVlm(OpenAiServer(server.address, "eye", patience=HURRY), changed=told.append)
    server.statuses = [404]
    with pytest.raises(ModelError):
        list(vlm.ask(Prompt(question="Well?")))
    list(vlm.ask(Prompt(question="Well?")))
    wait_for(lambda: len(told) == 2, what="the state to be told")
    assert [status.state for status in told] == ["failed", "ready"]
    vlm.close()


def test_the_key_goes_to_the_server_alone(server: ChatServer) -> None:
    vlm = OpenAiVlm(OpenAiServer(server.address + "/v1/", "eye", key="secret", patience=HURRY))
    list(vlm.ask(Prompt(question="Well?")))
    assert server.headers[-1]["authorization"] == "Bearer secret"
    assert server.paths == ["/v1/chat/completions"]
    vlm.close()


def test_pictures_that_leave_the_machine_are_marked() -> None:
    far = OpenAiVlm(OpenAiServer("https://models.example", "eye"))
    near = OpenAiVlm(OpenAiServer("http://localhost:1234", "eye"))
    assert far.status.remote
    assert not near.status.remote
    assert (far.status.backend, near.status.backend) == ("models.example", "localhost")
    far.close()
    near.close()


@pytest.mark.parametrize(
    "address", ["", "models", "ftp://models.example", "http://a:b@c", "http://"]
)
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(ConfigError, match="Nothing was changed"):
        OpenAiServer(address, "eye")


def test_a_key_never_travels_unencrypted() -> None:
    with pytest.raises(ConfigError, match="without encryption"):
        OpenAiServer("http://models.example", "eye", key="secret")


def test_several_questions_at_once(server: ChatServer, vlm: OpenAiVlm) -> None:
    answers = [vlm.ask(Prompt(question=f"Question {n}")) for n in range(4)]
    assert ["".join(answer) for answer in answers] == ["The cat sleeps."] * 4
