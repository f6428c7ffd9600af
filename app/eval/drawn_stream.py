"""The drawn world as a model watches it: a frame a second, and questions with their answers."""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np

from app.eval.policies import Question, Watched
from app.eval.world.camera import truth
from app.eval.world.eye import Eye
from app.eval.world.questioner import Questioner
from app.eval.world.questions import Asked, Moment
from app.eval.world.scene import Scene
from app.eval.world.showcase import LENGTH_S, Showcase
from app.eval.world.stream import Stream
from app.eval.world.wording import clock
from engine.errors import SourceError
from engine.media import Image, nanoseconds
from engine.prompts import Card, Picture

SETTLED_S = 4.0
"""So far into a scene all frames of a window are of it."""
KINDS = ("look", "action", "presence", "count", "holding")
KNOWN = ("look", "action", "doing", "presence", "count", "name", "who", "holding")
CARD_AT_LEAST = 0.95
"""How much of a figure must be visible to be cut out for its card."""


def drawn_stream(seed: int, image: int) -> Iterator[Watched]:
    """Scene after scene of the test split, without an end; pictures have `image` pixels a side."""
    chance, eye = random.Random(seed), Eye(image)
    questioner = Questioner(chance, "test")
    for shown in Stream(seed, "test").frames(until_s=math.inf):
        asked: Sequence[Asked] = ()
        if shown.scene_s >= SETTLED_S:
            moment = Moment(scene=shown.scene, at_s=shown.scene_s, now=shown.truth(), names={})
            asked = questioner.ask_all(moment, KINDS)
        seen = eye.see(shown.scene, shown.scene_s, chance)
        yield Watched(
            picture=Picture(
                image=np.ascontiguousarray(seen[..., ::-1]), mark=f"[{clock(shown.at_s)}]"
            ),
            pts=nanoseconds(shown.at_s),
            questions=tuple(Question(text=one.question, answer=one.answer) for one in asked),
        )


@dataclass(frozen=True)
class BundledClip:
    """The clip that comes with the program, and what is true in it."""

    path: Path

    @cached_property
    def scene(self) -> Scene:
        """What the clip was drawn from."""
        return Showcase().plan()

    @cached_property
    def pictures(self) -> tuple[Image, ...]:
        """One a second, BGR.

        Raises:
            SourceError: the clip cannot be read.
        """
        video = cv2.VideoCapture(str(self.path))
        found: list[Image] = []
        for second in range(int(LENGTH_S)):
            video.set(cv2.CAP_PROP_POS_MSEC, second * 1000.0)
            read, picture = video.read()
            if not read:
                break
            found.append(picture.astype(np.uint8, copy=False))
        video.release()
        if len(found) < SETTLED_S:
            raise SourceError("The bundled clip cannot be read. Install Nacre again.")
        return tuple(found)

    @cached_property
    def cards(self) -> tuple[Card, ...]:
        """Its two known figures, cut out where they are in plain sight."""
        return tuple(
            self._card(n, actor.name) for n, actor in enumerate(self.scene.cast) if actor.name
        )

    def moment(self, second: int) -> Moment:
        """What is true, and who is known by name."""
        names = {n: actor.name for n, actor in enumerate(self.scene.cast) if actor.name}
        now = truth(self.scene, float(second))
        return Moment(scene=self.scene, at_s=float(second), now=now, names=names)

    def shown(self, second: int) -> Picture:
        """The frame of a second of the looped clip, with its mark."""
        return Picture(
            image=self.pictures[second % len(self.pictures)], mark=f"[{clock(float(second))}]"
        )

    def watched(self, seed: int) -> Iterator[tuple[Watched, tuple[Asked, ...]]]:
        """The clip once: each second with the questions about it."""
        chance = random.Random(seed)
        questioner = Questioner(chance, "test")
        for second in range(len(self.pictures)):
            asked: list[Asked] = []
            if second >= SETTLED_S:
                asked = questioner.ask_all(self.moment(second), KNOWN)
            questions = tuple(Question(text=one.question, answer=one.answer) for one in asked)
            watched = Watched(
                picture=self.shown(second), pts=nanoseconds(float(second)), questions=questions
            )
            yield watched, tuple(asked)

    def _card(self, actor: int, name: str) -> Card:
        for second in range(len(self.pictures)):
            for one in self.moment(second).now.seen:
                if one.actor == actor and one.visible >= CARD_AT_LEAST:
                    height, width = self.pictures[second].shape[:2]
                    left, top, right, low = one.box
                    cut = self.pictures[second][
                        round(top * height) : round(low * height),
                        round(left * width) : round(right * width),
                    ]
                    return Card(name=name, kind="pet", text=one.look.words(), picture=cut)
        raise AssertionError(f"{name} is never in plain sight")
