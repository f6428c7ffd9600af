"""What comes with the program for its demo: a language model, eyes and a small gallery, which know
the drawn world of the bundled clip and nothing else.

Opened when the demo is first shown, and nothing of it is ever kept in the user's memory.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TypeVar

import cv2
import numpy as np

from app.bundled import bundled_files
from app.paths import Paths
from app.vision_model import ChosenModel
from engine.errors import EngineError
from engine.facts import LENT, Alert, Concept, Condition, Exemplar
from engine.inference.catalogue import CatalogueEntry, load_catalogue
from engine.media import Image
from engine.perception.drawn import DrawnFigures, DrawnLooks, DrawnObjects, cut_out
from engine.perception.drawn_poses import DrawnPoses
from engine.perception.finding import Eyes
from engine.perception.rapid_ocr import RapidOcr
from engine.reports import DemoLent

log = logging.getLogger(__name__)

T = TypeVar("T")

MODEL, BOXES, LOOKS = "nacre-demo", "nacre-demo-boxes", "nacre-demo-looks"
POSES = "nacre-demo-poses"
COLOURS = {"Momo": "#F2B872", "Mum": "#C3A6E8"}
AWAITED = "Mum"
"""Whom the demo's own alert waits for."""
ALERT = f"{LENT}comes-in"


class Demo:
    """May be asked from any thread. What is missing or is not what the catalogue pins is left out,
    with a line in the log."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._opening = Lock()
        self._eyes: Eyes | None = None
        self._crops: dict[str, Image] = {}

    def model(self) -> ChosenModel | None:
        """The demo's language model."""
        return _tried("language model", self._model)

    def eyes(self) -> Eyes | None:
        """The demo's eyes, loaded when they are first asked for."""
        with self._opening:
            if self._eyes is None:
                self._eyes = _tried("eyes", self._load)
            return self._eyes

    def lent(self) -> DemoLent:
        """Whom the demo knows from the start, and what it looks out for."""
        eyes = self.eyes()
        folder = self._paths.assets / "demo"
        if eyes is None or eyes.face_embedder is None or not folder.is_dir():
            return DemoLent()
        concepts: list[Concept] = []
        exemplars: list[Exemplar] = []
        for place in sorted(one for one in folder.iterdir() if one.is_dir()):
            concept = Concept(
                id=f"{LENT}{place.name.lower()}",
                name=place.name,
                kind="person",
                colour=COLOURS.get(place.name, Concept.colour),
                demo=True,
            )
            concepts.append(concept)
            for path in sorted(place.glob("*.jpg")):
                crop = np.asarray(cv2.imread(str(path), cv2.IMREAD_COLOR), np.uint8)
                exemplar = f"{concept.id}/{path.stem}"
                self._crops[exemplar] = crop
                exemplars.append(
                    Exemplar(
                        id=exemplar,
                        concept=concept.id,
                        embedder=eyes.face_embedder.name,
                        vector=eyes.face_embedder.embed(looked_at(crop)),
                        crop=crop,
                        positive=True,
                        at=0,
                    )
                )
        awaited = next((one for one in concepts if one.name == AWAITED), None)
        alerts = () if awaited is None else (_alert(awaited),)
        return DemoLent(
            concepts=tuple(concepts),
            exemplars=tuple(exemplars),
            alerts=alerts,
            embedders=() if eyes.poses is None else (("action", eyes.poses.name),),
        )

    def crop(self, exemplar: str) -> Image | None:
        """The pixels of one of its exemplars."""
        return self._crops.get(exemplar)

    def _model(self) -> ChosenModel:
        entry = load_catalogue(self._paths.catalogue).entry(MODEL)
        return ChosenModel.of(entry, self._files(entry))

    def _files(self, entry: CatalogueEntry) -> list[Path]:
        return bundled_files(self._paths.catalogue, entry)

    def _load(self) -> Eyes:
        catalogue = load_catalogue(self._paths.catalogue)
        looks, poses = catalogue.part(LOOKS), catalogue.part(POSES)
        objects = DrawnObjects(self._files(catalogue.part(BOXES))[0])
        return Eyes(
            faces=DrawnFigures(objects),
            face_embedder=DrawnLooks(self._files(looks)[0], digest=looks.files[0].sha256),
            objects=objects,
            text_reader=RapidOcr(),
            poses=DrawnPoses(self._files(poses)[0], digest=poses.files[0].sha256),
        )


def looked_at(crop: Image) -> Image:
    """A picture of the gallery as it is compared: it shows as much as is looked at in a frame."""
    height, width = crop.shape[:2]
    doubled = cv2.copyMakeBorder(
        crop, height // 2, height - height // 2, 0, 0, cv2.BORDER_REPLICATE
    )
    return cut_out(np.asarray(doubled, np.uint8), width / 2, height)


def _alert(who: Concept) -> Alert:
    return Alert(
        id=ALERT,
        text=f"tell me when {who.name} comes in",
        condition=Condition(event="appears", concept=who.id),
        dwell_s=0.0,
        cooldown_s=3.0,
        created_at=0,
        sources=("demo",),
        demo=True,
    )


def _tried(what: str, load: Callable[[], T]) -> T | None:
    try:
        return load()
    except (EngineError, OSError) as error:
        log.warning("the demo has no %s: %s", what, type(error).__name__)
        return None
