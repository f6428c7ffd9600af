# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
"""The own embedder in torch and as the file that the product loads."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is of the training set alone")

from engine.perception.glance import Glance as Loaded  # noqa: E402
from models.glance.export import shrink, write  # noqa: E402
from models.glance.network import SIZE, Glance  # noqa: E402


@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning"
)  # of the exporter that needs no more packages
def test_the_file_embeds_as_the_network_does_and_takes_about_a_megabyte(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = Glance().eval()
    path = tmp_path / "glance.onnx"
    write(model, path)
    shrink(path)
    assert 600_000 < path.stat().st_size < 1_100_000
    picture = np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8)
    parts = Loaded(path).embed_parts(picture)
    assert parts.shape == (3, SIZE)
    assert np.allclose(np.linalg.norm(parts, axis=1), 1, atol=1e-5)
    rgb = torch.from_numpy(picture[..., ::-1].copy()).permute(2, 0, 1)[None].float()
    with torch.no_grad():
        wanted = model(rgb)[0].numpy()
    assert float(wanted @ parts[0]) > 0.998
