"""Drawn scenes with a script, as video files: who does what, one after the other."""

from pathlib import Path

from app.eval.world.acts import Deed
from app.eval.world.rooms import Room
from app.eval.world.scene import Scene
from app.eval.world.script import Script
from app.eval.world.traits import Look
from app.eval.world.video import write_scene

TEACHER = Look(shape="round", colour="yellow", hat="a crown", pattern="dotted", size="small")
OTHER = Look(shape="pear-shaped", colour="purple", hat="a top hat", pattern="two-tone", size="big")


def taught(path: Path, deed: Deed = "bow") -> Path:
    """From 1.0 to 3.6 s a deed is done once."""
    write_scene(shown_once(deed), path)
    return path


def shown_once(deed: Deed = "bow") -> Scene:
    """From 1.0 to 3.6 s a deed is done once."""
    room = Room(kind="living room", mirrored=False, occluder_x=None, word="HELLO", seed=3)
    deeds: list[tuple[Deed, float]] = [("stand", 1.0), (deed, 2.6), ("stand", 1.4)]
    return Script(TEACHER, deeds, x=200.0, facing=1, room=room).plan()


def done_again(path: Path, deed: Deed = "bow") -> Path:
    """See `done_by_another`."""
    write_scene(done_by_another(deed), path)
    return path


def done_by_another(deed: Deed = "bow") -> Scene:
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
    return Script(OTHER, deeds, x=420.0, facing=-1, room=room).plan()


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
