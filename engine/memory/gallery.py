"""The concepts and their exemplars in memory, and how well a view fits each of them.

While the demo is shown, its own concepts are lent to it. They are read like the others, never
changed, and never kept; what the user calls somebody goes before what the demo calls them.

Owned by the session; nothing here reads or writes a file.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from engine.errors import ConceptError
from engine.facts import (
    DRAWN,
    PARTS,
    Concept,
    ConceptKind,
    Exemplar,
    GalleryEntry,
    View,
    family,
)
from engine.media import Image, Vector
from engine.memory.erase import REDACTED, quoting
from engine.memory.shelf import Shelf

NAME_LENGTH_MAX = 80
DESCRIPTION_LENGTH_MAX = 300
GIVES_WAY = 0.1
"""What is lent is left out where something of the user's own fits as well, but for so much."""
SAME_PICTURE = 0.9995
"""Cosine from which two views are of one picture, and not of two alike."""

COLOURS = ("#6FD3C7", "#C3A6E8", "#F2B872", "#8FB8F0", "#E89AB0", "#A9D18E", "#E3D26F", "#9FD0E8")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShownAction:
    """How an action was shown, as one embedder describes it."""

    concept: str
    embedder: str
    right: list[Vector] = field(default_factory=list[Vector])
    wrong: list[Vector] = field(default_factory=list[Vector])
    """What it is not."""


