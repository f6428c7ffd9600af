"""Streams with questions in the JSON format of PEARL-Bench (arXiv 2603.20422).

A video is `{video_path, timestamps}`; a timestamp is `{id, qa_type, question, optionA, optionB,
optionC, optionD, gt}` with `time` (a frame-level definition, or a question) or `start_time` and
`end_time` (a video-level definition), in seconds. Names stand in braces. A definition says in
`question` what is defined, and has no options.
"""

import random
import re
from collections import deque
from collections.abc import Iterator
from typing import NotRequired, TypedDict

from .acts import Act
from .camera import Seen, Truth
from .director import Dance, Role
from .history import History, past_question
from .questioner import Questioner
from .questions import DEEDS, Asked, Moment, refer
from .scene import Scene
from .stream import Shown, Stream
from .wording import UNSEEN

DEFINITION, PRESENT, PAST = "concept_definition", "real_time", "past_time"
EVERY_S = 9.0
"""Between two questions about the present, and between two about the past."""
KEPT_SCENES = 12
"""How many scenes back questions about the past go."""


class Stamp(TypedDict):
    """One annotation."""

    id: int
    qa_type: str
    question: str
    optionA: NotRequired[str]
    optionB: NotRequired[str]
    optionC: NotRequired[str]
    optionD: NotRequired[str]
    gt: NotRequired[str]
    time: NotRequired[float]
    start_time: NotRequired[float]
    end_time: NotRequired[float]


class Video(TypedDict):
    """One stream."""

    video_path: str
    timestamps: list[Stamp]


def annotated(stream: Stream, video_path: str, *, until_s: float) -> Video:
    """The stream's annotations up to `until_s`, all in one."""
    return Video(video_path=video_path, timestamps=list(Annotator(stream).stamps(until_s=until_s)))


