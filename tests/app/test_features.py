"""What a machine can do with the models it has."""

import shutil
from pathlib import Path

from app.features import BY_LOOKS, BY_MOTION, NEEDS, OWN_LIMITS, features
from engine.inference.catalogue import load_catalogue
from engine.inference.store import ModelStore

CATALOGUE = Path(__file__).parents[2] / "models" / "catalogue.toml"


def on(shelf: ModelStore) -> set[str]:
    return {feature.name for feature in features(shelf, CATALOGUE) if feature.on}


def test_without_models_only_what_is_carried_works(tmp_path: Path):
    shelf = ModelStore(tmp_path, load_catalogue(CATALOGUE))
    assert on(shelf) == {"text on screen", "things"}
    things = next(feature for feature in features(shelf, CATALOGUE) if feature.name == "things")
    assert OWN_LIMITS in things.reason
    assert BY_MOTION in things.reason
    faces = next(feature for feature in features(shelf, CATALOGUE) if feature.name == "faces")
    assert "nacre models get yunet" in faces.reason
    assert "nacre models get mobilefacenet" in faces.reason
    assert faces.reason.endswith(BY_LOOKS)


def test_where_the_own_embedder_is_missing_nothing_is_known_by_its_looks(tmp_path: Path):
    shelf = ModelStore(tmp_path / "models", load_catalogue(CATALOGUE))
    alone = tmp_path / "catalogue.toml"
    shutil.copy(CATALOGUE, alone)
    found = {feature.name: feature for feature in features(shelf, alone)}
    assert not found["things"].on
    assert BY_LOOKS not in found["faces"].reason


def test_each_feature_is_on_when_its_models_are_there(tmp_path: Path, real_models: Path):
    shelf = ModelStore(tmp_path, load_catalogue(CATALOGUE))
    shelf.add(real_models)
    known = set(NEEDS) - {"free speech"}
    assert on(shelf) == known
    assert all(feature.reason == "" for feature in features(shelf, CATALOGUE) if feature.on)
    shelf.remove("mobilefacenet")
    assert on(shelf) == known - {"faces"}
    shelf.remove("yolox-nano")
    assert on(shelf) == {"text on screen", "semantic search", "things"}
    things = next(feature for feature in features(shelf, CATALOGUE) if feature.name == "things")
    assert things.reason == BY_MOTION


def test_a_damaged_model_switches_its_feature_off(tmp_path: Path, real_models: Path):
    shelf = ModelStore(tmp_path, load_catalogue(CATALOGUE))
    shelf.add(real_models)
    shelf.path("minilm-l6-v2", "tokenizer.json").write_bytes(b"{}")
    search = next(
        feature for feature in features(shelf, CATALOGUE) if feature.name == "semantic search"
    )
    assert not search.on
    assert "tokenizer.json has 2 bytes" in search.reason


def test_any_speech_model_is_enough_for_free_speech(tmp_path: Path):
    shelf = ModelStore(tmp_path, load_catalogue(CATALOGUE))
    speech = next(
        feature for feature in features(shelf, CATALOGUE) if feature.name == "free speech"
    )
    assert "nacre models get whisper-base" in speech.reason
    entry = shelf.catalogue.entry("whisper-small")
    (tmp_path / entry.id).mkdir()
    for file in entry.files:
        with (tmp_path / entry.id / file.name).open("wb") as made:
            made.truncate(file.size)
    assert on(shelf) == {"text on screen", "free speech", "things"}
