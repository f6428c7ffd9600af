"""Nothing is kept to be sent: seen from outside, in a process of its own with an empty home. The
runtime decides once, when it is loaded."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.paths import resources

MODEL = """
from app.features import ocr_models
from engine.perception.onnx import OnnxModel
OnnxModel(ocr_models()[0])
"""
WORDS = """
import numpy
from engine.perception.rapid_ocr import RapidOcr
RapidOcr().read(numpy.zeros((64, 64, 3), numpy.uint8))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the folder of the queue is that of Linux")
@pytest.mark.parametrize("code", [MODEL, WORDS], ids=["model", "words"])
def test_a_model_in_use_leaves_no_report_to_send(tmp_path: Path, code: str) -> None:
    # None of the variables by which the runtime tells a test or a build server from a user.
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    subprocess.run(
        [sys.executable, "-B", "-c", code],
        cwd=resources(),
        env={**kept, "HOME": str(tmp_path)},
        check=True,
        timeout=120,
    )
    assert list(tmp_path.rglob("*")) == []
