"""A vision-language model behind an OpenAI-compatible server, such as llama-server, vLLM, Ollama or
LM Studio.

Used only when the user names its address. Nothing falls back to it and it falls back to nothing.
"""

import logging
import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from queue import SimpleQueue
from threading import Event, Lock, Thread

from engine.errors import ModelError
from engine.inference.conversation import hint, system_parts, user_parts
from engine.inference.openai_server import (
    Body,
    NotServed,
    OpenAiServer,
    Piece,
    contents,
    split_system,
)
from engine.media import Frame, Image, Vector
from engine.prompts import ModelStatus, Outcome, Picture, Prefix, Priority, Probe, Prompt, Verdict

log = logging.getLogger(__name__)

FRAMES = 4
ALTERNATIVES = 20
"""Of the first token; the most that servers give."""
TRUE = "Is this true of what is seen now? Answer yes or no.\n"


@dataclass(frozen=True, slots=True)
class _Shown:
    frame: Frame
    mark: str


class OpenAiVlm:
    """Implements `VisionLanguageModel`. The live window is the last frames, sent with each
    question: there is no state on the server to keep in step with."""

    def __init__(
        self,
        server: OpenAiServer,
        *,
        changed: Callable[[ModelStatus], None] = lambda _: None,
        frames: int = FRAMES,
    ) -> None:
        self._server = server
        self._changed = changed
        self._lock = Lock()
        self._prefix = Prefix(system="")
        self._window: deque[_Shown] = deque(maxlen=frames)
        self._failure = ""
        self._closed = False

    @property
    def status(self) -> ModelStatus:
        return ModelStatus(
            model=self._server.model,
            state="failed" if self._failure else "ready",
            reason=self._failure,
            backend=self._server.host,
            remote=self._server.remote,
        )

    def stand(self, prefix: Prefix) -> None:
        self._prefix = prefix

    def take(self, frame: Frame, mark: str, *, paced: bool = True) -> None:
        with self._lock:
            if self._window and self._window[-1].frame.run != frame.run:
                self._window.clear()
            self._window.append(_Shown(frame, mark))

    def clear(self) -> None:
        with self._lock:
            self._window.clear()

    def ask(self, prompt: Prompt) -> "Answering":
        self._require_open()
        shown = self._shown(prompt.window)
        body = self._body(prompt, shown, most_tokens=prompt.most_tokens)
        newest = shown[-1].frame.pts if shown else None
        return Answering(lambda stopped: self._stream(body, stopped), newest)

    def probe(
        self, probes: Sequence[Probe], *, priority: Priority = "alert"
    ) -> tuple[Verdict, ...]:
        if not probes:
            return ()
        self._require_open()
        return tuple(self._judge(probe) for probe in probes)

    def perplexity(self, statement: str, *, priority: Priority = "alert") -> float:
        """Servers do not tell how likely a given text is after pictures, so this is 1 / p(yes) of
        asking whether it is true: 1 where it surely holds, large where it does not."""
        yes = self.probe([Probe(question=TRUE + statement)], priority=priority)[0].yes
        return 1 / max(yes, 1e-6)

    def embed(self, what: str | Image, *, priority: Priority = "idle") -> Vector:
        """Servers give no hidden states of a chat model."""
        if not len(what):
            raise ValueError("nothing to embed")
        self._require_open()
        raise ModelError(
            "A model on a server does not tell what it makes of a text or a picture. Ask one on "
            "this computer."
        )

    def retry(self) -> None:
        self._settle("")

    def close(self) -> None:
        self._closed = True
        self._server.close()

    # --- asking ----------------------------------------------------------------------------------

    def _require_open(self) -> None:
        if self._closed:
            raise ModelError("The model is closed. Start Nacre again.")

    def _shown(self, wanted: bool) -> list[_Shown]:
        with self._lock:
            return list(self._window) if wanted else []

    def _body(self, asked: Prompt | Probe, shown: Sequence[_Shown], *, most_tokens: int) -> Body:
        window = [Picture(image=one.frame.image, mark=one.mark) for one in shown]
        prefix = self._prefix
        # Servers take pictures in the user's turn only, so the cards stand at its beginning.
        system, cards = split_system(system_parts(prefix))
        content = contents([*cards, *user_parts(asked, window)])
        messages: list[Body] = [{"role": "user", "content": content}]
        if system:
            messages.insert(0, {"role": "system", "content": system})
        return {
            "model": self._server.model,
            "messages": messages,
            "max_tokens": most_tokens,
            "temperature": 0,
        }

    def _stream(self, body: Body, stopped: Callable[[], bool]) -> Iterator[Piece]:
        try:
            # Some servers tell the probability of a token only where alternatives are wanted.
            told = {"logprobs": True, "top_logprobs": 1}
            yield from self._server.stream({**body, **told}, stopped)
        except NotServed as error:
            self._settle(str(error))
            raise
        self._settle("")

    def _judge(self, probe: Probe) -> Verdict:
        asked = replace(probe, question=probe.question + hint(probe.options))
        body = self._body(asked, self._shown(probe.window), most_tokens=8)
        body |= {"logprobs": True, "top_logprobs": ALTERNATIVES}
        try:
            text, alternatives = self._server.complete(body)
        except NotServed as error:
            self._settle(str(error))
            raise
        self._settle("")
        return verdict(probe.options, text, alternatives)

    def _settle(self, failure: str) -> None:
        if failure != self._failure and not self._closed:
            self._failure = failure
            self._changed(self.status)


