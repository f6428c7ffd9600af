"""Names that the user gives in conversation to what is in view: whom they mean, and what is asked
where that is not clear."""

from dataclasses import dataclass, replace

from engine import effects as do
from engine import messages as msg
from engine import reports as rep
from engine.decision.introducing import Alias, Denial, Introduction
from engine.decision.pointing import InView, chosen, meant
from engine.errors import ConceptError
from engine.facts import ConceptKind, Proposal
from engine.media import Frame
from engine.memory.gallery import Gallery
from engine.watching import Watching

Output = msg.Event | do.Effect
NOTHING_SHOWN = (
    "Nothing is being watched, so nobody can be shown. Nothing was changed. Open a camera, or give "
    "a picture: `nacre concepts add`."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """A name that waits for what can be seen to be found."""

    told: Introduction
    say: msg.Say
    frame: Frame


class Introducing:
    """At most one question ("which one?") is open: the next sentence answers or drops it."""

    def __init__(self, gallery: Gallery, runs: dict[str, Watching]) -> None:
        self._gallery = gallery
        self._runs = runs
        self._waiting: dict[str, _Waiting] = {}
        self._asked: msg.WhichOne | None = None

    def answer(self, say: msg.Say) -> msg.TeachConcept | None:
        """What a sentence chooses of what was asked last; a sentence that is something else drops
        the question."""
        asked, self._asked = self._asked, None
        choice = None if asked is None else chosen(say.text, asked.proposals)
        if asked is None or choice is None:
            return None
        teaching = replace(asked.teaching, ref=say.ref)
        return _shown(teaching, choice, teaching.kind if asked.kind_told else None)

    def introduce(self, told: Introduction, say: msg.Say) -> msg.TeachConcept | list[Output]:
        """Have what may be meant looked for, unless it is clear.

        Raises:
            ConceptError: the name cannot be used, or nothing is being watched.
        """
        known = self._gallery.named(told.name)
        kind = told.kind or (known.kind if known else None)
        self._gallery.draft(say.ref, told.name, kind or "thing")
        frame = say.frame or self._newest()
        if frame is None:
            raise ConceptError(NOTHING_SHOWN)
        waiting = _Waiting(told=replace(told, kind=kind), say=say, frame=frame)
        if kind == "place" and say.box is None:
            return _teaching(waiting, "place")
        self._waiting[say.ref] = waiting
        return [self.look_at(frame, say.ref)]

    def look_at(self, frame: Frame, ref: str) -> do.FindProposals:
        """Have looked for what could be given a name there."""
        watching = self._runs.get(frame.run)
        moving = () if watching is None else watching.moving
        return do.FindProposals(ref=ref, frame=frame, moving=moving)

    def found(self, report: rep.ProposalsFound) -> msg.TeachConcept | list[Output] | None:
        """What can be seen, where a name waits for it; None where none does."""
        waiting = self._waiting.pop(report.ref, None)
        if waiting is None:
            return None
        told, say = waiting.told, waiting.say
        known = self._gallery.named(told.name)
        fit = meant(
            report.proposals,
            self._in_view(waiting.frame),
            kind=told.kind,
            concept=None if known is None else known.id,
            point=say.point,
            box=say.box,
        )
        if len(fit) == 1:
            return _shown(_teaching(waiting, told.kind or "thing"), fit[0], told.kind)
        teaching = _teaching(waiting, told.kind or ("person" if _all_people(fit) else "thing"))
        self._asked = msg.WhichOne(
            teaching=teaching,
            kind_told=told.kind is not None,
            proposals=fit,
            ref=report.ref,
        )
        return [self._asked]

    def abandoned(self, ref: str) -> None:
        """It could not be looked at."""
        self._waiting.pop(ref, None)

    def forget(self) -> None:
        """No picture waits for anything any more."""
        self._waiting.clear()
        self._asked = None

    def correction(self, told: Alias | Denial, ref: str) -> msg.CorrectConcept:
        """What the sentence corrects.

        Raises:
            ConceptError: it says who somebody is not, and nobody in view has that name.
        """
        if isinstance(told, Alias):
            alias = msg.CallAlso(alias=told.alias)
            return msg.CorrectConcept(concept=told.concept, correction=alias, ref=ref)
        for run, watching in reversed(self._runs.items()):
            for overlay, _ in watching.drawn:
                if overlay.concept == told.concept:
                    concept, right = told.really or told.concept, told.really is not None
                    judge = msg.Judge(run=run, track=overlay.track, right=right)
                    return msg.CorrectConcept(concept=concept, correction=judge, ref=ref)
        name = self._gallery.find(told.concept).name
        raise ConceptError(
            f"Nobody in view is called {name} now, so nothing was changed. Say it while the name "
            "is shown, or correct the time: `nacre concepts retell`."
        )

    def _newest(self) -> Frame | None:
        frames = (watching.frame for watching in reversed(self._runs.values()))
        return next((frame for frame in frames if frame is not None), None)

    def _in_view(self, frame: Frame) -> list[InView]:
        watching = self._runs.get(frame.run)
        return [
            InView(
                box=overlay.box,
                concept=overlay.concept if overlay.certainty == "sure" else None,
                age=age,
            )
            for overlay, age in (watching.drawn if watching is not None else ())
        ]


def _teaching(waiting: _Waiting, kind: ConceptKind) -> msg.TeachConcept:
    told = waiting.told
    return msg.TeachConcept(
        name=told.name,
        kind=kind,
        frame=waiting.frame,
        description=told.description,
        aliases=told.aliases,
        is_me=told.is_me,
        ref=waiting.say.ref,
    )


def _shown(
    teaching: msg.TeachConcept, proposal: Proposal, kind: ConceptKind | None = None
) -> msg.TeachConcept:
    """In that box; its kind is what was told, else what was found there."""
    return replace(teaching, box=proposal.box, kind=kind or proposal.kind)


def _all_people(proposals: tuple[Proposal, ...]) -> bool:
    return bool(proposals) and all(proposal.kind == "person" for proposal in proposals)
