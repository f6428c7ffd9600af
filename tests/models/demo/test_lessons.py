"""The recipe's lessons: numbers that say what the prompt says. None of this needs torch."""

import random
import re
from collections import Counter
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from app.eval.world.acts import DOING
from app.eval.world.camera import truth
from app.eval.world.canvas import Picture
from app.eval.world.prompts import AFTER, BEFORE, Prompt, PromptMaker
from app.eval.world.scene import Scene
from app.eval.world.traits import COLOURS
from models.demo.cells import (
    IGNORED,
    TASKS,
    WINDOW,
    crowd,
    grids,
    labels,
    mirrored,
    seen_by,
    window,
)
from models.demo.drilling import Drill
from models.demo.feeding import Feed
from models.demo.lessons import Course, lessons, numbered
from models.demo.lookups import Lookups
from models.demo.vocabulary import texts, train_vocabulary
from models.demo.written import shown

TOKENS = 16


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_vocabulary(texts(0, 40), 700)


def prompts(shape: str, count: int, *, drill: bool = False) -> list[Prompt]:
    def see(scene: Scene, t: float) -> Picture:
        return np.full((8, 8, 3), round(t) % 250, np.uint8)

    maker = (Drill if drill else PromptMaker)(random.Random(2), "train", see, 8)
    return [maker.prompt(shape) for _ in range(count)]