def verdict(options: Sequence[str], text: str, alternatives: dict[str, float]) -> Verdict:
    """The options' shares of the first token's probability; where the server tells no
    probabilities, all of it for the option that the answer begins with. An answer that is none of
    them says nothing: every option is as likely."""
    mass = [
        math.fsum(
            math.exp(min(chance, 0.0))
            for token, chance in alternatives.items()
            if (word := token.strip().lower()) and option.lower().startswith(word)
        )
        for option in options
    ]
    if not any(mass):
        said = text.strip().lower()
        mass = [float(said.startswith(option.lower())) for option in options]
    total = math.fsum(mass)
    if not total:
        return Verdict(probabilities=tuple(1 / len(options) for _ in options))
    return Verdict(probabilities=tuple(one / total for one in mass))


class Answering:
    """Implements `Generation`: a thread reads the server, so that cancelling never waits for it."""

    def __init__(
        self, stream: Callable[[Callable[[], bool]], Iterator[Piece]], newest_pts: int | None
    ) -> None:
        self._stream = stream
        self._newest_pts = newest_pts
        self._pieces: SimpleQueue[Piece | ModelError | None] = SimpleQueue()
        self._stopped = Event()
        self._begun = time.monotonic()
        self._tokens, self._first_token_s = 0, 0.0
        self._weakest: float | None = None
        self._why = "end"
        self._outcome: Outcome | None = None
        Thread(target=self._read, name="model-server", daemon=True).start()

    def __iter__(self) -> Iterator[str]:
        while self._outcome is None:
            piece = self._pieces.get()
            if piece is None or self._stopped.is_set():
                self._outcome = self._ended()
            elif isinstance(piece, ModelError):
                self._pieces.put(piece)  # for one who asks again
                raise piece
            else:
                self._count(piece)
                if piece.text:
                    yield piece.text

    def cancel(self) -> None:
        self._stopped.set()
        self._pieces.put(None)

    @property
    def outcome(self) -> Outcome:
        if self._outcome is None and self._stopped.is_set():
            self._outcome = self._ended()
        if self._outcome is None:
            raise RuntimeError("the answer has not ended")
        return self._outcome

    def _count(self, piece: Piece) -> None:
        """Servers also send pieces without a token: who speaks, at first, and why it ended."""
        self._why = piece.why or self._why
        if piece.probability is not None:
            known = 1.0 if self._weakest is None else self._weakest
            self._weakest = min(known, piece.probability)
        if piece.text or piece.tokens:
            self._first_token_s = self._first_token_s or time.monotonic() - self._begun
            self._tokens += max(piece.tokens, 1)

    def _ended(self) -> Outcome:
        why = "cancelled" if self._stopped.is_set() else self._why
        return Outcome(
            why="cancelled" if why == "cancelled" else "length" if why == "length" else "end",
            tokens=self._tokens,
            weakest=self._weakest,
            first_token_s=self._first_token_s,
            newest_pts=self._newest_pts,
        )

    def _read(self) -> None:
        try:
            for piece in self._stream(self._stopped.is_set):
                self._pieces.put(piece)
        except ModelError as error:
            self._pieces.put(error)
        except Exception as error:
            log.exception("reading the model server stopped")
            self._pieces.put(ModelError(f"The server's answer was not understood ({error})."))
        self._pieces.put(None)
