"""The catalogue that is delivered, and catalogues that contradict themselves."""

import re
from pathlib import Path
from typing import Any

import pytest

from engine.errors import ConfigError, ModelError
from engine.inference.catalogue import Catalogue, load_catalogue
from engine.inference.intake import check
from tests.engine.inference.models import catalogue

DELIVERED = Path(__file__).parents[3] / "models" / "catalogue.toml"


def write(folder: Path, **changes: Any) -> Path:
    values: dict[str, Any] = {
        "id": "eye",
        "role": "face-detector",
        "title": "Eye",
        "licence": "MIT",
        "source": "here",
        "unlocks": "Sight.",
        "obtainable": False,
    }
    file: dict[str, Any] = {"name": "eye.onnx", "size": 3, "sha256": "0" * 64}
    for name, value in changes.items():
        (file if name in ("name", "size", "sha256", "url") else values)[name] = value

    def lines(table: dict[str, Any]) -> str:
        return "\n".join(
            f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}"
            for key, value in table.items()
        )

    path = folder / "catalogue.toml"
    path.write_text(f"[[model]]\n{lines(values)}\n[[model.files]]\n{lines(file)}\n")
    return path


def test_the_delivered_catalogue_is_sound():
    entries = load_catalogue(DELIVERED).entries
    assert {entry.role for entry in entries} == {
        "face-detector",
        "face-embedder",
        "object-detector",
        "image-embedder",
        "text-embedder",
        "speech-recogniser",
        "vision-language-model",
    }
    assert all(entry.licence and entry.source and entry.unlocks for entry in entries)


def test_what_can_be_got_is_pinned_to_a_commit():
    files = [
        file
        for entry in load_catalogue(DELIVERED).entries
        if entry.obtainable
        for file in entry.files
    ]
    assert any(file.pinned for file in files)
    for file in files:
        branch = r"[0-9a-f]{40}" if file.pinned else "main"
        assert re.search(
            rf"^https://(raw\.githubusercontent\.com/[^/]+/[^/]+/{branch}/"
            rf"|huggingface\.co/[^/]+/[^/]+/resolve/{branch}/)",
            file.url or "",
        )


def test_the_delivered_vision_language_models_say_what_they_cost():
    models = [entry for entry in load_catalogue(DELIVERED).entries if entry.vision]
    assert [entry.id for entry in models] == [
        "smolvlm2-256m",
        "smolvlm2-500m",
        "smolvlm2-2b",
        "qwen3-vl-2b",
        "qwen3-vl-4b",
        "gemma-3-4b",
        "qwen3-vl-8b",
        "minicpm-v-4-5",
        "nacre-demo",
    ]
    for entry in models[:-1]:
        text, projector = entry.files
        assert entry.vision is not None
        assert entry.vision.domain == "general"
        assert "mmproj" in projector.name
        assert "mmproj" not in text.name
        # A parameter takes 4 to 17 bits in the files.
        assert 0.5 <= text.size / entry.vision.parameters <= 1.4
        assert 1.0 <= projector.size / entry.vision.vision_parameters <= 2.25


def test_the_model_of_the_drawn_world_says_that_it_knows_nothing_else():
    """It comes with the program, and is never fetched or chosen for anything real."""
    entry = load_catalogue(DELIVERED).entry("nacre-demo")
    assert entry.vision is not None
    assert entry.vision.domain == "demo"
    assert not entry.obtainable
    for file in entry.files:
        check(DELIVERED.parent / "demo" / file.name, file)


def test_the_real_models_are_the_ones_of_the_catalogue(real_models: Path):
    by_name = {
        file.name: file
        for entry in load_catalogue(DELIVERED).entries
        if entry.role not in ("vision-language-model", "speech-recogniser")
        for file in entry.files
    }
    found = [path for path in real_models.rglob("*") if path.name in by_name]
    assert {path.name for path in found} == set(by_name)
    for path in found:
        check(path, by_name[path.name])


def test_a_file_as_written_is_read(tmp_path: Path):
    entry = load_catalogue(write(tmp_path)).entry("eye")
    assert (entry.file().name, entry.size, entry.command) == (
        "eye.onnx",
        3,
        "nacre models import PATH",
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "../eye.onnx"},
        {"name": "sub/eye.onnx"},
        {"name": ".hidden"},
        {"id": "../../etc"},
        {"id": "Eye"},
        {"size": 0},
        {"sha256": "0" * 63},
        {"sha256": "A" * 64},
        {"url": "http://example.org/eye.onnx"},
        {"url": "file:///etc/passwd"},
        {"obtainable": True},
        {"role": "mind-reader"},
        {"role": "vision-language-model"},
        {"sha256": ""},
        {"url": "https://huggingface.co/a/b/resolve/main/eye.onnx"},
        {"surprise": "field"},
    ],
    ids=str,
)
def test_a_wrong_entry_is_refused_in_one_sentence(tmp_path: Path, changes: dict[str, Any]):
    with pytest.raises(ConfigError, match="catalogue is wrong at") as caught:
        load_catalogue(write(tmp_path, **changes))
    assert "\n" not in str(caught.value)


def test_two_entries_of_one_id_are_refused():
    twice = {"model": [catalogue().entries[0].model_dump()] * 2}
    with pytest.raises(ValueError, match="two entries of one id"):
        Catalogue.model_validate(twice)


@pytest.mark.parametrize("content", [b"[[model", b"\xff\xfe", b"model = 3"])
def test_a_broken_file_is_one_sentence(tmp_path: Path, content: bytes):
    path = tmp_path / "catalogue.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError):
        load_catalogue(path)


def test_a_missing_file_says_that_the_installation_is_incomplete(tmp_path: Path):
    with pytest.raises(ConfigError, match="incomplete"):
        load_catalogue(tmp_path / "none.toml")


def test_an_unknown_id_names_the_known_ones():
    with pytest.raises(ModelError, match=r"'nose'\. Known are: eye, ear"):
        catalogue().entry("nose")