class Annotator:
    """Watches a stream's truth, defines concepts as they come by, and asks about them later."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._chance = random.Random(f"{stream.seed}/questions/{stream.split}")
        self._questioner = Questioner(self._chance, stream.split)
        self._known: list[Role] = []
        self._dances: list[Dance] = []
        self._recent: deque[tuple[float, Scene]] = deque(maxlen=KEPT_SCENES)
        self._count = 0
        self._asked_s = {PRESENT: 0.0, PAST: 0.0}

    def stamps(self, *, until_s: float) -> Iterator[Stamp]:
        """Annotations in the order in which they can be asked; few scenes are held in memory."""
        number = -1
        for shown in self._stream.frames(until_s=until_s):
            if shown.number != number:
                number = shown.number
                self._recent.append((shown.at_s - shown.scene_s, shown.scene))
            now = shown.truth()
            yield from self._definitions(shown, now)
            if self._known and shown.scene_s > 3.5:
                yield from self._questions(shown, now)

    def _number(self) -> int:
        self._count += 1
        return self._count

    def _definitions(self, shown: Shown, now: Truth) -> Iterator[Stamp]:
        """At most one a frame: a figure in plain sight, or a dance just finished."""
        for one in now.seen:
            if one.name is None or one.visible < 0.9 or self._is_known(one.name):
                continue
            words = refer(self._chance, one, now, None)
            if words is None:
                continue
            self._known.append(Role(look=one.look, name=one.name))
            text = f"{words[0].upper()}{words[1:]} is {{{one.name}}}."
            yield Stamp(id=self._number(), qa_type=DEFINITION, question=text, time=shown.at_s)
            return
        for one in now.seen:
            ended = self._danced(shown, one)
            if ended is None or any(dance.name == ended[0].name for dance in self._dances):
                continue
            words = refer(self._chance, one, now, None)
            if words is None:
                continue
            dance, begin, end = ended
            self._dances.append(dance)
            shift = shown.at_s - shown.scene_s
            yield Stamp(
                id=self._number(),
                qa_type=DEFINITION,
                question=f"What {words} does is the {{{dance.name}}}.",
                start_time=round(begin + shift, 2),
                end_time=round(end + shift, 2),
            )
            return

    def _is_known(self, name: str) -> bool:
        return any(role.name == name for role in self._known)

    def _danced(self, shown: Shown, one: Seen) -> tuple[Dance, float, float] | None:
        """The dance whose second step this actor is about to finish, with its beginning and end."""
        acts = [act for act in shown.scene.acts[one.actor] if act.start_s <= shown.scene_s]
        if len(acts) < 2 or acts[-1].dance is None or acts[-2].dance != acts[-1].dance:
            return None
        first, second = acts[-2], acts[-1]
        if not _is_end(second, shown.scene_s):
            return None
        for dance in self._stream.population.dances:
            if dance.name == second.dance and dance.steps == (first.deed, second.deed):
                return dance, first.start_s, second.end_s
        return None

    def _questions(self, shown: Shown, now: Truth) -> Iterator[Stamp]:
        if shown.at_s - self._asked_s[PRESENT] >= EVERY_S:
            asked = self._about_now(shown, now)
            if asked is not None:
                self._asked_s[PRESENT] = shown.at_s
                yield self._stamp(asked, PRESENT, shown.at_s)
        if shown.at_s - self._asked_s[PAST] >= EVERY_S:
            asked = self._about_before(shown)
            if asked is not None:
                self._asked_s[PAST] = shown.at_s
                yield self._stamp(asked, PAST, shown.at_s)

    def _about_now(self, shown: Shown, now: Truth) -> Asked | None:
        """A question in which a taught name stands, or whose answer is one."""
        names: dict[int, str] = {}
        for n, role in enumerate(self._known):
            actors = [m for m, actor in enumerate(shown.scene.cast) if actor.name == role.name]
            names[actors[0] if actors else -1 - n] = role.name or ""
        moment = Moment(scene=shown.scene, at_s=shown.scene_s, now=now, names=names)
        if self._chance.random() < 0.25:
            danced = self._dancing(shown, now)
            if danced is not None:
                return danced
        kinds = ["look", "action", "action", "holding", "who", "unseen"]
        self._chance.shuffle(kinds)
        for kind in kinds:
            asked = self._questioner.ask(moment, kind)
            if asked is not None and asked.name is not None and len(asked.wrong) >= 3:
                return asked
        return None

    def _dancing(self, shown: Shown, now: Truth) -> Asked | None:
        """Who is doing the taught dance, at the end of its second step."""
        plain = [one for one in now.seen if one.visible > 0.6]
        for one in plain:
            ended = self._danced(shown, one)
            if ended is None or all(ended[0].name != dance.name for dance in self._dances):
                continue
            words = {o.actor: refer(self._chance, o, now, None) for o in plain}
            answer = words[one.actor]
            wrong = [text for actor, text in words.items() if text and actor != one.actor]
            wrong += ["nobody", UNSEEN, "everybody"]
            if answer is not None:
                return Asked(
                    kind="dance",
                    question=f"Who is doing the {ended[0].name}?",
                    answer=answer,
                    wrong=tuple(wrong[:3]),
                    needs=5,
                    name=ended[0].name,
                )
        return None

    def _about_before(self, shown: Shown) -> Asked | None:
        past = History(
            scenes=tuple(self._recent), now_s=shown.at_s, cards=tuple(self._known)
        )  # fmt: skip
        first, last = past.scenes[0][0] + 2, shown.at_s - 8
        for _ in range(12):
            t = float(int(self._chance.uniform(first, max(last, first))))
            if not first <= t <= last:
                continue
            asked = past_question(past, t, self._questioner, self._chance, single=False)
            if asked is not None and len(asked.wrong) >= 2:
                return asked
        return None

    def _stamp(self, asked: Asked, qa_type: str, at_s: float) -> Stamp:
        wrong = list(asked.wrong[:3])
        spare = [UNSEEN, "nothing", *DEEDS]
        while len(wrong) < 3:
            wrong.append(next(one for one in spare if one not in (asked.answer, *wrong)))
        if asked.answer != UNSEEN and UNSEEN not in wrong and self._chance.random() < 0.4:
            wrong[-1] = UNSEEN
        options = [asked.answer, *wrong]
        self._chance.shuffle(options)
        taught = [role.name or "" for role in self._known] + [d.name for d in self._dances]
        a, b, c, d = (braced(option, taught) for option in options)
        return Stamp(
            id=self._number(),
            qa_type=qa_type,
            question=braced(asked.question, taught),
            optionA=a,
            optionB=b,
            optionC=c,
            optionD=d,
            gt="ABCD"[options.index(asked.answer)],
            time=at_s,
        )


def _is_end(act: Act, t: float) -> bool:
    return 0.6 < act.share(t) < 1.0


def braced(text: str, names: list[str]) -> str:
    """Taught names in braces, as the format wants them."""
    for name in names:
        text = re.sub(rf"\b{name}\b", f"{{{name}}}", text)
    return text
