"""A scene with a script: what a newcomer sees first.

Momo waves, fetches the ball and gives it to Mum; somebody who looks like Momo but for the hat comes
by; Mum lets in the evening air; both jump for joy.
"""

import random

from .director import LEFT, RIGHT, Director, Role
from .rooms import Room
from .scene import Light, Place, Scene
from .traits import Look, Thing

LENGTH_S = 32.0
MOMO = Look(shape="round", colour="yellow", hat="a crown", pattern="dotted", size="small")
MUM = Look(shape="pear-shaped", colour="purple", hat="a top hat", pattern="two-tone", size="big")
STRANGER = Look(shape="round", colour="yellow", hat="a party hat", pattern="dotted", size="small")
BALL = Thing(kind="ball", colour="red")


class Showcase(Director):
    """Plans the one scene that it is for."""

    def __init__(self) -> None:
        roles = [
            Role(look=STRANGER, name=None),
            Role(look=MUM, name="Mum"),
            Role(look=MOMO, name="Momo"),
        ]
        super().__init__(random.Random(1), roles, length_s=LENGTH_S)
        self._room = Room(kind="living room", mirrored=False, occluder_x=None, word="HELLO", seed=3)

    def plan(self) -> Scene:
        """The same at every call of a new one."""
        self._things, self._places = [BALL], [[Place(since_s=0.0, x=330, y=436)]]
        self._momo_begins()
        self._mum_comes()
        self._give(2, 1, 0)
        self._stranger_passes()
        self._walk(2, 236.0)
        self._do(2, "jump", 2.4, facing=1)
        self._do(2, "wave", 3.2, facing=-1)
        self._do(2, "sit", 3.6)
        self._do(1, "bow", 2.4)
        self._put_down(1, 0)
        self._open(1)
        self._do(1, "wave", 3.0, facing=-1)
        self._wait(1, 25.0)
        self._do(2, "spin", 3.2)
        self._pick_up(2, 0)
        self._walk(2, 280.0)
        self._do(2, "jump", 2.4, facing=1)
        self._do(1, "jump", 2.4)
        self._wait(1, LENGTH_S)
        self._wait(2, LENGTH_S)
        return self._scene(Light(hour=0.15, pace=0.016, warm=0.2), 0.0)

    def _momo_begins(self) -> None:
        self._x[2] = 150.0
        self._do(2, "stand", 1.2, facing=1)
        self._do(2, "wave", 3.0)
        self._pick_up(2, 0)

    def _mum_comes(self) -> None:
        self._x[1] = RIGHT
        self._free[1] = 4.5
        self._do(1, "come in", 2.6, to=470.0)

    def _stranger_passes(self) -> None:
        self._x[0] = LEFT
        self._free[0] = self._free[1] + 1.0
        self._do(0, "come in", 2.4, to=120.0)
        self._do(0, "wave", 3.0, facing=1)
        self._do(0, "leave", 2.2, to=LEFT)
