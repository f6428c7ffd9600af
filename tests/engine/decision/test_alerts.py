"""When standing requests fire, and when they keep still."""

from dataclasses import replace

import pytest

from engine.decision.alerts import Alerts, Firing
from engine.facts import Alert, Concept, Condition, ScreenText, Sighting
from engine.media import Box, Span, nanoseconds

MUM = Concept(id="mum", name="Mum", kind="person")
MOMO = Concept(id="momo", name="Momo", kind="pet")
KEYS = Concept(id="keys", name="Keys", kind="thing")
ME = Concept(id="me", name="Ada", kind="person", is_me=True)
KINDS = {c.id: c.kind for c in (MUM, MOMO, KEYS, ME)}
EPOCH = 1_773_000_000_000_000_000


def alert(event: str, who: str = "", *, words: str = "", **more: object) -> Alert:
    subject = who if who in ("somebody", "something") else "concept"
    settings: dict[str, object] = {"dwell_s": 0.0, "cooldown_s": 3.0, **more}
    return Alert(
        id=str(settings.pop("id", "alert")),
        text="tell me",
        condition=Condition(
            event=event,  # type: ignore[arg-type]
            concept=who if subject == "concept" and who else None,
            subject=subject,  # type: ignore[arg-type]
            words=words,
        ),
        created_at=0,
        **settings,  # type: ignore[arg-type]
    )


def alerts(*armed: Alert) -> Alerts:
    return Alerts(armed, (MUM, MOMO, KEYS, ME))


def came(who: str | None, at: float, *, run: str = "r", track: int = 1, **more: str) -> Sighting:
    return _sighting(who, (at, at), "began", (run, track), more.get("kind", "person"))


def left(
    who: str | None, start: float, end: float, *, run: str = "r", track: int = 1, **more: str
) -> Sighting:
    phase = more.get("phase", "ended")
    return _sighting(who, (start, end), phase, (run, track), more.get("kind", "person"))


def _sighting(
    who: str | None, span: tuple[float, float], phase: str, where: tuple[str, int], kind: str
) -> Sighting:
    (start, end), (run, track) = span, where
    return Sighting(
        run=run,
        span=Span(start=nanoseconds(start), end=nanoseconds(end)),
        at=EPOCH + nanoseconds(end),
        phase=phase,  # type: ignore[arg-type]
        concept=who,
        kind=KINDS.get(who or "", kind),  # type: ignore[arg-type]
        score=0.8,
        box=Box(0, 0, 10, 10),
        track=track,
    )


def line(text: str, start: float, end: float | None = None, *, run: str = "r") -> ScreenText:
    last = start if end is None else end
    return ScreenText(
        run=run,
        span=Span(start=nanoseconds(start), end=nanoseconds(last)),
        at=EPOCH + nanoseconds(last),
        text=text,
        box=Box(0, 0, 100, 10),
    )


def texts(firings: list[Firing]) -> list[str]:
    return [firing.text for firing in firings]


def tick(state: Alerts, at: float, run: str = "r") -> list[str]:
    return texts(state.on_tick(run, nanoseconds(at), EPOCH + nanoseconds(at)))


REMARKS = [
    ("appears", "mum", "Mum came in."),
    ("appears", "momo", "Momo came in."),
    ("appears", "keys", "Keys appeared."),
    ("leaves", "mum", "Mum left."),
    ("leaves", "momo", "Momo left."),
    ("leaves", "keys", "Keys disappeared."),
]


@pytest.mark.parametrize(("event", "who", "said"), REMARKS)
def test_what_is_said(event: str, who: str, said: str) -> None:
    state = alerts(alert(event, who))
    fired = state.on_sighted(came(who, 1)) + state.on_left(left(who, 1, 5))
    assert texts(fired) == [said]


