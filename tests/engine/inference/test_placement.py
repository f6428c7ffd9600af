"""Lines that llama.cpp said, and what they come to."""

import pytest

from engine.inference.placement import Placement

VULKAN = (
    "llama_prepare_model_devices: using device Vulkan0 (llvmpipe (LLVM 15.0.6, 256 bits)) "
    "(unknown id) - 2048 MiB free"
)
FIRST, SECOND = (
    f"llama_prepare_model_devices: using device CUDA{n} (NVIDIA H100 80GB HBM3) "
    f"(0000:0{n}:00.0) - 80499 MiB free"
    for n in range(2)
)


def heard(*lines: str) -> str:
    placement = Placement()
    for line in lines:
        placement.hear(line)
    return placement.backend


@pytest.mark.parametrize(
    ("lines", "backend"),
    [
        ((), "CPU"),
        (("load_tensors: offloaded 0/29 layers to GPU",), "CPU"),
        ((VULKAN, "load_tensors: offloaded 0/4 layers to GPU"), "CPU"),
        (
            (VULKAN, "load_tensors: offloaded 4/4 layers to GPU"),
            "Vulkan: llvmpipe (LLVM 15.0.6, 256 bits), 4 of 4 layers",
        ),
        (
            (FIRST, SECOND, "load_tensors: offloaded 16/37 layers to GPU"),
            "CUDA: NVIDIA H100 80GB HBM3 and NVIDIA H100 80GB HBM3, 16 of 37 layers",
        ),
        (
            (
                "llama_prepare_model_devices: using device MTL0 (Apple M2) (unknown id) "
                "- 10922 MiB free",
                "load_tensors: offloaded 29/29 layers to GPU",
            ),
            "Metal: Apple M2, 29 of 29 layers",
        ),
    ],
)
def test_the_back_end_by_its_name(lines: tuple[str, ...], backend: str) -> None:
    assert heard(*lines) == backend
