"""Photos as the product sees them: the views of things, and of copies of them."""

import random
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from app.eval import returning, transformed
from engine.errors import ModelNotInstalled
from engine.facts import View
from engine.media import Image
from engine.perception.finding import Eyes
from engine.perception.seeing import Watcher
from engine.perception.viewing import shrunk

SMALL = 112
"""Pixels of the longer side of what a thing far from the camera takes up."""


def views(
    eyes: Eyes, photos: Path, side: int | None = None
) -> tuple[dict[str, list[View]], dict[str, list[View]]]:
    """(the views that the product takes, those of the baselines), by subject; of photos that are
    shrunk to a longer side of so many pixels."""
    embedder = eyes.image_embedder
    if embedder is None:
        raise ModelNotInstalled(
            "MobileNetV2 is needed. Nothing was measured. "
            "Import it with `nacre models import FOLDER`."
        )
    looks: dict[str, list[View]] = {}
    plain: dict[str, list[View]] = {}
    watcher = Watcher(eyes)
    for folder in sorted(p for p in photos.iterdir() if p.is_dir()):
        for path in sorted(folder.glob("*.jpg")):
            image = read(path) if side is None else shrunk(read(path), side)
            taken = list(watcher.examine(image, None, "thing"))
            looks.setdefault(folder.name, []).extend(taken)
            plain.setdefault(folder.name, []).extend(
                replace(view, embedder=embedder.name, vector=embedder.embed(image))
                for view in taken
            )
    return looks, plain


def copies(
    eyes: Eyes, photos: Path, subjects: Iterable[str], count: int
) -> dict[str, list[list[View]]]:
    """By subject (and its look-alike): of each photo the view of it and of its copies."""
    watcher = Watcher(eyes)
    found: dict[str, list[list[View]]] = {}
    for subject in sorted(subjects):
        for path in sorted((photos / subject).glob("*.jpg")):
            image = read(path)
            for name, shown in (
                (subject, image),
                (subject + returning.LIKE, transformed.recoloured(image)),
            ):
                rng = random.Random(f"{name}/{path.name}")
                scenes = [shown, *(transformed.copy_of(shown, rng) for _ in range(count))]
                found.setdefault(name, []).append(
                    [
                        replace(view, crop=returning.BLANK)
                        for one in scenes
                        for view in watcher.examine(one, None, "thing")
                    ]
                )
    return found


def read(path: Path) -> Image:
    """The picture, BGR.

    Raises:
        ModelNotInstalled: it is none.
    """
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise ModelNotInstalled(f"{path.name} is not a picture.")
    return np.asarray(image, np.uint8)
