"""What can be registered in a picture, and the views of what was chosen."""

from collections.abc import Sequence

from engine.errors import ConceptError, ModelNotInstalled
from engine.facts import PARTS, ConceptKind, Proposal, View
from engine.media import Box, Image, Vector
from engine.obscuring import spared
from engine.perception.acting import EMBEDDER, describe_again
from engine.perception.finding import LONE_FACE, Eyes, find, head_around, who_is_in
from engine.perception.mobilefacenet import is_aligned
from engine.perception.viewing import SMALLEST_FACE, face_view, thing_view
from engine.ports.seeing import FaceDetection, FaceDetector, FaceEmbedder

MOST_PROPOSALS = 12
BLANK = 2.0
"""Deviation, in grey levels, below which there is nothing in a picture but noise."""
COMPARABLE = 0.3
"""A face of such a share of the largest one's area may be meant as well."""
SAME = 0.6
"""Two proposals that overlap so much are one."""


def examine(
    eyes: Eyes, image: Image, box: Box | None, kind: ConceptKind, *, spare: bool = False
) -> tuple[View, ...]:
    """See `Perception.examine`."""
    size = (int(image.shape[1]), int(image.shape[0]))
    inside = Box(0, 0, *size) if box is None else box.clipped(*size)
    if not inside.area:
        raise ConceptError("The box has no part in the picture; draw it on what you mean.")
    if kind == "person" and (eyes.face_embedder is not None or eyes.image_embedder is None):
        return (_person(eyes, image, inside, alone=box is None),)
    if eyes.image_embedder is None:
        raise ModelNotInstalled(
            f"Knowing a {kind} again needs the image model, which is not installed; import it with "
            "`nacre models import FOLDER` (see `nacre models list`)."
        )
    if _is_blank(inside.crop(image)):
        raise ConceptError(
            "There is nothing to be seen there: it is of one colour. Nothing was changed. Take a "
            "picture with more light, or draw the box on what you mean."
        )
    if spare:
        image = _without_bystanders(eyes, image, kind)
    return (thing_view(eyes.image_embedder, image, inside, 1.0),)


def embedders(eyes: Eyes) -> tuple[tuple[ConceptKind, str], ...]:
    """See `Perception.embedders`."""
    found: list[tuple[ConceptKind, str]] = [("action", EMBEDDER)]
    if eyes.poses is not None:
        found.append(("action", eyes.poses.name))
    if eyes.image_embedder is not None:
        name = eyes.image_embedder.name + PARTS
        found.extend((("pet", name), ("thing", name), ("place", name)))
        if eyes.face_embedder is None:
            found.append(("person", name))
    if eyes.face_embedder is not None:
        found.append(("person", eyes.face_embedder.name))
    return tuple(found)


def embed_again(
    eyes: Eyes, crop: Image, kind: ConceptKind, embedder: str
) -> tuple[str, Vector] | None:
    """See `Perception.embed_again`. What is kept of a person is the aligned face, or all that was
    seen of them where no face model was installed; of an action, a sheet of small pictures."""
    if not crop.size or not crop.any():
        return None
    if kind == "action":
        poses = None if embedder == EMBEDDER else eyes.poses
        described = describe_again(crop, poses)
        return None if described is None else (EMBEDDER if poses is None else poses.name, described)
    if kind == "person" and eyes.face_embedder is not None:
        return _face_again(eyes, eyes.face_embedder, crop)
    if kind == "person" and is_aligned(crop):
        return None
    if eyes.image_embedder is not None:
        return eyes.image_embedder.name + PARTS, eyes.image_embedder.embed_parts(crop)
    return None


