"""Run the detectors over one picture and put together what belongs together."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.facts import Figure
from engine.media import Box, Image
from engine.perception.tracking import Found
from engine.ports.seeing import (
    FaceDetection,
    FaceDetector,
    FaceEmbedder,
    ImageEmbedder,
    ObjectDetection,
    ObjectDetector,
    PoseEstimator,
    TextReader,
)

LONE_FACE = 0.7
"""A face needs so much confidence to make a person without a body."""
PERSON_SCORE = 0.4
"""A weaker body is only taken for somebody who is already there (as in ByteTrack, 2022)."""
LEAST_SHARE = 0.002
"""A proposed thing is at least this share of the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Eyes:
    """The models that are installed; what is missing is None, and its feature is off."""

    faces: FaceDetector | None = None
    face_embedder: FaceEmbedder | None = None
    objects: ObjectDetector | None = None
    image_embedder: ImageEmbedder | None = None
    text_reader: TextReader | None = None
    poses: PoseEstimator | None = None


def find(eyes: Eyes, image: Image) -> list[Found]:
    """People (bodies with their faces, and faces alone) and proposed things."""
    faces = list(eyes.faces.detect(image)) if eyes.faces else []
    objects = list(eyes.objects.detect(image)) if eyes.objects else []
    bodies = [item for item in objects if item.is_person]
    size = (int(image.shape[1]), int(image.shape[0]))
    least = LEAST_SHARE * size[0] * size[1]
    things = [
        Found(kind="thing", box=item.box, score=item.score)
        for item in objects
        if not item.is_person and item.box.area >= least
    ]
    return people(bodies, faces, size) + things


def figures(found: Sequence[Found]) -> tuple[Figure, ...]:
    """The people among what was found, the uncertain ones too."""
    return tuple(
        Figure(box=one.box, head=None if one.face is None else head_around(one.face.box))
        for one in found
        if one.kind == "person"
    )


def who_is_in(eyes: Eyes, image: Image) -> tuple[Figure, ...] | None:
    """Everybody in the picture; None where there is nothing to find faces with."""
    return None if eyes.faces is None else figures(find(eyes, image))


def head_around(face: Box) -> Box:
    """The whole head around a face."""
    x, y = face.x - round(0.25 * face.w), face.y - round(0.35 * face.h)
    return Box(x, y, round(1.5 * face.w), round(1.6 * face.h))


def people(
    bodies: Sequence[ObjectDetection], faces: Sequence[FaceDetection], size: tuple[int, int]
) -> list[Found]:
    """Each body with the most confident face in its upper half; other faces on their own, in a
    box guessed around them. `size` is (width, height) of the picture."""
    worn: dict[int, FaceDetection] = {}
    alone: list[FaceDetection] = []
    for face in faces:
        owner = _owner(face.box, bodies)
        if owner is None:
            if face.score >= LONE_FACE:
                alone.append(face)
        elif owner not in worn:
            worn[owner] = face
    found = [
        Found(
            kind="person",
            box=body.box,
            score=body.score,
            face=worn.get(index),
            weak=body.score < PERSON_SCORE and index not in worn,
        )
        for index, body in enumerate(bodies)
    ]
    found += [
        Found(
            kind="person",
            box=body_around(face.box, size),
            score=face.score,
            face=face,
            body_seen=False,
        )
        for face in alone
    ]
    return found


def body_around(face: Box, size: tuple[int, int]) -> Box:
    """Where the upper body of a face is, by the proportions of an adult, inside the picture."""
    x = round(face.x - face.w)
    y = round(face.y - 0.4 * face.h)
    return Box(x, y, 3 * face.w, 5 * face.h).clipped(*size)


def _owner(face: Box, bodies: Sequence[ObjectDetection]) -> int | None:
    """Index of the smallest body that has the face in its upper half."""
    inside = [
        (body.box.area, index)
        for index, body in enumerate(bodies)
        if face.intersection(body.box) >= 0.7 * face.area
        and face.y + face.h / 2 <= body.box.y + 0.6 * body.box.h
    ]
    return min(inside)[1] if inside else None
