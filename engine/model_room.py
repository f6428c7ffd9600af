"""The vision-language model as the runtime has it: opened, shown frames, asked. What comes of it
goes through the inbox."""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Event, Thread, current_thread, get_ident

from engine import effects as do
from engine import reports as rep
from engine.errors import ModelError
from engine.parts import LanguageModels
from engine.ports.language import Generation, VisionLanguageModel
from engine.ports.memory import Archive
from engine.prompts import ModelStatus, Picture, Probe, Prompt, Verdict

log = logging.getLogger(__name__)

ModelEffect = (
    do.Generate
    | do.Compare
    | do.Verify
    | do.StopGenerating
    | do.ShowModel
    | do.StandBefore
    | do.ClearModel
    | do.RetryModel
)

Post = Callable[[rep.Report], None]

GONE = "The vision-language model was removed. Ask again."
BROKEN = "The vision-language model could not answer. The memory was quoted instead."


class ModelRoom:
    """One model at a time, or none. `perform` is called by the session's thread alone."""

    def __init__(self, language: LanguageModels, archive: Archive, post: Post) -> None:
        self._language = language
        self._archive = archive
        self._post = post
        self._model: VisionLanguageModel | None = None
        self.demo = False
        """Whether the demo is shown, at its own pace."""
        self._opening: object = None
        """Which opening the model is of."""
        self._open: dict[str, tuple[Generation, Thread]] = {}
        self._announced = Event()
        """It is known that the model was opened; only then its states are told, or an early one
        would be taken for the latest."""
        self._cancels = deque[None]()
        """One for each time that all was to be stopped and the session does not know it yet: also
        what is asked until then, for an order that is before it in the inbox, must hear of it."""

    def load(self) -> rep.Report:
        """Open the chosen model, which goes on loading by itself; done at the desk. `announce` is
        to be called when the report was put into the inbox."""
        opening, announced, desk = object(), Event(), get_ident()

        def changed(status: ModelStatus) -> None:
            if get_ident() == desk and not announced.is_set():
                return  # The report that comes of this has it.
            announced.wait()
            if self._opening is opening:  # A model that was closed has nothing to tell any more.
                self._post(rep.ModelStatusChanged(status=status))

        previous, self._model = self._model, self._language(self._model, changed, demo=self.demo)
        opened = self._model is not previous
        if opened:
            self._opening, self._announced = opening, announced
            if previous is not None:
                previous.close()
        else:
            self._announced.clear()
        status = None if self._model is None else self._model.status
        return rep.ModelStatusChanged(status=status, opened=opened)

    def announce(self) -> None:
        """The report of `load` lies in the inbox."""
        self._announced.set()

    def perform(self, effect: ModelEffect) -> list[rep.Report]:
        """Returns at once, unless the effect waits for the answer; then all of it."""
        model, told = self._model, list[rep.Report]()
        match effect:
            case do.Generate(waits=True):
                self._generate(effect, model, told.append)
            case do.Generate():
                self._generate(effect, model, self._post)
            case do.Compare(waits=True):
                told.append(_compared(effect, model))
            case do.Compare():
                Thread(
                    target=lambda: self._post(_compared(effect, model)), name="compare", daemon=True
                ).start()
            case do.Verify(waits=True):
                told.append(_verified(effect, model))
            case do.Verify():
                Thread(
                    target=lambda: self._post(_verified(effect, model)), name="verify", daemon=True
                ).start()
            case do.StopGenerating(ref=ref):
                if ref in self._open:
                    self._open.pop(ref)[0].cancel()
            case _ if model is None:
                pass
            case do.ShowModel(frame=frame, mark=mark, paced=paced):
                model.take(frame, mark, paced=paced)
            case do.StandBefore(prefix=prefix):
                model.stand(prefix)
            case do.ClearModel():
                model.clear()
            case do.RetryModel():
                model.retry()
        return told

    def judge(self, probes: Sequence[Probe]) -> tuple[Verdict, ...]:
        """Answers to closed questions that can wait; from any thread.

        Raises:
            ModelError: there is no model, or it cannot say.
        """
        model = self._model
        if model is None:
            raise ModelError(GONE)
        return model.probe(probes, priority="idle")

    def _generate(self, effect: do.Generate, model: VisionLanguageModel | None, post: Post) -> None:
        self._open = {ref: one for ref, one in self._open.items() if one[1].is_alive()}
        if model is None:
            post(rep.GenerationEnded(ref=effect.ref, outcome=None, reason=GONE))
            return
        try:
            generation = model.ask(self._with_pictures(effect))
        except ModelError as error:
            post(rep.GenerationEnded(ref=effect.ref, outcome=None, reason=str(error)))
            return
        if effect.waits:
            self._open[effect.ref] = generation, current_thread()
            if self._cancels:
                generation.cancel()
            _listen(effect.ref, generation, post)
            return
        listening = Thread(
            target=_listen, args=(effect.ref, generation, post), name="answer", daemon=True
        )
        self._open[effect.ref] = generation, listening
        listening.start()

    def _with_pictures(self, effect: do.Generate) -> Prompt:
        """The prompt with the kept pictures of its moments before its own."""
        kept = (
            (moment, self._archive.picture(moment.run, moment.pts)) for moment in effect.moments
        )
        shown = tuple(
            Picture(image=image, mark=moment.mark) for moment, image in kept if image is not None
        )
        return replace(effect.prompt, pictures=(*shown, *effect.prompt.pictures))

    def cancel(self) -> None:
        """Stop what is being said, and what the session waits for until `cancelled`; from any
        thread."""
        self._cancels.append(None)
        for generation, _ in list(self._open.values()):
            generation.cancel()

    def cancelled(self) -> None:
        """The session has handled the order for which `cancel` was called."""
        self._cancels.popleft()

    def close(self) -> None:
        """Stop what is being said, and close the model."""
        self.cancel()
        self._opening = None
        self._announced.set()
        if self._model is not None:
            self._model.close()


def _listen(ref: str, generation: Generation, post: Post) -> None:
    try:
        for text in generation:
            post(rep.Generated(ref=ref, text=text))
        ended = rep.GenerationEnded(ref=ref, outcome=generation.outcome)
    except ModelError as error:
        ended = rep.GenerationEnded(ref=ref, outcome=None, reason=str(error))
    except Exception:
        log.exception("listening to the model stopped")
        ended = rep.GenerationEnded(ref=ref, outcome=None, reason=BROKEN)
    post(ended)


def _compared(effect: do.Compare, model: VisionLanguageModel | None) -> rep.Compared:
    yes: float | None = None
    try:
        if model is not None:
            yes = model.probe([effect.probe])[0].yes
    except ModelError as error:
        log.info("a comparison came to nothing: %s", type(error).__name__)
    except Exception:
        log.exception("a comparison stopped")
    return rep.Compared(run=effect.run, track=effect.track, concept=effect.concept, yes=yes)


def _verified(effect: do.Verify, model: VisionLanguageModel | None) -> rep.Verified:
    yes: tuple[float, ...] | None = None
    try:
        if model is not None:
            yes = tuple(verdict.yes for verdict in model.probe(effect.probes))
    except ModelError as error:
        log.info("alerts could not be judged: %s", type(error).__name__)
    except Exception:
        log.exception("the judging of alerts stopped")
    return rep.Verified(run=effect.run, pts=effect.pts, at=effect.at, alerts=effect.alerts, yes=yes)
