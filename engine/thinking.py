"""The vision-language model as the session knows it: what it is shown, which concepts stand before
it, and the questions that are open."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import Literal

from engine import effects as do
from engine import messages as msg
from engine import reports as rep
from engine.config import ThinkingConfig
from engine.decision import prompting
from engine.facts import Answer, Concept, Evidence, Query, Recall
from engine.media import Frame, Span, nanoseconds
from engine.memory.gallery import Gallery
from engine.noticing import Noticing
from engine.prompts import CARDS_AT_MOST, Card, ModelStatus, Picture, Prefix, Prompt
from engine.watching import Watching

Output = msg.Event | do.Effect

SHOWN_REMEMBERED = 128
UNTOLD = 0.5
"""The confidence of an answer whose probability a server does not tell."""


@dataclass(slots=True, kw_only=True)
class _Answering:
    """A question that the model is answering."""

    quoted: Answer
    """What the memory alone says, should the model fail."""
    evidence: tuple[Evidence, ...]
    watching: Watching | None
    """Whose window the answer sees."""
    pieces: list[str] = field(default_factory=list[str])


class Thinking:
    """The model's part of the session."""

    def __init__(
        self,
        gallery: Gallery,
        runs: dict[str, Watching],
        config: ThinkingConfig,
        tz: tzinfo,
    ) -> None:
        self._gallery = gallery
        self._runs = runs
        self._config = config
        self._tz = tz
        self.status: ModelStatus | None = None
        self._shown: deque[tuple[int, int]] = deque(maxlen=SHOWN_REMEMBERED)
        """(pts, at) of the newest frames that were shown; a slow model has not taken the last of
        them yet, or left some out."""
        self._seen: Watching | None = None
        """Whose frames they are. It may have ended: a recording can still be asked about."""
        self._standing: tuple[Concept, ...] | None = None
        self._answering: dict[str, _Answering] = {}
        self.noticing = Noticing(gallery, runs, config, tz)

    # --- the model -------------------------------------------------------------------------------

    def changed(self, status: ModelStatus | None, *, opened: bool = False) -> list[Output]:
        """Another model, or another state of it. A new one knows nothing yet."""
        other = opened or _name(status) != _name(self.status)
        self.status = status
        self.noticing.changed(status, other=other)
        if not other:
            return []
        self._shown.clear()
        self._standing = None
        return [] if status is None else self._stand(())

    def _fits(self, watching: Watching | None) -> bool:
        """Whether the model knows the world of this run: the demo model the bundled clip alone."""
        status = self.status
        if status is None or status.state == "failed":
            return False
        return not status.demo or (watching is not None and watching.spec.kind == "demo")

    def sees(self, watching: Watching) -> bool:
        """Whether the model is ready, and this run is in its window."""
        ready = self.status is not None and self.status.state == "ready"
        return ready and bool(self._shown) and watching is self._seen

    @property
    def answering(self) -> bool:
        """Whether an answer is on its way."""
        return bool(self._answering)

    # --- what it is shown ------------------------------------------------------------------------

    def look(self, watching: Watching, frame: Frame, *, changed: bool) -> list[Output]:
        """A watched frame: the live window takes one a second of the newest run, if anything in it
        has changed."""
        if changed:
            self.noticing.stirred(frame)
        newest = next(reversed(self._runs.values()), None)
        if not self._fits(watching) or watching is not newest:
            return []
        if watching is not self._seen:
            self._seen = watching
            self._shown.clear()
        last = self._shown[-1][0] if self._shown else None
        soon = last is not None and frame.pts - last < nanoseconds(self._config.every_s)
        if soon or (last is not None and not changed):
            return []
        return self.show(watching, frame)

    def show(self, watching: Watching, frame: Frame) -> list[Output]:
        """The frame comes into the window, if it is not there."""
        if self._shown and self._shown[-1][0] == frame.pts:
            return []
        self._shown.append((frame.pts, frame.at))
        words = self._mark(frame.pts, frame.at, watching)
        known = {s.concept for s in watching.in_view() if s.concept is not None}
        shown = do.ShowModel(frame=frame, mark=words, paced=watching.spec.paced)
        return [*self._stand(tuple(known)), shown]

    def ended(self, watching: Watching) -> list[Output]:
        """The run is over. What a camera or a screen showed last is not kept in view."""
        if watching is not self._seen or not watching.spec.live:
            return []
        self._seen = None
        self._shown.clear()
        return [*self.noticing.forget(), *([] if self.status is None else [do.ClearModel()])]

    def forget(self) -> list[Output]:
        """Nothing that was shown is kept, nor what is being said of it; the cards of concepts that
        are still known stand anew. To be called when the gallery has forgotten."""
        self._shown.clear()
        out = [*self.interrupt(told=False), *self.noticing.forget()]
        if self.status is not None:
            stood, self._standing = self._standing or (), None
            out += [do.ClearModel(), *self._stand(tuple(one.id for one in stood))]
        return out

    def _stand(self, concepts: Sequence[str]) -> list[Output]:
        """The cards of these concepts, of too many the first, stand before everything, from when
        they change on."""
        status = self.status
        if status is None:
            return []
        chosen = sorted(list(dict.fromkeys(concepts))[:CARDS_AT_MOST])
        known = (self._gallery.get(concept) for concept in chosen)
        wanted = tuple(concept for concept in known if concept is not None)
        if wanted == self._standing:
            return []
        self._standing = wanted
        cards = tuple(
            Card(
                name=one.name,
                kind=one.kind,
                text=one.description,
                picture=self._gallery.portrait(one.id),
            )
            for one in wanted
        )
        text = prompting.DEMO_SYSTEM if status.demo else prompting.SYSTEM
        return [do.StandBefore(prefix=Prefix(system=text, cards=cards))]

    def _mark(self, pts: int, at: int, watching: Watching) -> str:
        return prompting.mark(pts, at, recorded=not watching.spec.live, tz=self._tz)

    # --- questions -------------------------------------------------------------------------------

    def takes(self, query: Query, run: str | None) -> bool:
        """Whether a question is for the model: one that quoting does not answer, about a run that
        the model knows."""
        scene = query.intent == "now" and query.subject == "anything" and not query.concepts
        return (query.intent == "search" or scene) and self._fits(self._watching(run))

    def _watching(self, run: str | None) -> Watching | None:
        seen = self._seen
        over = run is None and not self._runs
        if seen is not None and (over or seen.run_id == run):
            return seen
        return self._runs.get(run or "")

    def ask(self, query: Query, recall: Recall, quoted: Answer) -> list[Output]:
        """Put a question to it. `quoted` is what the memory alone answers."""
        watching = self._watching(quoted.run)
        shown = self._glance(watching)
        past = prompting.about_the_past(query)
        moments = prompting.moments(recall, self._tz) if past else ()
        notes = prompting.notes(recall, self._tz)
        window = bool(self._shown) and watching is not None and watching is self._seen
        if not (window or notes or moments):
            unseen = replace(quoted, text=prompting.UNSEEN, confidence=0.0, evidence=())
            return [do.Persist(fact=unseen), msg.AnswerFinished(answer=unseen)]
        evidence = quoted.evidence if notes or moments else ()
        self._answering[quoted.ref] = _Answering(
            quoted=quoted, evidence=evidence, watching=watching if window else None
        )
        waits = watching is not None and not watching.spec.paced
        pictures, described = self._named(query)
        prompt = Prompt(
            question=query.question, notes=(*described, *notes), pictures=pictures, window=window
        )
        return [
            *shown,
            msg.AnswerStarted(question=query.question, ref=quoted.ref),
            do.Generate(ref=quoted.ref, prompt=prompt, moments=moments, waits=waits),
        ]

    def _glance(self, watching: Watching | None) -> list[Output]:
        """What is in view, where nothing was shown yet: the model has become ready since."""
        if self._shown or watching is None or watching.frame is None:
            return []
        return self.look(watching, watching.frame, changed=False)

    def _named(self, query: Query) -> tuple[tuple[Picture, ...], tuple[str, ...]]:
        """The cards of those whom the question names and who are not in sight: with a portrait, or
        in words alone. They go with the question: the prefix is built behind the stream, and would
        come too late for it."""
        standing = {concept.id for concept in self._standing or ()}
        named = (self._gallery.get(one) for one in query.concepts if one not in standing)
        shown: list[Picture] = []
        words: list[str] = []
        for one in named:
            if one is None or len(shown) + len(words) == CARDS_AT_MOST:
                continue
            text, face = f"{one.name}: {one.description}".rstrip(), self._gallery.portrait(one.id)
            if face is not None:
                shown.append(Picture(image=face, mark=text))
            elif one.description:
                words.append(text)
        return tuple(shown), tuple(words)

    def generated(self, piece: rep.Generated) -> list[Output]:
        if self.noticing.generated(piece):
            return []
        answering = self._answering.get(piece.ref)
        if answering is None:  # Of a turn that is over.
            return []
        answering.pieces.append(piece.text)
        return [msg.AnswerExtended(text=piece.text, ref=piece.ref)]

    def finished(self, report: rep.GenerationEnded) -> list[Output]:
        if self.noticing.writes(report.ref):
            return self.noticing.finished(report)
        answering = self._answering.pop(report.ref, None)
        if answering is None:
            return []
        if report.outcome is not None and report.outcome.why == "cancelled":
            return [msg.AnswerFinished(answer=_stopped(answering))]
        answer = self._answer(answering, report)
        return [do.Persist(fact=answer), msg.AnswerFinished(answer=answer)]

    def _answer(self, answering: _Answering, report: rep.GenerationEnded) -> Answer:
        quoted, outcome = answering.quoted, report.outcome
        if outcome is None:
            return replace(quoted, help=report.reason or quoted.help)
        text = "".join(answering.pieces).strip()
        evidence = (*answering.evidence, *self._in_view(answering, outcome.newest_pts))
        unseen = not text or prompting.UNSEEN.lower().rstrip(".") in text.lower()
        if unseen or not evidence:
            return replace(
                quoted,
                text=prompting.UNSEEN,
                evidence=(),
                confidence=0.0,
                help="",
                first_token_s=round(outcome.first_token_s, 3),
            )
        weakest = UNTOLD if outcome.weakest is None else outcome.weakest
        unsure = weakest < self._config.unsure_below
        return replace(
            quoted,
            text=text,
            evidence=evidence,
            confidence=round(weakest, 3),
            help="The model is not sure of this." if unsure else "",
            first_token_s=round(outcome.first_token_s, 3),
        )

    def _in_view(self, answering: _Answering, newest: int | None) -> tuple[Evidence, ...]:
        """The stretch of the stream that the answer saw."""
        watching = answering.watching
        if newest is None:  # It had not taken any of them yet.
            return ()
        seen = [(pts, at) for pts, at in self._shown if pts <= newest]
        seen = seen[-self._config.frames :]
        if watching is None or not seen:
            return ()
        (start, start_at), (end, end_at) = seen[0], seen[-1]
        return (
            Evidence(
                run=watching.run_id,
                span=Span(start=start, end=end),
                at=Span(start=start_at, end=end_at),
                kind="clip",
                label=watching.spec.label,
            ),
        )

    def interrupt(self, *, told: bool = True) -> list[Output]:
        """The user turned to something else: what was said so far stands, unkept; or (not `told`)
        is taken back."""
        out: list[Output] = []
        for ref, answering in self._answering.items():
            if not told:
                answering.pieces.clear()
            out += [do.StopGenerating(ref=ref), msg.AnswerFinished(answer=_stopped(answering))]
        self._answering.clear()
        return out


def _stopped(answering: _Answering) -> Answer:
    text = "".join(answering.pieces).strip()
    return replace(answering.quoted, text=text, evidence=(), confidence=0.0, help="Stopped.")


def _name(status: ModelStatus | None) -> tuple[str, str] | Literal[""]:
    return "" if status is None else (status.model, status.backend if status.remote else "")
