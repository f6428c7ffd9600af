"""How well the demo's eyes find the figures of the drawn world and tell them apart, on its test
split: as the product runs them, in whole frames of the size and coding of the bundled clip.

`boxes_recall`, `boxes_precision`: of figures of which at least 30 % of the body is visible, boxes
that overlap by half or more. `traits`: all five traits of a figure read right, about its true
place. `same_below`, `other_above`: shares of pairs of looks of one figure in two moments that lie
below the threshold at which a name is sure, and of pairs that differ in one trait that lie above.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from app.demo import Demo
from app.eval.world.camera import Camera, Seen, truth
from app.eval.world.canvas import Picture
from app.eval.world.director import Director, Role
from app.eval.world.traits import COLOURS, HATS, PATTERNS, SHAPES, SIZES, Look, look, look_alike
from app.measure import Goal, Measurement
from app.paths import Paths
from engine.decision.calibration import PEOPLE
from engine.decision.identity import VIEWS_KEPT
from engine.errors import ModelNotInstalled
from engine.facts import SURE
from engine.media import Box
from engine.perception.drawn import TRAITS, DrawnLooks, cut_out, look_of

SEED, SCENES, QUICK = 940_000_001, 120, 12
MOMENTS = 4
SIZE = (640, 480)
QUALITY = 80
GOALS = (
    Goal(metric="boxes_recall", relation=">=", goal=0.95),
    Goal(metric="boxes_precision", relation=">=", goal=0.95),
    Goal(metric="traits", relation=">=", goal=0.9),
    Goal(metric="other_above", relation="<=", goal=0.05),
)


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """120 scenes (12 when `quick`) of four moments each, half of them with look-alikes.

    Raises:
        ModelNotInstalled: the demo's eyes did not come with this program.
    """
    del out
    eyes = Demo(paths).eyes()
    if eyes is None or eyes.objects is None or not isinstance(eyes.face_embedder, DrawnLooks):
        raise ModelNotInstalled("The demo's eyes did not come with this program.")
    right = found = wanted = 0
    overlaps: list[float] = []
    values: list[list[bool]] = []
    looks: list[tuple[int, Look, np.ndarray]] = []
    for number, frame, seen in moments(QUICK if quick else SCENES):
        boxes = [one.box for one in eyes.objects.detect(frame) if one.is_person]
        truths = [box_of(one) for one in seen]
        matched = match(boxes, truths)
        right, found, wanted = right + len(matched), found + len(boxes), wanted + len(truths)
        overlaps += matched
        for one, box in zip(seen, truths, strict=True):
            cut = cut_out(frame, box.x + box.w / 2, box.y + box.h / 2)
            chances = eyes.face_embedder.traits(cut)
            values.append(agrees(chances, one.look))
            looks.append((number, one.look, look_of(chances)))
    same, other = pairs(looks)
    sure = PEOPLE.score_for(SURE, VIEWS_KEPT)
    shares = np.array(values).mean(axis=0)
    rows = [
        {"trait": trait, "right": round(float(share), 3), "of": len(values)}
        for trait, share in zip(TRAITS, shares, strict=True)
    ]
    return Measurement(
        name="demo-eyes",
        metrics={
            "boxes_recall": right / wanted,
            "boxes_precision": right / max(found, 1),
            "boxes_overlap": float(np.mean(overlaps)) if overlaps else 0.0,
            "figures": wanted,
            "traits": float(np.array(values).all(axis=1).mean()),
            "same_below": float((np.array(same) < sure).mean()),
            "other_above": float((np.array(other) >= sure).mean()),
        },
        goals=GOALS,
        rows=rows,
    )


def moments(scenes: int) -> Iterator[tuple[int, Picture, tuple[Seen, ...]]]:
    """(scene, frame in BGR, who is seen in it)."""
    chance, camera = random.Random(SEED), Camera(SIZE, oversample=1)
    for number in range(scenes):
        cast = [look(chance, "test")]
        for _ in range(chance.choice((0, 1, 2, 3))):
            alike = chance.random() < 0.5
            cast.append(look_alike(chance, cast[0]) if alike else look(chance, "test"))
        roles = [Role(look=one, name=None) for one in cast]
        scene = Director(chance, roles, length_s=20.0).plan()
        for _ in range(MOMENTS):
            t = chance.uniform(0, scene.length_s)
            code = cv2.imencode(
                ".jpg", camera.frame(scene, t), [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
            )[1]
            frame = np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR), np.uint8)
            yield number, frame, truth(scene, t).seen


def box_of(seen: Seen) -> Box:
    left, top, right, low = seen.box
    x, y = round(left * SIZE[0]), round(top * SIZE[1])
    return Box(x, y, round(right * SIZE[0]) - x, round(low * SIZE[1]) - y)


def match(boxes: list[Box], truths: list[Box], least: float = 0.5) -> list[float]:
    """How well each box that is right overlaps with what it is of; each counts once."""
    free, matched = list(truths), list[float]()
    for box in boxes:
        best = max(free, key=box.overlap, default=None)
        if best is not None and box.overlap(best) >= least:
            matched.append(box.overlap(best))
            free.remove(best)
    return matched


def agrees(chances: np.ndarray, of: Look) -> list[bool]:
    """Whether the likeliest value of each trait is the right one."""
    names = (SHAPES, COLOURS, HATS, PATTERNS, SIZES)
    is_so = (of.shape, of.colour, of.hat, of.pattern, of.size)
    parts = np.split(chances, np.cumsum(list(TRAITS.values()))[:-1])
    return [
        values[int(part.argmax())] == wanted
        for part, values, wanted in zip(parts, names, is_so, strict=True)
    ]


def pairs(looks: list[tuple[int, Look, np.ndarray]]) -> tuple[list[float], list[float]]:
    """Cosines of one figure in two moments of a scene, and of two that differ in one trait."""
    same: list[float] = []
    other: list[float] = []
    for n, (scene, one, vector) in enumerate(looks):
        for number, another, against in looks[n + 1 :]:
            apart = sum(
                getattr(one, trait) != getattr(another, trait)
                for trait in ("shape", "colour", "hat", "pattern", "size")
            )
            if number == scene and apart == 0:
                same.append(float(vector @ against))
            elif number == scene and apart == 1:
                other.append(float(vector @ against))
    return same, other
