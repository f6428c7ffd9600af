"""Teaching and correcting: the commands that change the gallery, and taking them back."""

from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

import numpy as np

from engine import effects as do
from engine import messages as msg
from engine.errors import ConceptError
from engine.facts import (
    ChangeKind,
    Concept,
    ConceptKind,
    Exemplar,
    GalleryChange,
    MotionClip,
    Retelling,
    View,
)
from engine.media import Box, Frame
from engine.memory.gallery import Gallery, valid_description
from engine.reports import GalleryRestored
from engine.sparing import Sparing
from engine.watching import Watching

Output = msg.Event | do.Effect

NOBODY = np.zeros((8, 8, 3), np.uint8)
"""In the place of pictures that are not kept."""


class Teaching:
    """Changes the gallery on the user's word. What needs an embedding waits for it here."""

    def __init__(self, gallery: Gallery, runs: dict[str, Watching], sparing: Sparing) -> None:
        self._gallery = gallery
        self._runs = runs
        self._sparing = sparing
        self._pending: dict[str, msg.TeachConcept | msg.TeachAction | msg.CorrectConcept] = {}
        self._changes: list[GalleryChange] = []
        self.waiting = 0
        """How many views are still to be looked at with another embedder."""

    def fill(self, changes: Iterable[GalleryChange]) -> None:
        """These can be undone, and nothing else."""
        self._changes = list(changes)

    def teach(self, command: msg.TeachConcept) -> list[Output]:
        """Have the picture embedded, once the name is known to be good."""
        self._gallery.draft(command.ref, command.name, command.kind)
        valid_description(command.description)
        self._pending[command.ref] = command
        return [self._examine(command.ref, command.frame, command.box, command.kind)]

    def teach_action(self, command: msg.TeachAction, clip: MotionClip) -> list[Output]:
        """Have the clip described, once the name is known to be good."""
        self._gallery.draft(command.ref, command.name, "action")
        self._pending[command.ref] = command
        return [do.ExamineMotion(ref=command.ref, clip=clip)]

    def correct(self, command: msg.CorrectConcept, now: int) -> list[Output]:
        concept = self._gallery.find(command.concept)
        match command.correction:
            case msg.Rename(name=name):
                renamed = self._gallery.renamed(concept.id, name)
                words = f"“{concept.name}” was renamed “{renamed.name}”."
                return self._put(command, renamed, self._change(command, now, "renamed", words))
            case msg.CallAlso(alias=alias):
                called = self._gallery.called_also(concept.id, alias)
                words = f"“{concept.name}” is also called “{called.aliases[-1]}”."
                return self._put(command, called, self._change(command, now, "alias", words))
            case msg.Describe(description=description):
                described = self._gallery.described(concept.id, description)
                words = f"What “{concept.name}” looks like was written down."
                return self._put(command, described, self._change(command, now, "described", words))
            case msg.MarkMe(is_me=is_me):
                return self._mark_me(command, concept, is_me, now)
            case msg.MergeInto(concept=target):
                return self._merge(command, concept, target, now)
            case msg.Split() as split:
                return self._split(command, concept, split, now)
            case msg.NotThen() as told:
                return self._not_then(command, concept, told, now)
            case msg.Judge() as judge:
                return self._judge(command, concept, judge, now)
            case msg.RejectPicture(frame=frame, box=box):
                if self._sparing.on and concept.kind == "person":
                    raise ConceptError(
                        "Nothing is kept of people without a name, as the settings say, so "
                        "a picture of somebody else cannot be. Nothing was changed."
                    )
                self._pending[command.ref] = command
                return [self._examine(command.ref, frame, box, concept.kind)]
            case _:
                assert_never(command.correction)

    def examined(self, ref: str, views: tuple[View, ...], now: int) -> list[Output]:
        """The picture of a pending command was embedded."""
        command = self._pending.pop(ref, None)
        match command:
            case None:
                return []
            case msg.TeachConcept() | msg.TeachAction():
                return self._taught(command, views, now)
            case msg.CorrectConcept():
                concept = self._gallery.find(command.concept)
                words = f"A picture was said not to be “{concept.name}”."
                change = self._change(command, now, "wrong", words)
                added = _exemplars(ref, concept, views, False, now)
                return self._put(command, concept, change, added)
            case _:
                assert_never(command)

    def abandoned(self, ref: str) -> None:
        """The picture could not be embedded."""
        self._pending.pop(ref, None)

    def undo(self, command: msg.UndoCorrection) -> list[Output]:
        """Have the store bring back what was before a change.

        Raises:
            ConceptError: there is nothing to undo.
        """
        known = [c.id for c in self._changes]
        wanted = command.change or (known[-1] if known else "")
        if wanted not in known:
            raise ConceptError("There is nothing of that kind to undo. Nothing was changed.")
        return [do.UndoChange(ref=command.ref, change=wanted)]

    def take_in(self, command: msg.ImportConcepts, now: int) -> list[Output]:
        """All of another gallery as one change, or nothing of it.

        Raises:
            ConceptError: a name in it is that of another kind here.
        """
        drafts: list[Concept] = []
        for number, one in enumerate(command.concepts):
            drafted = self._gallery.draft(f"{command.ref}-{number}", one.name, one.kind)
            if self._gallery.get(drafted.id) is None:
                free = tuple(a for a in one.aliases if self._gallery.named(a) is None)
                drafted = replace(drafted, aliases=free)
            drafts.append(drafted)
        words = f"{len(drafts)} names were imported."
        change = self._change(command, now, "imported", words)
        out: list[Output] = []
        for drafted, one in zip(drafts, command.concepts, strict=True):
            added = tuple(
                replace(e, id=f"{drafted.id}-{command.ref}-{place}", concept=drafted.id)
                for place, e in enumerate(e for e in command.exemplars if e.concept == one.id)
            )
            self._gallery.put(drafted, added)
            out.append(do.PersistConcept(concept=drafted, added=added, change=change))
        return [*out, self.changed(None, command.ref)]

    def restored(self, restored: GalleryRestored) -> list[Output]:
        """The store has undone a change: it is the truth."""
        self._gallery.fill(restored.concepts, restored.exemplars)
        self.fill(restored.changes)
        left = frozenset(concept.id for concept in self._gallery.concepts)
        for watching in self._runs.values():
            watching.undone(restored.change, left)
        return [self.changed(None, restored.ref)]

    def forget(self, command: msg.ForgetConcept) -> list[Output]:
        removed = self._gallery.remove(command.concept)
        for watching in self._runs.values():
            watching.drop(removed.id)
        # The store lets go of every change that tells of it; which ones those are is known there.
        self._changes = [c for c in self._changes if not _tells_of(c, removed)]
        return [
            do.EraseConcept(concept=removed.id, names=(removed.name, *removed.aliases)),
            self.changed(removed.id, command.ref),
        ]

    def changed(self, concept: str | None, ref: str = "") -> msg.GalleryChanged:
        return msg.GalleryChanged(
            entries=self._gallery.entries(),
            concept=concept,
            ref=ref,
            change=self._changes[-1] if self._changes else None,
            waiting=self.waiting,
        )

    def _change(
        self,
        command: msg.TeachConcept | msg.TeachAction | msg.CorrectConcept | msg.ImportConcepts,
        now: int,
        kind: ChangeKind,
        words: str,
        *,
        heir: str | None = None,
    ) -> GalleryChange:
        concept = command.concept if isinstance(command, msg.CorrectConcept) else command.ref
        change = GalleryChange(
            id=command.ref, at=now, kind=kind, concept=concept, words=words, heir=heir
        )
        self._changes.append(change)
        return change

    def _put(
        self,
        command: msg.TeachConcept | msg.TeachAction | msg.CorrectConcept,
        concept: Concept,
        change: GalleryChange,
        added: tuple[Exemplar, ...] = (),
        retelling: Retelling | None = None,
    ) -> list[Output]:
        self._gallery.put(concept, added)
        return [
            do.PersistConcept(concept=concept, added=added, retelling=retelling, change=change),
            self.changed(concept.id, command.ref),
        ]

    def _taught(
        self, command: msg.TeachConcept | msg.TeachAction, views: tuple[View, ...], now: int
    ) -> list[Output]:
        kind = "action" if isinstance(command, msg.TeachAction) else command.kind
        concept = self._gallery.draft(command.ref, command.name, kind)
        for view in views:
            twin = self._gallery.twin(concept.id, view)
            if twin is not None:
                raise ConceptError(
                    f"This picture is a view of {twin.name} already, and cannot be of "
                    f"{concept.name} too. Nothing was changed. If both are the same, merge them."
                )
        new = self._gallery.get(concept.id) is None
        words = f"“{concept.name}” was {'remembered' if new else 'given another view'}."
        change = self._change(command, now, "taught", words)
        if isinstance(command, msg.TeachAction) and self._sparing.on:
            # Whoever does it there is not told apart, so only the motion is kept.
            views = tuple(replace(view, crop=NOBODY) for view in views)
        added = _exemplars(command.ref, concept, views, True, now)
        if isinstance(command, msg.TeachAction):
            return self._put(command, concept, change, added)
        self._pin(command, concept)
        concept = self._gallery.with_aliases(concept, command.aliases)
        if command.description:
            concept = replace(concept, description=valid_description(command.description))
        out = self._unmark_others(command, concept, change) if command.is_me else []
        concept = replace(concept, is_me=concept.is_me or command.is_me)
        return out + self._put(command, concept, change, added)

    def _mark_me(
        self, command: msg.CorrectConcept, concept: Concept, is_me: bool, now: int
    ) -> list[Output]:
        """Only one concept is the user."""
        words = f"“{concept.name}” was said {'' if is_me else 'not '}to be you."
        change = self._change(command, now, "me", words)
        out = self._unmark_others(command, concept, change) if is_me else []
        return out + self._put(command, replace(concept, is_me=is_me), change)

    def _unmark_others(
        self,
        command: msg.TeachConcept | msg.CorrectConcept,
        concept: Concept,
        change: GalleryChange,
    ) -> list[Output]:
        out: list[Output] = []
        for other in self._gallery.own:
            if other.is_me and other.id != concept.id:
                out.extend(self._put(command, replace(other, is_me=False), change)[:1])
        return out

    def _merge(
        self, command: msg.CorrectConcept, concept: Concept, target: str, now: int
    ) -> list[Output]:
        merged = self._gallery.merge(concept.id, target)
        words = f"“{concept.name}” was merged into “{merged.name}”."
        change = self._change(command, now, "merged", words)
        for watching in self._runs.values():
            watching.merge(concept.id, merged, command.ref)
        return [
            do.PersistMerge(source=concept.id, target=merged, change=change),
            self.changed(merged.id, command.ref),
        ]

    def _split(
        self, command: msg.CorrectConcept, concept: Concept, split: msg.Split, now: int
    ) -> list[Output]:
        drafted = self._gallery.draft(command.ref, split.name, concept.kind)
        self._gallery.split(concept.id, drafted, split.exemplars)
        words = f"“{drafted.name}” was split from “{concept.name}”."
        change = self._change(command, now, "split", words, heir=concept.id)
        told = None
        if split.at is not None:
            told = Retelling(was=concept.id, concept=drafted.id, kind=concept.kind, at=split.at)
        return [
            do.PersistConcept(
                concept=drafted, moved=split.exemplars, retelling=told, change=change
            ),
            self.changed(drafted.id, command.ref),
        ]

    def _not_then(
        self, command: msg.CorrectConcept, concept: Concept, told: msg.NotThen, now: int
    ) -> list[Output]:
        really = None if told.really is None else self._gallery.find(told.really)
        if really is not None and really.id == concept.id:
            raise ConceptError(f"That is {concept.name} already. Nothing was changed.")
        who = "nobody known" if really is None else f"“{really.name}”"
        words = f"What was seen as “{concept.name}” in a stretch of time was {who}."
        change = self._change(command, now, "moved", words)
        retelling = Retelling(
            was=concept.id,
            concept=really and really.id,
            kind=really.kind if really else concept.kind,
            at=told.at,
        )
        return self._put(command, concept, change, retelling=retelling)

    def _judge(
        self, command: msg.CorrectConcept, concept: Concept, judge: msg.Judge, now: int
    ) -> list[Output]:
        watching = self._runs.get(judge.run)
        identity = None if watching is None else watching.identity(judge.track)
        view = identity.newest_view if identity else None
        if watching is None or identity is None or view is None:
            raise ConceptError(
                "That moment is no longer at hand, so nothing was learned. "
                "Answer while it is in view, or remember it anew."
            )
        said = identity.verdict.concept if identity.verdict.certainty == "sure" else None
        words = f"It was said to be {'' if judge.right else 'not '}“{concept.name}”."
        change = self._change(command, now, "right" if judge.right else "wrong", words)
        out: list[Output] = []
        if judge.right:
            was, becomes = said, concept.id
            mistaken = None if said in (None, concept.id) else self._gallery.get(said or "")
            if mistaken is not None:
                identity.deny(mistaken.id, command.ref)
                ref = f"{command.ref}-not"
                wrong = _exemplars(ref, mistaken, (view,), False, now)
                out += self._put(command, mistaken, change, wrong)[:1]
            identity.pin(concept.id, command.ref)
        else:
            was, becomes = concept.id, None
            identity.deny(concept.id, command.ref)
        told = None
        if was != becomes:
            told = Retelling(
                was=was, concept=becomes, kind=concept.kind, run=watching.run_id, track=judge.track
            )
            watching.retell(judge.track, was, becomes, concept.kind)
        # Who is not the one, and nobody known, may have to be spared: then the word stands alone.
        spared = self._sparing.on and concept.kind == "person" and not judge.right
        views = () if spared else (view,)
        added = _exemplars(command.ref, concept, views, judge.right, now)
        return out + self._put(command, concept, change, added, told)

    def _examine(self, ref: str, frame: Frame, box: Box | None, kind: ConceptKind) -> do.Examine:
        inside = _inside(frame, box)
        return do.Examine(ref=ref, frame=frame, box=inside, kind=kind, spare=self._sparing.on)

    def _pin(self, command: msg.TeachConcept, concept: Concept) -> None:
        """What was shown is known from now on, also where it is being watched."""
        watching = self._runs.get(command.frame.run)
        if watching is None or command.box is None:
            return
        identity = watching.track_in(command.box, person=concept.kind == "person")
        if identity is not None:
            identity.pin(concept.id, command.ref)


def _tells_of(change: GalleryChange, removed: Concept) -> bool:
    names = (removed.name, *removed.aliases)
    quoted = any(name.casefold() in change.words.casefold() for name in names)
    return quoted or removed.id in (change.concept, change.heir)


def _inside(frame: Frame, box: Box | None) -> Box | None:
    if box is not None:
        width, height = frame.size
        inside = box.clipped(width, height)
        if inside.area < 1:
            raise ConceptError(
                f"The box lies outside the picture, which is {width} x {height}. "
                "Nothing was changed."
            )
        return inside
    return None


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
