"""What is said when the memory holds no answer: why, and what would help."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.decision.telling import Teller
from engine.decision.wording import quoted, sentence
from engine.facts import Feature, Query, Watched

_OPEN = re.compile(
    r"^(?:what|why|how|who|whose|which|where|when|is|are|am|was|were|do|does|did|can|could|would"
    r"|will|should|has|have|describe|explain|tell)\b|\?$",
    re.I,
)
_LOOK_UP = re.compile(r"^(?:find|search|look up|look for|show)\b", re.I)
_NEEDS_MODEL = "This needs a vision-language model."
_MODEL_HELP = (
    "Questions about what a picture shows need a vision-language model, and none is installed. "
    "Without one, ask who or what was there, when, how long and how often, or what a screen said."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Why there is no answer to a question."""

    query: Query
    who: str
    watched: Sequence[Watched]
    teller: Teller
    now: int
    features: Sequence[Feature]

    @property
    def future(self) -> bool:
        """Whether the question is only about what is yet to come."""
        at = self.query.at
        return at is not None and at.start > self.now and self.query.pts is None

    @property
    def open_question(self) -> bool:
        """A question that quoting cannot answer; False for mere words to be looked up."""
        question = self.query.question.strip()
        return bool(_OPEN.search(question)) and not _LOOK_UP.match(question)

    def text(self, *, read: bool) -> str:
        """The sentence for a question about visits, or (`read`) about words."""
        period = self.teller.period(self.query, self.watched)
        if not self.watched and self.query.intent == "speech":
            return sentence(f"Nobody has been listened to {period or 'yet'}")
        if not self.watched:
            return sentence(
                f"Nothing was watched {period}" if period else "Nothing was watched yet"
            )
        if read:
            words = self.query.words
            what = f"anything about {quoted(words)}" if words else "anything"
            if self.query.intent == "speech":
                return sentence(f"I have not heard {what} {period}".rstrip())
            where = " on a screen" if self.query.intent == "screen_text" else ""
            return sentence(f"I have not read {what}{where} {period}".rstrip())
        who = {"somebody": "anybody", "something": "anything"}.get(self.who, self.who)
        verb = {"left": "leave ", "came": "come "}.get(self.query.event, "")
        if self.query.subject == "anything":
            verb = ""
        return sentence(f"I have not seen {who} {verb}{period}".rstrip()) + self._watched_only()

    def _watched_only(self) -> str:
        """When a part of the asked time was not watched, which part was."""
        query, watched = self.query, self.watched
        bounds = [query.pts if w.recorded else query.at for w in watched]
        if len(watched) > 3 or not all(bounds):
            return ""
        for stretch, asked in zip(watched, bounds, strict=True):
            seen = stretch.span if stretch.recorded else stretch.at
            if asked is None or (seen.start <= asked.start and asked.end <= seen.end):
                return ""
        return f" I watched {self.teller.listed([self.teller.watched(w) for w in watched])}."

    def help(self, *, read: bool, watching: bool) -> str:
        """What would make an answer possible."""
        if self.query.intent == "speech":
            return "" if self.watched else "Switch the microphone on; then ask again."
        if not self.watched:
            return "" if watching else "Open a camera, a screen or a recording; then ask again."
        off = self.feature(read=read)
        if off:
            return off
        if read:
            return (
                "Words are read on screens that are watched, and in recordings opened as a screen."
            )
        if self.query.concepts:
            return f"If {self.who} was there, add pictures of {self.who} from other sides."
        return ""

    def feature(self, *, read: bool = False) -> str:
        """The reason why this machine could not have seen (or read) it, if there is one."""
        wanted = ("text on screen",) if read else ("faces", "people")
        reasons = [f.reason for f in self.features if f.name in wanted and not f.on and f.reason]
        return " ".join(reasons)

    def search(self) -> str:
        """The sentence for a free search that found nothing."""
        if self.open_question:
            return _NEEDS_MODEL
        words = self.query.words or self.query.question
        return f"I have found nothing about {quoted(words)}." if words else "Nothing was asked."

    def search_help(self) -> str:
        if self.open_question:
            return _MODEL_HELP
        return "Words are looked for in what was read on screens and in what was remarked."

    def unknown_name(self) -> tuple[str, str]:
        """(sentence, help) for a name that nothing registered has."""
        name = self.query.unknown_name
        if name == "me":
            return (
                "I do not know which person is you.",
                "Register yourself from a picture, and mark it as you.",
            )
        kind = "anyone" if name[:1].isupper() else "anything"
        return (
            f"I do not know {kind} called {name}.",
            f"Register {name} from a picture, and it is known from then on.",
        )
