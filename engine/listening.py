"""What is heard, from the open microphone to what an utterance asks for; and what is said aloud."""

from engine import effects as do
from engine import messages as msg
from engine import reports as rep
from engine.decision.spoken import understand_speech
from engine.decision.wording import without_links
from engine.facts import Answer, Concept, Run, RunState, Scope, SourceSpec, SourceState

Output = msg.Event | do.Effect


class _Microphone:
    def __init__(self, spec: SourceSpec) -> None:
        self.spec = spec
        self.run: Run | None = None
        self.state: SourceState | None = None
        self.closing = False


class Listening:
    """The open microphones (as a rule one), and the questions that were spoken."""

    def __init__(self) -> None:
        self._open: dict[str, _Microphone] = {}
        self._aloud: set[str] = set()
        self._names: tuple[str, ...] = ()
        self._forgotten_at = 0

    @property
    def is_open(self) -> bool:
        """Whether there is a microphone that is listened to."""
        return bool(self._open)

    @property
    def consent_keys(self) -> tuple[str, ...]:
        return tuple(mic.spec.consent_key for mic in self._open.values() if not mic.closing)

    def open(self, run: str, spec: SourceSpec) -> list[Output]:
        self._open[run] = _Microphone(spec)
        return [do.StartSource(run=run, spec=spec), do.KnowNames(names=self._names)]

    def close(self, run: str) -> list[Output]:
        mic = self._open.get(run)
        if mic is None:
            return []
        mic.closing = True
        return [do.StopSource(run=run)]

    def has(self, run: str | None) -> bool:
        return run in self._open

    def know(self, concepts: tuple[Concept, ...]) -> list[Output]:
        """The gallery has changed: these names may be said."""
        names = tuple(dict.fromkeys(n for c in concepts for n in (c.name, *c.aliases)))
        if names == self._names:
            return []
        self._names = names
        return [do.KnowNames(names=names)] if self._open else []

    def talk(self, down: bool) -> list[Output]:
        """Nobody is talked over: what is being said ends when the key goes down."""
        return [*([do.Hush()] if down else []), do.Attend(held=down)]

    def started(self, started: rep.RunStarted) -> list[Output]:
        mic = self._open[started.run.run]
        mic.run = started.run
        return [do.Persist(fact=started.run)]

    def changed(self, change: rep.RunChanged, *, paused: bool) -> list[Output]:
        """While paused, only that it has ended is news."""
        mic = self._open[change.run]
        if mic.state == change.state or (paused and change.state not in ("paused", "ended")):
            return []
        mic.state = change.state
        out: list[Output] = []
        if mic.run is not None:
            fact = RunState(
                run=change.run,
                pts=change.pts,
                at=change.at,
                state=change.state,
                reason=change.reason,
            )
            out.append(do.Persist(fact=fact))
        if change.state == "ended":
            del self._open[change.run]
        changed = msg.SourceChanged(
            run=change.run,
            spec=mic.spec,
            state=change.state,
            pts=change.pts,
            at=change.at,
            reason=change.reason,
        )
        return [*out, changed]

    def hold(self, held: bool, now: int) -> list[Output]:
        """Paused; that it goes on is told by the ear, when it hears again."""
        out: list[Output] = []
        for run in list(self._open) if held else ():
            change = rep.RunChanged(run=run, state="paused", pts=0, at=now)
            out += self.changed(change, paused=True)
        return out

    def failed(self, run: str | None) -> bool:
        """A microphone that could not be opened at all is no longer waited for."""
        return run is not None and self._open.pop(run, None) is not None

    def heard(self, report: rep.UtteranceHeard, *, paused: bool = False) -> list[Output]:
        """Something was said. What was said to Nacre is done by the window, as if typed; what was
        said in a pause is not kept."""
        said = report.utterance
        mic = self._open.get(said.run)
        if mic is None or mic.run is None or said.at <= self._forgotten_at:
            return []
        spoken = understand_speech(said.text, said.addressed)
        heard = msg.Heard(
            utterance=said, deed=spoken.deed, name=spoken.name, confirm=spoken.confirm
        )
        kept = report.keep and bool(said.text) and not paused
        return [*([do.Persist(fact=said)] if kept else []), heard]

    def forget(self, scope: Scope, now: int) -> list[Output]:
        """What is forgotten is not brought back by what was said meanwhile and is still to come."""
        if scope.run is None:
            until = now if scope.at is None else min(scope.at.end, now)
            self._forgotten_at = max(self._forgotten_at, until)
        if scope == Scope():
            self._aloud.clear()
        return [do.Persist(fact=mic.run) for mic in self._open.values() if mic.run is not None]

    # --- what is said aloud ----------------------------------------------------------------------

    def asked(self, ask: msg.Ask) -> None:
        """A question that was spoken is answered aloud."""
        if ask.aloud:
            self._aloud.add(ask.ref)

    def answered(self, answer: Answer) -> list[Output]:
        if answer.ref not in self._aloud:
            return []
        self._aloud.discard(answer.ref)
        return [do.Say(text=without_links(answer.text or answer.help), asked=True)]

    def remarked(self, event: msg.Remarked) -> list[Output]:
        if "speech" not in event.ways:
            return []
        return [do.Say(text=without_links(event.remark.text), asked=False)]

    def interrupt(self) -> list[Output]:
        self._aloud.clear()
        return [do.Hush()]
