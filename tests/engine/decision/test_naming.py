import pytest

from engine.decision.naming import action_named


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("Call this the morning stretch.", ("morning stretch", 5.0)),
        ("call what I just did the victory dance", ("victory dance", 5.0)),
        ("OK, call that movement squat", ("squat", 5.0)),
        ("remember what I did as the sun salute", ("sun salute", 5.0)),
        ("remember this exercise from the last 8 seconds as squat", ("squat", 8.0)),
        ("call the last three seconds the bow", ("bow", 3.0)),
        ("that gesture is called the wave", ("wave", 5.0)),
    ],
)
def test_what_was_just_done_gets_a_name(said: str, named: tuple[str, float]) -> None:
    assert action_named(said) == named


@pytest.mark.parametrize(
    "said",
    [
        "call this Blue",
        "remember this mug as Blue",
        "call Mum",
        "what was that movement called?",
        "tell me when somebody does the morning stretch",
        "is this the morning stretch?",
    ],
)
def test_what_names_nothing_done_is_left_alone(said: str) -> None:
    assert action_named(said) is None
