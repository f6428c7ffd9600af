"""Teaching and correcting: the commands that change the gallery."""

from dataclasses import replace
from typing import assert_never

from engine import effects as do
from engine import messages as msg
from engine.decision.identity import TrackIdentity
from engine.errors import ConceptError
from engine.facts import Concept, ConceptKind, Exemplar, View
from engine.media import Box, Frame
from engine.memory.gallery import Gallery
from engine.watching import Watching

Output = msg.Event | do.Effect


class Teaching:
    """Changes the gallery on the user's word. What needs an embedding waits for it here."""

    def __init__(self, gallery: Gallery, runs: dict[str, Watching]) -> None:
        self._gallery = gallery
        self._runs = runs
        self._pending: dict[str, msg.TeachConcept | msg.CorrectConcept] = {}

    def teach(self, command: msg.TeachConcept) -> list[Output]:
        """Have the picture embedded, once the name is known to be good."""
        self._gallery.draft(command.ref, command.name, command.kind)
        self._pending[command.ref] = command
        return [_examine(command.ref, command.frame, command.box, command.kind)]

    def correct(self, command: msg.CorrectConcept, now: int) -> list[Output]:
        concept = self._gallery.find(command.concept)
        match command.correction:
            case msg.Rename(name=name):
                return self._put(command, self._gallery.renamed(concept.id, name))
            case msg.MarkMe(is_me=is_me):
                return self._mark_me(command, concept, is_me)
            case msg.MergeInto(concept=target):
                merged = self._gallery.merge(concept.id, target)
                return [
                    do.PersistMerge(source=concept.id, target=merged),
                    self.changed(merged.id, command.ref),
                ]
            case msg.Judge() as judge:
                return self._judge(command, concept, judge, now)
            case msg.RejectPicture(frame=frame, box=box):
                self._pending[command.ref] = command
                return [_examine(command.ref, frame, box, concept.kind)]
            case _:
                assert_never(command.correction)

    def examined(self, ref: str, views: tuple[View, ...], now: int) -> list[Output]:
        """The picture of a pending command was embedded."""
        command = self._pending.pop(ref, None)
        match command:
            case None:
                return []
            case msg.TeachConcept():
                concept = self._gallery.draft(command.ref, command.name, command.kind)
                self._pin(command, concept)
                return self._put(command, concept, _exemplars(ref, concept, views, True, now))
            case msg.CorrectConcept():
                concept = self._gallery.find(command.concept)
                return self._put(command, concept, _exemplars(ref, concept, views, False, now))
            case _:
                assert_never(command)

    def abandoned(self, ref: str) -> None:
        """The picture could not be embedded."""
        self._pending.pop(ref, None)

    def forget(self, command: msg.ForgetConcept) -> list[Output]:
        removed = self._gallery.remove(command.concept)
        for watching in self._runs.values():
            watching.drop(removed.id)
        return [
            do.EraseConcept(concept=removed.id, names=(removed.name, *removed.aliases)),
            self.changed(removed.id, command.ref),
        ]

    def changed(self, concept: str | None, ref: str = "") -> msg.GalleryChanged:
        return msg.GalleryChanged(entries=self._gallery.entries(), concept=concept, ref=ref)

    def _put(
        self,
        command: msg.TeachConcept | msg.CorrectConcept,
        concept: Concept,
        added: tuple[Exemplar, ...] = (),
    ) -> list[Output]:
        self._gallery.put(concept, added)
        return [
            do.PersistConcept(concept=concept, added=added),
            self.changed(concept.id, command.ref),
        ]

    def _mark_me(self, command: msg.CorrectConcept, concept: Concept, is_me: bool) -> list[Output]:
        """Only one concept is the user."""
        out: list[Output] = []
        for other in self._gallery.concepts:
            if is_me and other.is_me and other.id != concept.id:
                out.extend(self._put(command, replace(other, is_me=False))[:1])
        return out + self._put(command, replace(concept, is_me=is_me))

    def _judge(
        self, command: msg.CorrectConcept, concept: Concept, judge: msg.Judge, now: int
    ) -> list[Output]:
        identity = self._identity(judge.run, judge.track)
        view = identity.newest_view if identity else None
        if identity is None or view is None:
            raise ConceptError(
                "That moment is no longer at hand, so nothing was learned. "
                "Answer while it is in view, or remember it anew."
            )
        if judge.right:
            identity.pin(concept.id)
        else:
            identity.deny(concept.id)
        added = _exemplars(command.ref, concept, (view,), judge.right, now)
        return self._put(command, concept, added)

    def _identity(self, run: str, track: int) -> TrackIdentity | None:
        watching = self._runs.get(run)
        return None if watching is None else watching.identity(track)

    def _pin(self, command: msg.TeachConcept, concept: Concept) -> None:
        """What was shown is known from now on, also where it is being watched."""
        watching = self._runs.get(command.frame.run)
        if watching is None or command.box is None:
            return
        identity = watching.track_in(command.box, person=concept.kind == "person")
        if identity is not None:
            identity.pin(concept.id)


def _examine(ref: str, frame: Frame, box: Box | None, kind: ConceptKind) -> do.Examine:
    if box is not None:
        width, height = frame.size
        inside = box.clipped(width, height)
        if inside.area < 1:
            raise ConceptError(
                f"The box lies outside the picture, which is {width} x {height}. "
                "Nothing was changed."
            )
        box = inside
    return do.Examine(ref=ref, frame=frame, box=box, kind=kind)


def _exemplars(
    ref: str, concept: Concept, views: tuple[View, ...], positive: bool, now: int
) -> tuple[Exemplar, ...]:
    return tuple(
        Exemplar(
            id=f"{ref}-{number}",
            concept=concept.id,
            embedder=view.embedder,
            vector=view.vector,
            crop=view.crop,
            positive=positive,
            at=now,
        )
        for number, view in enumerate(views)
    )
