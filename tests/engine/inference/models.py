"""A small catalogue of made-up models, and stores over it."""

import hashlib
import random
from pathlib import Path
from typing import Any

from engine.inference.catalogue import Catalogue
from engine.inference.download import Patience
from engine.inference.store import ModelStore
from engine.ports.shelf import Progress

EYE = random.Random(1).randbytes(300_000)
EAR = random.Random(2).randbytes(200_000)
WORDS = random.Random(3).randbytes(4_000)

QUICK = Patience(connect_s=5, silence_s=5, tries=3, wait_s=0.01)


def pinned(name: str, content: bytes, url: str | None = None) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    return {"name": name, "size": len(content), "sha256": digest, "url": url}


def catalogue(address: str = "http://127.0.0.1:9") -> Catalogue:
    """`eye`: one file, obtainable; `ear`: two files, import only."""
    common = {"licence": "Apache-2.0", "source": "somewhere", "unlocks": "Something."}
    eye = {
        "id": "eye",
        "role": "face-detector",
        "title": "Eye",
        "files": [pinned("eye.onnx", EYE, f"{address}/pinned/eye.onnx")],
        "obtainable": True,
    }
    ear = {
        "id": "ear",
        "role": "text-embedder",
        "title": "Ear",
        "files": [pinned("ear.onnx", EAR), pinned("words.json", WORDS)],
        "obtainable": False,
    }
    return Catalogue.model_validate({"model": [common | eye, common | ear]})


def loose(address: str = "http://127.0.0.1:9") -> Catalogue:
    """`sage`: a vision-language model of two files that are not pinned."""
    vision = {
        "repository": f"{address}/maker/sage",
        "architecture": "llama",
        "projector": "idefics3",
        "quantization": "Q8_0",
        "parameters": 1000,
        "vision_parameters": 100,
        "vision_width": 8,
        "vision_layers": 1,
        "patches": 16,
        "image_tokens": 4,
        "kv_bytes": 64,
        "context": 2048,
    }
    files = [
        {"name": name, "size": 100, "url": f"{address}/maker/sage/resolve/main/{name}"}
        for name in ("sage.gguf", "mmproj.gguf")
    ]
    sage = {
        "id": "sage",
        "role": "vision-language-model",
        "title": "Sage",
        "licence": "Apache-2.0",
        "source": "maker/sage",
        "unlocks": "Answers.",
        "files": files,
        "obtainable": True,
        "vision": vision,
    }
    return Catalogue.model_validate({"model": [sage]})


def store(folder: Path, address: str = "http://127.0.0.1:9", **options: Any) -> ModelStore:
    options.setdefault("patience", QUICK)
    return ModelStore(folder, catalogue(address), **options)


def get(shelf: ModelStore, model: str = "eye") -> list[Progress]:
    """Download to the end; what was told on the way."""
    told: list[Progress] = []
    shelf.get(model, told.append, lambda: False)
    return told


def content(folder: Path) -> dict[str, int]:
    """Every file below a folder with its size, without locks."""
    return {
        str(path.relative_to(folder)): path.stat().st_size
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".lock"
    }
