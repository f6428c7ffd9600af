import pytest

from engine.decision.spoken import understand_speech


@pytest.mark.parametrize(
    ("text", "deed", "name"),
    [
        ("what is momo doing", "ask", ""),
        ("tell me when mum comes in", "stand", ""),
        ("remember this as momo", "remember", "momo"),
        ("remember this", "remember", ""),
        ("hush", "hush", ""),
        ("be quiet", "hush", ""),
        ("pause", "pause", ""),
        ("go on watching", "resume", ""),
    ],
)
def test_what_is_said_with_the_key_is_done(text: str, deed: str, name: str) -> None:
    spoken = understand_speech(text, "key")
    assert (spoken.deed, spoken.name, spoken.confirm) == (deed, name, False)


@pytest.mark.parametrize(
    "text",
    [
        "tell me when mum comes in",
        "stop telling me about the cat",
        "forget everything",
        "remember this as momo",
        "pause",
        "resume",
        "open the door",
    ],
)
def test_what_a_video_could_say_waits_for_a_hand(text: str) -> None:
    assert understand_speech(text, "name").confirm


@pytest.mark.parametrize("text", ["what is momo doing", "who is here", "hush"])
def test_a_question_by_the_wake_phrase_does_not(text: str) -> None:
    assert not understand_speech(text, "name").confirm


def test_what_is_said_to_nobody_is_no_order() -> None:
    assert understand_speech("pause", "").deed == ""
