from datetime import UTC

import pytest

from engine import effects as do
from engine import messages as msg
from engine import reports as rep
from engine.config import EngineConfig
from engine.facts import Addressed, Run, Utterance, microphone
from engine.session import Session
from tests.fakes.facts import span, wall

MIC = Run(run="m", kind="microphone", label="microphone", identity="m", opened_at=wall(0))


def said(text: str, addressed: Addressed = "", *, at: float = 5) -> rep.UtteranceHeard:
    utterance = Utterance(
        run="m", span=span(at - 1, at), at=wall(at), text=text, addressed=addressed
    )
    return rep.UtteranceHeard(utterance=utterance)


@pytest.fixture
def session() -> Session:
    made = Session(EngineConfig(), UTC)
    made.handle(msg.OpenSource(spec=microphone(), consented=True, run="m"), wall(0))
    made.handle(rep.RunStarted(run=MIC), wall(0))
    made.handle(rep.RunChanged(run="m", state="open", pts=0, at=wall(0)), wall(0))
    return made


def heard(out: list[object]) -> msg.Heard:
    (event,) = [one for one in out if isinstance(one, msg.Heard)]
    return event


def test_a_microphone_is_opened_only_with_consent_which_is_kept() -> None:
    session = Session(EngineConfig(), UTC)
    (failed,) = session.handle(msg.OpenSource(spec=microphone(), run="m"), wall(0))
    assert isinstance(failed, msg.Failed)
    assert failed.kind == "ConsentMissing"
    out = session.handle(msg.OpenSource(spec=microphone(), consented=True, run="m"), wall(0))
    assert do.PersistConsent(key="microphone:") in out
    assert do.StartSource(run="m", spec=microphone()) in out


def test_what_is_said_is_a_fact_and_no_order(session: Session) -> None:
    out = session.handle(said("pause"), wall(5))
    assert any(isinstance(one, do.Persist) for one in out)
    assert heard(list(out)).deed == ""


def test_what_is_said_with_the_key_is_an_order(session: Session) -> None:
    assert heard(list(session.handle(said("pause", "key"), wall(5)))).deed == "pause"
    assert heard(list(session.handle(said("forget it all", "name"), wall(5)))).confirm


def test_what_is_not_to_be_kept_is_not(session: Session) -> None:
    report = rep.UtteranceHeard(utterance=said("hello").utterance, keep=False)
    assert not any(isinstance(one, do.Persist) for one in session.handle(report, wall(5)))


def test_nothing_is_heard_while_paused(session: Session) -> None:
    out = session.handle(msg.Pause(), wall(5))
    assert do.HoldSources(held=True) in out
    assert session.handle(said("hello"), wall(5)) == []
    (event,) = session.handle(said("go on watching", "key"), wall(6))
    assert isinstance(event, msg.Heard)
    assert event.deed == "resume"


def test_what_was_forgotten_is_not_brought_back(session: Session) -> None:
    from engine.facts import Scope

    session.handle(rep.ScopeForgotten(ref="f", scope=Scope()), wall(6))
    assert session.handle(said("hello", at=5), wall(7)) == []
    assert session.handle(said("hello", at=8), wall(8)) != []


def test_the_key_hushes_nacre_first(session: Session) -> None:
    assert session.handle(msg.Talk(down=True), wall(5)) == [do.Hush(), do.Attend(held=True)]
    assert session.handle(msg.Talk(down=False), wall(5)) == [do.Attend(held=False)]


def test_a_spoken_question_is_answered_aloud_and_a_typed_one_is_not(session: Session) -> None:
    from engine.facts import Query, Recall

    query = Query(intent="now", question="who is here")
    for ref, aloud in (("spoken", True), ("typed", False)):
        session.handle(msg.Ask(text="who is here", aloud=aloud, ref=ref), wall(5))
        out = session.handle(rep.Recalled(ref=ref, recall=Recall(query=query)), wall(5))
        assert any(isinstance(one, do.Say) for one in out) == aloud


def test_only_one_ear_listens(session: Session) -> None:
    (failed,) = session.handle(msg.OpenSource(spec=microphone(), run="n"), wall(1))
    assert isinstance(failed, msg.Failed)


def test_it_can_be_asked_what_was_said() -> None:
    from engine.decision.questions import understand

    for text in ("what was said", "what did you hear", "what did somebody say about the train"):
        query = understand(text, concepts=(), now_at=wall(9), now_pts=None, tz=UTC)
        assert query.intent == "speech", text
