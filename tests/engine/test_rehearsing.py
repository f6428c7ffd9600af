"""An alert run over what is remembered tells what it would have told."""

import pytest

from engine.decision.manners import Manners
from engine.effects import Persist, Rehearse
from engine.facts import Alert, Condition
from engine.rehearsing import rehearse
from engine.reports import Rehearsed
from tests.fakes.facts import heard, run, state, wall, wall_span, words
from tests.fakes.store import FakeArchive, FakeStore


@pytest.fixture
def archive() -> FakeArchive:
    store = FakeStore()
    facts = (
        run("r1"),
        state("r1", 0, "open"),
        words("r1", "dinner at eight", 2, 2),
        words("r1", "dinner at eight", 2, 30),
        state("r1", 60, "ended"),
        run("m1", kind="microphone"),
        heard("m1", "dinner is ready", 10, 12),
        heard("m1", "what was said about dinner", 20, 22, addressed="key"),
        heard("m1", "good morning", 40, 41),
    )
    store.apply([Persist(fact=fact) for fact in facts])
    return FakeArchive(store)


def tried(archive: FakeArchive, condition: Condition, seconds: tuple[int, int] | None) -> Rehearsed:
    alert = Alert(
        id="al", text="tell me", condition=condition, dwell_s=0, cooldown_s=3, created_at=wall(0)
    )
    at = None if seconds is None else wall_span(*seconds)
    return rehearse(Rehearse(ref="r", alert=alert, at=at), archive, Manners(), None)


@pytest.mark.parametrize(
    ("condition", "seconds", "told"),
    [
        (Condition(event="hears", words="dinner"), None, ["Somebody said “dinner is ready”."]),
        (Condition(event="hears", words="dinner"), (30, 60), []),
        (
            Condition(event="hears"),
            None,
            ["Somebody speaks: “dinner is ready”.", "Somebody speaks: “good morning”."],
        ),
        (Condition(event="reads", words="dinner"), None, ["The screen says “dinner at eight”."]),
    ],
)
def test_what_was_heard_and_read_is_gone_through_again(
    archive: FakeArchive, condition: Condition, seconds: tuple[int, int] | None, told: list[str]
) -> None:
    assert [remark.text for remark in tried(archive, condition, seconds).remarks] == told


def test_without_a_model_a_free_sentence_is_not_tried(archive: FakeArchive) -> None:
    result = tried(archive, Condition(event="judged", words="somebody laughs"), None)
    assert (result.remarks, bool(result.why_not)) == ((), True)
