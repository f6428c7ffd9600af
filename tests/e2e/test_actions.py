"""An action shown once is counted when somebody else does it elsewhere, and is remembered."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.fakes.acts import DONE_AT, done_again, taught
from tests.fakes.program import Program


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(where it is shown, where it is done again)"""
    folder = tmp_path_factory.mktemp("acts")
    return taught(folder / "shown.mp4"), done_again(folder / "again.mp4")


def test_done_three_times_by_another_is_counted_told_and_remembered(
    bare: Program, clips: tuple[Path, Path]
) -> None:
    shown, again = clips
    bare.do(
        *("concepts", "add", "morning stretch", "--kind", "action"),
        *("--clip", shown, "--from", "1", "--to", "3.6"),
    )
    bare.do("alerts", "add", "tell me when somebody has done three morning stretches")
    watched = bare.do("watch", again, "--json").lines
    done = [line for line in watched if line["event"] == "done"]
    assert [line["action"] for line in done] == ["morning stretch"] * 3
    told = [line["text"] for line in watched if line["event"] == "remarked"]
    assert told == ["Somebody did the morning stretch for the 3. time."]

    answer = bare.ask("how many times was the morning stretch done?")
    assert "3 times" in answer["text"]
    spans = [(one["from"], one["to"]) for one in answer["evidence"]]
    for (start, end), (begun, over) in zip(spans, DONE_AT, strict=True):
        assert start == pytest.approx(begun, abs=0.8)
        assert end == pytest.approx(over, abs=0.8)

    bare.do("concepts", "rename", "morning stretch", "sun salute")
    assert "sun salute" in bare.ask("when was the sun salute last done?")["text"]
    bare.do("concepts", "remove", "sun salute")
    assert bare.ask("how many sun salutes were done?")["evidence"] == []


def test_a_clip_in_which_nothing_moves_teaches_nothing(bare: Program, tmp_path: Path) -> None:
    video = cv2.VideoWriter(
        str(tmp_path / "still.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (320, 240)
    )
    picture = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)
    for _ in range(40):
        video.write(picture)
    video.release()
    arguments = ("concepts", "add", "rest", "--kind", "action", "--clip", tmp_path / "still.avi")
    refused = bare.run(*arguments, "--from", "0.5", "--to", "3")
    assert refused.code == 1
    assert "Nothing was changed" in refused.err
    assert bare.do("concepts", "list", "--json").json == []
