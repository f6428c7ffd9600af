# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Names as answers are read from their cards. Needs torch, which the group `train` brings."""

import random
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (make sync SET=train)")

from models.demo.answering import COPIED, answer_loss  # noqa: E402
from models.demo.lessons import IGNORED, numbered  # noqa: E402
from models.demo.lookups import Lookups  # noqa: E402
from models.demo.network import DemoModel, Shape  # noqa: E402
from models.demo.packing import batched  # noqa: E402
from models.demo.vocabulary import texts, train_vocabulary  # noqa: E402

torch.set_num_threads(1)
SMALL = Shape(
    image=48, patch=8, vision_width=32, vision_layers=1, vision_heads=2, vision_hidden=64,
    width=64, layers=1 + COPIED[0], heads=2, hidden=96, vocabulary=700,
)  # fmt: skip


def test_each_token_of_a_name_is_learned_to_be_read_where_it_stands() -> None:
    tokenizer = train_vocabulary(texts(0, 40), SMALL.vocabulary)
    maker, chance = Lookups(random.Random(4), "train"), random.Random(0)
    taught = [
        numbered(maker.prompt(), tokenizer, chance, tokens=SMALL.tokens, choices=0.0)
        for _ in range(2)
    ]
    batch = batched(taught, "cpu")
    said = [one.copied[one.targets != IGNORED].tolist() for one in taught]
    assert batch.copied.tolist() == [place for part in said for place in part]
    assert (batch.copied >= 0).sum() > 4
    without = replace(batch, copied=torch.full_like(batch.copied, -1))
    torch.manual_seed(0)
    model = DemoModel(SMALL)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    astray: list[float] = []
    for _ in range(20):
        both = [answer_loss(model, one, image_id=-1, guided=1.0) for one in (batch, without)]
        loss = both[0] - both[1]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        astray.append(loss.item())
    assert astray[0] > 0
    assert astray[-1] < 0.7 * astray[0]
