from pathlib import Path

import pytest

from app.claim import Claim
from app.paths import Paths


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.locate(str(tmp_path))


def test_one_at_a_time_and_the_holder_is_known(paths: Paths) -> None:
    with Claim(paths) as first:
        assert first.take()
        second = Claim(paths)
        assert not second.take()
        assert "(process " in second.holder()
    assert second.holder() == ""
    assert second.take()
    second.give_back()


def test_a_holder_that_cannot_be_noted_holds_all_the_same(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with Claim(paths) as claim:
        assert claim.take()
        assert not Claim(paths).take()
        assert claim.holder() == ""
