# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false
"""Write the embedder as ONNX, its weights as halves: `python -m models.glance.export`."""

import argparse
import hashlib
from pathlib import Path

import torch

from models.demo.checkpoint import load
from models.glance.lessons import FOLDER, SIDE
from models.glance.network import Glance

FILE = "nacre-glance.onnx"


def write(model: Glance, path: Path) -> None:
    """For any number of pictures at a time, at full precision."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        model.cpu().eval(),
        (torch.zeros(1, 3, SIDE, SIDE),),
        str(path),
        input_names=["image"],
        output_names=["embedding"],
        dynamic_axes={"image": {0: "n"}, "embedding": {0: "n"}},
        dynamo=False,
    )


def halve(path: Path) -> None:
    """Keep the weights at half precision, to be widened when the file is loaded: the size is
    halved, the arithmetic stays what it was."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load(str(path))
    graph = model.graph
    widened = []
    for tensor in list(graph.initializer):
        if tensor.data_type != TensorProto.FLOAT or len(tensor.raw_data) < 1024:
            continue
        half = numpy_helper.from_array(
            numpy_helper.to_array(tensor).astype("float16"), f"{tensor.name}.half"
        )
        widened.append(helper.make_node("Cast", [half.name], [tensor.name], to=TensorProto.FLOAT))
        graph.initializer.remove(tensor)
        graph.initializer.append(half)
    for node in reversed(widened):
        graph.node.insert(0, node)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--folder", type=Path, default=FOLDER)
    arguments.add_argument("--name", default="glance", help="which checkpoint: glance, fold-0 …")
    arguments.add_argument("--out", type=Path)
    chosen = arguments.parse_args()
    model = Glance()
    load(chosen.folder / f"{chosen.name}.pt", {"model": model}, "cpu")
    path: Path = chosen.out or chosen.folder / FILE
    write(model, path)
    halve(path)
    data = path.read_bytes()
    print(f"{path}: {len(data)} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
