"""Drawn streams in which figures do what was shown once: what is true in them, what is sighted.

What is sighted comes from the pictures alone, by the product's own `Seer` and `Acting`.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import process_time

from app.eval.things import exemplar
from app.eval.world.acts import STEPS, Act, Deed
from app.eval.world.camera import ENOUGH, Camera, truth
from app.eval.world.rooms import room
from app.eval.world.scene import Scene
from app.eval.world.script import Script
from app.eval.world.stream import Stream
from app.eval.world.traits import WORDS, Look, Split, look
from engine.acting import Acting
from engine.errors import ConceptError
from engine.facts import ActionsSought, Concept, MotionClip, Sighting
from engine.media import Box, Frame, Span, nanoseconds
from engine.memory.gallery import Gallery
from engine.perception.acting import GLANCE_HZ, examine_motion
from engine.perception.flow import small_grey
from engine.ports.seeing import PoseEstimator, Stir
from engine.reports import Stirred

SIZE = (320, 240)
SHOWN_S = (2.4, 3.2)
SHOWINGS = 3
LEAST_S = 1.2
"""What is cut off sooner by the end of its scene is not scored."""
OVERLAP = 0.3
"""A sighting is of a deed whose time it shares by so much (intersection over union)."""
LOOKS_AT = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Shares of a deed at which it is asked whether its actor can be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """Something that was done, or was sighted."""

    deed: str
    start_s: float
    end_s: float
    box: tuple[int, int, int, int]
    scored: bool = True
    """False where it is hidden or cut off: then it is neither missed nor sighted wrongly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What was found of one action in one stream."""

    deed: str
    done: int
    right: int
    told: int
    """Sightings that are not of a deed which is not scored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What the product was taught of the actions."""

    gallery: Gallery
    again: int
    """How often it asked to be shown one again."""


def clip(
    chance: random.Random, deed: Deed, split: Split, teacher: Look | None = None
) -> tuple[MotionClip, Look]:
    """Somebody, or the teacher, shows it once, alone in a room; who it was."""
    lasts = chance.uniform(*SHOWN_S)
    deeds: list[tuple[Deed, float]] = [("stand", 1.0), (deed, lasts), ("stand", 0.5)]
    teacher = teacher or look(chance, split)
    scene = Script(
        teacher,
        deeds,
        x=chance.uniform(160, 480),
        facing=chance.choice((-1, 1)),
        room=room(chance, WORDS),
    ).plan()
    camera = Camera(SIZE, oversample=1)
    times = [n / GLANCE_HZ for n in range(int(scene.length_s * GLANCE_HZ))]
    times = [t for t in times if 0.7 <= t <= lasts + 1.3]
    shown = MotionClip(
        times=tuple(nanoseconds(t) for t in times),
        pictures=tuple(small_grey(camera.frame(scene, t)) for t in times),
    )
    return shown, teacher


def taught(seed: int, split: Split, poses: PoseEstimator | None) -> Lesson:
    """Each action shown once, by others than those who do it in the streams of another split.
    Where the product says that it could not see it, the same teacher shows it again in another room
    and at another pace, SHOWINGS times at most; what it has not seen by then is not known."""
    chance, gallery, again = random.Random(f"{seed}/shown"), Gallery(), 0
    for deed in STEPS:
        shown, teacher = clip(chance, deed, split)
        more = random.Random(f"{seed}/{deed}/again")
        for _ in range(SHOWINGS):
            try:
                (view,) = examine_motion(shown, poses)
            except ConceptError:
                again += 1
                shown, _ = clip(more, deed, split, teacher)
                continue
            gallery.put(Concept(id=deed, name=deed, kind="action"), (exemplar(deed, view),))
            break
    return Lesson(gallery=gallery, again=again)


def frames(seed: int, split: Split, length_s: float) -> Iterator[Frame]:
    """The stream as the engine gets it."""
    camera = Camera(SIZE, oversample=1)
    for shown in Stream(seed, split).frames(until_s=length_s, fps=GLANCE_HZ, camera=camera):
        assert shown.picture is not None
        pts = nanoseconds(shown.at_s)
        yield Frame(image=shown.picture, pts=pts, at=pts, run="run")


def sighted(
    pictures: Iterator[Frame], gallery: Gallery, stir: Callable[[Frame, ActionsSought], Stir | None]
) -> tuple[list[Done], float]:
    """What the product says was done, and the processor's milliseconds for one glance. `stir`: see
    `Seer`."""
    acting = Acting(gallery)
    acting.know()
    found: list[Sighting] = []
    spent, count, last = 0.0, 0, 0
    for frame in pictures:
        begun = process_time()
        glance = stir(frame, acting.sought)
        if glance is not None:
            found += acting.stirred(_report(frame, glance))
        spent, count, last = spent + process_time() - begun, count + 1, frame.pts
    found += acting.ended("run", last, last)
    told = [
        Done(
            deed=one.concept,
            start_s=one.span.start / 1e9,
            end_s=one.span.end / 1e9,
            box=(one.box.x, one.box.y, one.box.w, one.box.h),
        )
        for one in found
        if one.concept is not None
    ]
    return told, 1000 * spent / max(count, 1)


def _report(frame: Frame, glance: Stir) -> Stirred:
    return Stirred(
        run=frame.run,
        pts=frame.pts,
        at=frame.at,
        size=frame.size,
        glance=glance.glance,
        motions=glance.motions,
        bodies=glance.bodies,
        poses=glance.poses,
    )


def done_in(seed: int, split: Split, length_s: float) -> list[Done]:
    """What is done in the first seconds of a stream."""
    stream, found = Stream(seed, split), list[Done]()
    number, begin = 0, 0.0
    while begin < length_s:
        scene = stream.scene(number)
        until = min(scene.length_s, length_s - begin)
        for actor in range(len(scene.cast)):
            for act in joined(scene.acts[actor]):
                if act.start_s < until and (one := _done(scene, actor, act, until)) is not None:
                    shift = {"start_s": one.start_s + begin, "end_s": one.end_s + begin}
                    found.append(Done(deed=one.deed, box=one.box, scored=one.scored, **shift))
        begin += scene.length_s
        number += 1
    return found


def joined(acts: Sequence[Act]) -> list[Act]:
    """The steps among them. Nothing tells where one ends if the same goes on: jumps and spins that
    follow one another are one."""
    found: list[Act] = []
    for act in acts:
        if act.deed not in STEPS:
            continue
        last = found[-1] if found else None
        goes_on = (
            last is not None
            and act.deed in ("jump", "spin")
            and last.deed == act.deed
            and act.start_s - last.end_s < 0.05
        )
        if last is not None and goes_on:
            found[-1] = _until(last, act.end_s)
        else:
            found.append(act)
    return found


def _until(act: Act, end_s: float) -> Act:
    return Act(
        deed=act.deed, start_s=act.start_s, end_s=end_s, x0=act.x0, x1=act.x1, facing=act.facing
    )


def _done(scene: Scene, actor: int, act: Act, until: float) -> Done | None:
    """None where its actor is never in sight."""
    end = min(act.end_s, until)
    seen = [
        one
        for share in LOOKS_AT
        for one in truth(scene, act.start_s + share * (end - act.start_s)).seen
        if one.actor == actor and one.visible >= ENOUGH
    ]
    if not seen:
        return None
    width, height = SIZE
    left, top = min(one.box[0] for one in seen) * width, min(one.box[1] for one in seen) * height
    right, low = max(one.box[2] for one in seen) * width, max(one.box[3] for one in seen) * height
    whole = end == act.end_s or end - act.start_s >= LEAST_S
    return Done(
        deed=act.deed,
        start_s=act.start_s,
        end_s=end,
        box=(round(left), round(top), round(right - left), round(low - top)),
        scored=whole and len(seen) == len(LOOKS_AT),
    )


def scores(done: Sequence[Done], told: Sequence[Done]) -> list[Scores]:
    """Sightings and deeds matched one to one, the best overlaps first: the same action, at the same
    place, at the same time (OVERLAP)."""
    found: list[Scores] = []
    for deed in STEPS:
        wanted = [one for one in done if one.deed == deed]
        said = [one for one in told if one.deed == deed]
        pairs = sorted(
            (
                (share, n, m)
                for n, one in enumerate(wanted)
                for m, other in enumerate(said)
                if _meet(one, other) and (share := _shared(one, other)) >= OVERLAP
            ),
            reverse=True,
        )
        taken, used, right = set[int](), set[int](), 0
        ignored = 0
        for _, n, m in pairs:
            if n in taken or m in used:
                continue
            taken.add(n)
            used.add(m)
            right += wanted[n].scored
            ignored += not wanted[n].scored
        found.append(
            Scores(
                deed=deed,
                done=sum(one.scored for one in wanted),
                right=right,
                told=len(said) - ignored,
            )
        )
    return found


def _meet(one: Done, other: Done) -> bool:
    """Most of the smaller box lies in the other."""
    a, b = Box(*one.box), Box(*other.box)
    return a.intersection(b) >= 0.5 * min(a.area, b.area)


def _shared(one: Done, other: Done) -> float:
    span, at = Span(start=nanoseconds(one.start_s), end=nanoseconds(one.end_s)), other
    both = min(span.end / 1e9, at.end_s) - max(one.start_s, at.start_s)
    either = max(one.end_s, at.end_s) - min(one.start_s, at.start_s)
    return max(both, 0.0) / either
