"""What a concept is known by, as a vision-language model sees it: written when it is remembered,
where a model is there and the user told nothing, and when the user asks for it. It can be changed
and undone like a description of the user's own."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from engine import effects as do
from engine import messages as msg
from engine import reports as rep
from engine.decision import prompting
from engine.errors import ConceptError
from engine.facts import GalleryChange
from engine.memory.gallery import Gallery
from engine.prompts import ModelStatus, Picture, Prompt

Output = msg.Event | do.Effect

SMALLEST = 24
"""A picture of fewer pixels a side is the place of one that is not kept."""
MOST_TOKENS = 64
MOST_WORDS = 24
REF = "traits-"
DROPPED = "Something was forgotten meanwhile, so no description was written. Ask for it again."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writing:
    """A description on its way."""

    concept: str
    asked: str = ""
    """The ref of the user's command; empty: it was not asked for."""
    pieces: list[str] = field(default_factory=list[str])


class Describing:
    """Not with the demo model, which knows its drawn world alone."""

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery
        self._ready = False
        self._writing: dict[str, _Writing] = {}
        self._later: dict[str, None] = {}
        """Remembered while the model was still being loaded."""

    def changed(self, status: ModelStatus | None) -> list[Output]:
        """Another state of the model."""
        self._ready = status is not None and status.state == "ready" and not status.demo
        if not self._ready:
            return []
        later, self._later = self._later, {}
        return [output for concept in later for output in self._begin(concept)]

    def taught(self, outputs: Iterable[Output]) -> list[Output]:
        """Whatever was remembered just now without a description is described."""
        out: list[Output] = []
        for output in outputs:
            match output:
                case do.PersistConcept(concept=concept, change=GalleryChange(kind="taught")):
                    out += [] if concept.description else self._begin(concept.id)
                case _:
                    pass
        return out

    def ask(self, command: msg.DescribeByLook) -> list[Output]:
        """The user wants it.

        Raises:
            ConceptError: it is not known, there is no picture of it, or no model.
        """
        concept = self._gallery.find(command.concept)
        if not self._ready:
            raise ConceptError(
                "No language model is ready that could look at it. Nothing was changed. Choose one "
                "on the Models page (`nacre models`), or write the description yourself."
            )
        out = self._begin(concept.id, asked=command.ref)
        if not out:
            raise ConceptError(
                f"No picture of {concept.name} is kept, so it cannot be looked at. Nothing was "
                "changed. Add a view, or write the description yourself."
            )
        return out

    def writes(self, ref: str) -> bool:
        """Whether this is a description on its way."""
        return ref in self._writing

    def generated(self, piece: rep.Generated) -> None:
        self._writing[piece.ref].pieces.append(piece.text)

    def finished(self, report: rep.GenerationEnded) -> msg.CorrectConcept | None:
        """What was written, as a correction of the concept; None: nothing, and nobody waits for it.

        Raises:
            ConceptError: the user waits, and nothing came of it.
        """
        writing = self._writing.pop(report.ref)
        known = self._gallery.get(writing.concept)
        text = prompting.traits(writing.pieces, MOST_WORDS)
        told = report.outcome is not None and report.outcome.why != "cancelled" and bool(text)
        if known is not None and told and (writing.asked or not known.description):
            describe = msg.Describe(description=text)
            ref = writing.asked or report.ref
            return msg.CorrectConcept(concept=known.id, correction=describe, ref=ref)
        if writing.asked and not told:
            why = report.reason or "The model did not say what it is known by."
            raise ConceptError(f"{why} Nothing was changed.")
        return None

    def asked_for(self, ref: str) -> str:
        """By which command of the user's; empty: by none."""
        return self._writing[ref].asked if ref in self._writing else ""

    def forget(self) -> list[Output]:
        """What is being written is dropped: it may tell of what is forgotten."""
        stopped: list[Output] = [do.StopGenerating(ref=ref) for ref in self._writing]
        stopped += [
            msg.Failed(reason=DROPPED, kind="ConceptError", ref=writing.asked)
            for writing in self._writing.values()
            if writing.asked
        ]
        self._writing.clear()
        self._later.clear()
        return stopped

    def _begin(self, concept: str, asked: str = "") -> list[Output]:
        if not self._ready:
            self._later[concept] = None
            return []
        known = self._gallery.get(concept)
        portrait = None if known is None else self._gallery.portrait(concept)
        if known is None or known.demo or portrait is None or min(portrait.shape[:2]) < SMALLEST:
            return []
        ref = f"{REF}{asked or concept}-{self._gallery.version}"
        self._writing[ref] = _Writing(concept=concept, asked=asked)
        prompt = Prompt(
            question=prompting.TRAITS[known.kind],
            pictures=(Picture(image=portrait, mark="Picture:"),),
            window=False,
            most_tokens=MOST_TOKENS,
            priority="question" if asked else "idle",
        )
        return [do.Generate(ref=ref, prompt=prompt)]
