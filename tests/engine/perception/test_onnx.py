from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import ModelError, ModelIncompatible, ModelNotInstalled
from engine.perception.minilm import MiniLm
from engine.perception.mobilefacenet import MobileFaceNet
from engine.perception.mobilenet import MobileNet
from engine.perception.onnx import OnnxModel, model_name
from engine.perception.yolox import YoloX
from engine.perception.yunet import YuNet

ADAPTERS: list[Callable[[Path], object]] = [
    YuNet,
    YoloX,
    MobileFaceNet,
    MobileNet,
    lambda path: MiniLm(path, path),
]


@pytest.mark.parametrize("adapter", ADAPTERS)
@pytest.mark.parametrize("content", [b"", b"not a model at all", None])
def test_a_bad_model_file_is_one_sentence(
    adapter: Callable[[Path], object], content: bytes | None, tmp_path: Path
) -> None:
    path = tmp_path / "model.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=r"model\.onnx") as caught:
        adapter(path)
    expected = ModelNotInstalled if content is None else ModelIncompatible
    assert caught.type is expected
    assert "\n" not in str(caught.value)


def test_a_name_holds_the_digest_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.onnx"
    path.write_bytes(b"abc")
    assert model_name("x", path, None) == "x@ba7816bf"
    assert model_name("x", path, "0123456789abcdef") == "x@01234567"


def test_the_processor_in_use_is_told(real_models: Path) -> None:
    model = OnnxModel(real_models / "mobilefacenet_foamliu.onnx")
    assert model.providers
    assert model.providers[-1] == "CPUExecutionProvider"
