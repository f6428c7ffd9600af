"""Serves what the command line asks: the same code whether the engine was opened for one command
or belongs to a Nacre that is already running.
"""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol, assert_never

from app import requests as rq
from app.gallery_files import GalleryFile
from app.motion_clip import clip_of_file
from app.pictures import picture
from app.replies import (
    alert_json,
    answer_json,
    backtest_json,
    change_json,
    concept_json,
    passage_json,
    stats_json,
    which_json,
)
from engine.errors import AlertError, ConceptError, ConfigError, EngineError
from engine.facts import Alert, GalleryEntry, Scope
from engine.media import Box, Frame, Span
from engine.messages import (
    AddAlert,
    AlertDrafted,
    AlertsChanged,
    AnswerFinished,
    BacktestAlert,
    Backtested,
    CallAlso,
    Command,
    CorrectConcept,
    Correction,
    Describe,
    DescribeByLook,
    Event,
    Forget,
    ForgetConcept,
    GalleryChanged,
    HoldAlert,
    MergeInto,
    NotThen,
    RejectPicture,
    RemoveAlert,
    Rename,
    Say,
    SpareBystanders,
    Split,
    TeachAction,
    TeachConcept,
    UndoCorrection,
    WhichOne,
)
from engine.ports import Assistant, Clock

Reply = dict[str, Any]

END_OF_TIME = 2**62
BACKTEST_WAIT_S = 600.0
MODEL_WAIT_S = 120.0
"""How long a question from the command line waits for a model that is being loaded."""
TOO_SLOW = "This took too long, and was not waited for. It may still be done. Look, and ask again."


class Desk(Assistant, Protocol):
    """An engine that settles a request before it goes on."""

    def request(self, command: Command, timeout_s: float = ...) -> Event:
        """Send, and wait for the event with the same ref.

        Raises:
            EngineError: what was asked for could not be done.
        """
        ...

    def reload(self) -> None:
        """Load the installed models anew, in the background."""
        ...

    @property
    def renewal(self) -> tuple[int, tuple[str, ...]]:
        """How many views of the gallery are still to be looked at with another embedder, and the
        names that need showing again."""
        ...

    def await_model(self, timeout_s: float) -> None:
        """Wait until the vision-language model that is being opened, if any, can answer."""
        ...


