"""Free sentences: when the model is asked about one, and when it is believed.

Two stages. What is cheap is looked at on every frame (`cues.py`), and says how readily a sentence
may have come true (`experience.py`); the picture may also have grown more like the one in which it
was true last (by 0.04: Em-Garde, arXiv 2603.19054). Only such a cue, or a slow poll, has the model
asked (Response-G1, arXiv 2605.07575), as far as the looks go (`allowance.py`). Its answers are
weighed together with what has stirred (`belief.py`); two of three in a row must agree as well.
"""

import math
from collections import deque
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field

import numpy as np

from engine.config import JudgingConfig, Stirred
from engine.decision.allowance import Allowance
from engine.decision.belief import Belief
from engine.decision.cues import Cues, about_somebody, wanted_by
from engine.decision.experience import Experience
from engine.decision.odds import chance_of
from engine.decision.proxy import Proxy
from engine.facts import Alert
from engine.media import NANOSECONDS, Vector, nanoseconds

RISING = 0.04
LOOKS = 3
"""Of so many answers two must agree."""
MIDDLE, CONTRAST = 128.0, 64.0
"""Of a cell of the glance, for the proxy."""
WAITED = 240
"""So many frames at most are remembered while the model is looking."""

Sentence = tuple[str, float]
"""What is waited for, and how sure one must be. Alerts that have it in common are judged as one."""


def sentence_of(alert: Alert) -> Sentence:
    return " ".join(alert.condition.words.casefold().split()), alert.threshold


