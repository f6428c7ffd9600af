"""The command line as a whole, in this process: `nacre("concepts", "list")`."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from app import log
from app.__main__ import main


@dataclass(frozen=True)
class Outcome:
    """What one command line came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def reason(self) -> str:
        """The one line on standard error."""
        assert self.err.startswith("nacre: "), self.err
        assert self.err.count("\n") == 1, self.err
        assert len(self.err) < 400, self.err
        return self.err.removeprefix("nacre: ").strip()


Nacre = Callable[..., Outcome]


@pytest.fixture
def nacre(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Nacre]:
    monkeypatch.setenv("NACRE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")

    def run(*arguments: object) -> Outcome:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Outcome(code, said.out, said.err)

    yield run
    log.tear_down()


def film(path: Path, seconds: float = 3.0, fps: int = 10) -> Path:
    """A grey room through which, from the first second on, a bright square moves."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, (160, 120))
    for n in range(round(seconds * fps)):
        image = np.full((120, 160, 3), 90, np.uint8)
        if n >= fps:
            x = 10 + 4 * (n - fps)
            cv2.rectangle(image, (x, 40), (x + 40, 90), (60, 200, 240), -1)
        writer.write(image)
    writer.release()
    return path


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return film(tmp_path / "room.mp4")
