"""Serves what the command line asks: the same code whether the engine was opened for one command
or belongs to a Nacre that is already running.
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import assert_never

from app import requests as rq
from app.office.alerts import AlertClerk
from app.office.concepts import ConceptClerk
from app.office.desk import MODEL_WAIT_S, TOO_SLOW, Desk, Reply, bounds
from app.replies import answer_json, passage_json, stats_json, which_json
from engine.errors import AlertError, ConfigError, EngineError
from engine.facts import Scope
from engine.messages import (
    AlertDrafted,
    AlertsChanged,
    AnswerFinished,
    Forget,
    GalleryChanged,
    Say,
    SpareBystanders,
    WhichOne,
)
from engine.ports.sources import Clock

__all__ = ["Desk", "Office", "Reply"]


class Office:
    """Answers requests, one at a time or several from several threads."""

    def __init__(self, desk: Desk, clock: Clock, *, show: Callable[[], None] | None = None) -> None:
        """`show` brings the window to the front; None where there is no window."""
        self._desk = desk
        self._show = show
        self._concepts = ConceptClerk(desk, clock)
        self._alerts = AlertClerk(desk)

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
        if isinstance(request, rq.ConceptRequest):
            return self._concepts.perform(request)
        if isinstance(request, rq.AlertRequest):
            return self._alerts.perform(request)
        if isinstance(request, rq.MemoryRequest):
            return self._memory(request)
        match request:
            case rq.AskMemory():
                return self._ask(request.text)
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
                assert_never(request)

    def _ask(self, text: str) -> Reply:
        if not text.strip():
            raise ConfigError("The question is empty. Nothing was asked.")
        self._desk.await_model(MODEL_WAIT_S)
        event = self._desk.request(Say(text=text.strip()))
        match event:
            case AnswerFinished():
                return {"answer": answer_json(event.answer)}
            case GalleryChanged():
                return self._concepts.changed(event)
            case WhichOne():
                return {"which": which_json(event)}
            case AlertDrafted():
                raise AlertError(
                    "That is a standing request, and was not armed. `nacre alerts add` arms it."
                )
            case AlertsChanged():
                return {"alerts": [self._alerts.told(alert) for alert in event.alerts]}
            case _:
                raise EngineError("The question was not answered. Ask it again.")

    def _memory(self, request: rq.MemoryRequest) -> Reply:
        match request:
            case rq.MeasureMemory():
                return {"stats": stats_json(self._desk.archive.stats())}
            case rq.ForgetMemory():
                at = bounds(request.since, request.until)
                before = self._desk.archive.stats()
                self._desk.request(Forget(scope=Scope(at=at)))
                after = self._desk.archive.stats()
                return {
                    "forgotten_facts": max(before.facts - after.facts, 0),
                    "forgotten_clips": max(before.clips - after.clips, 0),
                }
            case rq.SearchMemory():
                if not request.text.strip():
                    raise ConfigError("There is nothing to search for: the words are empty.")
                at = bounds(request.since, request.until)
                found = self._desk.archive.search(request.text, limit=request.limit, at=at)
                return {"hits": [passage_json(passage) for passage in found]}
            case _:
                assert_never(request)