def test_the_vocabulary_splits_as_the_exported_one_will(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("\n\n").tokens == ["ĊĊ"]
    assert tokenizer.encode("[12:05]").tokens == ["[", "1", "2", ":", "0", "5", "]"]
    assert len(tokenizer.encode("yes").ids) == len(tokenizer.encode("no").ids) == 1
    assert tokenizer.decode(tokenizer.encode("Zilo wears a crown").ids) == "Zilo wears a crown"


@pytest.mark.parametrize("shape", ["blind", "last-4", "ours"])
def test_a_lesson_reads_as_its_prompt(tokenizer: Tokenizer, shape: str) -> None:
    for prompt in prompts(shape, 4):
        lesson = numbered(prompt, tokenizer, random.Random(0), tokens=TOKENS, choices=0.0)
        pictures = [part for part in prompt.parts if not isinstance(part, str)]
        assert len(lesson.pictures) == len(pictures)
        common = lesson.ids[lesson.branches == 0].tolist()
        wanted = "".join(
            part if isinstance(part, str) else BEFORE + "<image>" * TOKENS + AFTER
            for part in prompt.parts
        )
        assert tokenizer.decode(common, skip_special_tokens=False) == wanted
        for n, asked in enumerate(prompt.asked, start=1):
            of_branch = lesson.branches == n
            text = tokenizer.decode(lesson.ids[of_branch].tolist(), skip_special_tokens=False)
            assert text.startswith(asked.question)
            answer = lesson.targets[of_branch]
            said = tokenizer.decode(answer[answer != IGNORED].tolist(), skip_special_tokens=False)
            assert said == f"{asked.answer}<|im_end|>"


def test_every_question_stands_as_if_it_were_the_only_one(tokenizer: Tokenizer) -> None:
    (prompt,) = prompts("last-1", 1)
    lesson = numbered(prompt, tokenizer, random.Random(0), tokens=TOKENS, choices=0.0)
    common = int((lesson.branches == 0).sum())
    for n in range(1, len(prompt.asked) + 1):
        places = lesson.positions[lesson.branches == n]
        assert places.tolist() == list(range(common, common + len(places)))


def test_targets_are_the_next_tokens(tokenizer: Tokenizer) -> None:
    (prompt,) = prompts("last-1", 1)
    lesson = numbered(prompt, tokenizer, random.Random(0), tokens=TOKENS, choices=0.5)
    taught = np.flatnonzero(lesson.targets != IGNORED)
    assert (lesson.ids[taught + 1] == lesson.targets[taught]).all()
    assert (lesson.branches[taught + 1] == lesson.branches[taught]).all()


def test_the_tokens_that_show_somebody() -> None:
    """Of 4 x 4; what only just reaches over an edge does not count."""
    assert np.flatnonzero(shown((0.5, 0.5, 0.74, 0.74), TOKENS)).tolist() == [10]
    assert np.flatnonzero(shown((0.3, 0.05, 0.7, 0.55), TOKENS)).tolist() == [1, 2, 5, 6]
    assert not shown((0.5, 0.5, 0.5, 0.5), TOKENS).any()


def test_a_question_about_somebody_says_where_that_is(tokenizer: Tokenizer) -> None:
    """In the newest picture; and blind, nobody is anywhere."""
    image = tokenizer.token_to_id("<image>")
    for prompt in prompts("last-4", 4):
        lesson = numbered(prompt, tokenizer, random.Random(0), tokens=TOKENS, choices=0.0)
        newest = np.flatnonzero(lesson.ids == image)[-TOKENS:]
        for n, asked in enumerate(prompt.asked):
            assert np.flatnonzero(lesson.about[0, n]).tolist() == newest.tolist()
            about = lesson.about[1, n]
            assert about.any() == (asked.box is not None)
            assert set(np.flatnonzero(about)) <= set(newest)
        looks = [one for one in prompt.asked if one.kind in ("colour", "shape", "action")]
        assert all(one.box is not None for one in looks)
    named = 0
    for prompt in prompts("pearl", 12):
        lesson = numbered(prompt, tokenizer, random.Random(0), tokens=TOKENS, choices=0.0)
        for n, asked in enumerate(prompt.asked):
            about = lesson.about[1, n]
            assert not (about & ~lesson.about[0, n]).any()
            if asked.when is not None:
                first = int(np.flatnonzero(about)[0])
                before = lesson.ids[:first][lesson.ids[:first] != image].tolist()
                text = tokenizer.decode(before, skip_special_tokens=False)
                assert text.rpartition("[")[2].startswith(f"{asked.when}]")
                named += 1
    assert named > 5
    for prompt in prompts("blind", 2):
        lesson = numbered(prompt, tokenizer, random.Random(0), tokens=TOKENS, choices=0.0)
        assert not lesson.about.any()


def test_a_deed_that_takes_two_frames_says_where_that_was_a_second_before(
    tokenizer: Tokenizer,
) -> None:
    """In the picture before the one that is meant, where there is one of that second."""
    image = tokenizer.token_to_id("<image>")
    found = 0
    for prompt in [*prompts("last-4", 6, drill=True), *prompts("pearl", 3, drill=True)]:
        lesson = numbered(prompt, tokenizer, random.Random(0), tokens=TOKENS, choices=0.0)
        shown_in = np.flatnonzero(lesson.ids == image).reshape(-1, TOKENS).tolist()
        for n, asked in enumerate(prompt.asked):
            before = np.flatnonzero(lesson.about[2, n]).tolist()
            if asked.needs == 1:
                assert not before
            elif before:
                newest = np.flatnonzero(lesson.about[0, n]).tolist()
                assert set(before) <= set(shown_in[shown_in.index(newest) - 1])
                found += 1
    assert found > 20
    (single,) = prompts("last-1", 1, drill=True)
    lesson = numbered(single, tokenizer, random.Random(0), tokens=TOKENS, choices=0.0)
    assert not lesson.about[2].any()


def test_a_question_with_a_name_says_whose_card_that_is(tokenizer: Tokenizer) -> None:
    """Picture and words of it: named in the question, or its answer."""
    found = {3: 0, 4: 0}
    for prompt in prompts("pearl", 16):
        lesson = numbered(prompt, tokenizer, random.Random(0), tokens=TOKENS, choices=0.0)
        for n, asked in enumerate(prompt.asked):
            named = asked.name is not None and asked.name in asked.question
            assert [lesson.about[3, n].any(), lesson.about[4, n].any()] == [
                named,
                asked.kind == "who",
            ]
            for part in (3, 4):
                card = np.flatnonzero(lesson.about[part, n])
                if len(card):
                    before = tokenizer.decode(lesson.ids[: card[0]], skip_special_tokens=False)
                    words = tokenizer.decode(lesson.ids[card], skip_special_tokens=False)
                    line = f"{asked.name}:{BEFORE}"
                    assert before.endswith(line)
                    assert any(colour in words for colour in COLOURS), words
                    found[part] += 1
    assert found[3] > 20
    assert found[4] > 0


def told(tokenizer: Tokenizer, ids: np.ndarray) -> str:
    return tokenizer.decode(ids.tolist(), skip_special_tokens=False).strip()


def test_what_stands_after_a_label_knows_where_that_is(tokenizer: Tokenizer) -> None:
    """A card its name, a picture its time, and an answer the name and the time of its question."""
    (prompt,) = prompts("pearl", 1)
    lesson = numbered(prompt, tokenizer, random.Random(0), tokens=TOKENS, choices=0.0)
    labels = [told(tokenizer, lesson.ids[begin:end]) for begin, end in lesson.labels]
    image = tokenizer.token_to_id("<image>")
    of_pictures = [label for label, one in zip(labels, lesson.ids, strict=True) if one == image]
    text = "".join(part for part in prompt.parts if isinstance(part, str))
    names = re.findall(r"^(\w+):", text, re.MULTILINE)
    marks = re.findall(r"\[(\d+:\d\d)\]", text)
    assert of_pictures == [label for label in [*names, *marks] for _ in range(TOKENS)]
    for n, asked in enumerate(prompt.asked):
        cue = told(tokenizer, lesson.ids[lesson.cues & (lesson.branches == n + 1)])
        if asked.name is not None and asked.name in asked.question:
            assert asked.name in cue
        assert asked.when is None or asked.when in cue


def test_an_answer_that_stands_in_the_prompt_says_where_each_of_its_tokens_does(
    tokenizer: Tokenizer,
) -> None:
    """In the line that is asked about, on the card of whom it names, or as the name before a card;
    but for its first word, where that is another token after a space."""
    maker, found = Lookups(random.Random(4), "train"), Counter[str]()
    for prompt in [*(maker.prompt() for _ in range(6)), *prompts("pearl", 8, drill=True)]:
        lesson = numbered(prompt, tokenizer, random.Random(0), tokens=TOKENS, choices=0.0)
        for n, asked in enumerate(prompt.asked):
            own = lesson.branches == n + 1
            before = np.flatnonzero(own & (lesson.copied >= 0))
            there = lesson.copied[before]
            assert lesson.ids[there].tolist() == lesson.targets[before].tolist()
            if not len(there):
                assert asked.answer != asked.name
                continue
            assert (np.diff(there) == 1).all()
            words = tokenizer.decode(lesson.ids[there].tolist())
            assert asked.answer.endswith(words.strip())
            if asked.answer == asked.name:
                assert words == asked.name
                after = told(tokenizer, lesson.ids[there[-1] + 1 : there[-1] + 3])
                assert after.startswith(":")
            else:
                part = 0 if asked.when else 3
                assert lesson.about[part, n, there].all()
            found[asked.kind] += 1
    assert {"called", "portrait", "past action", "past room", "past holding"} <= set(found)
    assert found["called"] > 10


def test_lookups_are_answered_by_the_line_that_the_question_names(tokenizer: Tokenizer) -> None:
    maker = Lookups(random.Random(4), "train")
    kinds: set[str] = set()
    for _ in range(12):
        prompt = maker.prompt()
        lesson = numbered(prompt, tokenizer, random.Random(0), tokens=TOKENS, choices=0.0)
        assert not len(lesson.pictures)
        for n, asked in enumerate(prompt.asked):
            kinds.add(asked.kind)
            part = 0 if asked.when else 4 if asked.kind == "called" else 3
            line = told(tokenizer, lesson.ids[lesson.about[part, n]])
            assert asked.name is not None
            assert asked.name in line
            answer = asked.answer.removeprefix("the ")
            assert answer in line
            assert asked.when is None or f"[{asked.when}]" in line
    assert {"past action", "past room", "past holding", "portrait", "called", "hat"} <= kinds


def test_cells_are_labelled_with_what_stands_there() -> None:
    chance = random.Random(4)
    scene = crowd(chance, 3)
    seen = truth(scene, 5.0).seen
    found, boxes, poses = labels(scene, 5.0, seen_by(scene, 5.0, 96), 12)
    assert found.shape == (len(TASKS), 144)
    colours = {one.look.colour for one in seen}
    labelled = {COLOURS[int(n)] for n in found[2].tolist() if n != IGNORED}
    assert labelled
    assert colours <= labelled | {one.look.colour for one in seen if one.visible < 0.6}
    assert ((found[1] == IGNORED) == (found[0] != 1)).all()
    assert ((boxes.max(axis=0) > 0) == (found[0] > 0)).all()
    assert ((poses[0] != 0) == (found[0] == 1)).all()
    for one in seen:
        near = np.abs(boxes - np.array(one.box, np.float32)[:, None]).max(axis=0) < 0.05
        assert near.any()


def test_a_mirrored_picture_has_the_labels_of_a_mirrored_drawing() -> None:
    """Drawn anew from the scene's own pixels, seen in a mirror."""
    for grid in islice(grids(2, 96, 12), 12):
        turned = mirrored(grid)
        assert (turned.picture[:, ::-1] == grid.picture).all()
        there = turned.labels[0] > 0
        assert (turned.labels[0].reshape(12, 12)[:, ::-1] == grid.labels[0].reshape(12, 12)).all()
        left, top, right, low = turned.boxes[:, there]
        assert ((left < right) & (top < low)).all()
        figures = turned.labels[0] == 1
        assert ((turned.poses[0] > 0) == (turned.labels[7] == 1))[figures].all()
        again = mirrored(turned)
        for name in ("picture", "labels", "poses"):
            assert (getattr(again, name) == getattr(grid, name)).all()
        assert np.allclose(again.boxes, grid.boxes, atol=1e-6)


def test_who_walks_to_the_left_walks_to_the_right_in_a_mirror() -> None:
    deeds = list(DOING)
    left, right = deeds.index("walk left"), deeds.index("walk right")
    pairs: set[tuple[int, int]] = set()
    for grid in islice(grids(3, 48, 6), 120):
        before, after = grid.labels[6], mirrored(grid).labels[6].reshape(6, 6)[:, ::-1].ravel()
        pairs |= set(zip(before.tolist(), after.tolist(), strict=True))
    assert (left, right) in pairs
    assert all(b == {left: right, right: left}.get(a, a) for a, b in pairs)


def test_a_window_shows_the_cells_that_it_says() -> None:
    chance, found = random.Random(1), 0
    for grid in islice(grids(4, 96, 12), 12):
        part = window(grid, chance, 3)
        if part is None:
            assert (grid.labels[0] != 1).all()
            continue
        found += 1
        assert part.picture.shape == (48, 48, 3)
        assert (part.labels[0] == 1).any()
        assert (part.labels == grid.labels[:, part.places]).all()
        for n in (0, WINDOW**2 - 1):
            row, column = divmod(int(part.places[n]), 12)
            y, x = divmod(n, WINDOW)
            whole = grid.picture[row * 8 : row * 8 + 8, column * 8 : column * 8 + 8]
            assert (part.picture[y * 8 : y * 8 + 8, x * 8 : x * 8 + 8] == whole).all()
        assert part.places[0] % 3 == 0
    assert found > 6


def test_the_same_seed_teaches_the_same(tmp_path: Path, tokenizer: Tokenizer) -> None:
    path = tmp_path / "vocabulary.json"
    tokenizer.save(str(path))
    course = Course(
        vocabulary=str(path), image=48, tokens=TOKENS, split="train", shapes=("last-1",), batch=2
    )
    first = list(islice(lessons(3, course), 3))
    again = list(islice(lessons(3, course), 3))
    for a, b in zip(first, again, strict=True):
        assert (a.ids == b.ids).all()
        assert (a.pictures == b.pictures).all()


def test_lessons_drawn_by_other_processes_arrive() -> None:
    feed = Feed(grids, (48, 6), workers=2, first_seed=1, piece=2)
    try:
        taken = feed.take(6)
    finally:
        feed.close()
    assert len(taken) == 6
    assert all(grid.picture.shape == (48, 48, 3) for grid in taken)