def test_a_firing_carries_its_evidence() -> None:
    state = alerts(alert("leaves", "mum"))
    state.watch("r", label="Camera", live=True)
    state.on_sighted(came("mum", 1))
    (fired,) = state.on_left(left("mum", 1, 5))
    (evidence,) = fired.evidence
    assert (evidence.run, evidence.kind, evidence.label) == ("r", "sighting", "Camera")
    assert evidence.span == Span(start=nanoseconds(1), end=nanoseconds(5))
    assert evidence.at == Span(start=EPOCH + nanoseconds(1), end=EPOCH + nanoseconds(5))
    assert (fired.pts, fired.at) == (nanoseconds(5), EPOCH + nanoseconds(5))


def test_others_do_not_fire_it() -> None:
    state = alerts(alert("appears", "mum"))
    assert not state.on_sighted(came("momo", 1))
    assert not state.on_sighted(came(None, 2, track=2))


def test_one_remark_an_event_never_one_a_frame() -> None:
    state = alerts(alert("appears", "mum"))
    fired = texts(state.on_sighted(came("mum", 1)))
    for second in range(2, 100):
        fired += tick(state, second)
    assert fired == ["Mum came in."]


def test_dwell_is_waited_for() -> None:
    state = alerts(alert("appears", "mum", dwell_s=5.0))
    assert not state.on_sighted(came("mum", 1))
    assert not tick(state, 5.9)
    assert tick(state, 6) == ["Mum came in."]
    assert not tick(state, 20)


def test_who_leaves_within_the_dwell_is_not_told_of() -> None:
    state = alerts(alert("appears", "mum", dwell_s=5.0))
    state.on_sighted(came("mum", 1))
    assert not state.on_left(left("mum", 1, 3))
    assert not tick(state, 20)


def test_who_comes_back_within_the_dwell_has_not_left() -> None:
    state = alerts(alert("leaves", "mum", dwell_s=5.0))
    state.on_sighted(came("mum", 1))
    assert not state.on_left(left("mum", 1, 3))
    state.on_sighted(came("mum", 6))
    assert not tick(state, 20)
    state.on_left(left("mum", 6, 30))
    assert tick(state, 35) == ["Mum left."]


def test_the_cooldown_runs_in_stream_time() -> None:
    state = alerts(alert("appears", "mum", cooldown_s=60.0))
    fired: list[str] = []
    for start in (0, 30, 59, 61, 100, 125):
        fired += texts(state.on_sighted(came("mum", start)))
        state.on_left(left("mum", start, start + 1))
    assert len(fired) == 3  # at 0, 61 and 125


def test_two_cameras_tell_of_one_coming_once() -> None:
    state = alerts(alert("appears", "mum"))
    state.watch("a", label="Hall", live=True)
    state.watch("b", label="Door", live=True)
    assert texts(state.on_sighted(came("mum", 1, run="a"))) == ["Mum came in."]
    assert not state.on_sighted(came("mum", 2, run="b"))
    assert not state.on_left(left("mum", 1, 10, run="a"))


def test_recordings_do_not_silence_each_other() -> None:
    state = alerts(alert("appears", "mum"))
    state.watch("a", label="a.mp4", live=False)
    state.watch("b", label="b.mp4", live=False)
    assert state.on_sighted(came("mum", 1, run="a"))
    assert state.on_sighted(came("mum", 1, run="b"))


def test_leaving_one_camera_for_another_is_not_leaving() -> None:
    state = alerts(alert("leaves", "mum"))
    state.on_sighted(came("mum", 1, run="a"))
    state.on_sighted(came("mum", 5, run="b"))
    assert not state.on_left(left("mum", 1, 6, run="a"))
    assert texts(state.on_left(left("mum", 5, 9, run="b"))) == ["Mum left."]


def test_a_source_that_ends_is_no_leaving() -> None:
    state = alerts(alert("leaves", "mum"), alert("returns", "mum", id="second"))
    state.on_sighted(came("mum", 1))
    assert not state.on_left(left("mum", 1, 5, phase="stayed"))
    state.on_interrupted("r")
    assert not state.on_sighted(came("mum", 9))


def test_an_interruption_ends_what_was_waited_for() -> None:
    state = alerts(alert("appears", "mum", dwell_s=5.0))
    state.on_sighted(came("mum", 1))
    state.on_interrupted("r")
    assert not tick(state, 60)


