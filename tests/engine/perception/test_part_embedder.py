"""Which parts of a picture are embedded, and that there are as many of every picture."""

from pathlib import Path

import numpy as np
import pytest

from engine.media import Image
from engine.perception import part_embedder
from engine.perception.glance import SUMMED, Glance
from engine.perception.mobilenet import SHARP, MobileNet
from engine.perception.part_embedder import CLOSE, PARTS, PartEmbedder


class Reading:
    """An `OnnxModel`: the mean of each channel and the brightness of the middle."""

    def __init__(self, path: Path) -> None:
        del path

    def run(self, inputs: dict[str, np.ndarray]) -> np.ndarray:
        pixels = inputs["image"]
        return np.concatenate(
            [pixels.mean(axis=(2, 3)), pixels[:, :1, 50:60, 50:60].mean(axis=(2, 3))], axis=1
        )


@pytest.fixture(autouse=True)
def no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(part_embedder, "OnnxModel", Reading)
    path = tmp_path / "none.onnx"
    path.touch()
    return path


def picture(side: int, width: int | None = None) -> Image:
    """Brighter the nearer to the middle, so that no two parts are alike."""
    ys, xs = np.mgrid[:side, : width or side]
    far = np.hypot(ys / side - 0.5, xs / (width or side) - 0.5)
    grey = 255 * np.exp(-9 * far)
    return np.stack([grey, 255 - grey, np.full_like(grey, 60)], axis=2).astype(np.uint8)


def different(rows: np.ndarray) -> int:
    return len(np.unique(rows.round(3), axis=0))


@pytest.mark.parametrize(
    ("side", "shown"),
    [(640, CLOSE), (320, CLOSE), (256, PARTS), (180, (1.0, 0.7)), (112, (1.0,)), (20, (1.0,))],
)
def test_no_part_is_enlarged_until_all_is_blurred(
    no_file: Path, side: int, shown: tuple[float, ...]
) -> None:
    assert 2 * SHARP <= 224
    rows = MobileNet(no_file).embed_parts(picture(side))
    wanted = PartEmbedder(no_file, name="w", side=224, mirrored=True, parts=(shown,))
    assert rows.shape == (3, 4)
    assert np.allclose(rows[: len(shown)], wanted.embed_parts(picture(side)), atol=1e-6)
    assert np.allclose(rows[len(shown) :], rows[0]), "the whole stands for the rest"
    assert different(rows) == len(shown)


def test_the_shorter_side_counts(no_file: Path) -> None:
    assert different(MobileNet(no_file).embed_parts(picture(112, 640))) == 1


def test_others_look_at_the_same_parts_of_every_picture(no_file: Path) -> None:
    embedder = PartEmbedder(no_file, name="w", side=96, mirrored=False)
    for side in (40, 640):
        assert different(embedder.embed_parts(picture(side))) == len(PARTS)


def test_the_own_embedder_looks_at_its_parts_as_one(no_file: Path) -> None:
    seen = picture(640)
    each = [
        PartEmbedder(no_file, name="w", side=96, mirrored=False, summed=(part,)).embed(seen)
        for part in SUMMED
    ]
    assert len(SUMMED) == different(np.stack(each)) > 1
    rows = Glance(no_file).embed_parts(seen)
    assert rows.shape == (1, 4)
    together = np.sum(each, axis=0)
    assert np.allclose(rows[0], together / np.linalg.norm(together), atol=1e-6)
    assert np.array_equal(rows[0], Glance(no_file).embed(seen))
