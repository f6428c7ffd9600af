"""What a projector must fulfil before libmtmd is let near it."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import ModelIncompatible
from engine.inference.gguf_file import GgufFile
from engine.inference.gguf_said import (
    HEADS_AT_MOST,
    HIDDEN_AT_MOST,
    LAYERS_AT_MOST,
    WIDTH_AT_MOST,
    Said,
    is_projector,
    require_plain_rows,
)

_MERGERS = ("qwen2vl_merger", "qwen2.5vl_merger", "qwen3vl_merger")
_KNOWN_TOWERS = ("idefics3", *_MERGERS)
"""Projectors of which every shape is known here."""
_BLOCK = re.compile(r"v\.blk\.(\d+)\.(.+)")
_NEEDED = ("ln1.weight", "ln2.weight", "attn_out.weight", "ffn_up.weight", "ffn_down.weight")


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionFacts:
    """What a projector says of itself."""

    projector: str
    parameters: int
    image: int
    """Side of the picture that its tower was trained on, in pixels."""
    outputs: int | None
    """Width of its rows, where it can be told."""
    deepstack: int
    size_bytes: int


def vision_facts(file: GgufFile) -> VisionFacts:
    """Look at what it says of itself, and at the shapes of a tower that is known.

    Raises:
        ModelCorrupt, ModelIncompatible
    """
    if not is_projector(file):
        raise ModelIncompatible(
            f"{file.name} is not a projector. Nothing was changed. Choose the file that comes with "
            "the model and is mostly called mmproj."
        )
    if file.values.get("clip.has_vision_encoder") is not True:
        raise ModelIncompatible(
            f"{file.name} sees no pictures. Nothing was changed. Choose the projector for pictures."
        )
    name = file.text("clip.projector_type") or file.text("clip.vision.projector_type")
    if not name:
        raise file.corrupt("it does not say what kind of projector it is")
    said = Said(file, "clip.vision.")
    known = name in _KNOWN_TOWERS
    least = int(known)
    image = said.whole("image_size", 1, 8192)
    patch = said.whole("patch_size", 1, 1024)
    width = said.whole("embedding_length", 1, WIDTH_AT_MOST)
    hidden = said.whole("feed_forward_length", least, HIDDEN_AT_MOST)
    layers = said.whole("block_count", least, LAYERS_AT_MOST)
    heads = said.whole("attention.head_count", least, HEADS_AT_MOST)
    said.whole("projection_dim", 0, WIDTH_AT_MOST)
    said.share("attention.layer_norm_epsilon", needed=True)
    for key, low in (("image_mean", -10.0), ("image_std", 1e-3)):
        numbers = said.list(key)
        if numbers is None or len(numbers) < 3 or not low <= min(numbers) <= max(numbers) <= 10:
            raise said.wrong(key)
    if known and (width % heads or image % patch):
        raise said.wrong("attention.head_count" if width % heads else "patch_size")
    require_plain_rows(file)
    outputs, deepstack = None, 0
    if known:
        tower = _Tower(file, said, width, hidden, layers)
        tower.check_blocks()
        tower.check_patches(name, image, patch)
        deepstack = tower.check_deepstack() if name == "qwen3vl_merger" else 0
        outputs = tower.check_projector(name, image // patch)
    return VisionFacts(
        projector=name,
        parameters=sum(one.elements for one in file.tensors.values()),
        image=image,
        outputs=outputs,
        deepstack=deepstack,
        size_bytes=file.size,
    )


class _Tower:
    """The shapes of a known vision tower; llama.cpp ends the process where they do not fit."""

    def __init__(self, file: GgufFile, said: Said, width: int, hidden: int, layers: int) -> None:
        self._file = file
        self._said = said
        self._width = width
        self._hidden = hidden
        self._layers = layers
        self._shapes = {name: tensor.shape for name, tensor in file.tensors.items()}

    def check_blocks(self) -> None:
        """Every layer has the same parts, of the right shapes."""
        layers: defaultdict[int, dict[str, tuple[int, ...]]] = defaultdict(dict)
        for name, shape in self._shapes.items():
            if found := _BLOCK.fullmatch(name):
                layers[int(found[1])][found[2]] = shape
        if sorted(layers) != list(range(self._layers)):
            raise self._wrong("it lacks some of its layers, or has too many")
        first = layers[0]
        attention = ("attn_qkv",) if "attn_qkv.weight" in first else ("attn_q", "attn_k", "attn_v")
        needed = {*_NEEDED, *(f"{one}.weight" for one in attention)}
        if not needed <= set(first) or any(one != first for one in layers.values()):
            raise self._wrong("its layers are not alike, or not whole")
        w, f = self._width, self._hidden
        if first["ffn_up.weight"] == (f, w):  # Older files call each by the name of the other.
            w, f = f, w
        fits: dict[str, tuple[int, ...]] = {
            "ffn_up.weight": (w, f), "ffn_gate.weight": (w, f), "ffn_down.weight": (f, w),
        }  # fmt: skip
        w = self._width
        fits |= {f"attn_{one}.weight": (w, w) for one in ("q", "k", "v", "out")}
        fits |= {"attn_qkv.weight": (w, 3 * w), "ln1.weight": (w,), "ln2.weight": (w,)}
        self._require(first, fits)
        self._require_biases(self._shapes)

    def check_patches(self, name: str, image: int, patch: int) -> None:
        """What takes the picture in."""
        kernel = (patch, patch, 3, self._width)
        fits: dict[str, tuple[int, ...]] = {
            "v.patch_embd.weight": kernel,
            "v.patch_embd.weight.1": kernel,
        }
        needed = ["v.patch_embd.weight"]
        if name in _MERGERS:
            needed.append("v.patch_embd.weight.1")
        if name in ("idefics3", "qwen3vl_merger"):
            needed.append("v.position_embd.weight")
            fits["v.position_embd.weight"] = (self._width, (image // patch) ** 2)
        self._need(needed)
        self._require(self._shapes, fits)
        norm = (self._width,)
        self._require(self._shapes, {"v.post_ln.weight": norm, "v.pre_ln.weight": norm})

    def check_deepstack(self) -> int:
        """How many layers hand on what they see."""
        marks = self._said.list("is_deepstack_layers") or []
        chosen = [layer for layer, mark in enumerate(marks) if mark]
        if marks and len(marks) != self._layers:
            raise self._said.wrong("is_deepstack_layers")
        wide = self._width * self._merged**2
        for layer in chosen:
            at = f"v.deepstack.{layer}."
            fits = {
                f"{at}norm.weight": (wide,), f"{at}fc1.weight": (wide, wide),
                f"{at}fc2.weight": (wide, self._shapes.get("mm.2.weight", (0, 0))[-1]),
            }  # fmt: skip
            self._need([*fits, f"{at}norm.bias", f"{at}fc1.bias", f"{at}fc2.bias"])
            self._require(self._shapes, fits)
        return len(chosen)

    def check_projector(self, name: str, side: int) -> int:
        """The width of its rows."""
        if name == "idefics3":
            scale = self._said.whole("projector.scale_factor", 2, 16)
            self._said.whole("preproc_image_size", 1, 16_384, default=1)
            if side % scale:
                raise self._said.wrong("projector.scale_factor")
            self._need(["mm.model.fc.weight"])
            shape = self._shapes["mm.model.fc.weight"]
            self._require(self._shapes, {"mm.model.fc.weight": (self._width * scale**2, shape[-1])})
        else:
            self._said.whole("n_wa_pattern", 0, self._layers, default=0)
            self._need(["mm.0.weight", "mm.0.bias", "mm.2.weight", "mm.2.bias"])
            wide = self._width * self._merged**2
            shape = self._shapes["mm.2.weight"]
            fits = {"mm.0.weight": (wide, wide), "mm.2.weight": (wide, shape[-1])}
            self._require(self._shapes, fits)
        return shape[-1]

    @property
    def _merged(self) -> int:
        return self._said.whole("spatial_merge_size", 1, 16, default=2)

    def _need(self, names: list[str]) -> None:
        if any(name not in self._shapes for name in names):
            raise self._wrong("it is not whole")

    def _require(
        self, shapes: Mapping[str, tuple[int, ...]], fits: Mapping[str, tuple[int, ...]]
    ) -> None:
        if any(shapes.get(name, shape) != shape for name, shape in fits.items()):
            raise self._wrong("some of its parts have another shape than it says")

    def _require_biases(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        fits = {
            f"{name.removesuffix('.weight')}.bias": (shape[-1],)
            for name, shape in shapes.items()
            if name.endswith(".weight")
        }
        self._require(shapes, fits)

    def _wrong(self, what: str) -> Exception:
        return self._file.corrupt(what)
