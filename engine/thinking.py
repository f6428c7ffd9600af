"""The vision-language model as the session knows it: what it is shown, which concepts stand before
it, the questions that are open, and the captions it writes when there is time."""

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
from engine.facts import Answer, ClipRecord, Concept, Evidence, Observation, Query, Recall
from engine.media import Frame, Span, nanoseconds
from engine.memory.gallery import Gallery
from engine.prompts import CARDS_AT_MOST, Card, ModelStatus, Picture, Prefix, Probe, Prompt
from engine.watching import Watching

Output = msg.Event | do.Effect

CAPTION_FRAMES = 4
SHOWN_REMEMBERED = 128
CAPTIONS_REMEMBERED = 8


@dataclass(slots=True, kw_only=True)
class _Answering:
    """A question that the model is answering."""

    quoted: Answer
    """What the memory alone says, should the model fail."""
    evidence: tuple[Evidence, ...]
    watching: Watching | None
    """Whose window the answer sees."""
    pieces: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Describing:
    """A clip whose caption is being written."""

    clip: ClipRecord
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
        self._describing: dict[str, _Describing] = {}
        self._said: deque[str] = deque(maxlen=CAPTIONS_REMEMBERED)
        self._comparing: tuple[str, int] | None = None
        """(run, pts) of the last "maybe" that was shown to the model."""
        self._compared = True
        """It has been told."""

    # --- the model -------------------------------------------------------------------------------

    def changed(self, status: ModelStatus | None) -> list[Output]:
        """Another model, or another state of it. A new one knows nothing yet."""
        other = _name(status) != _name(self.status)
        self.status = status
        if not other:
            return []
        self._shown.clear()
        self._standing, self._compared = None, True
        return [] if status is None else self._stand(())

    def _fits(self, watching: Watching | None) -> bool:
        """Whether the model knows the world of this run: the demo model the bundled clip alone."""
        status = self.status
        if status is None or status.state == "failed":
            return False
        return not status.demo or (watching is not None and watching.spec.kind == "demo")

    # --- what it is shown ------------------------------------------------------------------------

    def look(self, watching: Watching, frame: Frame, *, changed: bool) -> list[Output]:
        """A watched frame: the live window takes one a second of the newest run, if anything in it
        has changed."""
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
        self._shown.append((frame.pts, frame.at))
        words = self._mark(frame.pts, frame.at, watching)
        known = {s.concept for s in watching.in_view() if s.concept is not None}
        shown = do.ShowModel(frame=frame, mark=words, paced=_is_paced(watching))
        return [*self._stand(tuple(known)), shown]

    def compare(self, watching: Watching) -> list[Output]:
        """Show the model one "maybe" beside an exemplar, now and then."""
        status = self.status
        if status is None or status.demo or status.state != "ready" or not self._compared:
            return []
        last = self._comparing
        wait = nanoseconds(self._config.compare_every_s)
        if last is not None and last[0] == watching.run_id and watching.pts - last[1] < wait:
            return []
        found = watching.unsettled()
        concept = None if found is None else self._gallery.get(found[1])
        portrait = None if concept is None else self._gallery.portrait(concept.id)
        if found is None or concept is None or portrait is None:
            return []
        self._comparing, self._compared = (watching.run_id, watching.pts), False
        track, _, crop = found
        pictures = (
            Picture(image=portrait, mark="Picture 1:"),
            Picture(image=crop, mark="Picture 2:"),
        )
        question = prompting.SAME[concept.kind]
        return [
            do.Compare(
                run=watching.run_id,
                track=track,
                concept=concept.id,
                probe=Probe(question=question, pictures=pictures, window=False),
                waits=not _is_paced(watching),
            )
        ]

    def compared(self, report: rep.Compared) -> list[Output]:
        """The model's opinion counts from the next look on."""
        self._compared = True
        watching = self._runs.get(report.run)
        identity = None if watching is None else watching.identity(report.track)
        if identity is not None and report.yes is not None:
            identity.weigh(report.concept, report.yes)
        return []

    def ended(self, watching: Watching) -> list[Output]:
        """The run is over. What a camera or a screen showed last is not kept in view."""
        if watching is not self._seen or not watching.spec.live:
            return []
        self._seen = None
        return self.forget()

    def forget(self) -> list[Output]:
        """Nothing that was shown is kept."""
        self._shown.clear()
        self._said.clear()
        stopped: list[Output] = [do.StopGenerating(ref=ref) for ref in self._describing]
        self._describing.clear()
        return [] if self.status is None else [*stopped, do.ClearModel()]

    def _stand(self, concepts: Sequence[str]) -> list[Output]:
        """The cards of these concepts stand before everything, from when they change on."""
        status = self.status
        if status is None:
            return []
        known = (self._gallery.get(concept) for concept in sorted(concepts)[:CARDS_AT_MOST])
        wanted = tuple(concept for concept in known if concept is not None)
        if wanted == self._standing:
            return []
        self._standing = wanted
        cards = tuple(
            Card(name=one.name, kind=one.kind, picture=self._gallery.portrait(one.id))
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
        return seen if seen is not None and seen.run_id == run else self._runs.get(run or "")

    def ask(self, query: Query, recall: Recall, quoted: Answer) -> list[Output]:
        """Put a question to it. `quoted` is what the memory alone answers."""
        watching = self._watching(quoted.run)
        past = prompting.about_the_past(query)
        moments = prompting.moments(recall, self._tz) if past else ()
        notes = prompting.notes(recall, self._tz)
        window = bool(self._shown) and watching is not None and watching is self._seen
        if not (window or notes or moments):
            unseen = replace(quoted, text=prompting.UNSEEN, confidence=0.0, evidence=())
            return [do.Persist(fact=unseen), msg.AnswerFinished(answer=unseen)]
        evidence = tuple(e for e in quoted.evidence if past or e.run != quoted.run)
        self._answering[quoted.ref] = _Answering(
            quoted=quoted, evidence=evidence, watching=watching if window else None
        )
        waits = watching is not None and not _is_paced(watching)
        named = self._stand((*query.concepts, *(one.id for one in self._standing or ())))
        prompt = Prompt(question=query.question, notes=notes, window=window)
        return [
            *named,
            msg.AnswerStarted(question=query.question, ref=quoted.ref),
            do.Generate(ref=quoted.ref, prompt=prompt, moments=moments, waits=waits),
        ]

    def generated(self, piece: rep.Generated) -> list[Output]:
        if (describing := self._describing.get(piece.ref)) is not None:
            describing.pieces.append(piece.text)
            return []
        answering = self._answering.get(piece.ref)
        if answering is None:  # Of a turn that is over.
            return []
        answering.pieces.append(piece.text)
        return [msg.AnswerExtended(text=piece.text, ref=piece.ref)]

    def finished(self, report: rep.GenerationEnded) -> list[Output]:
        if (describing := self._describing.pop(report.ref, None)) is not None:
            return self._described(describing, report)
        answering = self._answering.pop(report.ref, None)
        if answering is None:
            return []
        answer = self._answer(answering, report)
        return [do.Persist(fact=answer), msg.AnswerFinished(answer=answer)]

    def _answer(self, answering: _Answering, report: rep.GenerationEnded) -> Answer:
        quoted, outcome = answering.quoted, report.outcome
        if outcome is None:
            return replace(quoted, help=report.reason or quoted.help)
        text = "".join(answering.pieces).strip()
        unseen = not text or prompting.UNSEEN.lower().rstrip(".") in text.lower()
        if unseen:
            return replace(
                quoted,
                text=prompting.UNSEEN,
                evidence=(),
                confidence=0.0,
                help="",
                first_token_s=round(outcome.first_token_s, 3),
            )
        unsure = outcome.weakest < self._config.unsure_below
        return replace(
            quoted,
            text=text,
            evidence=(*answering.evidence, *self._in_view(answering, outcome.newest_pts)),
            confidence=round(outcome.weakest, 3),
            help="The model is not sure of this." if unsure else "",
            first_token_s=round(outcome.first_token_s, 3),
        )

    def _in_view(self, answering: _Answering, newest: int | None) -> tuple[Evidence, ...]:
        """The stretch of the stream that the answer saw."""
        watching = answering.watching
        seen = [(pts, at) for pts, at in self._shown if newest is None or pts <= newest]
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

    def interrupt(self) -> list[Output]:
        """The user turned to something else: what was said so far stands, unkept."""
        out: list[Output] = []
        for ref, answering in self._answering.items():
            text = "".join(answering.pieces).strip()
            stopped = replace(
                answering.quoted, text=text, evidence=(), confidence=0.0, help="Stopped."
            )
            out += [do.StopGenerating(ref=ref), msg.AnswerFinished(answer=stopped)]
        self._answering.clear()
        return out

    # --- captions --------------------------------------------------------------------------------

    def clip_closed(self, clip: ClipRecord) -> list[Output]:
        """Describe it when there is time. One waits at most: the newest."""
        watching, status = self._runs.get(clip.run), self.status
        if watching is None or status is None or status.demo or not self._fits(watching):
            return []
        if not self._config.captions or not clip.key_frames:
            return []
        out: list[Output] = [do.StopGenerating(ref=ref) for ref in self._describing]
        self._describing.clear()
        ref = f"caption-{clip.run}-{clip.span.start}"
        self._describing[ref] = _Describing(clip=clip)
        at_start = clip.at - (clip.span.end - clip.span.start)
        pictures = tuple(
            Picture(image=image, mark=self._mark(pts, at_start + pts - clip.span.start, watching))
            for pts, image in clip.key_frames[:CAPTION_FRAMES]
        )
        prompt = Prompt(
            question=prompting.CAPTION,
            pictures=pictures,
            window=False,
            most_tokens=64,
            priority="idle",
        )
        return [*out, do.Generate(ref=ref, prompt=prompt)]

    def _described(self, describing: _Describing, report: rep.GenerationEnded) -> list[Output]:
        text = prompting.shortened("".join(describing.pieces))
        ended = report.outcome is not None and report.outcome.why != "cancelled"
        if not ended or prompting.repeats(text, self._said):
            return []
        self._said.append(text)
        clip = describing.clip
        observation = Observation(run=clip.run, span=clip.span, at=clip.at, text=text)
        return [do.Persist(fact=observation), msg.Observed(observation=observation)]


def _is_paced(watching: Watching) -> bool:
    """Whether its frames come at the pace of a clock, whoever keeps up with it."""
    return watching.spec.live or watching.spec.realtime


def _name(status: ModelStatus | None) -> tuple[str, str] | Literal[""]:
    return "" if status is None else (status.model, status.backend if status.remote else "")
