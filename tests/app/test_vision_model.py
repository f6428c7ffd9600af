"""Which vision-language model is asked."""

import hashlib
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.settings import Settings
from app.vision_model import chosen_model
from engine.errors import ModelCorrupt, ModelError, ModelNotInstalled
from engine.inference.catalogue import Catalogue
from engine.inference.store import ModelStore
from tests.engine.inference.models import catalogue, loose


def pair(model: str, parameters: int, domain: str = "general") -> dict[str, Any]:
    entry = loose().entries[0].model_dump()
    files = [
        {
            "name": f"{model}-{part}.gguf",
            "size": len(f"{model}{part}"),
            "sha256": hashlib.sha256(f"{model}{part}".encode()).hexdigest(),
        }
        for part in ("text", "sees")
    ]
    entry["vision"] |= {"parameters": parameters, "domain": domain}
    return entry | {"id": model, "files": files, "obtainable": False}


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    models = [pair("small", 10), pair("large", 30), pair("toy", 90, "demo")]
    others = [entry.model_dump() for entry in catalogue().entries]
    return ModelStore(tmp_path / "models", Catalogue.model_validate({"model": models + others}))


def bring(store: ModelStore, *models: str) -> None:
    for model in models:
        for file in store.catalogue.entry(model).files:
            place = store.folder / model / file.name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(file.name.replace("-", "").removesuffix(".gguf"))


def test_none_is_installed(store: ModelStore):
    assert chosen_model(store, Settings()) is None


def test_the_largest_that_is_installed_is_asked(store: ModelStore):
    bring(store, "small", "large", "toy")
    chosen = chosen_model(store, Settings())
    assert chosen is not None
    assert (chosen.id, chosen.domain, chosen.context) == ("large", "general", 2048)
    assert (chosen.model.read_text(), chosen.projector.read_text()) == ("largetext", "largesees")


def test_one_that_knows_only_the_demo_comes_last(store: ModelStore):
    bring(store, "toy")
    chosen = chosen_model(store, Settings())
    assert chosen is not None
    assert (chosen.id, chosen.domain) == ("toy", "demo")


def test_a_damaged_one_is_passed_over_unless_it_was_named(store: ModelStore):
    bring(store, "small", "large")
    (store.folder / "large" / "large-sees.gguf").write_text("largeseen")
    chosen = chosen_model(store, Settings())
    assert chosen is not None
    assert chosen.id == "small"
    with pytest.raises(ModelCorrupt, match="It is not used"):
        chosen_model(store, Settings(vision_model="large"))


def test_the_named_one_is_asked_or_the_reason_told(store: ModelStore):
    bring(store, "small", "large")
    chosen = chosen_model(store, Settings(vision_model="small"))
    assert chosen is not None
    assert chosen.id == "small"
    with pytest.raises(ModelNotInstalled):
        chosen_model(store, Settings(vision_model="toy"))
    with pytest.raises(ModelError, match="No model is called"):
        chosen_model(store, Settings(vision_model="gone"))
    with pytest.raises(ModelError, match="not a vision-language model"):
        chosen_model(store, Settings(vision_model="eye"))


def test_one_that_is_larger_than_the_memory_is_passed_over(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
):
    bring(store, "small", "toy")
    memory = psutil.virtual_memory()
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory._replace(total=20))
    chosen = chosen_model(store, Settings())
    assert chosen is not None
    assert chosen.id == "toy"
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory._replace(total=4))
    assert chosen_model(store, Settings()) is None
