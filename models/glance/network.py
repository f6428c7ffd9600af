# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportUntypedBaseClass=false
"""A small residual network (He et al., arXiv 1512.03385) of plain 3 x 3 convolutions: 60 million
multiplications a picture, 0.9 million weights. A layer by depth (one filter a channel) needs fewer
of both, but learns more slowly on a processor: it moves much memory for little arithmetic."""

from torch import Tensor, nn
from torch.nn import functional

WIDTHS, DEPTHS = (32, 64, 128), (1, 2, 2)
SIZE = 256
"""Of an embedding."""
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
    """n x 3 x 96 x 96 in 0..255 (RGB) to n x 256, rows of length 1; or of another
    multiple of 16."""

    def __init__(self) -> None:
        super().__init__()
        stages: list[nn.Module] = [Layer(3, WIDTHS[0], 4, stride=4), nn.ReLU()]
        for n, (width, depth) in enumerate(zip(WIDTHS, DEPTHS, strict=True)):
            if n:
                stages += [Layer(WIDTHS[n - 1], width, 3, stride=2), nn.ReLU()]
            stages += [Block(width) for _ in range(depth)]
        self.stages = nn.Sequential(*stages)
        self.head = nn.Conv2d(WIDTHS[-1], SIZE, 1)

    def places(self, picture: Tensor) -> Tensor:
        """n x 256 x 6 x 6: the embedding is their mean, at length 1."""
        return self.head(self.stages(picture / 64 - 2))

    def forward(self, picture: Tensor) -> Tensor:
        return functional.normalize(self.places(picture).mean(dim=(2, 3)), dim=1)
