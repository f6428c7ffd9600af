"""Which vision-language model is asked, and what each would do here, as the window has it."""

from collections.abc import Callable
from dataclasses import replace

import psutil

from app.model_choice import choose_model, choose_server, forget_server, refresh
from app.paths import Paths
from app.server_key import read_key
from app.settings import Settings
from engine.inference.fit import Machine, described, needed_bytes, rank
from engine.inference.store import ModelStore
from engine.ports.shelf import ModelChoice, Outlook
from engine.prompts import ModelStatus

Measure = Callable[[Callable[[], bool]], tuple[Machine, str]]


def _measure(cancelled: Callable[[], bool]) -> tuple[Machine, str]:
    # What writes the model that is tried takes long to load, and the window starts without it.
    from engine.inference.measuring import measure

    return measure(cancelled)


class Chooser:
    """Implements `ModelChooser`. What was measured is kept as long as this lives."""

    def __init__(
        self,
        paths: Paths,
        settings: Settings,
        store: ModelStore,
        *,
        changed: Callable[[], None],
        status: Callable[[], ModelStatus | None] = lambda: None,
        measure: Measure = _measure,
    ) -> None:
        """`settings` are those that the running engine holds; `changed` has it open the model that
        they name now; `status` tells of the one that it has."""
        self._paths = paths
        self._settings = settings
        self._store = store
        self._changed = changed
        self._status = status
        self._measure = measure
        self._measured: tuple[Machine, str] | None = None

    def outlook(self, cancelled: Callable[[], bool], *, again: bool = False) -> Outlook:
        if again or self._measured is None:
            machine, note = self._measure(cancelled)
            self._measured = self._without_the_present(machine), note
        machine, note = self._measured
        return Outlook(
            computer=described(machine),
            measured=machine.speed.measured,
            note=note,
            fits=rank(self._store.catalogue.entries, machine),
        )

    def choice(self) -> ModelChoice:
        settings = self._settings
        return ModelChoice(
            model=settings.vision_model,
            server=settings.model_server,
            on_server=settings.model_on_server,
            has_key=bool(settings.model_server and read_key()),
        )

    def use(self, model: str) -> None:
        choose_model(self._paths, self._store, model)
        self._hold()

    def use_server(self, address: str, model: str, key: str | None) -> None:
        if key is None:  # What was kept for this very server stays.
            key = read_key() if address.strip() == self._settings.model_server else ""
        choose_server(self._paths, address, model, key)
        self._hold()

    def forget_server(self) -> None:
        forget_server(self._paths)
        self._hold()

    def _hold(self) -> None:
        refresh(self._paths, self._settings)
        self._changed()

    def _without_the_present(self, machine: Machine) -> Machine:
        """The memory that the model of now takes would be free for another one, and for itself."""
        free = min(machine.memory_bytes, machine.free_bytes + _memory_of_children())
        machine = replace(machine, free_bytes=free)
        status = self._status()
        if status is None or status.state != "ready" or status.backend in ("", "CPU"):
            return machine
        taken = [
            needed_bytes(entry, entry.vision)
            for entry in self._store.catalogue.entries
            if entry.vision is not None and entry.id == status.id
        ]
        return replace(
            machine, gpu_free_bytes=min(machine.gpu_bytes, machine.gpu_free_bytes + sum(taken))
        )


def _memory_of_children() -> int:
    """Without what they have mapped of files: that counts as free already."""
    total = 0
    for child in psutil.Process().children(recursive=True):
        try:
            memory = child.memory_info()
        except psutil.Error:
            continue
        total += max(memory.rss - getattr(memory, "shared", 0), 0)
    return total
