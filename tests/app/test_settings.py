"""The settings file."""

from pathlib import Path
from typing import Any

import pytest

from app import settings
from app.settings import Settings, load, migrated, save
from engine.errors import ConfigError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def test_without_a_file_the_defaults_hold(file: Path):
    loaded = load(file)
    assert loaded.notice == ""
    assert loaded.settings == Settings()
    assert any("keepass" in name for name in loaded.settings.excluded_applications)
    assert any("private" in title for title in loaded.settings.excluded_titles)


def test_what_was_saved_is_read_again(file: Path):
    save(file, Settings(theme="light", retention_gb=2.5, excluded_titles=["Bank 🏦"]))
    assert load(file).settings == Settings(
        theme="light", retention_gb=2.5, excluded_titles=["Bank 🏦"]
    )


def test_comments_and_keys_of_a_newer_version_stay(file: Path):
    file.write_text('# mine\ntheme = "dark"  # at night\nvoice = "low"\n[later]\nx = 1\n')
    chosen = load(file).settings
    assert chosen.theme == "dark"
    chosen.theme = "light"
    save(file, chosen)
    text = file.read_text()
    assert "# mine" in text
    assert "# at night" in text
    assert 'voice = "low"' in text
    assert "[later]" in text
    assert load(file).settings.theme == "light"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'theme = "pink"', "theme"),
        (b"theme ==", "line 1"),
        (b"retention_gb = -3", "retention_gb"),
        (b"\xff\xfe\x00binary", "text file"),
    ],
)
def test_a_broken_file_is_kept_aside_and_one_line_says_so(file: Path, content: bytes, said: str):
    file.write_bytes(content)
    loaded = load(file)
    assert loaded.settings == Settings()
    assert said in loaded.notice
    assert "settings.broken.toml" in loaded.notice
    assert "\n" not in loaded.notice
    assert (file.parent / "settings.broken.toml").read_bytes() == content
    assert not file.exists()
    assert load(file).notice == ""


def test_migrations_run_from_the_version_of_the_file_on():
    seen: list[int] = []

    def step(number: int) -> settings.Migration:
        def run(values: dict[str, Any]) -> None:
            seen.append(number)
            values[f"step{number}"] = True

        return run

    steps = (step(1), step(2), step(3))
    assert migrated({"version": 2, "a": 1}, steps) == {"a": 1, "step2": True, "step3": True}
    assert seen == [2, 3]
    assert migrated({"version": 9}, steps) == {}
    assert seen == [2, 3]


def test_a_file_that_cannot_be_written_is_said_and_the_old_one_stays(tmp_path: Path):
    with pytest.raises(ConfigError, match="cannot be saved"):
        save(tmp_path / "missing" / "settings.toml", Settings())


def test_retention_reaches_the_engine():
    config = Settings(retention_gb=1, retention_days=2).engine_config()
    assert config.retention.max_bytes == 1024**3
    assert config.retention.max_days == 2
