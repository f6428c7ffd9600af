"""What a model's two files must fulfil before llama.cpp is let near them.

llama.cpp trusts much of what a file says of itself: it divides by a number of heads, reads a list
as long as another, multiplies whatever lies under a name. A file that was damaged, or written to do
harm, would end the process or worse. Files of the
catalogue have their SHA-256 besides; this is for those that users bring, and for every load.
"""

from dataclasses import dataclass
from pathlib import Path

from engine.errors import ModelIncompatible
from engine.inference.gguf_file import GgufFile, read_gguf
from engine.inference.gguf_said import is_projector
from engine.inference.gguf_text import TextFacts, text_facts
from engine.inference.gguf_vision import VisionFacts, vision_facts
from engine.inference.gguf_weights import require_numbers

_TEXT_OF = {
    "idefics3": ("llama", "smollm3"),
    "qwen2vl_merger": ("qwen2vl",),
    "qwen2.5vl_merger": ("qwen2vl",),
    "qwen3vl_merger": ("qwen3vl", "qwen3vlmoe"),
    "gemma3": ("gemma3",),
    "gemma3nv": ("gemma3n",),
    "gemma4v": ("gemma4",),
    "gemma4uv": ("gemma4",),
    "llama4": ("llama4",),
    "cogvlm": ("cogvlm",),
    "glm4v": ("glm4", "glm4moe"),
}
"""Text models that a projector can belong to, where that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFacts:
    """A text model and the projector that belongs to it."""

    text: TextFacts
    vision: VisionFacts


def check_pair(model: Path, projector: Path) -> PairFacts:
    """Look at both files, and whether they belong together. Takes a second or two for a large
    model, of which it reads a part.

    Raises:
        ModelCorrupt: one is damaged, cut off, or not a model.
        ModelIncompatible: they are whole, but nothing that can be run, or not together.
        ModelError: one cannot be read.
    """
    first, second = read_gguf(model), read_gguf(projector)
    if is_projector(first) and not is_projector(second):
        raise ModelIncompatible(
            f"{first.name} and {second.name} are swapped: the first is the projector. Nothing was "
            "changed. Name them the other way round."
        )
    text, vision = text_facts(first), vision_facts(second)
    fits = _TEXT_OF.get(vision.projector)
    others = [name for name, texts in _TEXT_OF.items() if text.architecture in texts]
    strange = text.architecture != "llama" and others and vision.projector not in others
    if (fits and text.architecture not in fits) or strange:
        raise _apart(first, second, f"{vision.projector} sees for another kind of text model")
    if vision.outputs is not None and vision.outputs != text.width:
        raise _apart(first, second, f"it speaks in {vision.outputs} numbers, not {text.width}")
    if vision.deepstack != text.deepstack:
        raise _apart(first, second, f"{vision.deepstack} layers see, not {text.deepstack}")
    require_numbers(first)
    require_numbers(second)
    return PairFacts(text=text, vision=vision)


def check_model(path: Path) -> TextFacts:
    """The text model alone; raises as `check_pair` does."""
    file = read_gguf(path)
    facts = text_facts(file)
    require_numbers(file)
    return facts


def check_projector(path: Path) -> VisionFacts:
    """The projector alone; raises as `check_pair` does."""
    file = read_gguf(path)
    facts = vision_facts(file)
    require_numbers(file)
    return facts


def _apart(model: GgufFile, projector: GgufFile, why: str) -> ModelIncompatible:
    return ModelIncompatible(
        f"{projector.name} does not belong to {model.name}: {why}. Nothing was changed. Take both "
        "files from one place."
    )