class Office:
    """Answers requests, one at a time or several from several threads."""

    def __init__(self, desk: Desk, clock: Clock, *, show: Callable[[], None] | None = None) -> None:
        """`show` brings the window to the front; None where there is no window."""
        self._desk = desk
        self._clock = clock
        self._show = show

    def handle(self, request: object) -> Reply:
        """Do what a JSON object asks; errors come back as a reply, never as an exception."""
        try:
            return {"ok": True, **self.perform(rq.parse(request))}
        except EngineError as error:
            return {"ok": False, "error": type(error).__name__, "reason": str(error)}
        except TimeoutError:
            return {"ok": False, "error": "EngineError", "reason": TOO_SLOW}

    def perform(self, request: rq.AnyRequest) -> Reply:
        """Do what is asked.

        Raises:
            EngineError: it could not be done.
        """
        match request:
            case rq.AskMemory():
                return self._ask(request.text)
            case rq.SearchMemory() | rq.MeasureMemory() | rq.ForgetMemory():
                return self._memory(request)
            case rq.AddAlertRequest() | rq.ListAlerts() | rq.RemoveAlertRequest():
                return self._alerts(request)
            case rq.HoldAlertRequest():
                alert = self._find_alert(request.alert)
                event = self._desk.request(HoldAlert(alert=alert.id, paused=request.paused))
                return self._made(event)
            case rq.BacktestRequest():
                return self._backtest(request)
            case rq.ShowWindow():
                if self._show:
                    self._show()
                return {"shown": self._show is not None}
            case rq.ChooseBystanders():
                self._desk.send(SpareBystanders(on=request.spared))
                return {}
            case rq.ReloadModels():
                self._desk.reload()
                return {}
            case rq.ShowModel():
                model = self._desk.model
                return {"model": None if model is None else asdict(model)}
            case _:
                return self._concepts(request)

    # --- questions and memory --------------------------------------------------------------

    def _ask(self, text: str) -> Reply:
        if not text.strip():
            raise ConfigError("The question is empty. Nothing was asked.")
        self._desk.await_model(MODEL_WAIT_S)
        event = self._desk.request(Say(text=text.strip()))
        match event:
            case AnswerFinished():
                return {"answer": answer_json(event.answer)}
            case GalleryChanged():
                return self._changed(event, "")
            case WhichOne():
                return {"which": which_json(event)}
            case AlertDrafted():
                raise AlertError(
                    "That is a standing request, and was not armed. `nacre alerts add` arms it."
                )
            case AlertsChanged():
                return {"alerts": [self._alert(alert) for alert in event.alerts]}
            case _:
                raise EngineError("The question was not answered. Ask it again.")

    def _memory(self, request: rq.SearchMemory | rq.MeasureMemory | rq.ForgetMemory) -> Reply:
        match request:
            case rq.MeasureMemory():
                return {"stats": stats_json(self._desk.archive.stats())}
            case rq.ForgetMemory():
                bounds = _bounds(request.since, request.until)
                before = self._desk.archive.stats()
                self._desk.request(Forget(scope=Scope(at=bounds)))
                after = self._desk.archive.stats()
                return {
                    "forgotten_facts": max(before.facts - after.facts, 0),
                    "forgotten_clips": max(before.clips - after.clips, 0),
                }
            case rq.SearchMemory():
                if not request.text.strip():
                    raise ConfigError("There is nothing to search for: the words are empty.")
                bounds = _bounds(request.since, request.until)
                found = self._desk.archive.search(request.text, limit=request.limit, at=bounds)
                return {"hits": [passage_json(passage) for passage in found]}
            case _:
                assert_never(request)

    # --- concepts --------------------------------------------------------------------------

    def _concepts(
        self,
        request: rq.AddConcept
        | rq.AddAction
        | rq.ListConcepts
        | rq.ShowConcept
        | rq.RenameConcept
        | rq.MergeConcepts
        | rq.RejectConcept
        | rq.SplitConcept
        | rq.AliasConcept
        | rq.DescribeConcept
        | rq.RetellConcept
        | rq.ListChanges
        | rq.UndoConcepts
        | rq.ExportConcepts
        | rq.ImportGallery
        | rq.RemoveConcept,
    ) -> Reply:
        match request:
            case rq.ListConcepts():
                entries = sorted(
                    self._desk.archive.gallery(), key=lambda entry: entry.concept.name.casefold()
                )
                waiting, unseen = self._desk.renewal
                return {
                    "concepts": [concept_json(entry) for entry in entries],
                    "waiting": waiting,
                    "show_again": list(unseen),
                }
            case rq.ShowConcept():
                return {"concept": concept_json(self._entry(request.name))}
            case rq.AddConcept():
                return self._teach(request)
            case rq.AddAction():
                clip = clip_of_file(Path(request.path), request.start_s, request.end_s)
                return self._changed(
                    self._desk.request(TeachAction(name=request.name, clip=clip)), ""
                )
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
                really = None if request.really is None else self._entry(request.really).concept.id
                at = _bounds(request.since, request.until) or Span(start=0, end=END_OF_TIME)
                return self._correct(request.name, NotThen(at=at, really=really))
            case rq.ListChanges():
                return {"changes": [change_json(one) for one in self._desk.archive.changes()]}
            case rq.ExportConcepts():
                files = GalleryFile(self._desk.archive)
                return {"exported": files.write(Path(request.path), request.passphrase)}
            case rq.ImportGallery():
                files = GalleryFile(self._desk.archive)
                taken = files.read(Path(request.path), request.passphrase)
                self._desk.request(taken)
                return {"imported": [concept.name for concept in taken.concepts]}
            case rq.UndoConcepts():
                return self._undo(request.change)
            case rq.RemoveConcept():
                gone = self._entry(request.name)
                self._desk.request(ForgetConcept(concept=gone.concept.id))
                return {"removed": gone.concept.name}
            case _:
                assert_never(request)

    def _entry(self, name: str) -> GalleryEntry:
        """The concept of this name, alias or id."""
        wanted = name.strip().casefold()
        for entry in self._desk.archive.gallery():
            concept = entry.concept
            names = (concept.name, *concept.aliases, concept.id)
            if wanted in (known.casefold() for known in names):
                return entry
        raise ConceptError(
            f"There is no concept called {_quoted(name)}. Nothing was changed. "
            "`nacre concepts list` shows them all."
        )

    def _teach(self, request: rq.AddConcept) -> Reply:
        frame, box = self._picture(request.picture, request.box)
        command = TeachConcept(name=request.name, kind=request.kind, frame=frame, box=box)
        return self._changed(self._desk.request(command), "")

    def _correct(self, name: str, correction: Correction, *, shown: str = "") -> Reply:
        concept = self._entry(name).concept.id
        event = self._desk.request(CorrectConcept(concept=concept, correction=correction))
        return self._changed(event, shown or concept)

    def _describe(self, request: rq.DescribeConcept) -> Reply:
        if request.description is not None:
            return self._correct(request.name, Describe(description=request.description))
        concept = self._entry(request.name).concept.id
        self._desk.await_model(MODEL_WAIT_S)
        return self._changed(
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
        at = _bounds(request.since, request.until)
        return self._correct(request.name, Split(name=request.to, exemplars=chosen, at=at))

    def _undo(self, change: str | None) -> Reply:
        known = self._desk.archive.changes()
        wanted = [one for one in known if change in (None, one.id)]
        if not wanted:
            raise ConceptError("There is nothing of that kind to undo. Nothing was changed.")
        self._desk.request(UndoCorrection(change=wanted[-1].id))
        return {"undone": change_json(wanted[-1])}

    def _changed(self, event: Event, concept: str) -> Reply:
        if isinstance(event, GalleryChanged):
            wanted = event.concept or concept
            for entry in event.entries:
                if entry.concept.id == wanted:
                    return {"concept": concept_json(entry)}
        raise EngineError("The gallery did not confirm the change. `nacre concepts list` shows it.")

    def _picture(
        self, encoded: str, box: tuple[int, int, int, int] | None
    ) -> tuple[Frame, Box | None]:
        image, asked = picture(encoded, box)
        return Frame(image=image, pts=0, at=self._clock.wall(), run=""), asked

    # --- alerts ----------------------------------------------------------------------------

    def _alerts(self, request: rq.AddAlertRequest | rq.ListAlerts | rq.RemoveAlertRequest) -> Reply:
        match request:
            case rq.ListAlerts():
                return {"alerts": [self._alert(alert) for alert in self._desk.archive.alerts()]}
            case rq.AddAlertRequest():
                event = self._desk.request(
                    AddAlert(
                        text=request.text,
                        dwell_s=request.dwell_s,
                        cooldown_s=request.cooldown_s,
                        expires_at=request.expires_at,
                        armed=request.armed,
                    )
                )
                return self._made(event)
            case rq.RemoveAlertRequest():
                alert = self._find_alert(request.alert)
                self._desk.request(RemoveAlert(alert=alert.id))
                return {"removed": self._alert(alert)}
            case _:
                assert_never(request)

    def _made(self, event: Event) -> Reply:
        if isinstance(event, AlertDrafted):
            return {"alert": self._alert(event.alert)}
        if isinstance(event, AlertsChanged):
            for alert in event.alerts:
                if alert.id == event.alert:
                    return {"alert": self._alert(alert)}
        raise EngineError("The alert was not confirmed. `nacre alerts list` shows it.")

    def _backtest(self, request: rq.BacktestRequest) -> Reply:
        known = self._known_alerts(request.alert)
        bounds = _bounds(request.since, request.until)
        if len(known) > 1:
            raise AlertError("Several alerts have this text. Give the id of the one to try.")
        command = (
            BacktestAlert(alert=known[0].id, at=bounds)
            if known
            else BacktestAlert(text=request.alert, at=bounds)
        )
        event = self._desk.request(command, BACKTEST_WAIT_S)
        if not isinstance(event, Backtested):
            raise EngineError("The alert was not tried. Try it again.")
        return {"backtest": backtest_json(event, self._alert(event.alert))}

    def _alert(self, alert: Alert) -> dict[str, Any]:
        names = {c.id: c.name for c in self._desk.archive.concepts()}
        return alert_json(alert, names)

    def _known_alerts(self, wanted: str) -> list[Alert]:
        said = wanted.strip().casefold()
        return [
            alert
            for alert in self._desk.archive.alerts()
            if said in (alert.id.casefold(), alert.text.casefold())
        ]

    def _find_alert(self, wanted: str) -> Alert:
        found = self._known_alerts(wanted)
        if len(found) == 1:
            return found[0]
        if found:
            raise AlertError("Several alerts have this text. Give the id of the one to remove.")
        raise AlertError(
            f"There is no alert {_quoted(wanted)}. Nothing was changed. "
            "`nacre alerts list` shows them all."
        )


def _bounds(since: int | None, until: int | None) -> Span | None:
    if since is None and until is None:
        return None
    start = 0 if since is None else since
    end = END_OF_TIME if until is None else until
    if end < start:
        raise ConfigError("The time span ends before it starts. Nothing was done.")
    return Span(start=start, end=end)


def _quoted(text: str) -> str:
    text = " ".join(text.split())
    return f'"{text if len(text) <= 60 else text[:57] + "…"}"'
