"""What every `Store` with its `Archive` does: the real pair and the fake one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from engine.effects import (
    EraseAlert,
    EraseConcept,
    EraseScope,
    Persist,
    PersistAlert,
    PersistConcept,
    PersistConsent,
    PersistMerge,
    UndoChange,
)
from engine.errors import UndoRefused
from engine.facts import (
    Alert,
    Condition,
    GalleryChange,
    Observation,
    Query,
    Retelling,
    Scope,
)
from engine.media import nanoseconds
from engine.memory.opening import open_memory
from engine.ports.memory import Archive, Store
from tests.fakes.facts import (
    answer,
    clip,
    concept,
    evidence,
    exemplar,
    frame,
    heard,
    picture,
    remark,
    run,
    sighting,
    span,
    state,
    wall,
    wall_span,
    words,
)
from tests.fakes.keyring import MemoryKeyring
from tests.fakes.store import FakeArchive, FakeStore


@dataclass(frozen=True)
class Pair:
    store: Store
    archive: Archive

    def keep(self, *facts: object) -> None:
        self.store.apply([Persist(fact=fact) for fact in facts])  # pyright: ignore[reportArgumentType]


@pytest.fixture(params=["sqlcipher", "fake"])
def memory(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    if request.param == "fake":
        store = FakeStore()
        yield Pair(store, FakeArchive(store))
        return
    opened = open_memory(tmp_path / "data", keyring=MemoryKeyring())
    yield Pair(opened.store, opened.archive)
    opened.close()


def ask(pair: Pair, **given: object):
    query = Query(**{"intent": "how_often", "question": "?"} | given)  # pyright: ignore[reportArgumentType]
    return pair.archive.recall(query)


def alert(alert_id: str = "al", *, concept: str | None = None, text: str = "tell me") -> Alert:
    return Alert(
        id=alert_id,
        text=text,
        condition=Condition(event="appears", concept=concept),
        dwell_s=0,
        cooldown_s=3,
        created_at=wall(0),
    )


def test_an_empty_memory_answers_everything(memory: Pair) -> None:
    archive = memory.archive
    assert ask(memory).visits == ()
    assert archive.search("anything") == ()
    assert archive.picture("r1", 0) is None
    assert archive.crop("e1") is None
    assert archive.gallery() == ()
    stats = archive.stats()
    assert (stats.facts, stats.oldest_at, stats.newest_at) == (0, None, None)


def test_sightings_come_back_as_they_were(memory: Pair) -> None:
    seen = [
        sighting("r1", 1, concept="c1"),
        sighting("r1", 1, 4, concept="c1"),
        sighting("r2", 8, 9, kind="thing", stayed=True),
    ]
    memory.keep(run(), *seen)
    assert list(memory.archive.sightings()) == seen
    assert list(memory.archive.sightings(run="r2")) == seen[2:]
    assert list(memory.archive.sightings(at=wall_span(3, 5))) == seen[1:2]


def test_visits_are_folded_and_named(memory: Pair) -> None:
    memory.store.apply([PersistConcept(concept=concept("Mum"))])
    memory.keep(
        run(),
        state("r1", 0, "open"),
        sighting("r1", 1, concept="c1"),
        sighting("r1", 1, 4, concept="c1"),
        sighting("r1", 6, track=7),
        state("r1", 10, "ended"),
    )
    visits = ask(memory, subject="anything").visits
    assert [(visit.name, visit.span, visit.open) for visit in visits] == [
        ("Mum", span(1, 4), False),
        ("someone", span(6, 10), False),
    ]
    assert visits[0].at == wall_span(1, 4)
    assert visits[0].label == "Desk"
    assert [visit.name for visit in ask(memory, concepts=("c1",)).visits] == ["Mum"]


def test_somebody_is_counted_over_names_and_short_gaps(memory: Pair) -> None:
    memory.keep(
        run(),
        sighting("r1", 1, 4, concept="c1"),
        sighting("r1", 3, 6, track=2),
        sighting("r1", 7.5, 9, track=3),
        sighting("r1", 20, 21, track=4),
        sighting("r1", 30, 31, kind="thing", track=5),
    )
    visits = ask(memory, subject="somebody").visits
    assert [visit.span for visit in visits] == [span(1, 9), span(20, 21)]
    everyone = ask(memory, subject="somebody", intent="now").visits
    assert len(everyone) == 4


def test_time_bounds_are_of_the_wall_for_live_sources_and_of_the_stream_for_recordings(
    memory: Pair,
) -> None:
    memory.keep(
        run("live"),
        run("file", kind="recording", label="a.mp4", opened=1000),
        sighting("live", 10, 12),
        sighting("live", 50, 52),
        sighting("file", 10, 12, opened=1000),
        sighting("file", 50, 52, opened=1000),
    )
    visits = ask(memory, at=wall_span(45, 60), pts=span(0, 20)).visits
    assert {(visit.run, visit.span.start) for visit in visits} == {
        ("live", nanoseconds(50)),
        ("file", nanoseconds(10)),
    }


def test_watching_a_recording_again_adds_a_run_and_no_visits(memory: Pair) -> None:
    for name, opened in (("first", 0), ("second", 500)):
        memory.keep(
            run(name, kind="recording", identity="same", opened=opened),
            state(name, 0, "open", opened=opened),
            sighting(name, 5, 9, opened=opened),
            words(name, "contraption", 6, 7, opened=opened),
            state(name, 20, "ended", opened=opened),
        )
    recalled = ask(memory, subject="somebody", words="contraption")
    assert [visit.run for visit in recalled.visits] == ["second"]
    assert [passage.run for passage in recalled.passages] == ["second"]
    assert len(memory.archive.sightings()) == 2
    assert len(memory.archive.watched()) == 2


def test_a_second_watching_that_stopped_early_hides_only_what_it_saw(memory: Pair) -> None:
    memory.keep(
        run("first", kind="recording", identity="same"),
        state("first", 0, "open"),
        sighting("first", 5, 12),
        sighting("first", 30, 40),
        state("first", 60, "ended"),
        run("second", kind="recording", identity="same", opened=500),
        state("second", 0, "open", opened=500),
        sighting("second", 5, 8, opened=500, stayed=True),
        state("second", 8, "ended", opened=500),
    )
    visits = ask(memory, subject="somebody").visits
    assert sorted(visit.span.start for visit in visits) == [nanoseconds(5), nanoseconds(30)]
    assert sum(visit.span.seconds for visit in visits) == 17


def test_words_are_found(memory: Pair) -> None:
    memory.keep(
        run(),
        words("r1", "Dentist appointment on Friday", 1, 5),
        words("r1", "The weather is fine", 6, 9),
        remark("Mum came back", "r1", 7, evidence("r1", 6, 7)),
    )
    assert [hit.text for hit in memory.archive.search("dentist")] == [
        "Dentist appointment on Friday"
    ]
    assert [hit.kind for hit in memory.archive.search("came")] == ["remark"]
    assert memory.archive.search("dentist", at=wall_span(20, 30)) == ()
    found = ask(memory, intent="screen_text", words="dentist").passages
    assert [(hit.span, hit.at, hit.label) for hit in found] == [
        (span(1, 5), wall_span(1, 5), "Desk")
    ]


def test_what_was_heard_comes_back_as_it_was(memory: Pair) -> None:
    said = [heard("m1", "dinner is ready", 1, 3), heard("m2", "who is here", 5, 6, addressed="key")]
    memory.keep(run("m1", kind="microphone"), *said, words("r1", "dinner", 2, 2))
    assert list(memory.archive.utterances()) == said
    assert list(memory.archive.utterances(run="m2")) == said[1:]
    assert list(memory.archive.utterances(at=wall_span(2, 4))) == said[:1]


def test_words_that_came_and_went_are_found_once(memory: Pair) -> None:
    memory.store.apply([Persist(fact=run("r1"))])
    came, stood = words("r1", "see the dentist", 3, 3), words("r1", "see the dentist", 3, 8)
    again = words("r1", "see the dentist", 12, 12)
    memory.store.apply([Persist(fact=came)])
    assert [hit.span for hit in memory.archive.search("dentist")] == [span(3, 3)]
    memory.store.apply([Persist(fact=stood), Persist(fact=again)])
    found = {(hit.span.start, hit.span.end) for hit in memory.archive.search("dentist")}
    both = {(one.start, one.end) for one in (span(3, 8), span(12, 12))}
    assert found == both
    told = ask(memory, intent="screen_text", words="dentist").passages
    assert {(one.span.start, one.span.end) for one in told} == both


@pytest.mark.parametrize(
    "text", ['a "quoted', "AND OR NOT", "(", "*", "^", "a:b", "'; --", "\0", "", "🙂", "NEAR(a b)"]
)
def test_no_search_text_is_syntax(memory: Pair, text: str) -> None:
    memory.keep(run(), words("r1", "plain words"))
    assert isinstance(memory.archive.search(text), tuple)


def test_pictures_are_found_by_the_nearest_time(memory: Pair) -> None:
    memory.store.apply(
        [
            Persist(fact=clip("r1", 0, 4, picture(20), picture(60))),
            Persist(fact=sighting("r1", 10), frame=frame("r1", 10, picture(200))),
        ]
    )
    levels = [
        round(float(np.mean(found)))
        for s in (0.1, 0.9, 7, 1000)
        if (found := memory.archive.picture("r1", nanoseconds(s))) is not None
    ]
    assert levels == pytest.approx([20, 60, 200, 200], abs=2)
    assert memory.archive.picture("other", 0) is None
    assert memory.archive.clips()[0].key_frames == (0, nanoseconds(1))
    assert memory.archive.clips()[0].at == wall_span(0, 4)


def test_the_gallery_keeps_concepts_with_their_exemplars(memory: Pair) -> None:
    mum = concept("Mum", aliases=("Mama", "أمي"))
    memory.store.apply(
        [
            PersistConcept(concept=mum, added=(exemplar("no", positive=False), exemplar("yes"))),
            PersistConcept(concept=concept("Momo", "c2", kind="pet")),
            PersistConcept(concept=replace(mum, is_me=True)),
        ]
    )
    entries = memory.archive.gallery()
    assert [entry.concept.id for entry in entries] == ["c1", "c2"]
    assert entries[0].concept == replace(mum, is_me=True)
    assert (entries[0].positives, entries[0].negatives) == (1, 1)
    assert entries[0].exemplars == ("yes", "no")
    kept = memory.archive.exemplars()
    assert [item.id for item in kept] == ["no", "yes"]
    np.testing.assert_array_equal(kept[0].vector, exemplar().vector)
    np.testing.assert_array_equal(kept[0].crop, picture())
    crop = memory.archive.crop("yes")
    assert crop is not None
    np.testing.assert_array_equal(crop, picture())


def test_the_gallery_tells_how_probable_a_name_was_that_was_given_last(memory: Pair) -> None:
    memory.store.apply(
        [
            PersistConcept(concept=concept("Mum")),
            PersistConcept(concept=concept("Momo", "c2", kind="pet")),
            PersistConcept(concept=concept("Wave", "c3", kind="action")),
        ]
    )
    memory.keep(
        run("r1"),
        replace(sighting("r1", 1, 2, concept="c1"), score=0.97),
        replace(sighting("r1", 8, 9, concept="c1"), score=0.96),
        sighting("r1", 3, 4, concept="c3", kind="action"),
    )
    seen = {entry.concept.id: entry.seen for entry in memory.archive.gallery()}
    assert seen == {"c1": 0.96, "c2": None, "c3": None}


def test_two_concepts_may_have_one_name(memory: Pair) -> None:
    memory.store.apply(
        [PersistConcept(concept=concept("Mum", "c1")), PersistConcept(concept=concept("Mum", "c2"))]
    )
    assert [item.id for item in memory.archive.concepts()] == ["c1", "c2"]


def test_merging_moves_everything(memory: Pair) -> None:
    memory.store.apply(
        [
            PersistConcept(concept=concept("Mama", "c2"), added=(exemplar("e2", "c2"),)),
            PersistConcept(concept=concept("Mum", "c1"), added=(exemplar("e1", "c1"),)),
            PersistAlert(alert=alert(concept="c2")),
        ]
    )
    memory.keep(
        run(), sighting("r1", 1, 5, concept="c1"), sighting("r1", 4, 9, concept="c2", track=2)
    )
    memory.store.apply([PersistMerge(source="c2", target=concept("Mum", "c1", aliases=("Mama",)))])
    assert [entry.exemplars for entry in memory.archive.gallery()] == [("e2", "e1")]
    visits = ask(memory, concepts=("c1",)).visits
    assert [(visit.name, visit.span) for visit in visits] == [("Mum", span(1, 9))]
    assert memory.archive.alerts()[0].condition.concept == "c1"


def test_alerts_and_consents(memory: Pair) -> None:
    first, second = alert("a1", concept="c1"), alert("a2")
    second = replace(second, ways=("notification", "sound"), quiet=(1320, 420))
    memory.store.apply(
        [
            PersistAlert(alert=first),
            PersistAlert(alert=second),
            PersistAlert(alert=replace(first, expires_at=wall(9))),
            PersistConsent(key="camera:0"),
            PersistConsent(key="camera:0"),
        ]
    )
    assert memory.archive.alerts() == (replace(first, expires_at=wall(9)), second)
    memory.store.apply([EraseAlert(alert="a1")])
    assert memory.archive.alerts() == (second,)
    assert memory.archive.consents() == {"camera:0"}


def test_forgetting_a_concept_takes_its_name_from_every_text(memory: Pair) -> None:
    memory.store.apply(
        [
            PersistConcept(concept=concept("Mum", aliases=("Mama",)), added=(exemplar(),)),
            PersistConcept(concept=concept("Momo", "c2")),
            PersistAlert(alert=alert("a1", concept="c1")),
            PersistAlert(alert=alert("a2", text="tell me when the screen says mama")),
            PersistAlert(alert=alert("a3", text="tell me when Momo comes")),
            Persist(fact=sighting("r1", 3, concept="c1"), frame=frame("r1", 3)),
        ]
    )
    memory.keep(
        run(),
        sighting("r1", 3, 4, concept="c1"),
        sighting("r1", 3, 4, concept="c2"),
        words("r1", "Call Mum about lunch"),
        answer("Mum was here", 5, evidence("r1", 3, 4)),
        answer("She was here", 5, evidence("r1", 3, 4), question="where was MAMA"),
        remark("Momo came", "r1", 5, evidence("r1", 3, 4)),
    )
    memory.store.apply([EraseConcept(concept="c1", names=("Mum", "Mama"))])
    assert [item.id for item in memory.archive.concepts()] == ["c2"]
    assert memory.archive.exemplars() == ()
    assert memory.archive.crop("e1") is None
    assert memory.archive.picture("r1", nanoseconds(3)) is None
    assert [seen.concept for seen in memory.archive.sightings()] == ["c2"]
    assert [item.id for item in memory.archive.alerts()] == ["a3"]
    assert memory.archive.search("mum") == ()
    assert memory.archive.search("mama") == ()
    assert [hit.text for hit in memory.archive.search("lunch")] == ["Call … about lunch"]
    assert [hit.text for hit in memory.archive.search("Momo")] == ["Momo came"]


def _fill(pair: Pair) -> None:
    pair.keep(
        run(),
        run("r2", opened=100),
        state("r1", 0, "open"),
        sighting("r1", 2),
        sighting("r1", 2, 6),
        sighting("r1", 20, 22, track=2),
        words("r1", "early words", 1, 3),
        words("r1", "late words", 20, 21),
        clip("r1", 0, 5, picture()),
        clip("r1", 18, 25, picture()),
        answer("It was early", 60, evidence("r1", 2, 6)),
        answer("It was late", 60, evidence("r1", 20, 22)),
        state("r1", 30, "ended"),
        sighting("r2", 2, 4, opened=100),
    )
    pair.store.apply(
        [
            PersistConcept(concept=concept(), added=(exemplar(),)),
            PersistAlert(alert=alert()),
            PersistConsent(key="camera:0"),
        ]
    )


def test_forgetting_a_stretch_of_time(memory: Pair) -> None:
    _fill(memory)
    memory.store.apply([EraseScope(ref="f", scope=Scope(at=wall_span(4, 10)))])
    left = ask(memory).visits
    assert [visit.span for visit in left if visit.run == "r1"] == [span(20, 22)]
    assert [hit.text for hit in memory.archive.search("words")] != []
    assert {hit.text for hit in memory.archive.search("it was")} == {"It was late"}
    assert [entry.span for entry in memory.archive.clips()] == [span(18, 25)]
    assert len(memory.archive.concepts()) == len(memory.archive.alerts()) == 1


def test_forgetting_a_run(memory: Pair) -> None:
    _fill(memory)
    memory.store.apply([EraseScope(ref="f", scope=Scope(run="r1"))])
    assert {seen.run for seen in memory.archive.sightings()} == {"r2"}
    assert memory.archive.search("words early late") == ()
    assert memory.archive.clips() == ()
    assert memory.archive.stats().runs == 1
    assert len(memory.archive.concepts()) == len(memory.archive.consents()) == 1


def test_forgetting_everything(memory: Pair) -> None:
    _fill(memory)
    memory.store.apply([EraseScope(ref="f", scope=Scope())])
    archive = memory.archive
    assert archive.stats().facts == 0
    assert archive.search("words early late was") == ()
    assert archive.picture("r1", 0) is None
    assert archive.gallery() == archive.alerts() == archive.exemplars() == ()
    assert archive.consents() == frozenset()
    _fill(memory)
    assert len(archive.sightings()) == 4


def test_watched_stretches_have_gaps(memory: Pair) -> None:
    memory.keep(
        run(),
        state("r1", 0, "open"),
        state("r1", 10, "stalled"),
        state("r1", 13, "lost"),
        state("r1", 16, "open"),
        state("r1", 30, "ended"),
    )
    assert [(part.span, part.at) for part in memory.archive.watched()] == [
        (span(0, 10), wall_span(0, 10)),
        (span(16, 30), wall_span(16, 30)),
    ]


@pytest.mark.parametrize("text", ["🙂" * 50, "مرحبا بالعالم", "a\0b", "\ud800 lone", "x" * 100_000])
def test_any_text_is_kept(memory: Pair, text: str) -> None:
    memory.store.apply([PersistConcept(concept=concept(text, aliases=(text,)))])
    memory.keep(run(label=text), words("r1", text), remark(text, "r1", 1))
    kept = memory.archive.concepts()[0].name
    assert kept in (text, text.encode("utf-8", "replace").decode())
    memory.store.apply([EraseConcept(concept="c1", names=(text,))])
    assert memory.archive.concepts() == ()


def test_what_was_described_is_found_and_forgotten(memory: Pair) -> None:
    memory.keep(
        run(),
        Observation(run="r1", span=span(2, 6), at=wall(6), text="Mum waters the fern."),
        Observation(run="r1", span=span(20, 26), at=wall(26), text="The fern stands alone."),
    )
    first, second = memory.archive.search("fern")
    assert {first.kind, second.kind} == {"observation"}
    assert first.label == "Desk"
    (mum,) = memory.archive.search("waters")
    assert (mum.span, mum.at) == (span(2, 6), wall_span(2, 6))
    recalled = ask(memory, intent="search", words="waters").passages
    assert [passage.text for passage in recalled] == ["Mum waters the fern."]
    memory.store.apply([EraseConcept(concept="c1", names=("Mum",))])
    assert memory.archive.search("waters") == ()
    memory.store.apply([EraseScope(ref="", scope=Scope(at=wall_span(19, 27)))])
    assert memory.archive.search("fern") == ()


def test_a_description_of_the_forgotten_goes_without_their_name(memory: Pair) -> None:
    memory.keep(
        run(),
        sighting("r1", 2, 5, concept="c1"),
        Observation(run="r1", span=span(3, 6), at=wall(6), text="A tall person waves."),
        Observation(run="r1", span=span(20, 26), at=wall(26), text="The person is gone."),
    )
    memory.store.apply([EraseConcept(concept="c1", names=("Mum",))])
    assert [hit.text for hit in memory.archive.search("person")] == ["The person is gone."]


def test_stats_count(memory: Pair) -> None:
    _fill(memory)
    stats = memory.archive.stats()
    assert (stats.facts, stats.clips, stats.concepts, stats.runs) == (14, 2, 1, 2)
    assert (stats.oldest_at, stats.newest_at) == (wall(0), wall(104))


# --- changes of the gallery, and taking them back


def change(ref: str, concept_id: str = "c1", heir: str | None = None) -> GalleryChange:
    return GalleryChange(
        id=ref, at=wall(0), kind="merged", concept=concept_id, words=f"Change {ref}.", heir=heir
    )


def a_household(memory: Pair) -> None:
    memory.store.apply(
        [
            PersistConcept(
                concept=concept("Mama", "c2"),
                added=(exemplar("e2", "c2"), exemplar("e3", "c2")),
            ),
            PersistConcept(concept=concept("Mum", "c1"), added=(exemplar("e1", "c1"),)),
            PersistAlert(alert=alert(concept="c2")),
        ]
    )
    memory.keep(
        run(), sighting("r1", 1, 5, concept="c1"), sighting("r1", 4, 9, concept="c2", track=2)
    )


def held(memory: Pair) -> tuple[object, ...]:
    archive = memory.archive
    vectors = [(e.id, e.concept, e.vector.tobytes(), e.positive) for e in archive.exemplars()]
    return archive.concepts(), vectors, archive.alerts(), archive.sightings(), archive.gallery()


CHANGES = {
    "rename": PersistConcept(concept=concept("Anna", "c2"), change=change("x", "c2")),
    "teach": PersistConcept(
        concept=concept("Dad", "c3"), added=(exemplar("e9", "c3"),), change=change("x", "c3")
    ),
    "view": PersistConcept(
        concept=concept("Mum", "c1"), added=(exemplar("e9", "c1"),), change=change("x")
    ),
    "not": PersistConcept(
        concept=concept("Mum", "c1"),
        added=(exemplar("e9", "c1", positive=False),),
        retelling=Retelling(was="c1", concept=None, kind="person", run="r1", track=1),
        change=change("x"),
    ),
    "is": PersistConcept(
        concept=concept("Mum", "c1"),
        retelling=Retelling(was="c2", concept="c1", kind="person", at=wall_span(0, 20)),
        change=change("x"),
    ),
    "split": PersistConcept(
        concept=concept("Gran", "c4"),
        moved=("e3",),
        retelling=Retelling(was="c2", concept="c4", kind="person", at=wall_span(0, 20)),
        change=change("x", heir="c2"),
    ),
    "merge": PersistMerge(
        source="c2", target=concept("Mum", "c1", aliases=("Mama",)), change=change("x")
    ),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_undo_brings_back_what_was_before(memory: Pair, kind: str) -> None:
    a_household(memory)
    before = held(memory)
    memory.store.apply([CHANGES[kind]])
    assert held(memory) != before
    assert [c.id for c in memory.archive.changes()] == ["x"]
    memory.store.apply([UndoChange(ref="r", change="x")])
    assert held(memory) == before
    assert memory.archive.changes() == ()


def test_a_correction_changes_earlier_sightings_and_marks_them(memory: Pair) -> None:
    a_household(memory)
    memory.store.apply([CHANGES["not"]])
    (first, second) = memory.archive.sightings()
    assert (first.concept, first.changed) == (None, True)
    assert (second.concept, second.changed) == ("c2", False)
    assert memory.archive.changes()[0].retold == 1
    assert [visit.changed for visit in ask(memory).visits] == [True, False]


def test_changes_are_undone_from_the_newest_on(memory: Pair) -> None:
    a_household(memory)
    before = held(memory)
    memory.store.apply([replace(CHANGES["rename"], change=change("x1", "c2"))])
    memory.store.apply([replace(CHANGES["merge"], change=change("x2"))])
    with pytest.raises(UndoRefused):
        memory.store.apply([UndoChange(ref="r", change="x1")])
    memory.store.apply([UndoChange(ref="r", change="x2")])
    memory.store.apply([UndoChange(ref="r", change="x1")])
    assert held(memory) == before


def test_what_was_seen_under_a_name_that_is_undone_stays_seen(memory: Pair) -> None:
    a_household(memory)
    memory.store.apply([CHANGES["split"]])
    memory.keep(sighting("r1", 30, 40, concept="c4"))
    memory.store.apply([UndoChange(ref="r", change="x")])
    assert [s.concept for s in memory.archive.sightings()] == ["c1", "c2", "c2"]


def test_who_is_forgotten_is_not_in_what_can_be_undone(memory: Pair) -> None:
    a_household(memory)
    memory.store.apply([CHANGES["merge"]])
    memory.store.apply([EraseConcept(concept="c1", names=("Mum", "Mama"))])
    assert memory.archive.changes() == ()
