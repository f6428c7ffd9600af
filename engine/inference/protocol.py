"""What the window's process and the model's process tell each other: values only.

*Orders* go to the model's process, *reports* come back. One order is worked on at a time; `Stop`
is the only one that is heard meanwhile. An order that was stopped has changed nothing.
"""

from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Annotated, Literal, cast

import numpy as np
from pydantic import Field

from engine.inference import wire
from engine.inference.native import Encoded

_LARGEST = float(np.finfo(np.float16).max)

Text = Annotated[str, Field(max_length=1 << 20)]
Short = Annotated[str, Field(max_length=2000)]
Count = Annotated[int, Field(ge=0, le=1 << 62)]
Tokens = Annotated[tuple[int, ...], Field(max_length=1 << 16)]
Policy = Literal["rolled", "rebuilt", "redecoded"]
"""How the live window moves on; see `window.py`."""
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """`Encoded` on its way, and as it is kept: in 16 bits."""

    rows: wire.Rows
    positions: wire.Positions | None
    advance: Annotated[int, Field(ge=1, le=1 << 20)]
    before: Tokens
    after: Tokens
    causal: bool

    @staticmethod
    def of(encoded: Encoded) -> "Rows":
        return Rows(
            rows=np.clip(encoded.rows, -_LARGEST, _LARGEST).astype(np.float16, copy=False),
            positions=encoded.positions,
            advance=encoded.advance,
            before=encoded.before,
            after=encoded.after,
            causal=encoded.causal,
        )

    def encoded(self) -> Encoded:
        return Encoded(
            rows=self.rows,
            positions=self.positions,
            advance=self.advance,
            before=self.before,
            after=self.after,
            causal=self.causal,
        )

    @property
    def size_bytes(self) -> int:
        return self.rows.nbytes + (0 if self.positions is None else self.positions.nbytes)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """A picture: encoded where it was before, else its pixels (BGR)."""

    key: str
    mark: str = ""
    image: wire.Pixels | None = None
    encoded: Rows | None = None


# --- orders --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The first order: what to load, and how."""

    model: str
    projector: str | None = None
    gpu_layers: int = 0
    """-1: all."""
    context: int = 8192
    batch: int = 512
    threads: int = 0
    """0: those that are free."""
    frames: int = 4
    """Of the live window."""
    image_tokens: tuple[int, int] | None = None
    """The fewest and the most that a picture becomes, where the model lets one choose."""
    policy: Policy = "rebuilt"
    """How the live window lets go of its oldest frame."""
    trained_for_probes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShownCard:
    name: str
    kind: str
    text: str = ""
    picture: Shown | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stand:
    id: Count
    system: str
    standing: tuple[str, ...] = ()
    cards: tuple[ShownCard, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Take:
    id: Count
    picture: Shown
    pts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear:
    """Empty the live window; what stands before it stays."""

    id: Count


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ask:
    id: Count
    question: str
    notes: tuple[str, ...] = ()
    pictures: tuple[Shown, ...] = ()
    window: bool = True
    most_tokens: int = 192
    said: Tokens = ()
    """What was told of the answer before it was broken off: it goes on after these."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AskedProbe:
    question: str
    options: tuple[str, ...]
    notes: tuple[str, ...] = ()
    pictures: tuple[Shown, ...] = ()
    window: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judge:
    id: Count
    probes: tuple[AskedProbe, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weigh:
    """How likely is this statement, on the present window?"""

    id: Count
    statement: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Embed:
    """What a text is, or without one a picture, as a vector of the model's hidden states."""

    id: Count
    text: str = ""
    picture: Shown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Leave what you do for the order of this number."""

    id: Count


Work = Stand | Take | Clear | Ask | Judge | Weigh | Embed
Order = Load | Work | Stop


# --- reports -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    progress: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    backend: Short
    """What it really runs on."""
    title: Short = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """The process lives. `count` rises while its native code makes progress."""

    count: Count
    working: Count | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Encoding:
    """A picture that was sent as pixels is encoded now: keep it."""

    key: Short
    encoded: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The next piece of an answer: whole characters, and the tokens they are."""

    id: Count
    text: Text
    tokens: Tokens
    probability: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    id: Count
    why: Literal["end", "length"]
    newest_pts: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    id: Count
    probabilities: tuple[tuple[Share, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    id: Count
    perplexity: Annotated[float, Field(ge=1)]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Embedded:
    id: Count
    vector: wire.Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    id: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    id: Count


Fault = Literal["corrupt", "incompatible", "memory", "gpu", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """It cannot be done, in words for people. Without an id: the model cannot be loaded."""

    id: Count | None
    fault: Fault
    reason: Short


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    level: Annotated[int, Field(ge=0, le=50)]
    text: Short


Ended = Answered | Judged | Weighed | Embedded | Done | Stopped | Failed
Report = Loading | Ready | Beat | Encoding | Said | Ended | Logged

_orders = wire.Reading(
    *(Load, Stand, Take, Clear, Ask, Judge, Weigh, Embed, Stop),
    message_bytes=1 << 30,
    header_bytes=1 << 28,
)
_reports = wire.Reading(
    *(Loading, Ready, Beat, Encoding, Said),
    *(Answered, Judged, Weighed, Embedded, Done, Stopped, Failed, Logged),
    message_bytes=256 << 20,
    header_bytes=4 << 20,
)


def order(data: bytes) -> Order:
    """Of the window's process, which is trusted: it may be as long as it likes.

    Raises:
        WireError: these bytes are no order.
    """
    return cast(Order, _orders.decode(data))


def report(data: bytes) -> Report:
    """Of the model's process, which is not.

    Raises:
        WireError: these bytes are no report.
    """
    return cast(Report, _reports.decode(data))


def next_order(pipe: Connection) -> Order:
    """Wait for it. Raises `EOFError`, `OSError` or `WireError`."""
    return order(pipe.recv_bytes(_orders.message_bytes))


def next_report(pipe: Connection) -> Report:
    """Wait for it. Raises `EOFError`, `OSError` or `WireError`."""
    return report(pipe.recv_bytes(_reports.message_bytes))
