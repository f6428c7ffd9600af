"""Forgetting really deletes: no trace in any decrypted page of the file or of its log."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.effects import (
    EraseConcept,
    EraseScope,
    Persist,
    PersistAlert,
    PersistConcept,
    PersistConsent,
)
from engine.facts import Alert, Condition, Exemplar, Observation, Scope
from engine.media import Image, Vector
from engine.memory.database import DATABASE_FILE, Database
from engine.memory.opening import Memory, open_memory
from engine.memory.pictures import to_jpeg, to_png
from engine.ports.memory import StoreEffect
from tests.fakes.facts import (
    answer,
    clip,
    concept,
    evidence,
    frame,
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
from tests.fakes.pages import decrypted, pieces

NAME, ALIAS, LABEL, READ = "Zyxwvut", "Qqrrsst", "Labelmark", "Readmark"
TOLD = "Describedmark"
ROUNDS = 400
"""Enough rows for SQLite to move some of them from page to page."""

noise = np.random.default_rng(5)
VECTOR: Vector = noise.random(96, dtype=np.float32)
CROP: Image = noise.integers(0, 255, (40, 40, 3), np.uint8)
KEPT: Image = noise.integers(0, 255, (90, 120, 3), np.uint8)
CLIP: Image = noise.integers(0, 255, (90, 120, 3), np.uint8)


MARKERS: dict[str, list[bytes]] = {
    "name": [NAME.encode()],
    "name in the full-text index": [NAME.lower().encode()],
    "alias": [ALIAS.encode()],
    "label": [LABEL.encode()],
    "words read": [READ.encode()],
    "words in the full-text index": [READ.lower().encode()],
    "description": [TOLD.encode()],
    "description in the full-text index": [TOLD.lower().encode()],
    "vector": pieces(VECTOR.tobytes()),
    "crop": pieces(to_png(CROP))[1:],
    "frame": pieces(to_jpeg(KEPT))[3:],
    "clip": pieces(to_jpeg(CLIP))[3:],
}
OF_THE_CONCEPT = (
    "name",
    "name in the full-text index",
    "alias",
    "description",
    "description in the full-text index",
    "vector",
    "crop",
    "frame",
)


def found(memory: Memory) -> set[str]:
    """Which kinds of marker show anywhere."""
    path = memory.archive._path  # pyright: ignore[reportPrivateUsage]
    content = decrypted(path, bytes.fromhex(memory.key.hex))
    return {
        kind for kind, markers in MARKERS.items() if any(marker in content for marker in markers)
    }


def planted() -> list[StoreEffect]:
    seen = Exemplar(
        id="e1",
        concept="c1",
        embedder="faces",
        vector=VECTOR,
        crop=CROP,
        positive=True,
        at=wall(0),
    )
    waits = Condition(event="reads", words=NAME.lower())
    standing = Alert(
        id="al",
        text=f"tell me when {NAME} is written",
        condition=waits,
        dwell_s=0,
        cooldown_s=3,
        created_at=wall(0),
    )
    return [
        PersistConcept(concept=concept(NAME, aliases=(ALIAS,)), added=(seen,)),
        PersistAlert(alert=standing),
        PersistConsent(key=f"recording:/home/{NAME}.mp4"),
        Persist(fact=run(label=LABEL)),
        Persist(fact=state("r1", 0, "open")),
        Persist(fact=sighting("r1", 3, concept="c1"), frame=frame("r1", 3, KEPT)),
        Persist(fact=clip("r1", 0, 5, CLIP)),
        Persist(fact=words("r1", f"{READ} and {NAME}", 3, 4)),
        Persist(fact=Observation(run="r1", span=span(2, 5), at=wall(5), text=f"A {TOLD} coat.")),
        Persist(fact=answer(f"{NAME} was here", 5, evidence("r1", 3, 4, LABEL))),
        Persist(fact=answer("yes", 5, evidence("r1", 3, 4), question=f"was {ALIAS} here")),
        Persist(fact=remark(f"{NAME} is back", "r1", 5, evidence("r1", 3, 4))),
    ]


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    """Markers in every kind of record, among much else that moves the rows about."""
    opened = open_memory(tmp_path, keyring=MemoryKeyring())
    store = opened.store
    store.apply([Persist(fact=run("other", label="Hall"))])
    for number in range(ROUNDS):
        other = [
            Persist(fact=words("other", f"plain text {number} " + "filling " * (number % 40))),
            Persist(fact=sighting("other", number, number + 1, concept=f"k{number % 7}")),
        ]
        if number == ROUNDS // 2:
            store.apply(planted())
        if number > ROUNDS // 2 and number % 50 == 0:
            other.append(Persist(fact=words("r1", f"{READ} {NAME} {number}", number, number + 1)))
        store.apply(other)
    yield opened
    opened.close()


def test_the_markers_are_there_before(memory: Memory) -> None:
    assert found(memory) == set(MARKERS)


def test_forgetting_everything_leaves_no_trace(memory: Memory) -> None:
    memory.store.apply([EraseScope(ref="f", scope=Scope())])
    assert found(memory) == set()
    memory.close()
    assert found(memory) == set()


def test_forgetting_a_concept_leaves_no_trace_of_it(memory: Memory) -> None:
    memory.store.apply([EraseConcept(concept="c1", names=(NAME,))])
    assert found(memory) == set(MARKERS) - set(OF_THE_CONCEPT)
    assert len(memory.archive.search("plain", limit=1000)) == ROUNDS
    assert memory.archive.search(READ) != ()
    assert memory.store.check_integrity() == ()


def test_copies_that_moved_rows_left_behind_go_too(memory: Memory) -> None:
    # Keys that come in no order make SQLite split the pages of their index again and again.
    order = np.random.default_rng(7).permutation(900)
    for number in order:
        key = f"screen:{number:05d} {NAME if number % 3 else 'other'}"
        memory.store.apply([PersistConsent(key=key)])
    memory.store.apply([EraseConcept(concept="c1", names=(NAME,))])
    assert "name" not in found(memory)
    assert len(memory.archive.consents()) == 300


def test_pictures_deleted_in_any_order_leave_no_trace(memory: Memory) -> None:
    images = [noise.integers(0, 255, (8 + n % 40, 60, 3), np.uint8) for n in range(120)]
    memory.store.apply([Persist(fact=run("p"))])
    for n in np.random.default_rng(3).permutation(120):
        memory.store.apply([Persist(fact=clip("p", n * 10, n * 10 + 1, images[int(n)]))])
    # The first bytes of all JPEG files are alike.
    marks = [to_jpeg(image)[640:672] for image in images]
    path, key = memory.archive._path, bytes.fromhex(memory.key.hex)  # pyright: ignore[reportPrivateUsage]
    content = decrypted(path, key)
    assert sum(mark in content for mark in marks) > 110
    for n in np.random.default_rng(4).permutation(120):
        at = wall_span(float(n) * 10, float(n) * 10 + 1)
        memory.store.apply([EraseScope(ref="f", scope=Scope(run="p", at=at))])
    content = decrypted(path, key)
    assert not any(mark in content for mark in marks)


def test_forgetting_a_run_leaves_no_trace_of_it(memory: Memory) -> None:
    memory.store.apply([EraseScope(ref="f", scope=Scope(run="r1"))])
    left = found(memory)
    assert {"label", "words read", "words in the full-text index", "frame", "clip"}.isdisjoint(left)
    assert {"name", "vector", "crop"} <= left


def test_forgetting_a_stretch_of_time_leaves_no_trace_of_it(memory: Memory) -> None:
    memory.store.apply([EraseScope(ref="f", scope=Scope(at=wall_span(0, 1000)))])
    left = found(memory)
    assert {"words read", "words in the full-text index", "frame", "clip"}.isdisjoint(left)


def test_what_a_kill_left_unscrubbed_is_done_at_the_next_start(
    memory: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if the process were killed between the deletion and the scrubbing.
    monkeypatch.setattr("engine.memory.store.scrub", _nothing)
    memory.store.apply([EraseScope(ref="f", scope=Scope())])
    memory.close()
    monkeypatch.undo()
    keyring = MemoryKeyring()
    keyring.passwords = {("nacre", _folder_id(tmp_path)): memory.key.hex}
    again = open_memory(tmp_path, keyring=keyring)
    assert found(again) == set()
    assert (
        again.store._database.value(  # pyright: ignore[reportPrivateUsage]
            "SELECT value FROM marks WHERE name = 'unscrubbed'"
        )
        == 0
    )
    again.close()


def _nothing(database: Database) -> None:
    pass


def _folder_id(folder: Path) -> str:
    return str(json.loads((folder / "memory.key.json").read_text())["id"])


def test_the_database_file_gets_smaller(memory: Memory, tmp_path: Path) -> None:
    before = (tmp_path / DATABASE_FILE).stat().st_size
    memory.store.apply([EraseScope(ref="f", scope=Scope())])
    assert (tmp_path / DATABASE_FILE).stat().st_size < min(before, 300_000)