class Gallery:
    """Concepts by id, exemplars by embedder."""

    def __init__(
        self, concepts: Iterable[Concept] = (), exemplars: Iterable[Exemplar] = ()
    ) -> None:
        self.version = 0
        """Grows with every change; scores of an older version are out of date."""
        self.pixels: Callable[[str], Image | None] = lambda _: None
        """Where the pixels of an exemplar are looked up that was read without them."""
        self.unseen: frozenset[str] = frozenset()
        """Exemplars that the embedder in use cannot see: no picture of them is kept."""
        self.seen: dict[str, float] = {}
        """How probable each concept was when it was named last."""
        self._lent: dict[str, Concept] = {}
        self._lent_exemplars: list[Exemplar] = []
        self._lending = False
        self.fill(concepts, exemplars)

    # --- reading -------------------------------------------------------------------------------

    @property
    def concepts(self) -> tuple[Concept, ...]:
        return tuple(self._all.values())

    @property
    def _all(self) -> dict[str, Concept]:
        return {**self._concepts, **self._labelled} if self._lending else self._concepts

    @property
    def _labelled(self) -> dict[str, Concept]:
        """What is lent, told apart from what is the user's own."""
        return {
            concept.id: replace(concept, name=f"{concept.name} (demo)")
            if self.named(concept.name) is not None
            else concept
            for concept in self._lent.values()
        }

    @property
    def wants_things(self) -> bool:
        """Whether anything is known by its looks, so that things are worth embedding: anything but
        people, and people where there was no face model."""
        return any(c.kind not in ("person", "action") for c in self._concepts.values()) or any(
            e.embedder.endswith(PARTS) for e in self._exemplars
        )

    @property
    def people(self) -> frozenset[str]:
        """Ids of the concepts that are people."""
        return frozenset(c.id for c in self._concepts.values() if c.kind == "person")

    def actions(self) -> list[ShownAction]:
        """Every action that was shown, once for each embedder that described it. The views of other
        actions are told apart by how well each fits."""
        found: dict[tuple[str, str], ShownAction] = {}
        for e in self._exemplars:
            if self._concepts[e.concept].kind == "action":
                shown = found.setdefault(
                    (e.concept, e.embedder), ShownAction(concept=e.concept, embedder=e.embedder)
                )
                (shown.right if e.positive else shown.wrong).append(e.vector)
        return [shown for shown in found.values() if shown.right]

    @property
    def own(self) -> tuple[Concept, ...]:
        """The user's, without what is lent."""
        return tuple(self._concepts.values())

    def get(self, concept: str) -> Concept | None:
        """The concept of this id, if there is one; of the demo also when it is over."""
        return self._concepts.get(concept) or self._labelled.get(concept)

    def find(self, concept: str) -> Concept:
        """The concept of this id, which is the user's own.

        Raises:
            ConceptError: there is none.
        """
        if concept in self._lent:
            raise ConceptError(
                f"{self._lent[concept].name} belongs to the demo and stays as it is. "
                "Nothing was changed."
            )
        try:
            return self._concepts[concept]
        except KeyError:
            raise ConceptError("That name is no longer in the gallery.") from None

    def named(self, name: str) -> Concept | None:
        """The user's concept that has this name or alias, in any case of letters."""
        wanted = name.strip().casefold()
        for concept in self._concepts.values():
            if wanted in (concept.name.casefold(), *(a.casefold() for a in concept.aliases)):
                return concept
        return None

    def entries(self) -> tuple[GalleryEntry, ...]:
        """Every concept with its exemplars, by name."""
        views: dict[str, list[Exemplar]] = {}
        for exemplar in self._exemplars + self._lent_exemplars:
            views.setdefault(exemplar.concept, []).append(exemplar)
        return tuple(
            replace(
                _entry(concept, views.get(concept.id, [])),
                seen=self.seen.get(concept.id),
                unseen=sum(e.id in self.unseen for e in views.get(concept.id, [])),
            )
            for concept in sorted(self._all.values(), key=lambda c: c.name.casefold())
        )

    def portrait(self, concept: str) -> Image | None:
        """The newest picture that shows a concept."""
        exemplars = self._exemplars + self._lent_exemplars
        shown = [e for e in exemplars if e.concept == concept and e.positive]
        if not shown:
            return None
        newest = max(shown, key=lambda exemplar: exemplar.at)
        return newest.crop if newest.crop.size else self.pixels(newest.id)

    def scores(self, view: View) -> dict[str, float]:
        """How well the view fits each concept that this embedder knows: a cosine, in [-1, 1].

        A concept is left out when the view lies nearer to something it was said not to be than to
        anything it is.
        """
        shelf = self._shelves.get(view.embedder)
        if shelf is None:
            exemplars = self._exemplars + (self._lent_exemplars if self._lending else [])
            mine = [e for e in exemplars if e.embedder == view.embedder]
            people = {c.id for c in self.concepts if c.kind == "person"}
            shelf = self._shelves[view.embedder] = Shelf(mine, people)
        found = shelf.scores(view.vector)
        best = max((found[one] for one in found if one not in self._lent), default=-1.0)
        return {
            one: score
            for one, score in found.items()
            if one not in self._lent or score > best + GIVES_WAY
        }

    # --- changing ------------------------------------------------------------------------------

    def fill(self, concepts: Iterable[Concept], exemplars: Iterable[Exemplar]) -> None:
        """Hold these and nothing else."""
        self._concepts = {concept.id: concept for concept in concepts}
        self._exemplars = [e for e in exemplars if e.concept in self._concepts]
        self._shelves: dict[str, Shelf] = {}
        self.version += 1

    def lend(self, concepts: Iterable[Concept], exemplars: Iterable[Exemplar]) -> None:
        """The demo is shown, and these are known as well."""
        self._lent = {concept.id: concept for concept in concepts}
        self._lent_exemplars = [e for e in exemplars if e.concept in self._lent]
        self._lending = True
        self._changed()

    def take_back(self) -> None:
        """The demo is over. Only the names of what was seen in it are still known."""
        self._lending = False
        self._changed()

    def draft(self, concept: str, name: str, kind: ConceptKind) -> Concept:
        """The concept that a picture taught under this name belongs to: the one that has the name,
        or a new one with id `concept`. Nothing is changed.

        Raises:
            ConceptError: the name cannot be used, or belongs to another kind.
        """
        name = valid_name(name)
        known = self.named(name)
        if known is None:
            colour = COLOURS[len(self._concepts) % len(COLOURS)]
            return Concept(id=concept, name=name, kind=kind, colour=colour)
        if known.kind != kind:
            raise ConceptError(
                f"{known.name} is already the name of a {known.kind}. Nothing was changed. "
                "Choose another name, or rename the other first."
            )
        return known

    def put(self, concept: Concept, added: Iterable[Exemplar] = ()) -> None:
        """Add or replace a concept and add exemplars to it."""
        added = tuple(added)
        self._concepts[concept.id] = concept
        self._exemplars.extend(added)
        for embedder in {e.embedder for e in added} & set(self._shelves):
            mine = [e for e in added if e.embedder == embedder]
            person = concept.id if concept.kind == "person" else None
            self._shelves[embedder].add(mine, person)
        self.version += 1

    def renamed(self, concept: str, name: str) -> Concept:
        """The concept under another name; not yet put.

        Raises:
            ConceptError: the name cannot be used, or is another's.
        """
        name = valid_name(name)
        holder = self.named(name)
        if holder is not None and holder.id != concept:
            raise ConceptError(
                f"There is already a {holder.kind} called {holder.name}. Nothing was changed. "
                "Choose another name, or merge the two."
            )
        return replace(self.find(concept), name=name)

    def called_also(self, concept: str, alias: str) -> Concept:
        """The concept with another name beside its own; not yet put.

        Raises:
            ConceptError: the name cannot be used, or is known already.
        """
        alias = valid_name(alias)
        holder = self.named(alias)
        if holder is not None:
            whose = "its own" if holder.id == concept else f"the name of a {holder.kind}"
            raise ConceptError(f"“{alias}” is {whose} already. Nothing was changed.")
        known = self.find(concept)
        return replace(known, aliases=(*known.aliases, alias))

    def described(self, concept: str, description: str) -> Concept:
        """The concept with another description of its stable traits; not yet put.

        Raises:
            ConceptError: it is too long, or has control characters.
        """
        return replace(self.find(concept), description=valid_description(description))

    def with_aliases(self, concept: Concept, aliases: Iterable[str]) -> Concept:
        """The concept with those of the names that are free beside its own; not yet put."""
        for alias in aliases:
            if self.named(alias) is None and alias.casefold() != concept.name.casefold():
                concept = replace(concept, aliases=(*concept.aliases, valid_name(alias)))
        return concept

    def split(self, source: str, part: Concept, exemplars: tuple[str, ...]) -> None:
        """Give these exemplars of a concept to a new one.

        Raises:
            ConceptError: the name is taken, an exemplar is not the concept's, or none would be
                left to either.
        """
        known = self.find(source)
        if self.named(part.name) is not None:
            raise ConceptError(
                f"“{part.name}” is the name of another already. Nothing was changed. "
                "Choose another name."
            )
        mine = {e.id for e in self._exemplars if e.concept == source and e.positive}
        given = set(exemplars)
        if not given or not given <= mine:
            raise ConceptError(
                f"Those are not views of {known.name}. Nothing was changed. It has {len(mine)}."
            )
        if given == mine:
            raise ConceptError(
                f"All views of {known.name} would go. Nothing was changed. Rename it instead."
            )
        self._concepts[part.id] = part
        self._exemplars = [
            replace(e, concept=part.id) if e.id in given else e for e in self._exemplars
        ]
        self._changed()

    def stale(
        self, embedders: Mapping[ConceptKind, Sequence[str]]
    ) -> list[tuple[str, ConceptKind, str]]:
        """(exemplar, kind, embedder by which it is to be known) of all, also of what concepts are
        not, that another embedder made than those by which their kind is known now."""
        found: list[tuple[str, ConceptKind, str]] = []
        for exemplar in self._exemplars:
            kind = self._concepts[exemplar.concept].kind
            wanted = _wanted(kind, exemplar.embedder, embedders.get(kind, ()))
            if exemplar.embedder != wanted:
                found.append((exemplar.id, kind, wanted))
        return found

    def embedded(self, vectors: Iterable[tuple[str, str, Vector]]) -> None:
        """These exemplars are known by another embedder now."""
        made = {one: (embedder, vector) for one, embedder, vector in vectors}
        self._exemplars = [
            replace(e, embedder=made[e.id][0], vector=made[e.id][1]) if e.id in made else e
            for e in self._exemplars
        ]
        self._changed()

    def twin(self, concept: str, view: View) -> Concept | None:
        """Another concept that has this very picture as a view of its own."""
        for e in self._exemplars:
            other = e.concept != concept and e.positive and e.embedder == view.embedder
            if other and _alike(e.vector, view.vector) >= SAME_PICTURE:
                return self._concepts.get(e.concept)
        return None

    def merge(self, source: str, target: str) -> Concept:
        """Give all exemplars and names of one concept to another, and return that one.

        Raises:
            ConceptError: unknown, the same, or of different kinds.
        """
        one, other = self.find(source), self.find(target)
        if one.id == other.id:
            raise ConceptError("A name cannot be merged with itself. Nothing was changed.")
        if one.kind != other.kind:
            raise ConceptError(
                f"{one.name} is a {one.kind} and {other.name} a {other.kind}, so they cannot be "
                "merged. Nothing was changed."
            )
        merged = replace(
            other,
            aliases=(*other.aliases, one.name, *one.aliases),
            is_me=one.is_me or other.is_me,
        )
        self._exemplars = [
            replace(e, concept=target) if e.concept == source else e for e in self._exemplars
        ]
        del self._concepts[source]
        self._concepts[target] = merged
        self._changed()
        return merged

    def remove(self, concept: str) -> Concept:
        """Take a concept and its exemplars out, and return it.

        Raises:
            ConceptError: there is none.
        """
        removed = self.find(concept)
        del self._concepts[concept]
        pattern = quoting((removed.name, *removed.aliases))
        if pattern is not None:
            self._concepts = {
                one.id: replace(one, description=pattern.sub(REDACTED, one.description))
                for one in self._concepts.values()
            }
        self._exemplars = [e for e in self._exemplars if e.concept != concept]
        self._changed()
        return removed

    def _changed(self) -> None:
        self._shelves.clear()
        self.version += 1


