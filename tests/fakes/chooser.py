"""A `ModelChooser` without an application: what a laptop would be told, and what was chosen."""

from collections.abc import Callable
from dataclasses import replace
from threading import Event

from engine.errors import EngineError, ModelError
from engine.ports.shelf import Fit, Fitness, ModelCard, ModelChoice, Outlook

NOT_COMPILED = (
    "llama.cpp is not compiled yet (`make run` does that). "
    "The figures are reckoned from the number of cores."
)
LIMIT_S = 10.0
TOO_LARGE = "It needs 9.1 GB, this computer has 8.2 GB."
TITLES = {
    "minicpm-v": "MiniCPM-V 4.5",
    "qwen3-vl-2b": "Qwen3-VL 2B",
    "smolvlm2-500m": "SmolVLM2 500M",
    "nacre-demo": "Nacre demo model",
}


def _fit(model: str, fitness: Fitness, frames_per_s: float, needs_bytes: int) -> Fit:
    return Fit(
        model=model,
        title=TITLES[model],
        fitness=fitness,
        frames_per_s=frames_per_s,
        first_token_s=0.6,
        needs_bytes=needs_bytes,
        reason=TOO_LARGE if fitness == "does not fit" else "",
    )


OUTLOOK = Outlook(
    computer="4 cores (8 threads); 8.2 GB of memory, 5.1 GB free; 61 GFLOP/s, 11.2 GB/s on CPU, "
    "measured",
    measured=True,
    note="",
    fits=(
        _fit("smolvlm2-500m", "runs well", 1.24, 1_400_000_000),
        _fit("qwen3-vl-2b", "runs slowly", 0.16, 2_900_000_000),
        _fit("minicpm-v", "does not fit", 0.02, 9_100_000_000),
        _fit("nacre-demo", "runs well", 60.0, 420_000_000),
    ),
)
RECKONED = replace(
    OUTLOOK,
    computer=OUTLOOK.computer.replace("measured", "reckoned"),
    measured=False,
    note=NOT_COMPILED,
)


def language_cards() -> tuple[ModelCard, ...]:
    """Four vision-language models, in the order of a catalogue; two are here."""
    answers = "Answers open questions about what is and was seen, in its own words."
    sizes = {
        "minicpm-v": 6_200_000_000,
        "qwen3-vl-2b": 1_550_000_000,
        "smolvlm2-500m": 636_000_000,
    }
    cards = [
        ModelCard(
            id=model,
            title=TITLES[model],
            role="vision-language-model",
            unlocks=answers,
            size_bytes=size,
            licence="Apache-2.0",
            source=f"models.example/{model}",
            installed=model != "minicpm-v",
            obtainable=True,
        )
        for model, size in sizes.items()
    ]
    demo = replace(
        cards[0],
        id="nacre-demo",
        title=TITLES["nacre-demo"],
        unlocks="Answers questions about the drawn world of the demo clip.",
        size_bytes=8_300_000,
        source="models/demo of Nacre itself",
        installed=False,
        obtainable=False,
        note="Its training is not finished.",
        demo=True,
    )
    return (*cards, demo)


class FakeChooser:
    """Measures at once, or when `go` is set."""

    def __init__(self, outlook: Outlook = OUTLOOK) -> None:
        self.told = outlook
        self.now = ModelChoice()
        self.go = Event()
        self.go.set()
        self.asked: list[bool] = []
        """`again` of each measurement."""
        self.used: list[str] = []
        self.servers: list[tuple[str, str, str | None]] = []
        self.refuses: EngineError | None = None
        self.changed: Callable[[], None] = lambda: None

    def outlook(self, cancelled: Callable[[], bool], *, again: bool = False) -> Outlook:
        self.asked.append(again)
        waited = 0.0
        while not self.go.wait(0.01) and waited < LIMIT_S:
            waited += 0.01
            if cancelled():
                raise ModelError("The measurement was broken off.")
        if self.refuses:
            raise self.refuses
        return self.told

    def choice(self) -> ModelChoice:
        return self.now

    def use(self, model: str) -> None:
        self._check()
        self.used.append(model)
        self.now = replace(self.now, model=model)
        self.changed()

    def use_server(self, address: str, model: str, key: str | None) -> None:
        self._check()
        self.servers.append((address, model, key))
        has_key = bool(key) or (key is None and self.now.has_key and address == self.now.server)
        self.now = replace(self.now, server=address, on_server=model, has_key=has_key)
        self.changed()

    def forget_server(self) -> None:
        self._check()
        self.now = ModelChoice(model=self.now.model)
        self.changed()

    def _check(self) -> None:
        if self.refuses:
            raise self.refuses
