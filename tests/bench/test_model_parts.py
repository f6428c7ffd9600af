"""What `nacre bench model` is made of: its dimensions, and the chat handler that it measures
against."""

import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from app.bench import model, model_dims
from app.bench.chat_handler import ChatHandler
from app.bench.model_dims import dims_of
from app.bench.model_speed import PREFIX, QUESTION, picture
from app.paths import Paths
from engine.errors import ConfigError, ModelError
from engine.inference.devices import Device
from engine.inference.random_vlm import QWEN3VL_8B, SMOL, SMOLVLM_256M, TINY, file_bytes, write_pair
from tests.bench.conftest import ROOT
from tests.bench.test_benchmarks import METRICS

CARD = Device(
    name="CUDA0", title="A card", kind="gpu", free_bytes=80 << 30, total_bytes=80 << 30
)  # fmt: skip


def test_large_dimensions_are_refused_in_one_line_without_a_card():
    done = subprocess.run(
        [sys.executable, "-m", "app", "bench", "model", "--dims", "qwen3-vl-8b"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode == 0:
        pytest.skip("this machine has a card that is large enough")
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = [one for one in done.stderr.splitlines() if one.startswith("nacre: ")]
    assert line.startswith("nacre: qwen3-vl-8b ")
    assert "Nothing was measured." in line
    assert "Traceback" not in done.stderr


def test_a_card_that_is_too_small_is_told_with_both_figures():
    with pytest.raises(ModelError, match=r"needs 1\d\.\d GB of A card, and 8\.6 GB are free"):
        dims_of("qwen3-vl-8b", [replace(CARD, free_bytes=8 << 30)])


def test_too_little_memory_is_told(monkeypatch: pytest.MonkeyPatch):
    class Little:
        available = 1 << 30

    monkeypatch.setattr(model_dims.psutil, "virtual_memory", Little)
    with pytest.raises(ModelError, match=r"of the memory of this machine, and 1\.1 GB are free"):
        dims_of("qwen3-vl-8b", [CARD])
    monkeypatch.undo()
    assert psutil.virtual_memory().total


def test_a_large_card_is_measured_on_against_its_own_goals(monkeypatch: pytest.MonkeyPatch):
    class Much:
        available = free = 1 << 40

    monkeypatch.setattr(model_dims.psutil, "virtual_memory", Much)
    monkeypatch.setattr(model_dims.shutil, "disk_usage", lambda _: Much)
    goals = {goal.metric: goal.goal for goal in dims_of("qwen3-vl-8b", [CARD]).goals}
    assert (goals["frames_per_s"], goals["ttft_ms"], goals["probe8_ratio"]) == (16, 35, 0.25)
    with pytest.raises(ConfigError, match="smolvlm-256m, qwen3-vl-8b"):
        dims_of("large", [CARD])


def test_the_size_of_the_files_is_known_before_they_are_written(tmp_path: Path):
    for name, shape in TINY.items():
        written = sum(file.stat().st_size for file in write_pair(tmp_path / name, shape))
        assert file_bytes(shape) == pytest.approx(written, rel=0.3)
    assert 250e6 < file_bytes(SMOLVLM_256M) < 320e6
    assert 5e9 < file_bytes(QWEN3VL_8B) < 8e9


def test_all_is_measured_on_the_architecture_of_the_large_dimensions(tmp_path: Path):
    paths = Paths.locate(tmp_path / "data")
    told = model.measure(paths=paths, quick=True, out=None, dims="qwen3-vl-tiny")
    assert set(told.metrics) == METRICS["model"]
    # Memory may shrink, and two seconds of stillness may cost less than a tick of the clock.
    nothing = {name for name, value in told.metrics.items() if value <= 0}
    assert nothing <= {"rss_growth", "still_cpu_core_share_model"}
    assert told.metrics["still_cpu_core_share_model"] >= 0
    assert any("qwen3-vl-tiny" in row["note"] for row in told.rows)


@pytest.mark.parametrize("name", ["smol", "qwen3"])
def test_the_chat_handler_reads_each_picture_once(tmp_path: Path, name: str):
    files = write_pair(tmp_path, TINY[name])
    read: list[int] = []
    for pictures in (1, 3):
        shown = [picture(n, 64) for n in range(pictures)]
        handler = ChatHandler(
            files, PREFIX.system, shown, QUESTION.question, context=2048, threads=1, gpu_layers=0
        )
        with closing(handler):
            took, tokens = handler.first_token_s()
            assert took > 0
            assert handler.first_token_s()[1] == tokens
            read.append(tokens)
    # 16 tokens a picture without M-RoPE, where positions count, 4 with it; and its marks.
    most = (16 if name == "smol" else 4) + len(picture(0).mark) + 8
    assert read[1] - read[0] <= 2 * most


def test_a_chat_handler_that_cannot_load_says_so(tmp_path: Path):
    text, projector = write_pair(tmp_path, SMOL)
    projector.write_bytes(projector.read_bytes()[:5000])
    with pytest.raises(ModelError, match="chat handler"):
        ChatHandler(
            (text, projector), "", [picture(0, 64)], "?", context=512, threads=1, gpu_layers=0
        )