def valid_name(name: str) -> str:
    """The name without outer blanks.

    Raises:
        ConceptError: empty, too long, or with control characters.
    """
    name = name.strip()
    if not name:
        raise ConceptError("A name is needed. Nothing was changed.")
    if len(name) > NAME_LENGTH_MAX:
        raise ConceptError(
            f"That name has {len(name):,} characters; {NAME_LENGTH_MAX} at most. "
            "Nothing was changed."
        )
    if _controls(name):
        raise ConceptError("A name cannot hold line breaks or control signs. Nothing was changed.")
    return name


def valid_description(description: str) -> str:
    """The description in one line.

    Raises:
        ConceptError: too long, or with control characters.
    """
    description = " ".join(description.split())
    if len(description) > DESCRIPTION_LENGTH_MAX:
        raise ConceptError(
            f"That description has {len(description):,} characters; {DESCRIPTION_LENGTH_MAX} at "
            "most. Nothing was changed."
        )
    if _controls(description):
        raise ConceptError("A description cannot hold control signs. Nothing was changed.")
    return description


def _alike(one: Vector, other: Vector) -> float:
    """Mean of the cosines of their parts; of two with other numbers of parts -1."""
    if one.shape != other.shape:
        return -1.0
    return float((np.atleast_2d(one) * np.atleast_2d(other)).sum(axis=1).mean())


def _wanted(kind: ConceptKind, embedder: str, in_use: Sequence[str]) -> str:
    """By which embedder an exemplar is to be known: of an action another version of its own one,
    since what motion tells, poses may not, and the other way round; so of what was shown in the
    demo, which is known there alone."""
    if kind != "action" and not embedder.startswith(DRAWN):
        return in_use[0] if in_use else embedder
    return next((name for name in in_use if family(name) == family(embedder)), embedder)


def _controls(text: str) -> bool:
    """Whether there are control characters in it."""
    return any(ord(c) < 32 or ord(c) == 127 for c in text)


def _entry(concept: Concept, exemplars: list[Exemplar]) -> GalleryEntry:
    positives = [e.id for e in exemplars if e.positive]
    negatives = [e.id for e in exemplars if not e.positive]
    return GalleryEntry(
        concept=concept,
        positives=len(positives),
        negatives=len(negatives),
        exemplars=(*positives, *negatives),
    )
