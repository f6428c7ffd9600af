# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
"""The teacher's network, cut where its features still stand at their places."""

from pathlib import Path

from onnx import load_model, save_model


def without_mean(path: Path, cut: Path) -> None:
    """The network from `path`, cut before the mean, into `cut`."""
    model = load_model(str(path))
    graph = model.graph
    mean = next(n for n, node in enumerate(graph.node) if node.op_type == "GlobalAveragePool")
    graph.output[0].CopyFrom(
        type(graph.output[0])(name=graph.node[mean].input[0], type=graph.input[0].type)
    )
    for dimension in list(graph.output[0].type.tensor_type.shape.dim)[1:]:
        dimension.Clear()
    del graph.node[mean:]
    save_model(model, str(cut))
