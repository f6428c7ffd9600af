# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
"""The own embedder in torch and as the file that the product loads."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is of the training set alone")
onnx = pytest.importorskip("onnx", reason="onnx is of the training set alone")

from engine.perception.glance import TAUGHT as TAUGHT_VALUES  # noqa: E402
from engine.perception.glance import Glance as Loaded  # noqa: E402
from engine.perception.onnx import OnnxModel  # noqa: E402
from models.glance import local  # noqa: E402
from models.glance.cut import without_mean  # noqa: E402
from models.glance.export import shrink, write  # noqa: E402
from models.glance.lessons import HIGHEST, PLACES, SIDE, Lessons, Teacher  # noqa: E402
from models.glance.local import LOCAL_SIZE  # noqa: E402
from models.glance.network import (  # noqa: E402
    SIZE,
    STRIDE,
    TAUGHT,
    Embedder,
    Glance,
    Readout,
)
from models.glance.readout import COMMON, fitted  # noqa: E402
from models.glance.teach import Course, settle, taken, teach  # noqa: E402
from models.glance.views import TEACHER_SIDE  # noqa: E402


@pytest.mark.filterwarnings(  # of the exporter that needs no more packages
    "ignore::DeprecationWarning", "ignore:Constant folding:UserWarning"
)
def test_the_file_embeds_as_the_network_does_and_takes_about_a_megabyte(tmp_path: Path) -> None:
    torch.manual_seed(0)
    seen = torch.randint(0, 256, (60, 3, SIDE, SIDE), dtype=torch.uint8)
    model = Embedder(Glance(), Readout(), local.fitted(seen, seen)).eval()
    path = tmp_path / "glance.onnx"
    write(model, path)
    shrink(path)
    assert 900_000 < path.stat().st_size < 1_250_000
    picture = np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8)
    parts = Loaded(path).embed_parts(picture)
    assert parts.shape == (1, SIZE + LOCAL_SIZE)
    assert SIZE == TAUGHT_VALUES
    assert np.allclose(np.linalg.norm(parts, axis=1), 1, atol=1e-5)
    rgb = torch.from_numpy(picture[..., ::-1].copy()).permute(2, 0, 1)[None].float()
    with torch.no_grad():
        wanted = model(rgb).numpy()
    (found,) = OnnxModel(path).run({"image": rgb.numpy()})
    assert float(wanted[0] @ found) > 0.998


def marked(count: int) -> Course:
    """Pictures of places of one grey each, and that grey is what is told of the place."""
    greys = torch.randint(0, 256, (count, 1, PLACES, PLACES)).float()
    pictures = greys.repeat_interleave(STRIDE, 2).repeat_interleave(STRIDE, 3)
    return Course(pictures.repeat(1, 3, 1, 1).to(torch.uint8), greys.repeat(1, TAUGHT, 1, 1).half())


def test_what_is_told_of_a_place_goes_with_it_when_views_are_cut_mirrored_and_pasted() -> None:
    torch.manual_seed(0)
    course, rng = marked(50), np.random.default_rng(0)
    whole, cut = 0, 0
    for side in (SIDE, 64, 64, 64, 64):
        x, wanted = taken(course, 20, side, rng)
        assert x.shape[-1] == side
        assert wanted.shape[-1] == side // STRIDE
        seen = torch.nn.functional.avg_pool2d(x, STRIDE)[:, 0]
        exact = bool(torch.equal(seen, wanted[:, 0]))
        whole, cut = whole + (exact and side == SIDE), cut + (exact and side != SIDE)
        if not exact:  # shrunk: a place lies a little over its neighbours
            assert np.corrcoef(seen.flatten().numpy(), wanted[:, 0].flatten().numpy())[0, 1] > 0.7
    assert whole == 1
    assert cut >= 1


def test_teaching_goes_on_where_it_stood(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    lessons = Lessons(
        rng.integers(0, 256, (40, SIDE, SIDE, 3), np.uint8),
        rng.integers(0, 256, (40, PLACES, PLACES, 300), np.uint8),
        np.zeros(40, np.int8),
    )
    path = tmp_path / "student.pt"
    teach(lessons, path, views=16, batch=8)
    half = torch.load(path, weights_only=True)["step"]
    teach(lessons, path, views=32, batch=8)
    kept = torch.load(path, weights_only=True)
    assert (half, kept["step"]) == (2, 4)
    teach(lessons, path, views=32, batch=8)
    again = torch.load(path, weights_only=True)["model"]
    assert all(torch.equal(one, again[name]) for name, one in kept["model"].items()), "it was done"
    assert kept["optimizer"]["adam"]["state"][0]["step"] == 4
    assert kept["optimizer"]["muon"]["state"][0]["momentum_buffer"].any()


def test_the_mean_of_what_is_told_of_the_places_is_what_the_teacher_says_of_the_whole(
    tmp_path: Path,
) -> None:
    """A teacher of one layer, whose features of a place are its colour."""
    helper, floats = onnx.helper, onnx.TensorProto.FLOAT
    shape = ["n", 3, TEACHER_SIDE, TEACHER_SIDE]
    nodes = [
        helper.make_node("AveragePool", ["image"], ["f"], kernel_shape=[32, 32], strides=[32, 32]),
        helper.make_node("GlobalAveragePool", ["f"], ["embedding"]),
    ]
    graph = helper.make_graph(
        nodes,
        "one layer",
        [helper.make_tensor_value_info("image", floats, shape)],
        [helper.make_tensor_value_info("embedding", floats, ["n", 3, 1, 1])],
    )
    opset = [helper.make_opsetid("", 17)]
    whole, cut = tmp_path / "whole.onnx", tmp_path / "cut.onnx"
    onnx.save_model(helper.make_model(graph, opset_imports=opset, ir_version=9), str(whole))
    without_mean(whole, cut)
    picture = np.random.default_rng(0).integers(0, 6, (TEACHER_SIDE, TEACHER_SIDE, 3), np.uint8)
    picture[:, :64] = 6
    (told,) = Teacher(cut).told([picture])
    assert told.shape == (PLACES, PLACES, 3)
    in_full = told.astype(np.float32) * HIGHEST / 255
    assert np.allclose(in_full.mean(axis=(0, 1)), picture.mean(axis=(0, 1)), atol=0.02)
    assert np.allclose(in_full[:, 0], 6, atol=0.02), "a place tells what is there"


def test_the_readout_says_what_the_teacher_says_as_far_as_the_features_tell_it() -> None:
    """Pictures of one colour each, and a teacher that tells the colour."""
    torch.manual_seed(0)
    colours = torch.randint(0, 256, (60, 3, 1, 1))
    told = torch.zeros(60, TAUGHT, PLACES, PLACES)
    told[:, :3] = colours.float()
    pictures = colours.to(torch.uint8).expand(-1, -1, SIDE, SIDE)
    model = Glance()
    model.train()
    model.places(pictures.float())  # so that the features are of a usual size
    half = Course(pictures[:40], told[:40].half())
    readout = fitted(model, half)
    exact = torch.nn.functional.normalize(colours[:, :, 0, 0].float(), dim=1)
    # Most of what all have in common is left out.
    wanted = exact[40:] - (1 - COMMON) * exact[:40].mean(dim=0)
    wanted = torch.nn.functional.normalize(wanted, dim=1)
    with torch.no_grad():
        said = readout(model.statistics(pictures[40:].float()))
    said = torch.nn.functional.normalize(said, dim=1)
    assert said.shape == (20, SIZE)
    assert float(((said @ said.T) - (wanted @ wanted.T)).abs().mean()) < 0.1


def test_norms_go_by_what_the_weights_make_of_views_in_the_end() -> None:
    torch.manual_seed(0)
    model, course = Glance(), marked(40)
    model.train()
    for norm in (one for one in model.modules() if isinstance(one, torch.nn.BatchNorm2d)):
        norm.running_mean.fill_(5.0)  # as learning may have left them
    settle(model, course, 20)
    x = taken(course, 20, SIDE, np.random.default_rng(1))[0]
    with torch.no_grad():
        learning = model.places(x)
        model.eval()
        assert float((model.places(x) - learning).abs().mean()) < 0.2 * float(learning.std())
    assert {one.momentum for one in model.modules() if hasattr(one, "momentum")} == {0.1}
