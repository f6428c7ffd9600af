"""What the command line asks about the gallery."""

from pathlib import Path
from typing import assert_never

from app import requests as rq
from app.gallery_files import GalleryFile
from app.motion_clip import clip_of_file
from app.office.desk import END_OF_TIME, MODEL_WAIT_S, Desk, Reply, bounds, quoted
from app.pictures import picture
from app.replies import change_json, concept_json
from engine.errors import ConceptError, EngineError
from engine.facts import GalleryEntry
from engine.media import Box, Frame, Span
from engine.messages import (
    CallAlso,
    CorrectConcept,
    Correction,
    Describe,
    DescribeByLook,
    Event,
    ForgetConcept,
    GalleryChanged,
    MergeInto,
    NotThen,
    RejectPicture,
    Rename,
    Split,
    TeachAction,
    TeachConcept,
    UndoCorrection,
)
from engine.ports.sources import Clock


class ConceptClerk:
    """Answers what is asked about concepts."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk, self._clock = desk, clock

    def perform(self, request: rq.ConceptRequest) -> Reply:
        """Do what is asked.

        Raises:
            EngineError: it could not be done.
        """
        match request:
            case rq.ListConcepts():
                return self._list()
            case rq.ShowConcept():
                return {"concept": concept_json(self._entry(request.name))}
            case rq.AddConcept():
                return self._teach(request)
            case rq.AddAction():
                clip = clip_of_file(Path(request.path), request.start_s, request.end_s)
                return self.changed(self._desk.request(TeachAction(name=request.name, clip=clip)))
            case rq.RenameConcept():
                return self._correct(request.name, Rename(name=request.to))
            case rq.MergeConcepts():
                into = self._entry(request.into).concept.id
                return self._correct(request.name, MergeInto(concept=into), shown=into)
            case rq.RejectConcept():
                frame, box = self._picture(request.picture, request.box)
                return self._correct(request.name, RejectPicture(frame=frame, box=box))
            case rq.SplitConcept():
                return self._split(request)
            case rq.AliasConcept():
                return self._correct(request.name, CallAlso(alias=request.alias))
            case rq.DescribeConcept():
                return self._describe(request)
            case rq.RetellConcept():
                return self._retell(request)
            case rq.ListChanges():
                return {"changes": [change_json(one) for one in self._desk.archive.changes()]}
            case rq.UndoConcepts():
                return self._undo(request.change)
            case rq.ExportConcepts():
                files = GalleryFile(self._desk.archive)
                return {"exported": files.write(Path(request.path), request.passphrase)}
            case rq.ImportGallery():
                return self._take_in(request)
            case rq.RemoveConcept():
                gone = self._entry(request.name).concept
                self._desk.request(ForgetConcept(concept=gone.id))
                return {"removed": gone.name}
            case _:
                assert_never(request)

    def changed(self, event: Event, concept: str = "") -> Reply:
        """The concept as the event tells it: the one it names, or else this."""
        if isinstance(event, GalleryChanged):
            wanted = event.concept or concept
            for entry in event.entries:
                if entry.concept.id == wanted:
                    return {"concept": concept_json(entry)}
        raise EngineError("The gallery did not confirm the change. `nacre concepts list` shows it.")

    def _list(self) -> Reply:
        entries = sorted(
            self._desk.archive.gallery(), key=lambda entry: entry.concept.name.casefold()
        )
        waiting, unseen = self._desk.renewal
        return {
            "concepts": [concept_json(entry) for entry in entries],
            "waiting": waiting,
            "show_again": list(unseen),
        }

    def _entry(self, name: str) -> GalleryEntry:
        """The concept of this name, alias or id."""
        wanted = name.strip().casefold()
        for entry in self._desk.archive.gallery():
            concept = entry.concept
            names = (concept.name, *concept.aliases, concept.id)
            if wanted in (known.casefold() for known in names):
                return entry
        raise ConceptError(
            f"There is no concept called {quoted(name)}. Nothing was changed. "
            "`nacre concepts list` shows them all."
        )

    def _teach(self, request: rq.AddConcept) -> Reply:
        frame, box = self._picture(request.picture, request.box)
        command = TeachConcept(name=request.name, kind=request.kind, frame=frame, box=box)
        return self.changed(self._desk.request(command))

    def _correct(self, name: str, correction: Correction, *, shown: str = "") -> Reply:
        concept = self._entry(name).concept.id
        event = self._desk.request(CorrectConcept(concept=concept, correction=correction))
        return self.changed(event, shown or concept)

    def _describe(self, request: rq.DescribeConcept) -> Reply:
        if request.description is not None:
            return self._correct(request.name, Describe(description=request.description))
        concept = self._entry(request.name).concept.id
        self._desk.await_model(MODEL_WAIT_S)
        return self.changed(
            self._desk.request(DescribeByLook(concept=concept), MODEL_WAIT_S), concept
        )

    def _split(self, request: rq.SplitConcept) -> Reply:
        entry = self._entry(request.name)
        views = entry.exemplars[: entry.positives]
        if min(request.views) < 1 or max(request.views) > len(views):
            raise ConceptError(
                f"{entry.concept.name} has {len(views)} views, numbered from 1. "
                "Nothing was changed."
            )
        chosen = tuple(dict.fromkeys(views[number - 1] for number in request.views))
        at = bounds(request.since, request.until)
        return self._correct(request.name, Split(name=request.to, exemplars=chosen, at=at))

    def _undo(self, change: str | None) -> Reply:
        known = self._desk.archive.changes()
        wanted = [one for one in known if change in (None, one.id)]
        if not wanted:
            raise ConceptError("There is nothing of that kind to undo. Nothing was changed.")
        self._desk.request(UndoCorrection(change=wanted[-1].id))
        return {"undone": change_json(wanted[-1])}

    def _picture(
        self, encoded: str, box: tuple[int, int, int, int] | None
    ) -> tuple[Frame, Box | None]:
        image, asked = picture(encoded, box)
        return Frame(image=image, pts=0, at=self._clock.wall(), run=""), asked

    def _retell(self, request: rq.RetellConcept) -> Reply:
        really = None if request.really is None else self._entry(request.really).concept.id
        at = bounds(request.since, request.until) or Span(start=0, end=END_OF_TIME)
        return self._correct(request.name, NotThen(at=at, really=really))

    def _take_in(self, request: rq.ImportGallery) -> Reply:
        taken = GalleryFile(self._desk.archive).read(Path(request.path), request.passphrase)
        self._desk.request(taken)
        return {"imported": [concept.name for concept in taken.concepts]}
