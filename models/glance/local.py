# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportUntypedBaseClass=false
# pyright: reportUntypedFunctionDecorator=false
"""Which shapes and colours stand where beside each other, counted: what nobody has to be taught.

A student of few pictures says of things unlike those what it knows of others; this looks at every
thing alike. Dense SIFT (Lowe, 2004; as root, Arandjelović and Zisserman, 2012) with the colour of
its place, aggregated about a few centres (VLAD, Jégou et al., 2010; soft, arXiv 1511.07247). Fitted
are the main axes of gradients, the centres (k-means), and what pictures of things have in common:
no teacher and no name of a thing has a part in it.
"""

import math

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

BLOCK = 6
"""Pixels each way over which gradients are gathered first."""
CELLS, APART = 4, 3
"""A place is described by 4 x 4 cells, three blocks from each other."""
WAYS = 8
"""Of gradients."""
EDGE = 2
"""So many blocks from the border no place is described: half of it would lie outside."""
FAINT = 16.0
"""Of gradients in grey levels, the sum over all cells from which a place counts as structured."""
GRADIENTS = WAYS * CELLS * CELLS
AXES, COLOURS = 24, 3
WORTH = (0.8, 2.0, 2.0)
"""Of light and of two opponent colours, beside the gradients."""
CENTRES, SHARP = 16, 12.0
LOCAL_SIZE = CENTRES * (AXES + COLOURS)
SEED = 0
THINNED = 7
"""Of neighbouring places one in so many is enough to fit axes and centres to,"""
FOR_AXES, FOR_CENTRES = 20_000, 40_000
"""and of all of them so many."""
UNTIL = cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_MAX_ITER, 25, 1e-3


