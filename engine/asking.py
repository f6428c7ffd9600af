"""Questions, from being asked to being answered: when they are due, what is looked up for them,
and what is in view when they are asked."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import tzinfo

from engine import effects as do
from engine import messages as msg
from engine import reports as rep
from engine.decision.answers import Present, compose
from engine.decision.questions import understand
from engine.facts import Feature, Known, Query, Recall, Visit
from engine.memory.gallery import Gallery
from engine.thinking import Thinking
from engine.watching import Watching

Output = msg.Event | do.Effect

ABOUT_CAPTIONS = ("search", "what_happened")
"""Questions that a caption may answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A question whose recall is under way, with what was in view when it was asked."""

    query: Query
    present: tuple[Present, ...]
    watching: bool
    run: str | None
    pts: int
    at: int


class Asking:
    """The questions that are not yet answered."""

    def __init__(
        self, gallery: Gallery, runs: dict[str, Watching], thinking: Thinking, tz: tzinfo
    ) -> None:
        self._gallery = gallery
        self._thinking = thinking
        self._runs = runs
        self._tz = tz
        self.features: tuple[Feature, ...] = ()
        """What this machine can do: an answer says why something was not seen."""
        self._asked: dict[str, _Asked] = {}
        self._waiting: dict[str, list[msg.Ask]] = {}

    def ask(self, ask: msg.Ask, now: int) -> list[Output]:
        """Look up what answers it, now or when the stream has come so far."""
        if ask.run is not None and ask.pts is not None:
            watching = self._runs.get(ask.run)
            if watching is None or watching.pts < ask.pts:
                self._waiting.setdefault(ask.run, []).append(ask)
                return []
        return self._look_up(ask, now)

    def due(self, run: str, pts: int, now: int) -> list[Output]:
        """Questions about a moment before `pts`; to be called before that frame is taken in."""
        waiting = self._waiting.get(run)
        if not waiting:
            return []
        due = [ask for ask in waiting if ask.pts is not None and ask.pts < pts]
        self._waiting[run] = [ask for ask in waiting if ask not in due]
        return [output for ask in due for output in self._look_up(ask, now)]

    def ended(self, run: str, now: int) -> list[Output]:
        """The run is over: whatever waited for a later moment of it is answered from its end."""
        asks = self._waiting.pop(run, [])
        return [output for ask in asks for output in self._look_up(ask, now)]

    def recalled(self, recalled: rep.Recalled, name: Callable[[str], str]) -> list[Output]:
        """The memory has answered, and it is quoted or given to the model. `name` gives the name
        of a concept id."""
        asked = self._asked.pop(recalled.ref, None)
        if asked is None:
            return []
        recall = self._named(recalled.recall)
        answer = compose(
            asked.query,
            recall,
            present=asked.present,
            watching=asked.watching,
            name=name,
            ref=recalled.ref,
            run=asked.run,
            pts=asked.pts,
            at=asked.at,
            tz=self._tz,
            features=self.features,
        )
        if self._thinking.takes(asked.query, asked.run):
            return self._thinking.ask(asked.query, recall, answer)
        return [do.Persist(fact=answer), msg.AnswerFinished(answer=answer)]

    def _named(self, recall: Recall) -> Recall:
        """The memory does not hold the names of whom the demo knows."""
        visits: list[Visit] = []
        for visit in recall.visits:
            known = self._gallery.get(visit.concept or "")
            lent = known is not None and known.demo
            visits.append(replace(visit, name=known.name) if known and lent else visit)
        return replace(recall, visits=tuple(visits))

    def abandon(self, ref: str) -> None:
        """It cannot be answered."""
        self._asked.pop(ref, None)

    def abandon_all(self) -> None:
        """The user turned to something else."""
        self._asked.clear()

    def _look_up(self, ask: msg.Ask, now: int) -> list[Output]:
        watching = self._runs.get(ask.run) if ask.run is not None else self._newest()
        recorded = watching is not None and not watching.spec.live
        at = watching.at if watching is not None and recorded else now
        query = understand(
            ask.text,
            concepts=self._gallery.concepts,
            now_at=at,
            now_pts=watching.pts if watching is not None and recorded else None,
            tz=self._tz,
        )
        query = self._about(query)
        self._asked[ask.ref] = _Asked(
            query=query,
            present=tuple(self._present()),
            watching=bool(self._runs),
            run=None if watching is None else watching.run_id or None,
            pts=0 if watching is None else watching.pts,
            at=at,
        )
        return [do.RecallFacts(ref=ask.ref, query=query)]

    def _about(self, query: Query) -> Query:
        """With what those who are named are called and known by, for open questions."""
        if query.deed or query.intent not in ABOUT_CAPTIONS:
            return query
        known = (self._gallery.get(concept) for concept in query.concepts)
        return replace(
            query,
            known=tuple(
                Known(names=(one.name, *one.aliases), description=one.description)
                for one in known
                if one is not None
            ),
        )

    def _newest(self) -> Watching | None:
        return next(reversed(self._runs.values()), None)

    def _present(self) -> list[Present]:
        return [
            Present(
                concept=sighting.concept,
                kind=sighting.kind,
                run=watching.run_id,
                label=watching.spec.label,
                span=sighting.span,
                at=sighting.at,
                score=sighting.score,
                recorded=not watching.spec.live,
            )
            for watching in self._runs.values()
            for sighting in watching.in_view()
        ]