def propose(eyes: Eyes, image: Image, moving: Sequence[Box] = ()) -> tuple[Proposal, ...]:
    """See `Perception.propose`. Where there is a face model people are offered by their faces:
    without one nobody can be known again."""
    size = (int(image.shape[1]), int(image.shape[0]))
    people: list[Proposal] = []
    things: list[Proposal] = []
    for found in find(eyes, image):
        if found.face is not None:
            box = head_around(found.face.box).clipped(*size)
            people.append(Proposal(box=box, kind="person", score=found.face.score))
        elif found.kind == "thing":
            things.append(Proposal(box=found.box, kind="thing", score=found.score))
    people.sort(key=lambda proposal: -proposal.score)
    things.sort(key=lambda proposal: -proposal.score)
    if eyes.image_embedder is not None:
        anybody = eyes.face_embedder is None
        things += [
            Proposal(box=box.clipped(*size), kind="thing", score=0.0, anybody=anybody)
            for box in moving
        ]
    kept: list[Proposal] = []
    for proposal in people + things:
        if all(proposal.box.overlap(other.box) < SAME for other in kept):
            kept.append(proposal)
    return tuple(kept[:MOST_PROPOSALS])


def _face_again(eyes: Eyes, embedder: FaceEmbedder, crop: Image) -> tuple[str, Vector] | None:
    if is_aligned(crop):
        return embedder.name, embedder.embed(crop)
    whole = Box(0, 0, int(crop.shape[1]), int(crop.shape[0]))
    face = None if eyes.faces is None else _most_confident(eyes.faces, crop, whole)
    if face is None or min(face.box.w, face.box.h) < SMALLEST_FACE:
        return None
    return embedder.name, embedder.embed(embedder.align(crop, face))


def _without_bystanders(eyes: Eyes, image: Image, kind: ConceptKind) -> Image:
    if kind == "person":
        raise ConceptError(
            "People without a name are to be spared, so that somebody is known by the face alone. "
            "Nothing was changed. `nacre models get mobilefacenet` gets the model for it."
        )
    people = who_is_in(eyes, image)
    if people is None:
        raise ConceptError(
            "People without a name are to be spared, and without a face detector it cannot be told "
            "who is in the picture. Nothing was changed. `nacre models get yunet` gets one."
        )
    return spared(image, people, ())


def _is_blank(pixels: Image) -> bool:
    return float(pixels.reshape(-1, pixels.shape[-1]).std(axis=0).max()) < BLANK


def _person(eyes: Eyes, image: Image, inside: Box, *, alone: bool) -> View:
    """`alone`: no box says which of several people is meant."""
    if eyes.faces is None or eyes.face_embedder is None:
        missing = "yunet" if eyes.faces is None else "mobilefacenet"
        raise ModelNotInstalled(
            f"Knowing a person again needs the model {missing}, which is not installed; get it "
            f"with `nacre models get {missing}` or import it with `nacre models import`."
        )
    if alone:
        _refuse_crowd(eyes.faces, image)
    face = _most_confident(eyes.faces, image, inside)
    if face is not None:
        return face_view(eyes.face_embedder, image, face)
    # A face that is small in the picture may be large enough in the box.
    pixels = inside.crop(image)
    face = _most_confident(eyes.faces, pixels, Box(0, 0, inside.w, inside.h))
    if face is None:
        raise ConceptError(
            "No face was found there; choose a picture in which the face shows from the front."
        )
    return face_view(eyes.face_embedder, pixels, face)


def _refuse_crowd(detector: FaceDetector, image: Image) -> None:
    faces = [face for face in detector.detect(image) if face.score >= LONE_FACE]
    largest = max((face.box.area for face in faces), default=0)
    near = [face for face in faces if face.box.area >= COMPARABLE * largest]
    if len(near) > 1:
        raise ConceptError(
            f"There are {len(near)} faces in the picture, and it cannot be told which is meant. "
            "Nothing was changed. Draw a box around one of them (in a command: --box x,y,w,h)."
        )


def _most_confident(detector: FaceDetector, image: Image, inside: Box) -> FaceDetection | None:
    faces = [
        face
        for face in detector.detect(image)
        if face.box.intersection(inside) >= 0.5 * face.box.area
    ]
    return max(faces, key=lambda face: face.score, default=None)