def test_coming_back_needs_to_have_gone() -> None:
    state = alerts(alert("returns", "momo"))
    assert not state.on_sighted(came("momo", 1))
    assert not state.on_left(left("momo", 1, 5))
    assert texts(state.on_sighted(came("momo", 9))) == ["Momo came back."]


def test_one_may_ask_for_the_return_of_who_has_gone_already() -> None:
    state = alerts()
    state.on_sighted(came("mum", 1))
    state.on_left(left("mum", 1, 5))
    state.add(alert("returns", "mum"))
    assert texts(state.on_sighted(came("mum", 9))) == ["Mum came back."]


def test_who_is_there_when_it_is_armed_is_no_event() -> None:
    state = alerts()
    state.on_sighted(came("mum", 1))
    state.add(alert("appears", "mum"))
    assert not tick(state, 30)
    state.on_left(left("mum", 1, 31))
    assert texts(state.on_sighted(came("mum", 40))) == ["Mum came in."]


def test_somebody_is_anybody() -> None:
    state = alerts(alert("appears", "somebody", cooldown_s=0.0))
    assert texts(state.on_sighted(came(None, 1, track=1))) == ["Somebody appeared."]
    assert texts(state.on_sighted(came("mum", 2, track=2))) == ["Mum came in."]
    assert not state.on_sighted(came("momo", 3, track=3))
    assert not state.on_sighted(came(None, 4, track=4, kind="thing"))


def test_something_is_anything_that_comes() -> None:
    state = alerts(alert("appears", "something", cooldown_s=0.0))
    assert texts(state.on_sighted(came(None, 1, kind="thing"))) == ["Something appeared."]
    assert texts(state.on_sighted(came(None, 2, track=2))) == ["Somebody appeared."]


def test_a_body_that_gets_its_name_later_is_told_of_once() -> None:
    state = alerts(alert("appears", "somebody", cooldown_s=0.0))
    assert state.on_sighted(came(None, 1, track=7))
    assert not state.on_sighted(came("mum", 20, track=7))
    state.on_left(left("mum", 1, 30, track=7))
    assert texts(state.on_sighted(came("mum", 40, track=8))) == ["Mum came in."]


def test_nobody_is_told_of_oneself() -> None:
    state = alerts(
        alert("appears", "somebody"),
        alert("appears", "me", id="2"),
        alert("leaves", "somebody", id="3"),
    )
    assert not state.on_sighted(came("me", 1))
    assert not tick(state, 9)
    assert not state.on_left(left("me", 1, 10))


def test_who_turns_out_to_be_oneself_within_the_dwell_is_not_told_of() -> None:
    state = alerts(alert("appears", "somebody", dwell_s=2.0))
    state.on_sighted(came(None, 1, track=7))
    state.on_sighted(came("me", 2, track=7))
    assert not tick(state, 9)


def test_marking_oneself_silences_at_once() -> None:
    state = alerts(alert("appears", "mum", dwell_s=2.0))
    state.on_sighted(came("mum", 1))
    state.know((replace(MUM, is_me=True),))
    assert not tick(state, 9)


def test_the_new_name_is_said() -> None:
    state = alerts(alert("appears", "mum"))
    state.know((replace(MUM, name="Mother"),))
    assert texts(state.on_sighted(came("mum", 1))) == ["Mother came in."]


def test_an_alert_expires() -> None:
    state = alerts(alert("appears", "mum", expires_at=EPOCH + nanoseconds(10)))
    assert state.on_sighted(came("mum", 1))
    state.on_left(left("mum", 1, 5))
    assert not state.on_sighted(came("mum", 10))
    assert state.all() == ()


def test_expired_alerts_are_handed_out_once() -> None:
    state = alerts(alert("appears", "mum", expires_at=5), alert("leaves", "mum", id="other"))
    assert [a.id for a in state.expire(5)] == ["alert"]
    assert state.expire(6) == ()
    assert [a.id for a in state.all()] == ["other"]


