# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
"""Writes a text model again with its matrices in 8 bits (Q8_0), to see what that costs."""

from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Kind

_OWN = ("GGUF.", "general.architecture", "general.file_type")
"""Written by the writer itself."""


def to_eight_bits(source: Path, target: Path) -> None:
    """`source` in any kind of floats; a matrix whose rows are no multiple of 32 stays as it is."""
    read = gguf.GGUFReader(source)
    architecture = read.fields["general.architecture"].contents()
    writer = gguf.GGUFWriter(target, str(architecture))
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    for name, field in read.fields.items():
        if not name.startswith(_OWN):
            inner = field.types[-1] if len(field.types) > 1 else None
            writer.add_key_value(name, field.contents(), field.types[0], inner)
    for tensor in read.tensors:
        data = np.asarray(tensor.data)
        narrow = data.ndim == 2 and data.shape[1] % 32 == 0 and tensor.tensor_type in (
            Kind.F16, Kind.F32,
        )  # fmt: skip
        if narrow:
            packed = gguf.quants.quantize(data.astype(np.float32), Kind.Q8_0)
            writer.add_tensor(tensor.name, packed, raw_dtype=Kind.Q8_0)
        else:
            writer.add_tensor(tensor.name, data, raw_dtype=tensor.tensor_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
