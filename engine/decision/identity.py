"""Who a track is. Evidence is gathered over the views of a track; one view names nobody.

A view gives each concept a cosine (engine/memory/gallery.py). The score of a concept for a track
is the mean over its views: on webcam faces the mean separates better than a centroid. Scores become
probabilities (calibration.py), and these decide. Three outcomes, and no gap between them: sure,
maybe, unknown. Somebody who is known by looks alone, since there is no face model, is *maybe* at
most, for others wear the same: only the user's word makes it a name.

A track that has views enough and stays *maybe* may be shown to a vision-language model beside an
exemplar (pairwise yes or no, R2P, arXiv 2503.18623). Its yes makes a name only of a maybe, only
where no other concept comes near, and only until the user says otherwise: who is unknown is never
named by it.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from engine.config import IdentityConfig
from engine.decision.calibration import SMALL, calibration_of
from engine.facts import PARTS, Certainty, View

VIEWS_KEPT = 16
_NO_PIXELS = np.zeros((0, 0, 3), np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is believed of a track."""

    certainty: Certainty
    concept: str | None = None
    probability: float = 0.0
    """That it is this concept, now: a name that rides a track outlasts poor looks."""


@dataclass(frozen=True, slots=True)
class _Word:
    """What the user said of a track."""

    ref: str
    concept: str
    right: bool


UNKNOWN = Verdict(certainty="unknown")


class TrackIdentity:
    """The evidence for one track. A name once sure rides the track until evidence speaks against
    it, so that turning the head away does not take it back.

    Scoring needs embeddings alone. Only the newest view keeps its pixels, for the user may say who
    it shows: sixteen crops for every track that ever passed by are hundreds of megabytes.
    """

    def __init__(self, config: IdentityConfig, *, face: bool) -> None:
        self._face = face
        self._config = config
        self._vague: frozenset[str] = frozenset()
        self._views: deque[View] = deque(maxlen=VIEWS_KEPT)
        self._scores: deque[dict[str, float]] = deque(maxlen=VIEWS_KEPT)
        self._version = -1
        self._opinions: dict[str, float] = {}
        """Concept: probability that it is the same, as the model saw it."""
        self._said: list[_Word] = []
        """What the user said, oldest first."""
        self.verdict = UNKNOWN

    @property
    def newest_view(self) -> View | None:
        """The only view whose pixels are still there."""
        return self._views[-1] if self._views else None

    def look(
        self,
        view: View | None,
        scores: Callable[[View], dict[str, float]],
        version: int,
        people: frozenset[str] = frozenset(),
    ) -> Verdict:
        """Take in a view (or none) and judge anew. `scores` is the gallery's, `version` its
        version: when it has changed, the views kept are scored again. `people`: the concepts that
        are people, whom nothing but a face makes sure."""
        if view is None and version == self._version:
            return self.verdict
        if view is not None:
            if self._views and self._views[-1].embedder != view.embedder:
                # Another embedder is in use: what the one before saw cannot be compared any more.
                self._views.clear()
                self._version = -1
            if self._views:
                self._views[-1] = replace(self._views[-1], crop=_NO_PIXELS)
            self._views.append(view)
            self._vague = people if view.embedder.endswith(PARTS) else frozenset()
        if version != self._version:
            self._scores = deque((scores(v) for v in self._views), maxlen=VIEWS_KEPT)
            self._version = version
        elif view is not None:
            self._scores.append(scores(view))
        self.verdict = self._judge()
        return self.verdict

    @property
    def unsettled(self) -> str | None:
        """The concept about which a second opinion would settle a "maybe"."""
        verdict = self.verdict
        settled = self._opinions.keys() | self._vague
        open_still = verdict.certainty == "maybe" and verdict.concept not in settled
        return verdict.concept if open_still and self._enough else None

    def weigh(self, concept: str, yes: float) -> None:
        """A second opinion: how probable it is that this is the concept."""
        self._opinions[concept] = yes
        self.verdict = self._judge()

    def pin(self, concept: str, ref: str = "") -> None:
        """The user said who it is; `ref` names the change by which it may be taken back."""
        self._say(_Word(ref, concept, right=True))

    def deny(self, concept: str, ref: str = "") -> None:
        """The user said who it is not."""
        self._say(_Word(ref, concept, right=False))

    def _say(self, word: "_Word") -> None:
        self._said.append(word)
        self.verdict = self._judge()

    def unsay(self, ref: str) -> None:
        """The change was undone. It is judged again from the views alone."""
        self._said = [word for word in self._said if word.ref != ref]
        self.verdict = UNKNOWN
        self._version = -1

    def merge(self, source: str, target: str, ref: str) -> None:
        """What was said of the one concept is said of the other."""
        for word in [word for word in self._said if word.concept == source]:
            self._say(_Word(ref, target, right=word.right))

    def drop(self, concept: str) -> None:
        """The concept is forgotten."""
        self._said = [word for word in self._said if word.concept != concept]
        if self.verdict.concept == concept:
            self.verdict = UNKNOWN
        for scores in self._scores:
            scores.pop(concept, None)
        self.verdict = self._judge()

    @property
    def _pinned(self) -> str | None:
        """Whom the newest word that still stands calls it."""
        for place in range(len(self._said) - 1, -1, -1):
            word = self._said[place]
            if word.right and all(w.concept != word.concept for w in self._said[place + 1 :]):
                return word.concept
        return None

    @property
    def _denied(self) -> set[str]:
        newest = {word.concept: word.right for word in self._said}
        return {concept for concept, right in newest.items() if not right}

    def _judge(self) -> Verdict:
        config, chances = self._config, self._chances()
        if self._pinned is not None:
            return Verdict(certainty="sure", concept=self._pinned, probability=1.0)
        if not chances:
            return UNKNOWN
        best = min(chances, key=lambda concept: (-chances[concept], concept))
        vague = best in self._vague
        if chances[best] >= config.sure and not vague:
            return Verdict(certainty="sure", concept=best, probability=chances[best])
        held = self.verdict.concept if self.verdict.certainty == "sure" else None
        if held is not None and chances.get(held, 0.0) >= config.maybe:
            return Verdict(certainty="sure", concept=held, probability=chances[held])
        known = sum(chances.values())
        if known < config.maybe:
            return UNKNOWN
        yes = self._opinions.get(best, 0.5) if self._enough and not vague else 0.5
        if yes <= 1 - config.second_opinion:
            return UNKNOWN
        if yes >= config.second_opinion and chances[best] >= config.sure * known:
            return Verdict(certainty="sure", concept=best, probability=yes)
        return Verdict(certainty="maybe", concept=best, probability=chances[best])

    @property
    def _enough(self) -> bool:
        return len(self._scores) >= self._config.min_views

    def _chances(self) -> dict[str, float]:
        """The probability of each concept, as far as so many looks are believed."""
        if not self._views:
            return {}
        calibration = calibration_of(self._views[-1].embedder, face=self._face)
        small = sum(min(view.box.w, view.box.h) < SMALL for view in self._views)
        share = small / len(self._views)
        chances = calibration.probabilities(self._means(), len(self._scores), share)
        most = 1.0 if self._enough else self._config.one_look
        return {concept: min(chance, most) for concept, chance in chances.items()}

    def _means(self) -> dict[str, float]:
        """Mean score over the views; a view that rules a concept out counts as 0 for it."""
        named = {c for scores in self._scores for c in scores} - self._denied
        return {c: sum(s.get(c, 0.0) for s in self._scores) / len(self._scores) for c in named}
