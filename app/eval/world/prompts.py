"""The prompts that are compared: the same questions, with more or less of the past before them.

Every prompt is a list of text and pictures, and the questions that branch off it. `blind` shows
nothing; `last-1` and `last-4` the newest frames; `spread-32` 32 frames over all of the history
(no more than one a second);
`pearl` concept pictures and descriptions, past clips and the current clip (arXiv 2603.20422);
`ours` concept cards, notes, recalled frames and the newest four.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from engine.inference.conversation import EARLIER, NOW, RECALLED

from .camera import Camera, truth
from .canvas import Picture
from .director import Director, Role
from .history import History, history, past_question
from .questioner import Questioner
from .questions import Asked, Moment, doing, noted
from .scene import Scene
from .traits import Split
from .wording import UNSEEN, clock

SHAPES = ("blind", "last-1", "last-4", "spread-32", "pearl", "ours")
See = Callable[[Scene, float], Picture]
"""How a frame becomes a picture: RGB, of the model's size."""

SYSTEM = "<|im_start|>system\nAnswer from what is seen.\n"
END = "<|im_end|>\n"
OPENING = f"{END}<|im_start|>user\n"
BEFORE, AFTER = "\n\n<fake_token_around_image><global-img>", "<fake_token_around_image>"
"""What libmtmd puts around the overview of a picture for idefics3 projectors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """`parts` in order; each question is put to the model by itself, after all of them."""

    shape: str
    parts: tuple[str | Picture, ...]
    asked: tuple[Asked, ...]


def question_text(asked: Asked, chance: random.Random, *, choices: bool) -> tuple[str, str]:
    """The end of the prompt and the answer; with `choices` the answer is a letter."""
    text, answer = asked.question, asked.answer
    if choices:
        options, right = asked.options(chance)
        text += "".join(f"\n{letter}. {one}" for letter, one in zip("ABCD", options, strict=False))
        answer = "ABCD"[right]
    return f"{text}{END}<|im_start|>assistant\n", f"{answer}<|im_end|>"


class PromptMaker:
    """Makes prompts of one split from one source of chance. What is asked in training besides is
    `models/demo/drilling.py`'s."""

    BLIND_MOST = 3
    """Questions of a prompt that shows nothing."""
    THEN_MOST, THEN_TRIES = 4, 1
    """Past moments that are asked about, and how often each."""
    CLIP_FROM = -1
    """Of a past clip the frames from this one on are asked about."""

    def __init__(self, chance: random.Random, split: Split, see: See, size: int) -> None:
        self._chance, self._see, self._size = chance, see, size
        self._split: Split = split
        self._questioner = Questioner(chance, split)
        self._portraits = Camera((240, 240), oversample=1, rooms=1)

    def prompt(self, shape: str) -> Prompt:
        """A prompt of this shape with at least one question."""
        while True:
            asked: list[Asked] = []
            past = self._past(long=shape in ("spread-32", "pearl", "ours"))
            parts, shown = self._parts(shape, past)
            asked += self._now(shape, past)
            asked += self._then(past, shown, single=shape == "spread-32")
            if asked:
                return Prompt(shape=shape, parts=parts, asked=tuple(asked))

    def alike(self, shapes: Sequence[str]) -> tuple[Prompt, ...]:
        """One present moment of a long past in each of these shapes, and the same questions about
        it: those that its newest frame answers, which every shape shows that is not blind."""
        while True:
            past = self._past(long=True)
            asked = tuple(self._now("last-1", past))
            if asked:
                return tuple(
                    Prompt(shape=shape, parts=self._parts(shape, past)[0], asked=asked)
                    for shape in shapes
                )

    def _past(self, *, long: bool) -> History:
        cards = self._chance.choice((1, 2, 3)) if long else self._chance.choice((0, 0, 1, 2))
        scenes = self._chance.choice((2, 3, 4)) if long else 1
        return history(self._chance, self._split, scenes=scenes, cards=cards)

    def _parts(self, shape: str, past: History) -> tuple[tuple[str | Picture, ...], list[float]]:
        """All of a prompt, and the past moments that it shows."""
        cards = self._cards(past, described=shape == "pearl")
        body, shown = self._body(shape, past)
        return (SYSTEM, *cards, *body), shown

    def _body(self, shape: str, past: History) -> tuple[list[str | Picture], list[float]]:
        """What comes after the cards, and the past moments that it shows."""
        now = past.now_s
        window = [now - 3, now - 2, now - 1, now]
        begin = past.scenes[0][0]
        match shape:
            case "blind":
                return [OPENING], []
            case "last-1":
                return [OPENING, *self._frames(past, [now])], []
            case "last-4":
                return [OPENING, *self._frames(past, window)], []
            case "spread-32":
                step = max((now - begin) / 31, 1.0)
                times = sorted(now - n * step for n in range(32) if now - n * step >= begin)
                return [OPENING, *self._frames(past, times)], times[1:-6]
            case "pearl":
                clips = self._clips(past, 4)
                times = [t for clip in clips for t in clip]
                asked = [t for clip in clips for t in clip[self.CLIP_FROM :]]
                return self._recalled("", past, times, window), asked
            case _:
                clips = self._clips(past, self._chance.choice((1, 2)))
                times = [t for clip in clips for t in clip[-2:]]
                notes, told_of = self._notes(past, times)
                parts = self._recalled(notes, past, times, window)
                return parts, [*(c[-1] for c in clips), *told_of]

    def _recalled(
        self, notes: str, past: History, times: list[float], window: list[float]
    ) -> list[str | Picture]:
        """A question about the past as the product puts it."""
        parts: list[str | Picture] = [OPENING, f"{RECALLED}{notes}" if notes else ""]
        if times:
            parts += [EARLIER, *self._frames(past, times), NOW]
        return [*parts, *self._frames(past, window)]

    def _frames(self, past: History, times: list[float]) -> list[str | Picture]:
        parts: list[str | Picture] = []
        for t in times:
            scene, inside = past.at(t)
            parts += [f"[{clock(t)}]", self._see(scene, inside)]
        return parts

    def _clips(self, past: History, count: int) -> list[list[float]]:
        """Times of up to `count` clips of four frames before the window, in order."""
        first, last = past.scenes[0][0], past.now_s - 8
        starts: list[float] = []
        for _ in range(40):
            start = self._chance.uniform(first, max(last - 3, first + 0.1))
            inside = past.at(start)[0] is past.at(start + 3)[0]
            if inside and all(abs(start - other) > 4 for other in starts):
                starts.append(start)
            if len(starts) == count:
                break
        return [[start + n for n in range(4)] for start in sorted(starts)]

    def _notes(self, past: History, shown: list[float]) -> tuple[str, list[float]]:
        """Lines about moments that no frame shows, as the assistant writes them when idle."""
        lines: list[str] = []
        times: list[float] = []
        for _ in range(self._chance.choice((3, 5, 8))):
            t = self._chance.uniform(past.scenes[0][0], past.now_s - 5)
            seconds = {clock(one) for one in [*shown, *times]}
            if clock(t) not in seconds:
                times.append(t)
        for t in sorted(times):
            moment = past.moment(t)
            for one in moment.now.seen:
                act = moment.scene.act(one.actor, moment.at_s)
                if one.actor in moment.names and act is not None:
                    name, room = moment.names[one.actor], moment.now.room
                    lines.append(noted(t, name, doing(one, act), room, one.holding))
        return "".join(lines), times

    def _cards(self, past: History, *, described: bool) -> list[str | Picture]:
        parts: list[str | Picture] = []
        for role in past.cards:
            parts += [f"{role.name}:", self.portrait(role)]
            if described or self._chance.random() < 0.6:
                parts.append(f" {role.look.words()}")
            parts.append("\n")
        return parts

    def portrait(self, role: Role) -> Picture:
        """The figure alone, cut out of another scene, RGB."""
        while True:
            scene = Director(self._chance, [role], length_s=8).plan()
            t = self._chance.uniform(0, 8)
            seen = truth(scene, t).seen
            if not seen or seen[0].visible < 0.9:
                continue
            left, top, right, low = (share * 240 for share in seen[0].box)
            half = max(right - left, low - top) * 0.56
            x, y = (left + right) / 2, (top + low) / 2
            whole = self._portraits.frame(scene, t)
            cut = whole[
                max(round(y - half), 0) : round(y + half), max(round(x - half), 0) : round(x + half)
            ]
            small = cv2.resize(cut, (self._size, self._size), interpolation=cv2.INTER_AREA)
            return np.ascontiguousarray(small[..., ::-1]).astype(np.uint8, copy=False)

    def _now(self, shape: str, past: History) -> list[Asked]:
        """Questions about the present whose evidence the shape holds; blind, there is none."""
        moment = past.moment()
        asked = self._asked(moment, self._kinds(past))
        reach = 1 if shape in ("last-1", "spread-32") else 4
        asked = [one for one in asked if one.needs <= reach]
        if shape == "blind":
            return [_unanswered(one) for one in asked[: self.BLIND_MOST]]
        return asked

    def _kinds(self, past: History) -> list[str]:
        """What is asked about the present. Of some kinds few come up: see `levelling`."""
        kinds = ["look", "doing", "presence"] * 4 + ["action", "count", "holding"] * 6
        kinds += ["unseen"] * 2
        kinds.append(self._chance.choice(("room", "board", "door")))
        return [*kinds, "name", "name", "who"] if past.cards else kinds

    def _asked(self, moment: Moment, kinds: list[str]) -> list[Asked]:
        return self._questioner.ask_all(moment, kinds)

    def _then(self, past: History, shown: list[float], *, single: bool) -> list[Asked]:
        """Questions about past moments that the prompt shows or notes."""
        found: dict[str, Asked] = {}
        times = self._chance.sample(shown, min(self.THEN_MOST, len(shown)))
        for t in times * self.THEN_TRIES:
            made = self._past_question(past, t, single=single)
            if made is not None:
                found.setdefault(made.question, made)
        return list(found.values())

    def _past_question(self, past: History, t: float, *, single: bool) -> Asked | None:
        return past_question(past, t, self._questioner, self._chance, single=single)


def _unanswered(asked: Asked) -> Asked:
    return Asked(
        kind=asked.kind, question=asked.question, answer=UNSEEN, wrong=(asked.answer, *asked.wrong)
    )
