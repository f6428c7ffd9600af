"""What is wired together."""

from pathlib import Path

import pytest

from app import bootstrap
from app.paths import Paths
from app.settings import Settings
from engine.sources.factory import Sources


def test_the_engine_reads_settings_that_change_while_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    made: list[Sources] = []

    class Watched(Sources):
        def __init__(self, *given: object) -> None:
            super().__init__(*given)  # pyright: ignore[reportArgumentType]
            made.append(self)

    monkeypatch.setattr(bootstrap, "Sources", Watched)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    paths, chosen = Paths.locate(tmp_path / "data"), Settings()
    paths.prepare()
    with bootstrap.open_engine(paths, chosen):
        chosen.excluded_titles = ["Bank"]
        chosen.excluded_applications = ["diary"]
        excluded = made[0]._exclusions()  # pyright: ignore[reportPrivateUsage]
    assert excluded.titles == ("Bank",)
    assert excluded.applications == ("diary",)
