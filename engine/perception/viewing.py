"""Take the views (embeddings with their pixels) by which people and things are known again."""

from collections.abc import Sequence

import cv2
import numpy as np

from engine.facts import PARTS, View
from engine.media import Box, Image
from engine.perception.finding import Eyes
from engine.perception.tracking import Followed
from engine.ports.seeing import FaceDetection, FaceEmbedder, ImageEmbedder

LONGEST_CROP = 256
ENOUGH_VIEWS = 4
"""Until a track has so many, it is viewed even where nothing changed: a name needs several."""
MOST_FACES = 8
SMALLEST_FACE = 20
"""A face of fewer pixels tells nobody apart."""
SHARP = 120.0
"""Variance of the Laplacian from which a picture counts as sharp."""
LARGE = 80.0
"""Side in pixels from which a face or thing counts as large."""


def face_view(
    embedder: FaceEmbedder, image: Image, face: FaceDetection, aligned: Image | None = None
) -> View:
    """The face, aligned and embedded; its crop is the aligned face."""
    crop = embedder.align(image, face) if aligned is None else aligned
    return View(
        embedder=embedder.name,
        vector=embedder.embed(crop),
        box=face.box,
        crop=crop,
        quality=quality(crop, face.box, face.score),
    )


def thing_view(embedder: ImageEmbedder, image: Image, box: Box, score: float) -> View:
    """What is in the box, embedded."""
    pixels = box.crop(image)
    crop = shrunk(pixels)
    return View(
        embedder=embedder.name + PARTS,
        vector=embedder.embed_parts(pixels),
        box=box,
        crop=crop,
        quality=quality(crop, box, score),
    )


def shrunk(image: Image, longest: int = LONGEST_CROP) -> Image:
    """A copy whose longer side is at most so many pixels."""
    height, width = int(image.shape[0]), int(image.shape[1])
    scale = longest / max(width, height)
    if scale >= 1:
        return image.copy()
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def quality(crop: Image, box: Box, score: float) -> float:
    """Detector score times sharpness times size, each in [0, 1]."""
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    sharpness = min(float(np.var(cv2.Laplacian(grey, cv2.CV_32F))) / SHARP, 1.0)
    size = min(min(box.w, box.h) / LARGE, 1.0)
    return round(min(max(score, 0.0), 1.0) * sharpness * size, 4)


class Viewer:
    """Takes the views of the tracks of one look, and not again what has not changed."""

    def __init__(self, most_things: int) -> None:
        self._most_things = most_things

    def take(
        self, eyes: Eyes, image: Image, present: Sequence[Followed], *, want_things: bool
    ) -> dict[int, View]:
        """Views by track id: of every face seen, and (if wanted) of the most certain things."""
        views: dict[int, View] = {}
        people = [track for track in present if track.kind == "person" and not track.held]
        for track in sorted(people, key=lambda track: -track.found.score)[:MOST_FACES]:
            if eyes.face_embedder and (view := _person(eyes.face_embedder, image, track)):
                views[track.id] = view
        if want_things and eyes.image_embedder:
            # Without an object detector a thing is what moves; without a face model somebody is
            # known by looks.
            looks = {"thing", "motion"} if eyes.face_embedder else {"thing", "motion", "person"}
            things = [track for track in present if track.kind in looks]
            for track in sorted(things, key=lambda track: -track.found.score)[: self._most_things]:
                if view := _thing(eyes.image_embedder, image, track):
                    views[track.id] = view
        return views


def _person(embedder: FaceEmbedder, image: Image, track: Followed) -> View | None:
    face = track.found.face
    if face is None or min(face.box.w, face.box.h) < SMALLEST_FACE:
        return None
    aligned = embedder.align(image, face)
    shown = _footprint(aligned)
    if track.views >= ENOUGH_VIEWS and _same_pixels(track.viewed, shown):
        return None
    track.views, track.viewed, track.viewed_box = track.views + 1, shown, face.box
    return face_view(embedder, image, face, aligned)


def _thing(embedder: ImageEmbedder, image: Image, track: Followed) -> View | None:
    shown = _footprint(track.box.crop(image))
    stays = track.viewed_box is not None and track.viewed_box.overlap(track.box) > 0.8
    if track.views >= ENOUGH_VIEWS and stays and _same_pixels(track.viewed, shown):
        return None
    track.views, track.viewed, track.viewed_box = track.views + 1, shown, track.box
    return thing_view(embedder, image, track.box, track.found.score)


def _footprint(crop: Image) -> Image:
    """What a crop looks like, small: to see whether its pixels changed."""
    return np.asarray(cv2.resize(crop, (16, 16), interpolation=cv2.INTER_AREA), np.uint8)


def _same_pixels(one: Image | None, other: Image) -> bool:
    """Whether two footprints show the same picture but for noise."""
    if one is None:
        return False
    return float(np.abs(one.astype(np.int16) - other).mean()) < 3.0
