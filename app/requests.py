"""What one `nacre` command may ask of the process that has the memory open.

A request is one JSON object with the key `do`; the reply is `{"ok": true, …}` or
`{"ok": false, "error": CLASS, "reason": SENTENCE}`.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from engine.errors import ConfigError

PICTURE_BYTES_MAX = 32 * 1024**2
TOO_LARGE = (
    f"The picture file is larger than {PICTURE_BYTES_MAX // 1024**2} MB. Nothing was changed. "
    "Use a smaller one."
)


class Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AskMemory(Request):
    """A question; or, said to a Nacre that is watching, a name for what is in view."""

    do: Literal["ask"] = "ask"
    text: str


class AddConcept(Request):
    """Another view of the concept of this name, which is made if there is none."""

    do: Literal["concepts.add"] = "concepts.add"
    name: str
    kind: Literal["person", "pet", "thing", "place"]
    picture: str
    """The bytes of a picture file, base64."""
    box: tuple[int, int, int, int] | None = None


class AddAction(Request):
    """Another view of the action of this name, which is made if there is none."""

    do: Literal["concepts.action"] = "concepts.action"
    name: str
    path: str
    """Of a video file."""
    start_s: float = Field(ge=0, le=1e7)
    end_s: float = Field(ge=0, le=1e7)


class ListConcepts(Request):
    do: Literal["concepts.list"] = "concepts.list"


class ShowConcept(Request):
    do: Literal["concepts.show"] = "concepts.show"
    name: str


class RenameConcept(Request):
    do: Literal["concepts.rename"] = "concepts.rename"
    name: str
    to: str


class MergeConcepts(Request):
    do: Literal["concepts.merge"] = "concepts.merge"
    name: str
    into: str


class RejectConcept(Request):
    """What is in this picture is not the concept."""

    do: Literal["concepts.not"] = "concepts.not"
    name: str
    picture: str
    box: tuple[int, int, int, int] | None = None


class SplitConcept(Request):
    """Some views of NAME, counted from 1, belong to somebody or something else."""

    do: Literal["concepts.split"] = "concepts.split"
    name: str
    to: str
    views: tuple[int, ...] = Field(min_length=1, max_length=10_000)
    since: int | None = None
    until: int | None = None


class AliasConcept(Request):
    do: Literal["concepts.alias"] = "concepts.alias"
    name: str
    alias: str


class DescribeConcept(Request):
    """These are its stable traits; empty: none are told; None: the model is to look for them."""

    do: Literal["concepts.describe"] = "concepts.describe"
    name: str
    description: str | None


class RetellConcept(Request):
    """What was seen as NAME in that time was `really` somebody else, or nobody known."""

    do: Literal["concepts.retell"] = "concepts.retell"
    name: str
    really: str | None = None
    since: int | None = None
    until: int | None = None


class ListChanges(Request):
    """What can be undone in the gallery."""

    do: Literal["concepts.history"] = "concepts.history"


class UndoConcepts(Request):
    """Take back one change of the gallery; the newest without an id."""

    do: Literal["concepts.undo"] = "concepts.undo"
    change: str | None = None


class ExportConcepts(Request):
    do: Literal["concepts.export"] = "concepts.export"
    path: str
    passphrase: str = Field(repr=False)


class ImportGallery(Request):
    do: Literal["concepts.import"] = "concepts.import"
    path: str
    passphrase: str = Field(repr=False)


class RemoveConcept(Request):
    do: Literal["concepts.remove"] = "concepts.remove"
    name: str


class AddAlertRequest(Request):
    do: Literal["alerts.add"] = "alerts.add"
    text: str
    dwell_s: float | None = Field(default=None, ge=0, le=86_400)
    cooldown_s: float | None = Field(default=None, ge=0, le=31_536_000)
    expires_at: int | None = None
    armed: bool = True
    """Not: only how it would be understood."""


class ListAlerts(Request):
    do: Literal["alerts.list"] = "alerts.list"


class RemoveAlertRequest(Request):
    do: Literal["alerts.remove"] = "alerts.remove"
    alert: str
    """Its id, or its sentence."""


class HoldAlertRequest(Request):
    do: Literal["alerts.hold"] = "alerts.hold"
    alert: str
    paused: bool


class BacktestRequest(Request):
    """When it would have spoken: an alert by its id or sentence, or a sentence that is none yet."""

    do: Literal["alerts.backtest"] = "alerts.backtest"
    alert: str
    since: int | None = None
    until: int | None = None


class SearchMemory(Request):
    do: Literal["memory.search"] = "memory.search"
    text: str
    limit: int = Field(default=50, ge=1, le=1000)
    since: int | None = None
    """Wall time in nanoseconds."""
    until: int | None = None


class MeasureMemory(Request):
    do: Literal["memory.stats"] = "memory.stats"


class ForgetMemory(Request):
    """Without bounds: everything."""

    do: Literal["memory.forget"] = "memory.forget"
    since: int | None = None
    until: int | None = None


class ChooseBystanders(Request):
    """Whether people without a name are made unrecognisable in what is kept."""

    do: Literal["memory.bystanders"] = "memory.bystanders"
    spared: bool


class ShowWindow(Request):
    """A second start of the program: bring the window of the first one to the front."""

    do: Literal["show"] = "show"


class ReloadModels(Request):
    """A model was installed or removed."""

    do: Literal["models.reload"] = "models.reload"


class ShowModel(Request):
    """How the vision-language model is doing, and on what it really runs."""

    do: Literal["models.status"] = "models.status"


MemoryRequest = SearchMemory | MeasureMemory | ForgetMemory
ConceptRequest = (
    AddConcept
    | AddAction
    | ListConcepts
    | ShowConcept
    | RenameConcept
    | MergeConcepts
    | RejectConcept
    | SplitConcept
    | AliasConcept
    | DescribeConcept
    | RetellConcept
    | ListChanges
    | UndoConcepts
    | ExportConcepts
    | ImportGallery
    | RemoveConcept
)
AlertRequest = (
    AddAlertRequest | ListAlerts | RemoveAlertRequest | HoldAlertRequest | BacktestRequest
)
AnyRequest = Annotated[
    AskMemory
    | MemoryRequest
    | ConceptRequest
    | AlertRequest
    | ChooseBystanders
    | ShowWindow
    | ReloadModels
    | ShowModel,
    Field(discriminator="do"),
]

_ANY: TypeAdapter[AnyRequest] = TypeAdapter(AnyRequest)


def parse(request: object) -> AnyRequest:
    """The request that a JSON object stands for.

    Raises:
        ConfigError: it is none; the sentence says which part is wrong, never its value.
    """
    try:
        return _ANY.validate_python(request)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the request"
        raise ConfigError(
            f"The request cannot be understood ({where}: {first['type']}). Nothing was done."
        ) from None
