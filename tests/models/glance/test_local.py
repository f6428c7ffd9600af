# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
"""What the own embedder sees without having been taught it. Needs torch, of the group `train`."""

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is of the training set alone")

from engine.media import Image  # noqa: E402
from models.glance.lessons import SIDE  # noqa: E402
from models.glance.local import FAINT, GRADIENTS, LOCAL_SIZE, WAYS, Local, fitted  # noqa: E402
from models.glance.sources import texture  # noqa: E402


def striped() -> Any:
    """Upright stripes, 1 x 3 x 96 x 96."""
    waves = 127.5 * (1 + np.sin(np.arange(SIDE, dtype=np.float32) * 0.5))
    return torch.from_numpy(waves).expand(1, 3, SIDE, SIDE)


def greyed(picture: Image) -> Image:
    grey = picture.mean(axis=2, keepdims=True).repeat(3, axis=2)
    return np.clip(110 + 30 * (grey - grey.mean()) / (grey.std() + 1e-6), 0, 255).astype(np.uint8)


def test_gradients_are_told_by_their_way_and_plain_pictures_have_none() -> None:
    local = Local()
    places = local.places(striped())
    ways = places[0, :GRADIENTS].reshape(-1, WAYS, *places.shape[2:]).pow(2).sum(dim=(0, 2, 3))
    assert {0, WAYS // 2} == set(ways.topk(2).indices.tolist())
    assert float(ways[[0, WAYS // 2]].sum()) > 0.95 * float(ways.sum())
    plain = local.places(torch.full((1, 3, SIDE, SIDE), 90.0))[0, :GRADIENTS]
    assert float(plain.pow(2).sum(dim=0).max()) < 1 / FAINT


def test_a_grey_texture_is_known_when_moved_and_in_other_light_and_others_are_not() -> None:
    rng = np.random.default_rng(0)
    # Grey, of one mean and contrast each: shapes alone tell them apart.
    wide = [greyed(texture(rng, 2 * SIDE)) for _ in range(40)]
    large = torch.from_numpy(np.stack(wide)).permute(0, 3, 1, 2)
    corners = [large[:, :, at : at + SIDE, at : at + SIDE] for at in (40, 52)]
    local = fitted(corners[0][:20], corners[0][:20])
    one = local(corners[0][20:].float())
    other = local(corners[1][20:].float() * 0.7)
    assert one.shape == (20, LOCAL_SIZE)
    assert torch.allclose(one.norm(dim=1), torch.ones(20), atol=1e-4)
    alike = one @ other.T
    own = alike.diagonal()
    strange = alike[~torch.eye(20, dtype=torch.bool)]
    assert float((own[:, None] > strange[None]).float().mean()) > 0.98


def test_what_is_fitted_does_not_depend_on_chance() -> None:
    pictures = torch.randint(0, 256, (30, 3, SIDE, SIDE), dtype=torch.uint8)
    one, other = fitted(pictures, pictures), fitted(pictures, pictures)
    assert torch.equal(one.centres, other.centres)
    assert torch.equal(one(pictures.float()), other(pictures.float()))
