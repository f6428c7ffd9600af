"""Scenes with a script: one figure that does what it is told, one deed after the other."""

import random
from collections.abc import Sequence

from .acts import Deed
from .director import Director, Role
from .rooms import Room
from .scene import Light, Scene
from .traits import Look


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
