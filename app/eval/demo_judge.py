"""The demo model as a judge of standing requests on the drawn world, as the product asks it."""

import random
from collections.abc import Sequence
from typing import Any

import numpy as np

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


def said(condition: Condition) -> str:
    """What is waited for, as the product's card of the request has it."""
    return condition.words().removeprefix("Tell me when ").removesuffix(".")


def _bgr(picture: Any) -> Any:
    return np.ascontiguousarray(picture[..., ::-1])