NOT_SO = "The model looked, and it was not so."
UNSURE = "The model looked and saw it; twice of three times is asked for."
STILL = "It is still so, and was told of when it came true."
AGAIN = "It is so again, after less than {seconds} s: that is not told twice."


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an answer of the model came to."""

    came_true: int | None = None
    """Since when it is so (pts), if that is news;"""
    why: str = ""
    """otherwise what its card says."""


@dataclass(slots=True, kw_only=True)
class _Watch:
    """What is known of one sentence in one run."""

    belief: Belief
    experience: Experience
    proxy: Proxy
    at: int | None = None
    votes: deque[tuple[int, float]] = field(
        default_factory=lambda: deque[tuple[int, float]](maxlen=LOOKS)
    )
    holds: bool = False
    """It is so, and its card says that."""
    likeness: float | None = None
    signs: tuple[Vector, ...] = ()
    """What the proxy reads of this frame,"""
    shown: tuple[Vector, ...] = ()
    """and of the one that the model was asked about."""
    waited: deque[tuple[float, Stirred, float]] | None = None
    """What has stirred since the model was asked, while its answer is not there."""

    def pass_frame(self, seconds: float, stirred: Stirred, signs: tuple[Vector, ...]) -> None:
        self.signs = signs
        self._pass(seconds, stirred, self.proxy.hint(signs, seconds))

    def _pass(self, seconds: float, stirred: Stirred, hint: float) -> None:
        if self.waited is not None:
            self.waited.append((seconds, stirred, hint))
            return
        self.experience.passed(stirred, seconds, self.belief.so)
        self.belief.pass_time(seconds, self.experience.rates(stirred))
        self.belief.hint(hint)

    def ask(self) -> None:
        self.waited, self.shown = deque(maxlen=WAITED), self.signs

    def answered(self) -> None:
        """The answer is taken in, or there is none: what has stirred since counts now."""
        waited, self.waited = self.waited or (), None
        for seconds, stirred, hint in waited:
            self._pass(seconds, stirred, hint)


@dataclass(slots=True)
class _Run:
    """The sentences that are waited for in one run, and the looks they share."""

    allowance: Allowance
    at: int | None = None
    watches: dict[Sentence, _Watch] = field(default_factory=dict[Sentence, _Watch])


class Judging:
    """When each free sentence is due, and what its answers come to. One thread."""

    def __init__(self, config: JudgingConfig) -> None:
        self._config = config
        self._runs: dict[str, _Run] = {}
        self._true: dict[Sentence, Vector] = {}
        """How it looked when it was true last."""

    def pass_frame(
        self, alerts: Sequence[Alert], run: str, pts: int, cues: Cues, *, armed: int
    ) -> None:
        """The run has come to this frame: the longer a sentence may have come true, and the more
        has stirred, the less is known. To be told of every frame, whether one asks or not. `armed`:
        how many alerts of any kind listen to this run."""
        known = self._of(run)
        known.allowance.pass_time(_seconds(known.at, pts), max(armed, len(alerts)))
        known.at = pts
        for alert in alerts:
            watch = self._watch(alert, run)
            rising = self._rising(sentence_of(alert), watch, cues)
            stirred = _stirred(alert, cues, rising=rising)
            watch.pass_frame(_seconds(watch.at, pts), stirred, _signs(alert, cues))
            watch.at = pts

    def due(self, alerts: Sequence[Alert], run: str, pts: int, cues: Cues) -> list[Alert]:
        """Which the model is to be asked about now, each on its own sentence: those where a look is
        worth most, and no more than the looks go. With them goes what would be polled soon."""
        allowance = self._of(run).allowance
        worth = {alert.id: self._worth(alert, run, pts, cues) for alert in alerts}
        ranked = sorted(alerts, key=lambda alert: -worth[alert.id])
        price = self._price(allowance)
        asked = [a for a in ranked if worth[a.id] > price and allowance.take()]
        if asked:
            rest = [alert for alert in alerts if alert not in asked]
            asked += [a for a in rest if self._joins(a, run, pts, cues) and allowance.take()]
        for alert in asked:
            self._watch(alert, run).ask()
        return [alert for alert in alerts if alert in asked]

    def _worth(self, alert: Alert, run: str, pts: int, cues: Cues) -> float:
        """What a look is worth: the chance of news. Whether it is still so matters a little, for
        then nothing can be news."""
        config, belief = self._config, self._watch(alert, run).belief
        if belief.at is None:
            return 1.0
        since = pts - belief.at
        suspected = belief.untold > config.suspected
        if since < nanoseconds(config.look_s if suspected else config.calm_look_s):
            return 0.0
        if since >= nanoseconds(self._poll_s(cues)):
            return 1.0
        late = belief.untold - belief.news
        doubtful = min(belief.so, 1 - belief.so)
        return belief.news + config.worth_late * late + config.worth_doubt * doubtful

    def _price(self, allowance: Allowance) -> float:
        """What a look must be worth: little while many are saved, much when few are."""
        config = self._config
        dear = math.exp(config.thrift * (1 - 2 * allowance.fill))
        return min(config.price * dear, config.price_most)

    def _joins(self, alert: Alert, run: str, pts: int, cues: Cues) -> bool:
        """Whether it is asked along with one that is due: its poll of a still picture is half over.
        So alerts that were last asked at different times fall into step. Where something stirs an
        early look costs a call and spares no batch."""
        looked = self._watch(alert, run).belief.at
        if looked is None or not cues.still:
            return False
        return 2 * (pts - looked) >= nanoseconds(self._poll_s(cues))

    def _poll_s(self, cues: Cues) -> float:
        return self._config.poll_s * (self._config.rest if cues.still else 1)

    def unanswered(self, alert: Alert, run: str) -> None:
        """The model was asked, and could not look."""
        self._watch(alert, run).answered()

    def judged(self, alert: Alert, run: str, pts: int, yes: float, seen: Vector | None) -> Outcome:
        """Take in an answer. It has come true when two of the last three agree, all that is known
        makes it sure enough that it is news, and it has not been so only a moment ago."""
        watch = self._watch(alert, run)
        watch.votes.append((pts, yes))
        turns = watch.belief.look(pts, yes)
        watch.experience.looked(turns.came, turns.went)
        watch.proxy.learn(watch.shown, chance_of(watch.belief.alone(yes)))
        outcome = self._outcome(alert, watch, pts)
        if outcome.came_true is not None and seen is not None:
            self._true[sentence_of(alert)] = seen
        watch.answered()
        return outcome

    def _outcome(self, alert: Alert, watch: _Watch, pts: int) -> Outcome:
        config, belief = self._config, watch.belief
        within = nanoseconds(config.agree_within_s)
        yeses = [at for at, vote in watch.votes if pts - at <= within and vote >= alert.threshold]
        agreed = len(yeses) >= 2 and yeses[-1] == pts
        news = belief.news > max(config.sure, alert.threshold)
        late = belief.untold > max(config.sure_late, alert.threshold)
        if agreed and (news or late):
            belief.tell()
            watch.holds = True
            return Outcome(came_true=yeses[0])
        if belief.so < config.half:
            watch.holds = False
            return Outcome(why=UNSURE if yeses and yeses[-1] == pts else NOT_SO)
        most = max(belief.untold, belief.again, belief.told)
        if most == belief.untold:
            return Outcome(why=UNSURE)
        anew, watch.holds = not watch.holds, True
        again = AGAIN.format(seconds=f"{config.belief.again_s:g}")
        return Outcome(why=again if anew and most == belief.again else STILL)

    def _of(self, run: str) -> _Run:
        known = self._runs.get(run)
        if known is None:
            known = self._runs[run] = _Run(Allowance(self._config))
        return known

    def _watch(self, alert: Alert, run: str) -> _Watch:
        watches, sentence = self._of(run).watches, sentence_of(alert)
        known = watches.get(sentence)
        if known is None:
            # A thumb moves the threshold. What is known of the words stays, and that it was told.
            alike = [watch for (words, _), watch in watches.items() if words == sentence[0]]
            known = deepcopy(alike[-1]) if alike else self._new(alert)
            watches[sentence] = known
        return known

    def _new(self, alert: Alert) -> _Watch:
        config, proxy = self._config, self._config.proxy
        spread = proxy.outline_spread if about_somebody(alert) else proxy.picture_spread
        return _Watch(
            belief=Belief(config.belief),
            experience=Experience(config),
            proxy=Proxy(proxy, spread),
        )

    def drop(self, alert: Alert) -> None:
        """Nobody waits for this any more."""
        gone = sentence_of(alert)
        self._true.pop(gone, None)
        for run in self._runs.values():
            run.watches.pop(gone, None)

    def interrupt(self, run: str) -> None:
        """The picture is gone."""
        self._runs.pop(run, None)

    def _rising(self, sentence: Sentence, watch: _Watch, cues: Cues) -> bool:
        true = self._true.get(sentence)
        if true is None or cues.glance is None:
            return False
        norm = float(np.linalg.norm(true) * np.linalg.norm(cues.glance)) or 1.0
        now = float(true @ cues.glance) / norm
        before, watch.likeness = watch.likeness, now
        return before is not None and now - before >= RISING


def _seconds(before: int | None, now: int) -> float:
    return 0.0 if before is None else max((now - before) / NANOSECONDS, 0.0)


def _signs(alert: Alert, cues: Cues) -> tuple[Vector, ...]:
    """What a proxy of this sentence reads: how those stand whom it is about, or the picture."""
    if about_somebody(alert):
        wanted = wanted_by(alert)
        stand = cues.outlines.items()
        return tuple(one for name, some in stand if not wanted or name in wanted for one in some)
    return () if cues.glance is None else ((cues.glance - MIDDLE) / CONTRAST,)


def _stirred(alert: Alert, cues: Cues, *, rising: bool) -> Stirred:
    """What this frame means to this sentence."""
    if cues.text:
        return "changed"
    if about_somebody(alert):
        if cues.still and not rising:
            return "still"
        return cues.liveliest(wanted_by(alert)) or "absent"
    if cues.whole:
        return "whole"
    if cues.changed or rising:
        return "changed"
    return "still" if cues.still else "unchanged"
