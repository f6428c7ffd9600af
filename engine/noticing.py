"""What the model does without being asked: it describes closed clips when there is time, and gives
a second opinion about a "maybe". A part of `Thinking`."""

from collections import deque
from dataclasses import dataclass, field
from datetime import tzinfo

from engine import effects as do
from engine import messages as msg
from engine import reports as rep
from engine.config import ThinkingConfig
from engine.decision import prompting
from engine.facts import ClipRecord, Observation
from engine.media import Frame, nanoseconds
from engine.memory.gallery import Gallery
from engine.prompts import ModelStatus, Picture, Probe, Prompt
from engine.watching import Watching

Output = msg.Event | do.Effect

CAPTION_FRAMES = 4
CAPTIONS_REMEMBERED = 8
CAPTIONS_SHOWN = 3
"""Of the newest ones, with the next clip, so that what they tell is not told again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Describing:
    """A clip whose caption is being written."""

    clip: ClipRecord
    pieces: list[str] = field(default_factory=list[str])


class Noticing:
    """Not for the demo model, which knows its drawn world and was trained for questions alone."""

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
        self._ready = False
        self._describing: dict[str, _Describing] = {}
        self._said: deque[str] = deque(maxlen=CAPTIONS_REMEMBERED)
        self._stirred: dict[str, int] = {}
        """By run, when it has changed last (pts)."""
        self._comparing: tuple[str, int] | None = None
        """(run, pts) of the last "maybe" that was shown to the model."""
        self._compared = True
        """It has been told."""

    def changed(self, status: ModelStatus | None, *, other: bool) -> None:
        """Another state of the model, or another model (which was asked nothing yet)."""
        self._ready = status is not None and status.state == "ready" and not status.demo
        if other:
            self._compared = True

    def forget(self) -> list[Output]:
        """What is being written is dropped."""
        stopped: list[Output] = [do.StopGenerating(ref=ref) for ref in self._describing]
        self._describing.clear()
        self._said.clear()
        return stopped

    # --- second opinions -------------------------------------------------------------------------

    def compare(self, watching: Watching) -> list[Output]:
        """Show the model one "maybe" beside an exemplar, now and then."""
        if not self._ready or not self._compared:
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
                waits=not watching.spec.paced,
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

    # --- captions --------------------------------------------------------------------------------

    def writes(self, ref: str) -> bool:
        """Whether this is a caption on its way."""
        return ref in self._describing

    def generated(self, piece: rep.Generated) -> bool:
        """Take in a piece, if it is of a caption."""
        describing = self._describing.get(piece.ref)
        if describing is not None:
            describing.pieces.append(piece.text)
        return describing is not None

    def finished(self, report: rep.GenerationEnded) -> list[Output]:
        return self._described(self._describing.pop(report.ref), report)

    def stirred(self, frame: Frame) -> None:
        """Something is not as it was: this frame passed the gate."""
        self._stirred = {run: at for run, at in self._stirred.items() if run in self._runs}
        self._stirred[frame.run] = frame.pts

    def clip_closed(self, clip: ClipRecord) -> list[Output]:
        """Describe it when there is time, unless it shows what was there before. One waits at
        most: the newest."""
        watching = self._runs.get(clip.run)
        if watching is None or not self._ready or not self._config.captions:
            return []
        still = self._stirred.get(clip.run, -1) < clip.span.start
        if still or not clip.key_frames:
            return []
        out: list[Output] = [do.StopGenerating(ref=ref) for ref in self._describing]
        self._describing.clear()
        ref = f"caption-{clip.run}-{clip.span.start}"
        self._describing[ref] = _Describing(clip=clip)
        at_start = clip.at - (clip.span.end - clip.span.start)
        pictures = tuple(
            Picture(
                image=image,
                mark=prompting.mark(
                    pts,
                    at_start + pts - clip.span.start,
                    recorded=not watching.spec.live,
                    tz=self._tz,
                ),
            )
            for pts, image in clip.key_frames[:CAPTION_FRAMES]
        )
        said = tuple(self._said)[-CAPTIONS_SHOWN:]
        prompt = Prompt(
            question=prompting.CAPTION + (prompting.NEW if said else ""),
            notes=said,
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
