"""Orders as work of an `Attendant`: the side of llama.cpp in the model's process."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from engine.inference import protocol
from engine.inference.answering import Spoken, Why
from engine.inference.attendant import Attendant
from engine.inference.handler import End, Told
from engine.inference.llama import Llama
from engine.inference.native import Encoded, LlamaConfig
from engine.inference.window import WindowConfig
from engine.media import Image, Vector
from engine.prompts import Card, Picture, Prefix, Probe, Prompt


class LlamaHandler:
    """Implements `Handler`."""

    def __init__(
        self,
        load: protocol.Load,
        loading: Callable[[float], bool],
        keep: Callable[[str, protocol.Rows], None],
    ) -> None:
        """
        Raises:
            ModelCorrupt, ModelIncompatible, ModelOutOfMemory
        """
        self._keep = keep
        self._known: dict[int, protocol.Shown] = {}
        """The pictures of the present order, by the identity of their pixels."""
        self._llama = Llama(
            Path(load.model),
            None if load.projector is None else Path(load.projector),
            LlamaConfig(
                context=load.context,
                batch=load.batch,
                threads=load.threads,
                gpu_layers=load.gpu_layers,
                image_tokens=load.image_tokens,
            ),
            progress=loading,
        )
        self._attendant = Attendant(
            self._llama,
            WindowConfig(frames=load.frames, policy=load.policy),
            encoded=self._encoded,
            trained_for_probes=load.trained_for_probes,
        )
        self._stands = False

    @property
    def ready(self) -> protocol.Ready:
        facts = self._llama.facts
        return protocol.Ready(backend=facts.backend, title=facts.title[:200])

    @property
    def progress_count(self) -> int:
        return self._llama.progress

    def stand(self, order: protocol.Stand) -> None:
        self._known.clear()
        cards = tuple(
            Card(
                name=card.name,
                kind=card.kind,
                text=card.text,
                picture=None if card.picture is None else self._pixels(card.picture),
            )
            for card in order.cards
        )
        prefix = Prefix(system=order.system, standing=order.standing, cards=cards)
        if self._stands:
            self._attendant.stand(prefix)
        else:
            self._attendant.begin(prefix, self._attendant.window.shown)
            self._stands = True

    def take(self, order: protocol.Take) -> None:
        self._known.clear()
        self._attendant.take(self._picture(order.picture), order.pts)

    def clear(self) -> None:
        self._known.clear()
        self._attendant.clear()

    def ask(self, order: protocol.Ask, tell: Callable[[Told], None]) -> End:
        self._known.clear()
        prompt = Prompt(
            question=order.question,
            notes=order.notes,
            pictures=self._pictures(order.pictures),
            window=order.window,
            most_tokens=order.most_tokens,
        )
        held: list[int] = []
        weakest = 1.0
        why: Why = "end"

        def speaking() -> Iterator[Spoken]:
            nonlocal why
            why = yield from self._attendant.answer(prompt, order.said)

        for spoken in speaking():
            held.append(spoken.token)
            weakest = min(weakest, spoken.probability)
            if spoken.text:  # until then a character is not whole
                tell(Told(text=spoken.text, tokens=tuple(held), probability=weakest))
                held, weakest = [], 1.0
        if held:
            tell(Told(text="", tokens=tuple(held), probability=weakest))
        return End(
            why=why,
            newest_pts=self._attendant.window.newest_pts if order.window else None,
        )

    def judge(self, order: protocol.Judge) -> tuple[tuple[float, ...], ...]:
        self._known.clear()
        probes = [
            Probe(
                question=one.question,
                options=one.options,
                notes=one.notes,
                pictures=self._pictures(one.pictures),
                window=one.window,
            )
            for one in order.probes
        ]
        return tuple(verdict.probabilities for verdict in self._attendant.probe(probes))

    def weigh(self, order: protocol.Weigh) -> float:
        return self._attendant.perplexity(order.statement)

    def embed(self, order: protocol.Embed) -> Vector:
        self._known.clear()
        picture = order.picture
        return self._attendant.embed(order.text if picture is None else self._picture(picture))

    def work(self) -> bool:
        return self._attendant.work()

    def stop(self) -> None:
        self._llama.stop()

    def go_on(self) -> None:
        self._llama.go_on()

    # --- pictures --------------------------------------------------------------------------------

    def _pictures(self, shown: tuple[protocol.Shown, ...]) -> tuple[Picture, ...]:
        return tuple(map(self._picture, shown))

    def _picture(self, shown: protocol.Shown) -> Picture:
        return Picture(image=self._pixels(shown), mark=shown.mark)

    def _pixels(self, shown: protocol.Shown) -> Image:
        image = np.empty((0, 0, 3), np.uint8) if shown.image is None else shown.image
        self._known[id(image)] = shown
        return image

    def _encoded(self, picture: Picture) -> Encoded:
        """As it was kept, or encoded now and kept. Either way its rows have 16 bits, so that the
        same is decoded after a restart."""
        shown = self._known[id(picture.image)]
        if shown.encoded is not None:
            return shown.encoded.encoded()
        rows = protocol.Rows.of(self._llama.encode(picture.image))
        self._keep(shown.key, rows)
        return rows.encoded()
