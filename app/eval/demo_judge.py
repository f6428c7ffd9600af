"""The demo model as a judge of standing requests on the drawn world, as the product asks it."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.eval.alert_ways import Judge
from app.eval.demo_model import IMAGE
from app.eval.demo_reader import Files
from app.eval.world.camera import Truth
from app.eval.world.eye import Eye
from app.eval.world.prompts import PromptMaker
from app.eval.world.standing import Condition
from app.eval.world.stream import Shown, Stream
from app.eval.world.wording import clock
from engine.config import ThinkingConfig
from engine.decision.prompting import DEMO_SYSTEM
from engine.inference.attendant import Attendant
from engine.inference.llama import Llama
from engine.inference.native import LlamaConfig
from engine.inference.window import WindowConfig
from engine.judges import QUESTION
from engine.media import nanoseconds
from engine.prompts import Card, Picture, Prefix, Probe

LASTED_S = 1.0
"""An answer counts where what it is about has been so, or not so, for so long."""


@dataclass(slots=True)
class Tally:
    """How one kind of request was answered: of those so, and of those not so."""

    so: int = 0
    missed: int = 0
    not_so: int = 0
    imagined: int = 0


class DemoJudge:
    """Looks at one stream through a window as the product's: a frame a second, and always the one
    that is asked about."""

    def __init__(self, files: Files, stream: Stream) -> None:
        self._chance = random.Random(f"{stream.seed}/judge")
        self._eye = Eye(IMAGE)
        self._config = ThinkingConfig()
        config = LlamaConfig(context=4096, sequences=16, threads=1)
        self._llama = Llama(files.text, files.projector, config)
        window = WindowConfig(frames=self._config.frames)
        self._attendant = Attendant(self._llama, window, trained_for_probes=True)
        maker = PromptMaker(self._chance, stream.split, self._see, IMAGE)
        cards = [
            Card(
                name=role.name,
                kind="person",
                picture=_bgr(maker.portrait(role)),
                text=role.look.words(),
            )
            for role in stream.population.known
            if role.name
        ]
        self._attendant.begin(Prefix(system=DEMO_SYSTEM, cards=tuple(cards)))
        self._now: Shown | None = None
        self._taken_s = -1.0

    def _see(self, scene: Any, at_s: float) -> Any:
        return self._eye.see(scene, at_s, self._chance)

    def see(self, shown: Shown) -> None:
        """The stream has come so far."""
        self._now = shown
        if shown.at_s - self._taken_s >= self._config.every_s:
            self._take()

    def _take(self) -> None:
        shown = self._now
        if shown is None or self._taken_s == shown.at_s:
            return
        picture = _bgr(self._see(shown.scene, shown.scene_s))
        mark = f"[{clock(shown.at_s)}]"
        self._attendant.take(Picture(image=picture, mark=mark), nanoseconds(shown.at_s))
        while self._attendant.work():
            pass
        self._taken_s = shown.at_s

    def judge(
        self,
        asked: Sequence[tuple[int, Condition]],
        at_s: float,
        now: Truth,
        notes: tuple[str, ...] = (),
    ) -> list[float]:
        """The probability of yes for each of the numbered requests; the truth is not looked at."""
        del at_s, now
        if not asked:
            return []
        self._take()
        probes = [
            Probe(question=QUESTION.format(words=said(condition)), notes=notes)
            for _, condition in asked
        ]
        return [verdict.probabilities[0] for verdict in self._attendant.probe(probes)]

    def close(self) -> None:
        self._llama.close()


class Counted:
    """A model whose answers are counted against the truth."""

    def __init__(self, model: Judge) -> None:
        self._model = model
        self._since: dict[int, tuple[bool, float]] = {}
        self.tallies: dict[str, Tally] = defaultdict(Tally)

    def judge(
        self,
        asked: Sequence[tuple[int, Condition]],
        at_s: float,
        now: Truth,
        notes: tuple[str, ...] = (),
    ) -> list[float]:
        """What the model says."""
        yes = self._model.judge(asked, at_s, now, notes)
        for (number, condition), share in zip(asked, yes, strict=True):
            self._count(number, condition, at_s, now, share)
        return yes

    def _count(
        self, number: int, condition: Condition, at_s: float, now: Truth, yes: float
    ) -> None:
        so = condition.holds(now)
        before, since = self._since.get(number, (so, at_s))
        if before != so:
            since = at_s
        self._since[number] = so, since
        if at_s - since < LASTED_S:
            return
        tally = self.tallies[condition.wish]
        if so:
            tally.so += 1
            tally.missed += yes < 0.5
        else:
            tally.not_so += 1
            tally.imagined += yes >= 0.5


def said(condition: Condition) -> str:
    """What is waited for, as the product's card of the request has it."""
    return condition.words().removeprefix("Tell me when ").removesuffix(".")


def _bgr(picture: Any) -> Any:
    return np.ascontiguousarray(picture[..., ::-1])
