# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportUntypedBaseClass=false
"""The demo model in torch: a small vision transformer, a pixel-shuffle projector, a small Llama.

Every operation is the one that llama.cpp performs for `idefics3` projectors and for `llama` text
models (learned positions and the tanh form of GELU here, rotary positions in adjacent pairs there),
so that the exported files compute the same.
"""

import math
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Sizes of the network; about 4.1 million parameters."""

    image: int = 96
    patch: int = 8
    vision_width: int = 128
    vision_layers: int = 6
    vision_heads: int = 4
    vision_hidden: int = 384
    shuffle: int = 3
    width: int = 192
    layers: int = 6
    heads: int = 3
    hidden: int = 512
    vocabulary: int = 1024
    context: int = 4096
    rope_base: float = 10000.0
    epsilon: float = 1e-6

    @property
    def cells(self) -> int:
        """Patches along one side."""
        return self.image // self.patch

    @property
    def tokens(self) -> int:
        """Tokens of one picture."""
        return (self.cells // self.shuffle) ** 2

    def facts(self) -> dict[str, float]:
        return asdict(self)


def looking(q: Tensor, k: Tensor, hidden: Tensor | None = None) -> Tensor:
    """The weights of softmax attention, `hidden` (minus infinity) added to what must not be seen.

    Written out, because torch's own on a processor takes three times as long to learn through at
    these lengths (144 keys of 32 numbers).
    """
    return weighing((q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2), hidden)


def weighing(scores: Tensor, hidden: Tensor | None = None) -> Tensor:
    """Softmax over the last dimension, in the numbers that the scores have: to go over to single
    precision and back would take three times as long at a thousand keys."""
    with torch.autocast(scores.device.type, enabled=False):
        if hidden is not None:
            scores = scores + hidden.to(scores.dtype)
        return scores.softmax(-1)


class VisionBlock(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.vision_width
        self.heads = shape.vision_heads
        self.ln1 = nn.LayerNorm(width, eps=shape.epsilon)
        self.q, self.k = nn.Linear(width, width), nn.Linear(width, width)
        self.v, self.out = nn.Linear(width, width), nn.Linear(width, width)
        self.ln2 = nn.LayerNorm(width, eps=shape.epsilon)
        self.up = nn.Linear(width, shape.vision_hidden)
        self.down = nn.Linear(shape.vision_hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        n, length, width = x.shape
        y = self.ln1(x)
        q, k, v = (
            part(y).view(n, length, self.heads, -1).transpose(1, 2)
            for part in (self.q, self.k, self.v)
        )
        y = looking(q, k) @ v
        x = x + self.out(y.transpose(1, 2).reshape(n, length, width))
        return x + self.down(functional.gelu(self.up(self.ln2(x)), approximate="tanh"))


def waves(side: int, width: int) -> Tensor:
    """Sines and cosines of row and column, side² x width: where learned positions begin.

    From nothing, neighbourhood is slow to learn; from these it is there at once.
    """
    rate = 40.0 ** (-torch.arange(width // 4) / (width // 4)) * torch.pi / 2
    row, column = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    angles = [place.flatten()[:, None] * rate for place in (row, column)]
    return torch.cat([wave(one) for one in angles for wave in (torch.sin, torch.cos)], dim=1)


def look_nearby(block: VisionBlock) -> None:
    """Begin with attention that looks where it is, and with values that differ from their mean
    (mimetic initialization, Trockman and Kolter, arXiv 2305.09828): what only the whole figure
    shows is then learned from far fewer pictures."""
    width, heads = block.q.in_features, block.heads
    size = width // heads
    noise = 1 / width**0.5
    one = torch.eye(width)
    with torch.no_grad():
        for head in range(heads):
            rows = slice(head * size, (head + 1) * size)
            left, strength, right = torch.linalg.svd(
                0.7 * noise * torch.randn(width, width) + 0.7 * one
            )
            root = strength[:size].sqrt()
            block.q.weight[rows] = (left[:, :size] * root).T
            block.k.weight[rows] = right[:size] * root[:, None]
        left, strength, right = torch.linalg.svd(
            0.4 * noise * torch.randn(width, width) - 0.4 * one
        )
        root = strength.sqrt()
        block.v.weight.copy_(right * root[:, None])
        block.out.weight.copy_(left * root)


class Vision(nn.Module):
    """Pictures, n x 3 x image x image in -1..1 (RGB), to n x tokens x width."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        width = shape.vision_width
        self.patch = nn.Conv2d(3, width, shape.patch, stride=shape.patch)
        self.position = nn.Parameter(0.5 * waves(shape.cells, width))
        self.blocks = nn.ModuleList(VisionBlock(shape) for _ in range(shape.vision_layers))
        for block in self.blocks:
            look_nearby(block)
        self.post = nn.LayerNorm(width, eps=shape.epsilon)
        self.project = nn.Linear(width * shape.shuffle**2, shape.width, bias=False)

    def cells(self, pictures: Tensor, places: Tensor | None = None) -> Tensor:
        """n x cells² x vision width, row by row; of a window where `places` (n x its cells) says
        which cells of the whole picture these are."""
        position = self.position if places is None else self.position[places]
        x = self.patch(pictures).flatten(2).transpose(1, 2) + position
        for block in self.blocks:
            x = block(x)
        return self.post(x)

    def shuffled(self, cells: Tensor) -> Tensor:
        """Neighbouring cells side by side: n x tokens x (vision width * shuffle²)."""
        n, side, s = cells.shape[0], math.isqrt(cells.shape[1]), self.shape.shuffle
        x = cells.reshape(n, side // s, s, side // s, s, -1).permute(0, 1, 3, 2, 4, 5)
        return x.reshape(n, (side // s) ** 2, -1)

    def forward(self, pictures: Tensor, learned: int | None = None) -> Tensor:
        """Of so many pictures, drawn at random, the tower learns; of all of them the projection."""
        if learned is None or learned >= len(pictures) or not torch.is_grad_enabled():
            return self.project(self.shuffled(self.cells(pictures)))
        order = torch.randperm(len(pictures), device=pictures.device)
        with torch.no_grad():
            rest = self.cells(pictures[order[learned:]])
        cells = torch.cat([self.cells(pictures[order[:learned]]), rest])
        return self.project(self.shuffled(cells))[order.argsort()]


class RmsNorm(nn.Module):
    def __init__(self, width: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        return functional.rms_norm(x, self.weight.shape, self.weight, self.epsilon)


class Turn:
    """Rotary positions on adjacent pairs, for n x length positions and heads of `size` numbers."""

    def __init__(self, positions: Tensor, size: int, base: float) -> None:
        rate = base ** (-torch.arange(0, size, 2, device=positions.device).float() / size)
        angle = (positions.float()[..., None] * rate).repeat_interleave(2, dim=-1)[:, None]
        self._cos, self._sin = angle.cos(), angle.sin()
        half = torch.zeros(size, size, device=positions.device)
        even = torch.arange(0, size, 2)
        half[even, even + 1], half[even + 1, even] = 1.0, -1.0
        self._quarter = half
        """Turns each pair by a right angle; one product is quicker than picking every other number
        and putting them together again."""

    def __call__(self, x: Tensor) -> Tensor:
        """x is n x heads x length x size."""
        across = x @ self._quarter.to(x.dtype)
        return x * self._cos.to(x.dtype) + across * self._sin.to(x.dtype)


class Sight:
    """What each token sees: of n sequences the prompt, `known` (n x prompt, padding is not known),
    and after it rows of questions, `branches` (n x rows x length; -1 padding).

    A token of the prompt sees what stands before it. A token of a question sees the prompt and what
    stands before it in its own question, which never goes over into another row; so the cost grows
    with the prompt's length and a row's, not with the number of questions.
    """

    def __init__(self, known: Tensor, branches: Tensor) -> None:
        self.looks: list[Tensor] = []
        """Of each block that has attended, how much a question's tokens look at each token of the
        prompt: n x heads x rows x length x prompt."""
        self.own: list[Tensor] = []
        """The same at their own question's: n x heads x rows x length x length."""
        self.within: list[Tensor] = []
        """The same of the prompt's tokens at each other: n x heads x prompt x prompt."""
        self._prompt = known.shape[1]
        self._rows, self._length = branches.shape[1:]
        order = torch.ones(self._length, self._length, dtype=torch.bool, device=known.device)
        own = order.tril() & (branches[..., None] == branches[..., None, :])
        prompt = known[:, None, None].expand(*branches.shape, -1)
        seen = torch.cat([prompt, own], dim=-1)
        ahead = torch.full((self._prompt, self._prompt), -torch.inf, device=known.device)
        self._later = ahead.triu(1)
        self._hidden = torch.zeros(seen.shape, device=known.device).masked_fill(~seen, -torch.inf)[
            :, None
        ]

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Attention of n x heads x (prompt + rows * length) x size."""
        n, heads, _, size = q.shape
        rows, length = self._rows, self._length

        def split(x: Tensor) -> tuple[Tensor, Tensor]:
            return x[:, :, : self._prompt], x[:, :, self._prompt :].reshape(
                n, heads, rows, length, size
            )

        (q, q_own), (k, k_own), (v, v_own) = split(q), split(k), split(v)
        within = looking(q, k, self._later)
        self.within.append(within)
        prompt = within @ v
        q_own = q_own * size**-0.5
        on_prompt = q_own.flatten(2, 3) @ k.transpose(-1, -2)
        on_own = q_own @ k_own.transpose(-1, -2)
        scores = torch.cat([on_prompt.view(n, heads, rows, length, -1), on_own], dim=-1)
        weights = weighing(scores, self._hidden)
        self.looks.append(weights[..., : self._prompt])
        of_prompt = self.looks[-1].flatten(2, 3) @ v
        self.own.append(weights[..., self._prompt :])
        of_own = self.own[-1] @ v_own
        return torch.cat([prompt, of_prompt + of_own.flatten(2, 3)], dim=2)


class TextBlock(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.width
        self.heads = shape.heads
        self.attention_norm = RmsNorm(width, shape.epsilon)
        self.q, self.k, self.v, self.out = (nn.Linear(width, width, bias=False) for _ in range(4))
        self.hidden_norm = RmsNorm(width, shape.epsilon)
        self.gate = nn.Linear(width, shape.hidden, bias=False)
        self.up = nn.Linear(width, shape.hidden, bias=False)
        self.down = nn.Linear(shape.hidden, width, bias=False)

    def forward(self, x: Tensor, turn: Turn, sight: Sight) -> Tensor:
        n, length, width = x.shape
        y = self.attention_norm(x)
        q, k, v = (
            part(y).view(n, length, self.heads, -1).transpose(1, 2)
            for part in (self.q, self.k, self.v)
        )
        y = sight.attend(turn(q), turn(k), v)
        x = x + self.out(y.transpose(1, 2).reshape(n, length, width))
        y = self.hidden_norm(x)
        return x + self.down(functional.silu(self.gate(y)) * self.up(y))


class DemoModel(nn.Module):
    """Logits for a prompt with pictures in it, and any number of questions that branch off it."""

    def __init__(self, shape: Shape | None = None) -> None:
        super().__init__()
        self.shape = shape = shape or Shape()
        self.vision = Vision(shape)
        self.embed = nn.Embedding(shape.vocabulary, shape.width)
        self.blocks = nn.ModuleList(TextBlock(shape) for _ in range(shape.layers))
        self.norm = RmsNorm(shape.width, shape.epsilon)
        nn.init.normal_(self.embed.weight, std=0.05)
        for block in self.blocks:
            for part in (block.out, block.down):
                nn.init.normal_(part.weight, std=0.02 / (2 * shape.layers) ** 0.5 * 3)

    def embedded(
        self, ids: Tensor, pictures: Tensor, image_id: int, learned: int | None = None
    ) -> Tensor:
        """Token embeddings with the pictures' rows where `image_id` stands (in order); see
        `Vision.forward`."""
        x = self.embed(ids)
        if pictures.shape[0]:
            rows = self.vision(pictures, learned).flatten(0, 1)
            x = x.masked_scatter((ids == image_id)[..., None], rows.to(x.dtype))
        return x

    def forward(self, x: Tensor, positions: Tensor, sight: Sight) -> Tensor:
        """Hidden states after the last norm, n x length x width."""
        turn = Turn(positions, self.shape.width // self.shape.heads, self.shape.rope_base)
        for block in self.blocks:
            x = block(x, turn, sight)
        return self.norm(x)

    def logits(self, hidden: Tensor) -> Tensor:
        """Of the next token, in single precision: half of it has steps of 1/16 at their size. The
        output matrix is the embedding's."""
        with torch.autocast(hidden.device.type, enabled=False):
            return functional.linear(hidden.float(), self.embed.weight)


def prepared(pictures: Tensor) -> Tensor:
    """Bytes n x height x width x 3 (RGB) as the network's input."""
    return pictures.permute(0, 3, 1, 2).float() / 127.5 - 1
