"""The writer's thread: batches, barriers, failures, a full disk."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import Event, get_ident

import numpy as np
import pytest

from engine.effects import EraseScope, Persist, PersistConsent
from engine.errors import StoreError, StoreFull
from engine.facts import Scope
from engine.memory import writer as writing
from engine.memory.writer import StoreWriter
from engine.ports.memory import StoreEffect
from tests.fakes.clock import ManualClock
from tests.fakes.facts import clip, frame, sighting
from tests.fakes.store import FakeStore

Started = Generator[tuple[StoreWriter, list[StoreError]], None, None]


@contextmanager
def started(store: FakeStore, clock: ManualClock) -> Started:
    told: list[StoreError] = []
    writer = StoreWriter(store, clock, told.append)
    writer.start()
    yield writer, told
    writer.close()


def consent(key: object) -> PersistConsent:
    return PersistConsent(key=str(key))


def eventually(condition: Callable[[], bool]) -> bool:
    """Whether the condition comes true within some rounds of the writer."""
    return any(condition() or Event().wait(0.02) for _ in range(500)) or condition()


def test_all_that_was_put_is_stored_in_order(clock: ManualClock) -> None:
    store = FakeStore()
    with started(store, clock) as (writer, told):
        for number in range(1000):
            writer.put(consent(number))
        assert writer.flush()
        kept = [effect for batch in store.applied for effect in batch]
        assert kept == [consent(number) for number in range(1000)]
        assert max(map(len, store.applied)) <= writing.BATCH
        assert len(store.applied) < 1000
    assert told == []


def test_it_is_stored_without_a_flush(clock: ManualClock) -> None:
    store = FakeStore()
    with started(store, clock) as (writer, _):
        writer.put(consent("a"))
        assert eventually(lambda: "a" in store.consents)


def test_closing_stores_what_waits_and_takes_no_more(clock: ManualClock) -> None:
    store = FakeStore()
    with started(store, clock) as (writer, _):
        writer.put(consent("a"))
    assert store.consents == {"a"}
    writer.put(consent("b"))
    assert not writer.flush()
    assert store.consents == {"a"}
    assert not store.closed


def test_an_erasure_is_a_batch_of_its_own(clock: ManualClock) -> None:
    store = FakeStore()
    erasure = EraseScope(ref="f", scope=Scope())
    with started(store, clock) as (writer, _):
        for effect in (consent("a"), consent("b"), erasure, consent("c")):
            writer.put(effect)
        writer.flush()
    assert (erasure,) in store.applied
    assert store.consents == {"c"}


def test_one_bad_effect_takes_no_other_with_it(clock: ManualClock) -> None:
    class Picky(FakeStore):
        def apply(self, effects: list[StoreEffect]) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
            if consent("bad") in effects:
                raise StoreError("bad")
            super().apply(effects)

    store = Picky()
    with started(store, clock) as (writer, told):
        for key in ("a", "bad", "b", "bad", "c"):
            writer.put(consent(key))
        assert writer.flush()
        assert store.consents == {"a", "b", "c"}
        assert [str(error) for error in told] == ["bad"]


def test_a_program_error_does_not_end_the_thread(clock: ManualClock) -> None:
    class Broken(FakeStore):
        broken = True

        def apply(self, effects: list[StoreEffect]) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
            if self.broken:
                self.broken = False
                raise ValueError("secret words")
            super().apply(effects)

    store = Broken()
    with started(store, clock) as (writer, told):
        writer.put(consent("a"))
        writer.flush()
        writer.put(consent("b"))
        assert writer.flush()
        assert store.consents == {"b"}
    assert len(told) == 1
    assert "secret" not in str(told[0])


def test_perform_raises_what_went_wrong(clock: ManualClock) -> None:
    store = FakeStore()
    with started(store, clock) as (writer, told):
        writer.perform([consent("a")])
        store.fail_with = [StoreError("no")]
        with pytest.raises(StoreError, match="no"):
            writer.perform([consent("b")])
        writer.perform([consent("c")])
    assert store.consents == {"a", "c"}
    assert told == []


def test_a_full_disk_is_told_once_and_nothing_is_lost(clock: ManualClock) -> None:
    store = FakeStore()
    store.fail_with = [StoreFull("full")] * 3
    with started(store, clock) as (writer, told):
        writer.put(consent("a"))
        assert not writer.flush()
        writer.put(consent("b"))
        assert not writer.flush()
        assert not writer.flush()
        assert [str(error) for error in told] == ["full"]
        clock.advance(writing.RETRY_AFTER_S + 1)
        assert eventually(lambda: store.consents == {"a", "b"})
        store.fail_with = [StoreFull("full again")]
        writer.put(consent("c"))
        assert not writer.flush()
        assert [str(error) for error in told] == ["full", "full again"]
        assert writer.flush()
    assert [effect for batch in store.applied for effect in batch] == [
        consent(key) for key in "abc"
    ]


def test_while_the_disk_is_full_pictures_go_before_facts(clock: ManualClock) -> None:
    store = FakeStore()
    store.fail_with = [StoreFull("full")] * 10_000
    big = np.zeros((2000, 2000, 3), np.uint8)
    with started(store, clock) as (writer, _):
        writer.put(consent("a"))
        writer.flush()
        for number in range(40):
            writer.put(
                Persist(fact=sighting("r1", number, number + 1), frame=frame("r1", number, big))
            )
            writer.put(Persist(fact=clip("r1", number, number + 1, big)))
        held = writer._pixel_bytes  # pyright: ignore[reportPrivateUsage]
        assert held < writing.MAX_PIXEL_BYTES + big.nbytes
        for number in range(writing.MAX_WAITING):
            writer.put(consent(number))
        assert writer.lost == 81
        store.fail_with = []
        assert writer.flush()
    assert len(store.facts) == 80
    assert 0 < len(store.frames) < 40


def test_the_budget_is_kept_now_and_then(clock: ManualClock) -> None:
    store = FakeStore()
    with started(store, clock):
        assert eventually(lambda: len(store.retained_at) == 1)
        clock.advance(writing.RETENTION_EVERY_S + 1)
        assert eventually(lambda: len(store.retained_at) == 2)
    assert store.retained_at[-1] == clock.wall()


def test_the_store_is_used_by_one_thread(clock: ManualClock) -> None:
    threads: set[int] = set()

    class Watched(FakeStore):
        def apply(self, effects: list[StoreEffect]) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
            threads.add(get_ident())
            super().apply(effects)

    with started(Watched(), clock) as (writer, _):
        writer.put(consent("a"))
        writer.perform([consent("b")])
    assert len(threads) == 1
    assert get_ident() not in threads
