# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
"""The demo's eyes: what they are taught lowers their loss, and the file sees what torch sees."""

from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (make sync SET=train)")
pytest.importorskip("onnx", reason="onnx is not installed (make sync SET=train)")

from engine.perception.drawn import LOOKED_AT, SEEN  # noqa: E402
from models.demo.boxes import boxed, looked  # noqa: E402
from models.demo.teach_boxes import (  # noqa: E402
    Boxes,
    Looks,
    boxes_loss,
    looks_loss,
    teach,
    write,
)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    ("network", "loss_of", "make", "size"),
    [
        (Boxes, boxes_loss, boxed, SEEN),
        (Looks, looks_loss, looked, (LOOKED_AT, LOOKED_AT)),
    ],
)
def test_the_eyes_learn_and_run_as_onnx(
    network: Any, loss_of: Any, make: Any, size: tuple[int, int], tmp_path: Path
) -> None:
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    torch.manual_seed(0)
    model, lessons = network().train(), list(islice(make(1, "train"), 8))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    losses: list[float] = []
    for _ in range(25):
        loss = loss_of(model, lessons)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]

    write(model, size, tmp_path / "eyes.onnx")
    picture = lessons[0].picture.transpose(2, 0, 1)[None].astype(np.float32)
    session = runtime.InferenceSession(str(tmp_path / "eyes.onnx"))
    (found,) = session.run(None, {"picture": picture})
    with torch.no_grad():
        wanted = model.eval()(torch.from_numpy(picture)).numpy()
    np.testing.assert_allclose(found, wanted, atol=0.02)


def test_eyes_that_were_broken_off_go_on_and_have_no_more_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "looks.onnx.pt"

    def teach_for(seconds: float) -> dict[str, Any]:
        now = count()  # A second passes whenever somebody looks.
        teach(
            Looks(), looks_loss, looked, path,
            seconds=seconds, batch=2, workers=0, seed=1, clock=lambda: float(next(now)),
        )  # fmt: skip
        return torch.load(path, weights_only=True)

    begun = teach_for(10)
    gone_on = teach_for(30)
    assert 0 < begun["step"] < gone_on["step"]
    assert gone_on["optimizer"]["state"][0]["step"] == gone_on["step"]
    assert teach_for(30)["step"] == gone_on["step"]  # Its time was up.
    assert f"looks.onnx: {gone_on['step']} steps" in capsys.readouterr().out
