"""Where a command's request goes: to the Nacre that is running, or to an engine opened for it."""

import contextlib
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel, TypeAdapter, ValidationError

import engine.errors
from app import local_socket
from app.claim import Claim
from app.paths import Paths
from engine.errors import EngineError, StoreLocked
from engine.prompts import ModelStatus

_STATUS = TypeAdapter(ModelStatus)
STATUS_WAIT_S = 10.0
PATIENCE_S = 20.0
"""How long a short command that holds the folder without listening is waited for."""

Reply = dict[str, Any]


class Desk(Protocol):
    """Takes requests."""

    def __call__(self, request: BaseModel) -> Reply:
        """The reply.

        Raises:
            EngineError: what the other side could not do, as the class it had there.
        """
        ...


@contextlib.contextmanager
def reach(paths: Paths, patience_s: float = PATIENCE_S) -> Generator[Desk]:
    """Whoever answers for this data folder.

    Raises:
        StoreLocked: another process holds the folder, and does not answer.
    """
    with Claim(paths) as claim:
        if _claimed_or_served(paths, claim, patience_s):
            from app import bootstrap, settings
            from app.clock import SystemClock
            from app.office import Office

            chosen = settings.load(paths.settings).settings
            with bootstrap.open_engine(paths, chosen) as desk:
                office = Office(desk, SystemClock())
                yield lambda request: _opened(office.handle(request.model_dump(mode="json")))
        else:
            yield lambda request: _opened(local_socket.call(paths, request.model_dump(mode="json")))


def models_changed(paths: Paths) -> None:
    """Tell a running Nacre, if there is one, to load the installed models anew."""
    with contextlib.suppress(OSError, EngineError):
        local_socket.call(paths, {"do": "models.reload"})


def bystanders_changed(paths: Paths, *, spared: bool) -> None:
    """Tell a running Nacre, if there is one, how people without a name are kept from now on."""
    with contextlib.suppress(OSError):
        _opened(local_socket.call(paths, {"do": "memory.bystanders", "spared": spared}))


@dataclass(frozen=True, slots=True)
class Running:
    """A Nacre that is running, and the vision-language model it asks."""

    model: ModelStatus | None = None
    reason: str = ""
    """Why it could not say."""


def running(paths: Paths) -> Running | None:
    """What the running Nacre says of its model; None where none runs. Nothing is started."""
    try:
        reply = local_socket.call(paths, {"do": "models.status"}, wait_s=STATUS_WAIT_S)
        told = _opened(reply).get("model")
        return Running(None if told is None else _STATUS.validate_python(told))
    except OSError:
        return None
    except ValidationError:
        return Running(reason="It is of another version. Close it, and start it again.")
    except EngineError as error:
        return Running(reason=str(error))


def _claimed_or_served(paths: Paths, claim: Claim, patience_s: float) -> bool:
    """True: the folder is ours. False: somebody holds it and listens."""
    if claim.take_within(patience_s, unless=lambda: local_socket.answers(paths)):
        return True
    if local_socket.answers(paths):
        return False
    raise StoreLocked(
        f"Another Nacre{claim.holder()} holds this data folder and does not answer. "
        "Nothing was done. Wait for it, or close it."
    )


def _opened(reply: Reply) -> Reply:
    if reply.get("ok"):
        return reply
    kind = getattr(engine.errors, str(reply.get("error")), EngineError)
    if not (isinstance(kind, type) and issubclass(kind, EngineError)):
        kind = EngineError
    raise kind(str(reply.get("reason") or "The running Nacre gave no reason."))
