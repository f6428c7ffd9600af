"""`nacre bench model`: what the live window saves, on a model with the dimensions of SmolVLM-256M
and random weights. What is compared is measured in one run, in turns, on one thread.

The stateless path is the same sequence of native calls that a chat handler without memory makes:
four frames encoded, the prefix, the frames and the question decoded on an empty sequence. The
handler of llama-cpp-python itself would put its own library beside ours into one process; its extra
work (a second tokenisation, a copy of the logits) is left out, in its favour.
"""

import tempfile
from contextlib import closing
from pathlib import Path

from app.bench import model_drift, model_memory, model_process, model_speed
from app.bench.model_speed import Told
from app.measure import Goal, Measurement
from app.paths import Paths
from engine.inference.llama import Llama
from engine.inference.native import LlamaConfig
from engine.inference.random_vlm import SMOL, SMOLVLM_256M, write_pair

GOALS = (
    Goal(metric="ttft_ratio", relation=">=", goal=50),
    Goal(metric="ttft_ratio_cached", relation=">", goal=1),
    Goal(metric="ingest_cost_ratio", relation="<=", goal=1.05),
    Goal(metric="probe8_ratio", relation="<=", goal=0.65),
    Goal(metric="abort_decode_ms", relation="<", goal=50),
    Goal(metric="abort_encode_ms", relation="<", goal=150),
    Goal(metric="rss_growth", relation="<", goal=0.01),
    Goal(metric="still_cpu_core_share_model", relation="<", goal=0.02),
)


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """Some minutes; `quick` on a tiny shape, which tells no more than that it works.

    Raises:
        ModelError: llama.cpp cannot run here.
    """
    del paths, out
    told = Told()
    with tempfile.TemporaryDirectory(prefix="nacre-bench-") as folder:
        tiny = write_pair(Path(folder) / "tiny", SMOL)
        model_memory.measure(told, tiny, quick=quick)
        model_drift.measure(told, tiny, quick=quick)
        files = tiny if quick else write_pair(Path(folder) / "model", SMOLVLM_256M)
        with closing(Llama(*files, LlamaConfig(context=4096, threads=1))) as llama:
            model_speed.measure(told, llama, quick=quick)
        model_process.measure(told, files, quick=quick)
    return Measurement(name="model", metrics=told.metrics, goals=GOALS, rows=told.rows)
