# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
"""The network of the recipe. Needs torch, which the group `train` brings."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (make sync SET=train)")

from models.demo.answering import COPIED, GUIDED, answer_logits, answer_loss  # noqa: E402
from models.demo.averaging import averaged  # noqa: E402
from models.demo.cells import TASKS, grids  # noqa: E402
from models.demo.checkpoint import Spent, load, save, save_weights  # noqa: E402
from models.demo.export import (  # noqa: E402
    PROJECTOR_FILE,
    TEXT_FILE,
    write_projector,
    write_text,
)
from models.demo.imported import read_vocabulary, read_weights  # noqa: E402
from models.demo.lessons import IGNORED, Course, Lesson, lessons  # noqa: E402
from models.demo.network import DemoModel, Shape, Sight  # noqa: E402
from models.demo.optimizing import Optimizer  # noqa: E402
from models.demo.packing import batched  # noqa: E402
from models.demo.teach_cells import CellReader, Extents, lesson_loss, stacked  # noqa: E402
from models.demo.vocabulary import texts, train_vocabulary  # noqa: E402

torch.set_num_threads(1)  # Two of them wait for each other, for minutes where all cores are busy.

TINY = Shape(
    image=48, patch=8, vision_width=32, vision_layers=1, vision_heads=2, vision_hidden=64,
    width=64, layers=2, heads=1, hidden=96, vocabulary=700,
)  # fmt: skip


@pytest.fixture(scope="module")
def some_lessons(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Lesson], int]:
    tokenizer = train_vocabulary(texts(0, 40), TINY.vocabulary)
    path = tmp_path_factory.mktemp("words") / "vocabulary.json"
    tokenizer.save(str(path))
    course = Course(
        vocabulary=str(path), image=48, tokens=TINY.tokens, split="train",
        shapes=("last-1",), batch=2,
    )  # fmt: skip
    return list(islice(lessons(1, course), 2)), tokenizer.token_to_id("<image>") or 0


def test_each_question_is_answered_as_if_it_were_the_only_one(
    some_lessons: tuple[list[Lesson], int],
) -> None:
    """A question beside others gives the logits that it gives alone."""
    torch.manual_seed(0)
    model = DemoModel(TINY).eval()
    taught, image_id = some_lessons
    lesson = taught[0]
    together, _ = answer_logits(model, batched([lesson], "cpu"), image_id)
    last = len(lesson.kinds)
    kept = (lesson.branches == 0) | (lesson.branches == last)
    alone = Lesson(
        shape=lesson.shape, kinds=lesson.kinds[-1:], ids=lesson.ids[kept],
        positions=lesson.positions[kept], branches=lesson.branches[kept],
        targets=lesson.targets[kept], pictures=lesson.pictures, about=lesson.about[:, -1:, kept],
        labels=lesson.labels[kept], cues=lesson.cues[kept], copied=lesson.copied[kept],
    )  # fmt: skip
    single, _ = answer_logits(model, batched([alone], "cpu"), image_id)
    assert torch.allclose(together[-len(single) :], single, atol=1e-4)


def test_a_window_stands_where_it_stands_in_the_whole_picture() -> None:
    """With one block no cell could tell otherwise; a window of everything is the picture."""
    torch.manual_seed(0)
    vision = DemoModel(TINY).vision
    pictures = torch.rand(2, 3, 48, 48)
    places = torch.arange(36).expand(2, -1)
    assert torch.equal(vision.cells(pictures, places), vision.cells(pictures))
    other = vision.cells(pictures, places.flip(1))
    assert not torch.allclose(other, vision.cells(pictures))
    assert vision.shuffled(torch.rand(2, 9, 32)).shape == (2, 1, 288)


def test_padding_changes_no_answer(some_lessons: tuple[list[Lesson], int]) -> None:
    torch.manual_seed(0)
    model = DemoModel(TINY).eval()
    taught, image_id = some_lessons
    short = min(taught, key=lambda one: len(one.ids))
    single, _ = answer_logits(model, batched([short], "cpu"), image_id)
    both, _ = answer_logits(model, batched([short, max(taught, key=lambda one: len(one.ids))],
                                           "cpu"), image_id)  # fmt: skip
    assert torch.allclose(both[: len(single)], single, atol=1e-4)


def test_rows_of_questions_see_what_a_full_mask_lets_them_see(
    some_lessons: tuple[list[Lesson], int],
) -> None:
    """Several rows a lesson, against plain attention over each whole lesson."""
    torch.manual_seed(0)
    taught, _ = some_lessons
    batch = batched(taught, "cpu")
    assert batch.branches.shape[1] > 1
    n = len(batch.known)
    whole = torch.cat([torch.where(batch.known, 0, -1), batch.branches.flatten(1)], dim=1)
    length = whole.shape[1]
    q, k, v = (torch.randn(n, 2, length, 8) for _ in range(3))
    ours = Sight(batch.known, batch.branches).attend(q, k, v)
    same = whole[:, None] == whole[:, :, None]
    seen = (same | (whole[:, None] == 0)) & torch.ones(length, length, dtype=torch.bool).tril()
    theirs = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=seen[:, None])
    real = whole >= 0
    assert real.sum() == sum(len(lesson.ids) for lesson in taught)
    for one in range(2):
        assert torch.allclose(ours[:, one][real], theirs[:, one][real], atol=1e-5)


def test_each_answer_is_guided_to_its_own_tokens(some_lessons: tuple[list[Lesson], int]) -> None:
    taught, image_id = some_lessons
    batch = batched(taught, "cpu")
    begin = 0
    for k, lesson in enumerate(taught):
        told = lesson.targets != IGNORED
        rows = batch.about[:, begin : begin + int(told.sum())]
        for n, branch in enumerate(lesson.branches[told]):
            for part in range(len(GUIDED)):
                wanted = lesson.about[part, branch - 1].nonzero()[0].tolist()
                assert rows[part, n].nonzero().flatten().tolist() == wanted
            wanted = rows[:3, n].any(dim=0).nonzero().flatten().tolist()
            assert all(int(batch.ids[k, place]) == image_id for place in wanted)
        begin += int(told.sum())
    assert begin == batch.about.shape[1]
    assert batch.about[1].any()


def test_every_question_counts_the_same(some_lessons: tuple[list[Lesson], int]) -> None:
    taught, _ = some_lessons
    batch = batched(taught, "cpu")
    owner = [(k, n) for k, one in enumerate(taught) for n in one.branches[one.targets != IGNORED]]
    worth: dict[tuple[int, int], float] = {}
    for one, part in zip(owner, batch.worth.tolist(), strict=True):
        worth[one] = worth.get(one, 0.0) + part
    assert list(worth.values()) == pytest.approx([1 / len(worth)] * len(worth))


def test_the_tower_learns_from_so_many_pictures_and_sees_all() -> None:
    torch.manual_seed(0)
    vision = DemoModel(TINY).vision
    pictures = torch.rand(5, 3, 48, 48, requires_grad=True)
    some = vision(pictures, 2)
    assert torch.allclose(some, vision(pictures), atol=1e-5)
    some.sum().backward()
    assert pictures.grad is not None
    assert int(pictures.grad.flatten(1).any(dim=1).sum()) == 2


def test_where_is_looked_is_learned(some_lessons: tuple[list[Lesson], int]) -> None:
    torch.manual_seed(0)
    taught, image_id = some_lessons
    layers = 1 + max(block for block, _ in (*GUIDED, COPIED))
    deep = DemoModel(replace(TINY, layers=layers, heads=2))
    optimizer = torch.optim.AdamW(deep.parameters(), lr=3e-3)
    batch = batched(taught, "cpu")
    alone = answer_loss(deep, batch, image_id).item()
    astray: list[float] = []
    for _ in range(20):
        loss = answer_loss(deep, batch, image_id, guided=1.0) - answer_loss(deep, batch, image_id)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        astray.append(loss.item())
    assert alone > 0
    assert astray[-1] < 0.7 * astray[0]


def test_training_goes_on_from_exported_files_alone(tmp_path: Path) -> None:
    """They hold the network, to half precision, and the very vocabulary."""
    torch.manual_seed(0)
    model, other = DemoModel(TINY), DemoModel(TINY)
    tokenizer = train_vocabulary(texts(0, 40), TINY.vocabulary)
    write_text(tmp_path / TEXT_FILE, model, tokenizer)
    write_projector(tmp_path / PROJECTOR_FILE, model)
    read_weights(tmp_path, other)
    kept = other.state_dict()
    for name, tensor in model.state_dict().items():
        assert torch.allclose(kept[name], tensor, atol=2e-3), name
    again = read_vocabulary(tmp_path)
    for text in texts(1, 6):
        coded = tokenizer.encode(f"{text}<|im_end|>\n", add_special_tokens=False).ids
        assert again.encode(f"{text}<|im_end|>\n", add_special_tokens=False).ids == coded
    with pytest.raises(ValueError, match="another network"):
        read_weights(tmp_path, DemoModel(replace(TINY, hidden=64)))


def test_weights_between_those_before_and_after_a_training() -> None:
    before, after = DemoModel(TINY), DemoModel(TINY)
    began = [one.detach().clone() for one in before.parameters()]
    averaged(before, after, 0.25)
    for one, old, new in zip(before.parameters(), began, after.parameters(), strict=True):
        assert torch.allclose(one, 0.75 * old + 0.25 * new, atol=1e-6)


def test_the_tower_learns_its_cells() -> None:
    torch.manual_seed(0)
    model = DemoModel(TINY)
    reader, extents = CellReader(TINY), Extents(TINY)
    pictures, labels, boxes = stacked(list(islice(grids(1, 48, 6), 8)), "cpu")
    optimizer = torch.optim.AdamW(
        [*model.vision.parameters(), *reader.parameters(), *extents.parameters()], lr=3e-3
    )
    losses: list[float] = []
    for _ in range(30):
        cells = model.vision.cells(pictures)
        on_cells, on_tokens = reader(model.vision, cells)
        assert on_cells.shape == on_tokens.shape == (8, 36, sum(TASKS.values()))
        loss = lesson_loss(on_cells, labels) + lesson_loss(on_tokens, labels)
        loss = loss + extents.loss(cells, labels, boxes)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]


def test_a_checkpoint_goes_on_where_it_stood(tmp_path: Path) -> None:
    one, other = DemoModel(TINY), DemoModel(TINY)
    save(tmp_path / "model.pt", {"model": one}, 17)
    assert load(tmp_path / "model.pt", {"model": other}, "cpu") == 17
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)
    assert load(tmp_path / "none.pt", {"model": other}, "cpu") == 0


def test_a_stage_that_was_broken_off_has_its_time_in_all(tmp_path: Path) -> None:
    first = Spent("near", 99.0)
    first.load_state_dict({"near": 100.0, "cells": 7.0})
    save(tmp_path / "model.pt", {"spent": first}, 3)
    again, other = Spent("near", 99.0), Spent("all", 99.0)
    for one in (again, other):
        assert load(tmp_path / "model.pt", {"spent": one}, "cpu") == 3
    assert again.seconds >= 100
    assert again.over
    assert again.falling(0.5) == pytest.approx(0.04)
    assert other.seconds < 50
    assert not other.over
    assert other.falling(0.5) == 1
    assert other.state_dict()["near"] >= 100


def test_weights_alone_are_enough_to_go_on(tmp_path: Path) -> None:
    one, other = DemoModel(TINY), DemoModel(TINY)
    save_weights(tmp_path / "weights.pt", one, 5)
    assert load(tmp_path / "weights.pt", {"model": other, "optimizer": None}, "cpu") == 5
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-2)
    assert (tmp_path / "weights.pt").stat().st_size < 3 * sum(p.numel() for p in one.parameters())


def test_what_is_frozen_does_not_move_and_can_learn_again_later(
    some_lessons: tuple[list[Lesson], int],
) -> None:
    torch.manual_seed(0)
    taught, image_id = some_lessons
    model = DemoModel(TINY)
    for name, one in model.vision.named_parameters():
        one.requires_grad_(name.startswith("project"))
    before = {name: one.clone() for name, one in model.named_parameters()}
    part = Optimizer(model.named_parameters(), tower=0.4)
    part.step(answer_loss(model, batched(taught, "cpu"), image_id), 1e-3)
    for name, one in model.named_parameters():
        stays = name.startswith("vision.") and not name.startswith("vision.project")
        assert torch.equal(one, before[name]) == stays, name

    model.requires_grad_(True)
    whole = Optimizer(model.named_parameters(), tower=0.4)
    whole.load_state_dict(part.state_dict())
    other = Optimizer(model.named_parameters(), tower=0.8)
    other.load_state_dict(whole.state_dict())
    kept = {group["part"] for kind in other.state_dict().values() for group in kind["param_groups"]}
    assert kept == {0.8, 1.0}, "the settings are its own"
    whole.step(answer_loss(model, batched(taught, "cpu"), image_id), 1e-3)
    assert not torch.equal(model.vision.blocks[0].q.weight, before["vision.blocks.0.q.weight"])


def test_the_network_is_of_the_promised_size() -> None:
    assert 3e6 < sum(one.numel() for one in DemoModel(Shape()).parameters()) < 12e6
