"""The gallery under another embedder: what is kept of each exemplar is embedded again, behind all
else and some at a time. Whatever was done is written at once, so that it goes on where it was
broken off; until its turn comes, an exemplar stays as it was."""

from engine import effects as do
from engine import messages as msg
from engine import reports as rep
from engine.facts import ConceptKind
from engine.memory.gallery import Gallery

Output = msg.Event | do.Effect
AT_ONCE = 32
TOLD_EVERY = 8
"""After so many batches it is told how far it is; and at both ends."""


class Renewing:
    """At most one batch is under way."""

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery
        self._embedders: dict[ConceptKind, tuple[str, ...]] = {}
        self._own: tuple[tuple[ConceptKind, str], ...] = ()
        self._lent: tuple[tuple[ConceptKind, str], ...] = ()
        self._lost: set[str] = set()
        self._under_way = ""
        self._number = 0

    @property
    def waiting(self) -> int:
        """How many exemplars are still to be embedded."""
        return len(self._stale())

    @property
    def worth_telling(self) -> bool:
        """Whether it has begun, has ended, or has come further by a good deal."""
        return self._number % TOLD_EVERY == 1 or not self._under_way

    def know(self, embedders: tuple[tuple[ConceptKind, str], ...]) -> list[Output]:
        """These are the embedders in use."""
        self._own = embedders
        in_use: dict[ConceptKind, tuple[str, ...]] = {}
        for kind, embedder in (*embedders, *self._lent):
            in_use[kind] = (*in_use.get(kind, ()), embedder)
        if in_use != self._embedders:
            self._embedders = in_use
            self._lost.clear()
        self._tell_lost()
        return self.go_on()

    def lend(self, embedders: tuple[tuple[ConceptKind, str], ...]) -> list[Output]:
        """The demo is shown, and these are in use beside the others from now on."""
        self._lent = embedders
        return self.know(self._own)

    def go_on(self) -> list[Output]:
        """The next batch, if there is one and none is under way. To be called when the gallery
        has changed."""
        stale = self._stale()
        if self._under_way or not stale:
            return []
        self._number += 1
        self._under_way = f"renew-{self._number}"
        return [do.EmbedAgain(ref=self._under_way, exemplars=tuple(stale[:AT_ONCE]))]

    def embedded(self, report: rep.EmbeddedAgain) -> list[Output]:
        """A batch is done."""
        self._under_way = ""
        wanted = {exemplar: embedder for exemplar, _, embedder in self._stale()}
        made = tuple(one for one in report.vectors if wanted.get(one[0]) == one[1])
        self._lost |= set(report.lost)
        self._tell_lost()
        out: list[Output] = []
        if made:
            self._gallery.embedded(made)
            out.append(do.PersistVectors(vectors=made))
        return [*out, *self.go_on()]

    def abandoned(self, ref: str) -> None:
        """It could not be done. It is tried again when the gallery or the models change."""
        if ref == self._under_way:
            self._under_way = ""

    def _stale(self) -> list[tuple[str, ConceptKind, str]]:
        return [one for one in self._gallery.stale(self._embedders) if one[0] not in self._lost]

    def _tell_lost(self) -> None:
        stale = {exemplar for exemplar, _, _ in self._gallery.stale(self._embedders)}
        self._gallery.unseen = frozenset(self._lost & stale)
