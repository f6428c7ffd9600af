"""Where a model runs, as llama.cpp itself says while it loads.

Source: the lines of `llama_prepare_model_devices` and `load_tensors` of llama.cpp. Its API does not
tell how many layers found a place on which device.
"""

import re
from dataclasses import dataclass, field

_DEVICE = re.compile(r"using device (\S+) \((.*)\) \([^()]*\) - \d+ MiB free")
_LAYERS = re.compile(r"offloaded (\d+)/(\d+) layers to GPU")
_BACKENDS = {"MTL": "Metal"}
"""What ggml calls otherwise than people do."""


@dataclass(slots=True)
class Placement:
    """Reads the lines of one loading."""

    devices: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Name (`Vulkan0`) and title of each graphics card."""
    on_card: int = 0
    layers: int = 0
    """Of the model, with the one that puts the words out."""

    def clear(self) -> None:
        """Another model is loaded."""
        self.devices.clear()
        self.on_card = self.layers = 0

    def hear(self, line: str) -> None:
        """A line of llama.cpp's, as it came."""
        if found := _DEVICE.search(line):
            self.devices.append((found[1], found[2].strip()))
        elif found := _LAYERS.search(line):
            self.on_card, self.layers = int(found[1]), int(found[2])

    @property
    def backend(self) -> str:
        """`CPU`, or `Vulkan: NVIDIA GeForce RTX 4060, 24 of 29 layers`; what is left over runs on
        the processor."""
        if not self.on_card or not self.devices:
            return "CPU"
        kinds = dict.fromkeys(_kind(name) for name, _ in self.devices)
        titles = " and ".join(title for _, title in self.devices)
        return f"{', '.join(kinds)}: {titles}, {self.on_card} of {self.layers} layers"


def _kind(name: str) -> str:
    """`Vulkan0` is Vulkan."""
    plain = name.rstrip("0123456789") or name
    return _BACKENDS.get(plain, plain)
