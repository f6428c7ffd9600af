"""The motion side of a run: a glance ten times a second, who stands how in it, and what moved."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from engine.errors import ConceptError
from engine.facts import MOTION_EMBEDDER, ActionsSought, Body, Motion, MotionClip, View
from engine.media import NANOSECONDS, Box, Frame, Grey, Image, Span, Vector, nanoseconds, seconds
from engine.perception.bodies import BodyFollower, deed_of
from engine.perception.flow import COARSE, SIDE, FlowReader, small_grey
from engine.perception.stretches import Stretch, StretchFinder, whole
from engine.ports.seeing import PoseEstimator

GLANCE_HZ = 10
LOOK_EVERY = 2
"""So many glances lie between two searches for what has ended."""
EMBEDDER = MOTION_EMBEDDER
SHORTEST_S, LONGEST_S = 0.8, 10.5
LEAST_PICTURES = 4
COLUMNS = 10
"""Pictures of a clip in one row of the sheet that is kept of it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Glance:
    """One glance: a `Stir`."""

    glance: Grey
    motions: tuple[Motion, ...] = ()
    bodies: tuple[Body, ...] = ()
    poses: str = ""


class MotionSeer:
    """Glances at one run. Nothing but the small picture is made as long as no action has a name."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._bodies: BodyFollower | None = None
        self._read: int | None = None
        self._flow = FlowReader()
        self._finder = StretchFinder()
        self._number = 0

    def stir(
        self, frame: Frame, sought: ActionsSought, poses: PoseEstimator | None = None
    ) -> Glance | None:
        """`poses`: of whom is seen in this run."""
        if self._last is not None and step_of(frame.pts) <= step_of(self._last):
            return None
        last, self._last = self._last, frame.pts
        grey = small_grey(frame.image)
        glance = Glance(glance=grey, motions=self._motions(frame, grey, last, sought.lengths_s))
        if poses is None or poses.name not in sought.poses:
            self._bodies = None
            return glance
        if self._bodies is None or self._bodies.poses is not poses:
            self._bodies = BodyFollower(poses)
        scale = frame.size[0] / grey.shape[1]
        bodies = tuple(
            replace(body, box=body.box.scaled(scale)) for body in self._bodies.look(frame.pts, grey)
        )
        return replace(glance, bodies=bodies, poses=poses.name)

    def _motions(
        self, frame: Frame, grey: Grey, last: int | None, lengths_s: tuple[float, ...]
    ) -> tuple[Motion, ...]:
        if not lengths_s:
            self._read = None
            return ()
        if self._read is None or self._read != last:
            self._flow, self._finder = FlowReader(), StretchFinder()
            self._flow.read(grey)
        else:
            self._finder.add(self._read, frame.pts, self._flow.read(grey))
        self._read = frame.pts
        self._number += 1
        if self._number % LOOK_EVERY:
            return ()
        scale = COARSE * frame.size[0] / grey.shape[1]
        return tuple(_motion(one, scale) for one in self._finder.ending(lengths_s))


def step_of(pts: int) -> int:
    """The number of the tenth of a second: one glance is taken in each."""
    return pts * GLANCE_HZ // NANOSECONDS


def _motion(stretch: Stretch, scale: float) -> Motion:
    box = Box(*stretch.box).scaled(scale)
    return Motion(span=stretch.span, box=box, vector=stretch.description)


def examine_motion(clip: MotionClip, poses: PoseEstimator | None = None) -> tuple[View, ...]:
    """See `Perception.examine_motion`."""
    if len(clip.pictures) < LEAST_PICTURES:
        raise ConceptError("The clip is too short to show an action. Nothing was changed.")
    span = Span(start=clip.times[0], end=clip.times[-1])
    if not SHORTEST_S <= span.seconds <= LONGEST_S:
        raise ConceptError(
            f"The clip lasts {seconds(span.end - span.start):g} s. Nothing was changed. "
            "Choose 2 to 10 seconds in which the action is done once."
        )
    deed = None if poses is None else deed_of(poses, clip)
    if poses is not None and deed is not None and deed.clear:
        return (_view(poses.name, deed.description, deed.box, sheet_of(clip, deed.span)),)
    stretch = _stretch_of(clip)
    if stretch is None:
        raise ConceptError(
            "Nothing moves there that could be known again. Nothing was changed. "
            "Choose the seconds in which the action is done."
        )
    if deed is not None and _moves(deed.box, stretch):
        raise ConceptError(
            "What is done could hardly be seen: something may stand in front, or it is too slight. "
            "Nothing was changed. Show it again, in full view."
        )
    sheet = sheet_of(clip, stretch.span)
    return (_view(EMBEDDER, stretch.description, Box(*stretch.box), sheet),)


def _view(embedder: str, description: Vector, box: Box, sheet: Image) -> View:
    return View(embedder=embedder, vector=description, box=box, crop=sheet, quality=1.0)


def describe_again(sheet: Image, poses: PoseEstimator | None = None) -> Vector | None:
    """The description of the clip that a sheet holds, as it comes out now, by poses where they are
    given; None where the sheet cannot be read, or nothing moves in it, or nobody."""
    clip = clip_of(sheet)
    if len(clip.pictures) < LEAST_PICTURES:
        return None
    if poses is not None:
        deed = deed_of(poses, clip)
        return None if deed is None or not deed.stirs else deed.description
    stretch = _stretch_of(clip)
    return None if stretch is None else stretch.description


def _moves(body: Box, stretch: Stretch) -> bool:
    """Whether it is this body that moved."""
    moved = Box(*stretch.box).scaled(COARSE)
    return moved.intersection(body) >= 0.5 * min(moved.area, body.area)


def _stretch_of(clip: MotionClip) -> Stretch | None:
    flow = FlowReader()
    finder = StretchFinder()
    before: int | None = None
    for now, grey in zip(clip.times, clip.pictures, strict=True):
        moved = flow.read(grey)
        if before is not None:
            finder.add(before, now, moved)
        before = now
    return whole(finder, Span(start=clip.times[0], end=clip.times[-1]))


def sheet_of(clip: MotionClip, span: Span) -> Image:
    """The pictures of the span, one beside the other, ten in a row; the last row is filled up with
    black. The first row of pixels of each tells its time (`clip_of` reads it)."""
    chosen = [
        (time, picture)
        for time, picture in zip(clip.times, clip.pictures, strict=True)
        if span.start - nanoseconds(0.15) <= time <= span.end + nanoseconds(0.05)
    ]
    height, width = chosen[0][1].shape
    rows = -(-len(chosen) // COLUMNS)
    sheet = np.zeros((rows * height, COLUMNS * width), np.uint8)
    for number, (time, picture) in enumerate(chosen):
        y, x = number // COLUMNS * height, number % COLUMNS * width
        sheet[y : y + height, x : x + width] = picture
        sheet[y, x : x + 8] = _digits((time - chosen[0][0]) // 1_000_000 + 1)
    return np.repeat(sheet[:, :, None], 3, axis=2)


def clip_of(sheet: Image) -> MotionClip:
    """The clip that a sheet holds; one without pictures where it is no such sheet.

    How high its pictures are is told by where their times stand: the least height at which all can
    be read.
    """
    tall, width = int(sheet.shape[0]), int(sheet.shape[1]) // COLUMNS
    for height in range(8, min(tall, SIDE) + 1):
        times = () if tall % height or width < 8 else _times(sheet, width, height)
        if times:
            return MotionClip(
                times=tuple((told - 1) * 1_000_000 for told in times),
                pictures=tuple(
                    _picture(sheet, n // COLUMNS * height, n % COLUMNS * width, width, height)
                    for n in range(len(times))
                ),
            )
    return MotionClip(times=(), pictures=())


def _times(sheet: Image, width: int, height: int) -> tuple[int, ...]:
    """The times of the pictures in milliseconds, the first at 1; none where these are no times."""
    rows = sheet.shape[0] // height
    told = [
        _number(sheet[row * height, column * width : column * width + 8, 0])
        for row in range(rows)
        for column in range(COLUMNS)
    ]
    while told and told[-1] == 0:
        told.pop()
    grows = all(one is not None and other is not None and one < other for one, other in
                pairwise(told))  # fmt: skip
    if not grows or len(told) <= (rows - 1) * COLUMNS or told[0] != 1:
        return ()
    return tuple(one for one in told if one is not None)


def _picture(sheet: Image, y: int, x: int, width: int, height: int) -> Grey:
    """What the time hides of it is filled up from the row below."""
    picture = sheet[y : y + height, x : x + width, 0].copy()
    picture[0, :8] = picture[1, :8]
    return picture


def _digits(number: int) -> Grey:
    """A number below 256 ** 2, in eight pixels."""
    return np.array([*divmod(number, 256), 0, 0, 0, 0, 0, 0], np.uint8)


def _number(pixels: Grey) -> int | None:
    """None where the pixels are no number."""
    return None if pixels[2:].any() else int(pixels[0]) * 256 + int(pixels[1])
