"""A pair of the user's own: taken in whole or not at all, and checked like any other afterwards."""

import os
import shutil
from pathlib import Path

import pytest

from engine.errors import ModelCorrupt, ModelError, ModelIncompatible
from engine.inference.catalogue import Catalogue
from engine.inference.fit import Machine, rank, reckoned
from engine.inference.store import ModelStore
from tests.conftest import TinyVlm


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "data" / "models", Catalogue(model=()))


def unchanged(store: ModelStore) -> bool:
    left = [one for one in store.folder.rglob("*") if not one.name.endswith(".lock")]
    return not left and not store.catalogue.entries


def test_a_pair_is_taken_in_whichever_file_comes_first(store: ModelStore, tiny_vlm: TinyVlm):
    model = store.take_own([tiny_vlm.projector, tiny_vlm.model], "My Eye")
    assert model == "my-eye"
    entry = store.catalogue.entry(model)
    assert entry.title == "My Eye"
    assert store.path(model).read_bytes() == tiny_vlm.model.read_bytes()
    projector = store.path(model, entry.files[1].name)
    assert projector.read_bytes() == tiny_vlm.projector.read_bytes()
    (card,) = store.cards()
    assert card.installed
    assert not card.obtainable
    assert entry.vision is not None
    assert entry.vision.context > 0


def test_it_is_checked_ever_after_and_can_be_removed(store: ModelStore, tiny_vlm: TinyVlm):
    model = store.take_own([tiny_vlm.model.parent])
    assert [one.ok for one in store.verify()] == [True]
    place = store.path(model)
    damaged = bytearray(place.read_bytes())
    damaged[-1] ^= 1
    place.write_bytes(damaged)
    with pytest.raises(ModelCorrupt, match="SHA-256"):
        store.path(model)
    # The right file mends it, as with a model of the catalogue.
    assert store.take(tiny_vlm.model.parent).models == (model,)
    assert store.path(model).read_bytes() == tiny_vlm.model.read_bytes()
    store.remove(model)
    assert unchanged(store)


def test_one_whose_files_are_gone_can_still_be_removed(store: ModelStore, tiny_vlm: TinyVlm):
    model = store.take_own([tiny_vlm.model.parent])
    shutil.rmtree(store.folder / model)
    store.remove(model)
    assert unchanged(store)


def test_what_is_no_pair_changes_nothing(store: ModelStore, tiny_vlm: TinyVlm, tmp_path: Path):
    with pytest.raises(ModelError, match="two text models"):
        store.take_own([tiny_vlm.model, tiny_vlm.model])
    with pytest.raises(ModelError, match="two projectors"):
        store.take_own([tiny_vlm.projector, tiny_vlm.projector])
    with pytest.raises(ModelError, match="two files, not 1"):
        store.take_own([tiny_vlm.model])
    with pytest.raises(ModelError, match="cannot be the name"):
        store.take_own([tiny_vlm.model.parent], "***")
    crowded = tmp_path / "crowded"
    crowded.mkdir()
    with pytest.raises(ModelError, match="0 GGUF files"):
        store.take_own([crowded])
    cut = crowded / "cut.gguf"
    cut.write_bytes(tiny_vlm.model.read_bytes()[:-4096])
    with pytest.raises(ModelCorrupt):
        store.take_own([cut, tiny_vlm.projector])
    with pytest.raises(ModelError):
        store.take_own([tmp_path / "nowhere.gguf", tiny_vlm.projector])
    assert unchanged(store)


def test_a_name_that_is_taken_is_refused(store: ModelStore, tiny_vlm: TinyVlm):
    model = store.take_own([tiny_vlm.model.parent], "eye")
    with pytest.raises(ModelError, match="called eye already"):
        store.take_own([tiny_vlm.model.parent], "EYE")
    assert store.path(model).read_bytes() == tiny_vlm.model.read_bytes()


def test_a_copy_that_fails_leaves_nothing(
    store: ModelStore, tiny_vlm: TinyVlm, monkeypatch: pytest.MonkeyPatch
):
    def refuse(_: object, entry: object) -> None:
        raise ModelError("The disk is full.")

    monkeypatch.setattr("engine.inference.recorded.Recorded.adopt", refuse)
    with pytest.raises(ModelError, match="full"):
        store.take_own([tiny_vlm.model.parent])
    assert unchanged(store)


def test_names_that_the_store_cannot_keep(store: ModelStore, tiny_vlm: TinyVlm, tmp_path: Path):
    for folder, origin in (("a", tiny_vlm.model), ("b", tiny_vlm.projector)):
        (tmp_path / folder).mkdir()
        shutil.copy(origin, tmp_path / folder / "..my eye?.gguf")
    paths = [tmp_path / folder / "..my eye?.gguf" for folder in ("a", "b")]
    model = store.take_own(paths)
    assert model == "my-eye"
    assert sorted(os.listdir(store.folder / model)) == ["my-eye-.gguf", "projector-my-eye-.gguf"]


def test_how_it_fits_is_not_known(store: ModelStore, tiny_vlm: TinyVlm):
    store.take_own([tiny_vlm.model.parent])
    machine = Machine(
        physical_cores=4, logical_cores=8, memory_bytes=8 * 10**9, free_bytes=6 * 10**9,
        speed=reckoned(4),
    )  # fmt: skip
    (found,) = rank(store.catalogue.entries, machine)
    assert (found.fitness, found.frames_per_s) == ("not known", 0.0)
    assert found.needs_bytes > 0


def test_files_that_do_not_belong_together(store: ModelStore, tmp_path: Path, tiny_vlm: TinyVlm):
    from engine.inference.random_vlm import TINY, write_pair

    other = "qwen2" if tiny_vlm.name == "smol" else "smol"
    _, projector = write_pair(tmp_path, TINY[other])
    with pytest.raises(ModelIncompatible, match="does not belong"):
        store.take_own([tiny_vlm.model, projector])
    assert unchanged(store)
