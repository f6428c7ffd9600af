"""Drawn scenes with a script, as video files: who does what, one after the other."""

import random
from collections.abc import Sequence
from pathlib import Path

from app.eval.world.acts import Deed
from app.eval.world.director import Director, Role
from app.eval.world.rooms import Room
from app.eval.world.scene import Light, Scene
from app.eval.world.traits import Look
from app.eval.world.video import write_scene

TEACHER = Look(shape="round", colour="yellow", hat="a crown", pattern="dotted", size="small")
OTHER = Look(shape="pear-shaped", colour="purple", hat="a top hat", pattern="two-tone", size="big")


class Script(Director):
    """One figure that does these deeds, each for so many seconds."""

    def __init__(
        self, look: Look, deeds: Sequence[tuple[Deed, float]], *, x: float, facing: int, room: Room
    ) -> None:
        length_s = sum(lasts for _, lasts in deeds)
        super().__init__(random.Random(1), [Role(look=look, name=None)], length_s=length_s)
        self._room = room
        self._deeds, self._at_x, self._facing = deeds, x, facing

    def plan(self) -> Scene:
        self._x[0] = self._at_x
        for deed, lasts in self._deeds:
            self._do(0, deed, lasts, facing=self._facing)
        return self._scene(Light(hour=0.2, pace=0.0, warm=0.3), 0.0)


def taught(path: Path, deed: Deed = "bow") -> Path:
    """From 1.0 to 3.6 s a deed is done once."""
    room = Room(kind="living room", mirrored=False, occluder_x=None, word="HELLO", seed=3)
    deeds: list[tuple[Deed, float]] = [("stand", 1.0), (deed, 2.6), ("stand", 1.4)]
    write_scene(Script(TEACHER, deeds, x=200.0, facing=1, room=room).plan(), path)
    return path


def done_again(path: Path, deed: Deed = "bow") -> Path:
    """Another figure, elsewhere, facing the other way: the deed three times, at other speeds, with
    other deeds between. See DONE_AT."""
    room = Room(kind="garden", mirrored=True, occluder_x=None, word="MUSIC", seed=5)
    deeds: list[tuple[Deed, float]] = [
        ("stand", 2.0),
        (deed, 2.6),
        ("stand", 1.5),
        ("jump", 2.4),
        ("stand", 1.5),
        (deed, 3.6),
        ("stand", 2.0),
        ("wave", 3.0),
        ("stand", 1.5),
        (deed, 2.0),
        ("stand", 3.0),
    ]
    write_scene(Script(OTHER, deeds, x=420.0, facing=-1, room=room).plan(), path)
    return path


def shown_and_done_again(path: Path, deed: Deed = "bow") -> Path:
    """At 2.0 s a deed is done for 2.6 s, and again at 14.6 s for 3.2 s."""
    room = Room(kind="living room", mirrored=False, occluder_x=None, word="HELLO", seed=3)
    deeds: list[tuple[Deed, float]] = [
        ("stand", 2.0),
        (deed, 2.6),
        ("stand", 10.0),
        (deed, 3.2),
        ("stand", 8.0),
    ]
    write_scene(Script(TEACHER, deeds, x=200.0, facing=1, room=room).plan(), path)
    return path


DONE_AT = ((2.0, 4.6), (10.0, 13.6), (20.1, 22.1))