class Local(nn.Module):
    """Pictures n x 3 x 96 x 96 in 0..255 (RGB) to n x 432, rows of length 1."""

    mean: Tensor
    axes: Tensor
    centres: Tensor
    common: Tensor
    ways: Tensor
    light: Tensor
    opponent: Tensor

    def __init__(self) -> None:
        super().__init__()
        angles = torch.arange(WAYS) * 2 * math.pi / WAYS
        opponent = torch.tensor([[1 / 3, 1 / 3, 1 / 3], [0.5, -0.5, 0.0], [0.25, 0.25, -0.5]])
        wide = GRADIENTS + COLOURS
        for name, value in (
            ("ways", torch.stack([angles.cos(), angles.sin()])[:, None, :, None, None]),
            ("light", torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)),
            ("opponent", opponent[:, :, None, None]),
            ("mean", torch.zeros(wide)),
            ("axes", torch.zeros(AXES + COLOURS, wide)),
            ("centres", torch.zeros(CENTRES, AXES + COLOURS)),
            ("common", torch.zeros(LOCAL_SIZE)),
        ):
            self.register_buffer(name, value)

    def forward(self, picture: Tensor) -> Tensor:
        return functional.normalize(self.counted(picture) - self.common, dim=1)

    def counted(self, picture: Tensor) -> Tensor:
        """n x 432, rows of length 1, what all pictures have in common left in."""
        linear = self.axes[:, :, None, None]
        seen = self.places(picture) - self.mean[None, :, None, None]
        seen = functional.conv2d(seen, linear).flatten(2)
        near = 2 * self.centres @ seen - (self.centres**2).sum(dim=1)[None, :, None]
        nearest = (SHARP * near).softmax(dim=1)
        share = nearest.mean(dim=2)
        off = nearest @ seen.transpose(1, 2) / nearest.shape[2] - share[:, :, None] * self.centres
        # Each centre counts by how much lies about it, not by how far that is from it.
        off = off / (off.norm(dim=2, keepdim=True) + 1e-6) * share[:, :, None].sqrt()
        flat = off.flatten(1)
        return functional.normalize(flat.sign() * flat.abs().sqrt(), dim=1)

    def places(self, picture: Tensor) -> Tensor:
        """n x 131 x 12 x 12: the gradients about each place, and its colour."""
        gradients, colours = self._gradients(picture), self._colours(picture)
        reach = APART * (CELLS - 1)
        around = functional.pad(gradients, (reach // 2, reach - reach // 2) * 2)
        side = gradients.shape[-1]
        cells = [
            around[:, :, y : y + side, x : x + side]
            for y in range(0, reach + 1, APART)
            for x in range(0, reach + 1, APART)
        ]
        seen = torch.cat(cells, dim=1)
        seen = (seen / (seen.sum(dim=1, keepdim=True) + FAINT)).clamp(min=1e-12).sqrt()
        return torch.cat([seen, colours], dim=1)[:, :, EDGE : side - EDGE, EDGE : side - EDGE]

    def _gradients(self, picture: Tensor) -> Tensor:
        """n x 8 x 16 x 16: how much it slopes which way in each block, and some in those beside."""
        grey = (picture * self.light).sum(dim=1, keepdim=True)  # Quicker than convolutions.
        across = (grey[:, :, 1:-1, 2:] - grey[:, :, 1:-1, :-2]) / 2
        down = (grey[:, :, 2:, 1:-1] - grey[:, :, :-2, 1:-1]) / 2
        steep = (across * across + down * down + 1e-6).sqrt()
        # Within an eighth of a turn, the more the nearer.
        facing = across * self.ways[0] + down * self.ways[1] - math.sqrt(0.5) * steep
        facing = functional.relu(facing) / (1 - math.sqrt(0.5))
        # The border itself, a pixel all around, slopes nowhere.
        found = functional.avg_pool2d(facing, BLOCK, padding=1)
        return functional.avg_pool2d(functional.avg_pool2d(found, 3, 1, 1), 3, 1, 1)

    def _colours(self, picture: Tensor) -> Tensor:
        found = functional.avg_pool2d(functional.conv2d(picture / 64 - 2, self.opponent), BLOCK)
        return functional.avg_pool2d(found, 3, 1, 1, count_include_pad=False)


@torch.no_grad()
def fitted(pictures: Tensor, subjects: Tensor) -> Local:
    """The axes and centres of the places in `pictures`, and what is common to `subjects`, which are
    pictures of things as the embedder is to tell them apart (both n x 3 x 96 x 96 in 0..255)."""
    rng, found = np.random.default_rng(SEED), Local()
    wide = GRADIENTS + COLOURS
    seen = [found.places(some.float()).movedim(1, 3) for some in pictures.split(100)]
    places = torch.cat([some.reshape(-1, wide)[::THINNED] for some in seen])
    gradients = places[:, :GRADIENTS]
    found.mean[:GRADIENTS] = gradients.mean(dim=0)
    off = (gradients - found.mean[:GRADIENTS]).numpy()[rng.permutation(len(places))[:FOR_AXES]]
    _, spread, ways = np.linalg.svd(off, full_matrices=False)
    # Halfway to all axes counting alike.
    spread = (spread[:AXES] / math.sqrt(len(off))) ** 0.5
    found.axes[:AXES, :GRADIENTS] = torch.from_numpy(ways[:AXES] / spread[:, None])
    found.axes[AXES:, GRADIENTS:] = torch.diag(torch.tensor(WORTH))
    along = ((places - found.mean) @ found.axes.T).numpy()
    along = along[rng.permutation(len(places))[:FOR_CENTRES]]
    cv2.setRNGSeed(SEED)
    _, _, centres = cv2.kmeans(along, CENTRES, None, UNTIL, 1, cv2.KMEANS_PP_CENTERS)  # pyright: ignore[reportCallIssue, reportArgumentType]
    found.centres.copy_(torch.from_numpy(centres))
    counted = [found.counted(some.float()) for some in subjects.split(100)]
    found.common.copy_(torch.cat(counted).mean(dim=0))
    return found
