"""Which vision-language model the engine asks: the user's own server where they named one, else the
chosen model on this machine, in a process of its own."""

import logging
from collections.abc import Callable
from typing import NamedTuple

from app.model_build import engine_installed
from app.server_key import read_key
from app.settings import Settings
from app.vision_model import ChosenModel, chosen_model
from engine.errors import ModelError
from engine.inference.devices import Device, find_devices
from engine.inference.llama_vlm import LlamaVlm
from engine.inference.picture_cache import PictureCache
from engine.inference.protocol import Load, Policy
from engine.inference.store import ModelStore
from engine.inference.supervisor import Plan
from engine.ports.language import VisionLanguageModel
from engine.ports.sources import Clock
from engine.prompts import ModelStatus

log = logging.getLogger(__name__)

CONTEXT = 8192
"""Tokens for the window, what was recalled and a few forks."""
IMAGE_TOKENS = (64, 256)
"""A frame becomes so many tokens, where a model leaves it open (Qwen-VL): four of them and what was
recalled fit into the context."""
CLOSE_S = 5.0
HALF_OF_ALL = 16
"""Layers of the second try, where all of them do not fit into the GPU."""


class _Server(NamedTuple):
    """A model on the user's own server."""

    address: str
    model: str
    key: str


class Language:
    """Implements `LanguageModels`."""

    def __init__(
        self,
        store: ModelStore,
        settings: Settings,
        clock: Clock,
        refresh: Callable[[], None] = lambda: None,
        *,
        demo_model: Callable[[], ChosenModel | None] = lambda: None,
    ) -> None:
        """`refresh` brings `settings` up to what another process saved; `demo_model` is asked where
        the demo is shown and no other model is there."""
        self._store = store
        self._settings = settings
        self._clock = clock
        self._refresh = refresh
        self._demo_model = demo_model
        self._opened: ChosenModel | _Server | None = None
        self._model: VisionLanguageModel | None = None

    def __call__(
        self,
        current: VisionLanguageModel | None,
        changed: Callable[[ModelStatus], None],
        *,
        demo: bool = False,
    ) -> VisionLanguageModel | None:
        self._refresh()
        choice = self._choice(demo=demo)
        if current is not None and choice == self._opened:
            return current
        self.close(current)
        self._opened = None
        self._model = None if choice is None else self._open(choice, changed)
        self._opened = choice
        return self._model

    def _choice(self, *, demo: bool) -> "ChosenModel | _Server | None":
        settings = self._settings
        if settings.model_server:
            return _Server(settings.model_server, settings.model_on_server, read_key())
        if not engine_installed():
            return None
        chosen = chosen_model(self._store, settings)
        return self._demo_model() if chosen is None and demo else chosen

    def end(self) -> None:
        """Wait until the process of the last model has ended."""
        self.close(self._model)

    def close(self, model: VisionLanguageModel | None) -> None:
        """Close a model and wait until its memory is free: two may not fit beside each other, and
        nothing of Nacre outlives its end."""
        if model is not None:
            model.close()
        if isinstance(model, LlamaVlm):
            model.join(CLOSE_S)

    def _open(
        self, choice: "ChosenModel | _Server", changed: Callable[[ModelStatus], None]
    ) -> VisionLanguageModel:
        if isinstance(choice, ChosenModel):
            devices = () if choice.domain == "demo" else processors()  # It is never run there.
            pictures = PictureCache(precision=self._settings.picture_cache)
            plan = plan_of(choice, devices, self._settings.live_window)
            return LlamaVlm(plan, clock=self._clock, changed=changed, pictures=pictures)
        # Its HTTP library takes long to load, and most never need it.
        from engine.inference.openai_server import OpenAiServer
        from engine.inference.openai_vlm import OpenAiVlm

        server = OpenAiServer(choice.address, choice.model, key=choice.key)
        return OpenAiVlm(server, changed=changed)


def plan_of(chosen: ChosenModel, devices: tuple[Device, ...], policy: Policy = "rebuilt") -> Plan:
    """How a model is run here: on the GPU where llama.cpp has one, with less of it when that is
    too small, and on the processor when it has to be."""
    load = Load(
        model=str(chosen.model),
        projector=str(chosen.projector),
        context=min(CONTEXT, chosen.context),
        image_tokens=IMAGE_TOKENS,
        policy=policy,
        trained_for_probes=chosen.domain == "demo",
    )
    gpu = any(device.kind in ("gpu", "integrated gpu") for device in devices)
    return Plan(
        id=chosen.id,
        title=chosen.title,
        load=load,
        gpu_layers=(-1, HALF_OF_ALL) if gpu and chosen.domain != "demo" else (),
        demo=chosen.domain == "demo",
    )


def processors() -> tuple[Device, ...]:
    """What llama.cpp can compute on; none where that is not known."""
    try:
        return find_devices()
    except ModelError as error:
        log.warning("llama.cpp's processors are not known: %s", type(error).__name__)
        return ()