def test_a_removed_alert_is_silent() -> None:
    state = alerts(alert("appears", "mum", dwell_s=5.0))
    state.on_sighted(came("mum", 1))
    assert state.remove("alert")
    assert not state.remove("alert")
    assert not tick(state, 9)


# --- words on a screen ----------------------------------------------------------------------------


def test_words_on_the_screen_are_told_once() -> None:
    state = alerts(alert("reads", words="build finished"))
    (fired,) = state.on_text(line("The BUILD  finished!", 1))
    assert fired.text == "The screen says “The BUILD finished!”."
    assert [e.kind for e in fired.evidence] == ["text"]
    assert not tick(state, 30)


@pytest.mark.parametrize("text", ["The build", "rebuild finished", "build was finished", ""])
def test_other_words_are_not(text: str) -> None:
    assert not alerts(alert("reads", words="build finished")).on_text(line(text, 1))


def test_the_same_words_in_another_line_are_no_news_while_they_stand() -> None:
    state = alerts(alert("reads", words="error", cooldown_s=0.0))
    assert state.on_text(line("error 1", 1))
    assert not state.on_text(line("error 2", 9))
    assert not state.on_text(line("error 1", 1, 12), gone=True)
    assert not state.on_text(line("error 3", 13))
    state.on_text(line("error 2", 9, 20), gone=True)
    state.on_text(line("error 3", 13, 20), gone=True)
    assert texts(state.on_text(line("error 4", 30))) == ["The screen says “error 4”."]


def test_a_redrawn_line_is_one_event() -> None:
    state = alerts(alert("reads", words="building"))
    fired: list[Firing] = []
    for second in range(60):
        fired += state.on_text(line(f"building {second} %", second))
        fired += state.on_text(line(f"building {second} %", second, second + 1), gone=True)
    assert len(fired) == 1


def test_words_that_stood_there_when_it_was_armed_are_no_event() -> None:
    state = alerts()
    state.on_text(line("error 1", 1))
    state.add(alert("reads", words="error"))
    assert not state.on_text(line("error 2", 5))


def test_words_must_stand_for_the_dwell() -> None:
    state = alerts(alert("reads", words="error", dwell_s=2.0))
    assert not state.on_text(line("error", 1))
    state.on_text(line("error", 1, 2), gone=True)
    assert not tick(state, 9)
    state.on_text(line("error", 20))
    assert tick(state, 22) == ["The screen says “error”."]


def test_what_was_said_is_not_text_on_a_screen() -> None:
    state = alerts(alert("reads", words="contraption"))
    state.on_said("The screen said “contraption” at 0:08.")
    assert not state.on_text(line("The screen said “contraption” at 0:08.", 5))
    assert not state.on_text(line("Nacre: The screen said contraption at 0:08", 6))
    assert state.on_text(line("A strange contraption", 7))


def test_full_width_letters_and_other_scripts() -> None:
    assert alerts(alert("reads", words="error")).on_text(line("ＥＲＲＯＲ", 1))
    assert alerts(alert("reads", words="نور")).on_text(line("«نور»", 1))


def test_all_are_listed_in_order_of_their_making() -> None:
    first = replace(alert("appears", "mum", id="z"), created_at=1)
    second = replace(alert("appears", "mum", id="a"), created_at=2)
    assert [a.id for a in alerts(second, first).all()] == ["z", "a"]


def test_who_was_named_or_left_is_not_counted_any_more() -> None:
    """Two are told of when two are there, not when the second has come after the first had left."""
    two = alert("counts", "somebody")
    armed = alerts(replace(two, condition=replace(two.condition, count=2)))
    armed.on_sighted(came(None, 0, track=1))
    armed.on_named(left(None, 0, 2, track=1), told_again=False)
    armed.on_sighted(came("mum", 2, track=4))
    armed.on_left(left("mum", 2, 8, track=4))
    assert armed.on_sighted(came(None, 9, track=6)) == []
    assert len(armed.on_sighted(came(None, 10, track=7))) == 1
