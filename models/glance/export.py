# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false
"""Write the embedder as ONNX, its weights as bytes: `python -m models.glance.export`."""

import argparse
import hashlib
from pathlib import Path

import torch

from models.demo.checkpoint import load
from models.glance.lessons import FOLDER, SIDE
from models.glance.local import Local
from models.glance.network import Embedder, Glance, Readout

FILE = "nacre-glance.onnx"


def write(model: Embedder, path: Path) -> None:
    """For any number of pictures at a time, at full precision."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        model.cpu().eval(),
        (torch.zeros(1, 3, SIDE, SIDE),),
        str(path),
        input_names=["image"],
        output_names=["embedding"],
        dynamic_axes={"image": {0: "n"}, "embedding": {0: "n"}},
        opset_version=17,
        dynamo=False,
    )


def shrink(path: Path) -> None:
    """Keep the weights as bytes with a scale for each output, to be widened when the file is
    loaded: a quarter of the size, the arithmetic stays what it was."""
    import numpy as np
    from onnx import TensorProto, checker, helper, load_model, numpy_helper, save_model

    model = load_model(str(path))
    graph = model.graph
    for tensor in list(graph.initializer):
        weights = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or weights.ndim < 2 or weights.size < 1024:
            continue
        scale = np.abs(weights).reshape(len(weights), -1).max(axis=1) / 127
        scale = np.maximum(scale, 1e-12).astype(np.float32)
        whole = np.round(weights / scale.reshape(-1, *[1] * (weights.ndim - 1))).astype(np.int8)
        names = [f"{tensor.name}.bytes", f"{tensor.name}.scale"]
        graph.initializer.remove(tensor)
        graph.initializer.extend(
            numpy_helper.from_array(one, name)
            for one, name in zip((whole, scale), names, strict=True)
        )
        graph.node.insert(0, helper.make_node("DequantizeLinear", names, [tensor.name], axis=0))
    checker.check_model(model)
    save_model(model, str(path))


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--folder", type=Path, default=FOLDER)
    arguments.add_argument("--name", default="glance", help="which checkpoint: glance, fold-0 …")
    arguments.add_argument("--out", type=Path)
    chosen = arguments.parse_args()
    model, last, local = Glance(), Readout(), Local()
    load(chosen.folder / f"{chosen.name}.pt", {"model": model}, "cpu")
    kept = chosen.folder / f"{chosen.name}.readout.pt"
    load(kept, {"readout": last, "local": local}, "cpu")
    if not local.centres.any():
        raise FileNotFoundError(f"{kept.name} is not whole; make it with models.glance.readout.")
    path: Path = chosen.out or chosen.folder / FILE
    write(Embedder(model, last, local), path)
    shrink(path)
    data = path.read_bytes()
    print(f"{path}: {len(data)} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
