# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportUntypedBaseClass=false
"""A small residual network (He et al., arXiv 1512.03385) of plain 3 x 3 convolutions: 60 million
multiplications a picture, 0.9 million weights. A layer by depth (one filter a channel) needs fewer
of both, but learns more slowly on a processor: it moves much memory for little arithmetic."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.glance.local import Local

WIDTHS, DEPTHS = (32, 64, 128), (1, 2, 2)
TAUGHT = 256
"""So many numbers are told of each place of a view."""
STATISTICS = 3 * sum(width * (1 + depth) for width, depth in zip(WIDTHS, DEPTHS, strict=True))
CLIP = 3.0
"""In deviations."""
SIZE = 128
"""Of what was taught in an embedding."""
STRIDE = 16
"""A place of the last features for so many pixels each way."""


class Layer(nn.Sequential):
    """A convolution that keeps the size (or divides it by `stride`), normalised over the batch."""

    def __init__(self, before: int, after: int, size: int, stride: int = 1) -> None:
        padding = 0 if size == stride else size // 2
        super().__init__(
            nn.Conv2d(before, after, size, stride=stride, padding=padding, bias=False),
            nn.BatchNorm2d(after),
        )


class Block(nn.Module):
    """Two layers, and past them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = Layer(width, width, 3), Layer(width, width, 3)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.second(functional.relu(self.first(x))))


class Glance(nn.Module):
    """What is taught, of pictures n x 3 x 96 x 96 in 0..255 (RGB), or another multiple of 16."""

    def __init__(self) -> None:
        super().__init__()
        stages: list[nn.Module] = [Layer(3, WIDTHS[0], 4, stride=4), nn.ReLU()]
        for n, (width, depth) in enumerate(zip(WIDTHS, DEPTHS, strict=True)):
            if n:
                stages += [Layer(WIDTHS[n - 1], width, 3, stride=2), nn.ReLU()]
            stages += [Block(width) for _ in range(depth)]
        self.stages = nn.Sequential(*stages)
        self.head = nn.Conv2d(WIDTHS[-1], TAUGHT, 1)

    def places(self, picture: Tensor) -> Tensor:
        """n x 256 x 6 x 6."""
        return self.head(self.stages(picture / 64 - 2))

    def statistics(self, picture: Tensor) -> Tensor:
        """n x 1920: mean, maximum and deviation over all places of each feature of each depth."""
        x, found = picture / 64 - 2, list[Tensor]()
        for stage in self.stages:
            x = stage(x)
            if not isinstance(stage, Layer):
                mean = x.mean(dim=(2, 3))
                spread = (x * x).mean(dim=(2, 3)) - mean * mean
                found += [mean, x.amax(dim=(2, 3)), (functional.relu(spread) + 1e-6).sqrt()]
        return torch.cat(found, dim=1)


class Readout(nn.Module):
    """From statistics to embeddings; its numbers are found by `models.glance.readout`."""

    mean: Tensor
    spread: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(STATISTICS))
        self.register_buffer("spread", torch.ones(STATISTICS))
        self.linear = nn.Linear(STATISTICS, SIZE)

    def forward(self, statistics: Tensor) -> Tensor:
        """n x 128. What is very unlike all that was taught counts as what is unlike it."""
        return self.linear(((statistics - self.mean) / self.spread).clamp(-CLIP, CLIP))


class Embedder(nn.Module):
    """What is delivered: n x 3 x 96 x 96 in 0..255 (RGB) to n x 560, rows of length 1: what it was
    taught and what it sees by itself count alike."""

    def __init__(self, glance: Glance, readout: Readout, local: Local) -> None:
        super().__init__()
        self.glance, self.readout, self.local = glance, readout, local

    def forward(self, picture: Tensor) -> Tensor:
        taught = functional.normalize(self.readout(self.glance.statistics(picture)), dim=1)
        return torch.cat([taught, self.local(picture)], dim=1) / math.sqrt(2)
