# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false
"""Writes the trained network as two GGUF files: text model and projector, as llama.cpp reads them.

Architecture `llama`, projector `idefics3`, vocabulary `gpt2` split as `smollm`. Matrices are f16,
vectors and positions f32.
"""

import argparse
import hashlib
import json
from pathlib import Path

import gguf
import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from models.demo.checkpoint import FOLDER, load, taught
from models.demo.network import DemoModel, Shape
from models.demo.vocabulary import SPECIALS, vocabulary

TEXT_FILE, PROJECTOR_FILE = "nacre-demo.gguf", "nacre-demo.mmproj.gguf"
POSITIONS = "v.position_embd.weight"
CHAT_TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def put(writer: gguf.GGUFWriter, name: str, tensor: Tensor, *, half: bool = True) -> None:
    """Matrices in half precision unless told otherwise, all else in single."""
    array = tensor.detach().cpu().float().numpy()
    narrow = half and array.ndim >= 2
    writer.add_tensor(
        name, np.ascontiguousarray(array.astype(np.float16 if narrow else np.float32))
    )


def text_tensors(model: DemoModel) -> dict[str, Tensor]:
    """By the name that llama.cpp gives them."""
    found: dict[str, Tensor] = {
        "token_embd.weight": model.embed.weight,
        "output_norm.weight": model.norm.weight,
    }
    for n, block in enumerate(model.blocks):
        names: dict[str, nn.Module] = {
            "attn_norm": block.attention_norm, "attn_q": block.q, "attn_k": block.k,
            "attn_v": block.v, "attn_output": block.out, "ffn_norm": block.hidden_norm,
            "ffn_gate": block.gate, "ffn_up": block.up, "ffn_down": block.down,
        }  # fmt: skip
        found |= {f"blk.{n}.{name}.weight": part.weight for name, part in names.items()}
    return found


def projector_tensors(model: DemoModel) -> dict[str, Tensor]:
    """Of the vision tower and the projection, by the name that llama.cpp gives them."""
    vision = model.vision
    found: dict[str, Tensor] = {
        "v.patch_embd.weight": vision.patch.weight,
        "v.patch_embd.bias": vision.patch.bias,
        POSITIONS: vision.position,
        "v.post_ln.weight": vision.post.weight,
        "v.post_ln.bias": vision.post.bias,
        "mm.model.fc.weight": vision.project.weight,
    }
    for n, block in enumerate(vision.blocks):
        names: dict[str, nn.Module] = {
            "attn_q": block.q, "attn_k": block.k, "attn_v": block.v, "attn_out": block.out,
            "ln1": block.ln1, "ln2": block.ln2, "ffn_up": block.up, "ffn_down": block.down,
        }  # fmt: skip
        for name, part in names.items():
            found[f"v.blk.{n}.{name}.weight"] = part.weight
            found[f"v.blk.{n}.{name}.bias"] = part.bias
    return found


def write_vocabulary(writer: gguf.GGUFWriter, tokenizer: Tokenizer) -> None:
    table = json.loads(tokenizer.to_str())["model"]
    tokens = sorted(table["vocab"], key=table["vocab"].get)
    kinds = [gguf.TokenType.CONTROL if one in SPECIALS else gguf.TokenType.NORMAL for one in tokens]
    merges = [one if isinstance(one, str) else " ".join(one) for one in table["merges"]]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([int(kind) for kind in kinds])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(tokens.index("<|im_start|>"))
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)


def finish(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_text(path: Path, model: DemoModel, tokenizer: Tokenizer) -> None:
    shape = model.shape
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("Nacre demo")
    writer.add_description("Knows the drawn world of Nacre's demo, and nothing else.")
    writer.add_license("Apache-2.0")
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_layer_norm_rms_eps(shape.epsilon)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    write_vocabulary(writer, tokenizer)
    for name, tensor in text_tensors(model).items():
        put(writer, name, tensor)
    finish(writer)


def write_projector(path: Path, model: DemoModel) -> None:
    shape = model.shape
    writer = gguf.GGUFWriter(path, "clip")
    writer.add_name("Nacre demo projector")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_bool("clip.has_vision_encoder", True)
    writer.add_string("clip.projector_type", "idefics3")
    writer.add_bool("clip.use_gelu", True)
    for name, value in (
        ("image_size", shape.image),
        ("patch_size", shape.patch),
        ("embedding_length", shape.vision_width),
        ("feed_forward_length", shape.vision_hidden),
        ("block_count", shape.vision_layers),
        ("attention.head_count", shape.vision_heads),
        ("projection_dim", shape.width),
        ("projector.scale_factor", shape.shuffle),
        ("preproc_image_size", shape.image),
    ):
        writer.add_uint32(f"clip.vision.{name}", value)
    writer.add_float32("clip.vision.attention.layer_norm_epsilon", shape.epsilon)
    writer.add_array("clip.vision.image_mean", [0.5, 0.5, 0.5])
    writer.add_array("clip.vision.image_std", [0.5, 0.5, 0.5])
    for name, tensor in projector_tensors(model).items():
        put(writer, name, tensor, half=name != POSITIONS)
    finish(writer)


def export(folder: Path, out: Path) -> tuple[Path, Path]:
    """Write both files from the checkpoint in `folder`.

    Raises:
        FileNotFoundError: nothing has been trained there.
    """
    model = DemoModel(Shape())
    load(taught(folder), {"model": model}, "cpu")
    out.mkdir(parents=True, exist_ok=True)
    write_text(out / TEXT_FILE, model, vocabulary(folder, model.shape.vocabulary))
    write_projector(out / PROJECTOR_FILE, model)
    return out / TEXT_FILE, out / PROJECTOR_FILE


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--folder", type=Path, default=FOLDER)
    arguments.add_argument("--out", type=Path, default=FOLDER / "export")
    chosen = arguments.parse_args()
    with torch.no_grad():
        for path in export(chosen.folder, chosen.out):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            print(f'name = "{path.name}"\nsize = {path.stat().st_size}\nsha256 = "{digest}"')


if __name__ == "__main__":
    main()
