"""The world is the same for a seed, true to its pictures, and never in the engine's sight."""

import ast
import itertools
import random
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from app.eval.world.acts import DOING
from app.eval.world.camera import Camera, owners, truth
from app.eval.world.director import Director, Role
from app.eval.world.scene import Scene
from app.eval.world.stream import Stream, population
from app.eval.world.traits import SPLITS, differing, look, look_alike, name, split_of

SMALL = (96, 96)


def planned(seed: int, count: int = 3, length_s: float = 60.0) -> Scene:
    chance = random.Random(seed)
    roles = [Role(look=look(chance, "train"), name=None) for _ in range(count)]
    return Director(chance, roles, length_s=length_s).plan()


def test_the_same_seed_draws_the_same_frames() -> None:
    first = [f.picture for f in Stream(5, "dev").frames(until_s=20, fps=0.5, camera=Camera(SMALL))]
    again = [f.picture for f in Stream(5, "dev").frames(until_s=20, fps=0.5, camera=Camera(SMALL))]
    other = [f.picture for f in Stream(6, "dev").frames(until_s=20, fps=0.5, camera=Camera(SMALL))]
    assert len(first) == 10
    for a, b in zip(first, again, strict=True):
        assert a is not None
        assert b is not None
        assert np.array_equal(a, b)
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))  # pyright: ignore[reportArgumentType]


def test_scenes_can_be_made_in_any_order() -> None:
    stream = Stream(9)
    late = stream.scene(40)
    stream.scene(3)
    assert stream.scene(40) == late


def test_acts_of_an_actor_follow_each_other_without_a_jump() -> None:
    for seed in range(20):
        for acts in planned(seed).acts:
            for before, after in itertools.pairwise(acts):
                assert after.start_s >= before.end_s - 1e-9
                assert after.x0 == pytest.approx(before.x1)


def test_every_deed_happens() -> None:
    done = {act.deed for seed in range(30) for acts in planned(seed).acts for act in acts}
    assert done == set(DOING)


def test_a_thing_is_in_one_hand_at_a_time_and_changes_hands_in_a_gift() -> None:
    gifts = 0
    for seed in range(30):
        scene = planned(seed)
        for giver, acts in enumerate(scene.acts):
            for act in acts:
                if act.deed != "give" or act.end_s > scene.length_s:
                    continue
                gifts += 1
                assert act.partner is not None
                assert scene.held(giver, act.start_s + 0.1) == act.thing
                assert scene.held(act.partner, act.end_s - 0.1) == act.thing
                assert scene.held(giver, act.end_s - 0.1) is None
                other = scene.act(act.partner, act.start_s + 0.1)
                assert other is not None
                assert other.deed == "take"
    assert gifts > 10


def test_boxes_hold_what_is_drawn_of_each_figure() -> None:
    scene = planned(3)
    for at in (2.0, 8.0, 15.0):
        whose = owners(scene, at)
        for one in truth(scene, at).seen:
            rows, columns = np.nonzero(whose == one.actor + 1)
            left, top, right, low = one.box
            assert round(left * 160) == columns.min()
            assert round(right * 160) == columns.max() + 1
            assert round(top * 120) == rows.min()
            assert round(low * 120) == rows.max() + 1


def test_a_figure_is_drawn_where_the_truth_says() -> None:
    """Taking one figure out of the scene changes the picture inside its box, and little else."""
    chance = random.Random(1)
    role = Role(look=look(chance, "train"), name=None)
    scene = Director(random.Random(2), [role], length_s=20).plan()
    at = next(t for t in (0.5, 5.0, 10.0, 15.0) if truth(scene, t).seen)
    (one,) = truth(scene, at).seen
    empty = Scene(
        room=scene.room, cast=(), acts=(), things=(), places=(), door=scene.door,
        light=scene.light, shake=scene.shake, length_s=scene.length_s,
    )  # fmt: skip
    camera = Camera((160, 120))
    changed = np.abs(camera.frame(scene, at).astype(int) - camera.frame(empty, at).astype(int)).max(
        axis=2
    )
    left, top, right, low = (
        round(share * side) for share, side in zip(one.box, (160, 120, 160, 120), strict=True)
    )
    assert (changed[top:low, left:right] > 8).mean() > 0.35


def test_somebody_who_is_away_is_not_seen() -> None:
    for seed in range(10):
        scene = planned(seed)
        for at in range(0, 60, 5):
            for one in truth(scene, at).seen:
                assert scene.act(one.actor, at) is not None


def test_splits_share_no_look_and_no_name() -> None:
    chance = random.Random(0)
    looks = {split: {look(chance, split) for _ in range(300)} for split in SPLITS}
    names = {split: {name(chance, split) for _ in range(300)} for split in SPLITS}
    for a, b in itertools.combinations(SPLITS, 2):
        assert not looks[a] & looks[b]
        assert not names[a] & names[b]
    assert all(split_of(one) == "test" for one in names["test"])


def test_a_look_alike_differs_in_one_trait() -> None:
    chance = random.Random(0)
    for _ in range(50):
        one = look(chance, "test")
        other = look_alike(chance, one)
        assert len(differing(one, other)) == 1
        assert other.split == "test"


def test_a_population_is_found_in_every_split_whatever_the_seed() -> None:
    for split in SPLITS:
        for seed in range(300):
            people = population(random.Random(seed), split, dances=1)
            looks = [role.look for role in (*people.known, *people.strangers)]
            assert len(set(looks)) == len(looks) == 9


def test_each_known_figure_has_a_look_alike() -> None:
    people = population(random.Random(3), "dev")
    for known in people.known:
        assert any(len(differing(known.look, other.look)) == 1 for other in people.strangers)


def test_a_long_stream_is_not_held_in_memory() -> None:
    stream = Stream(1)
    for _ in stream.frames(until_s=600):
        pass
    tracemalloc.start()
    for _ in stream.frames(until_s=2 * 3600):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000


def test_the_engine_never_imports_the_world() -> None:
    root = Path(__file__).parents[4]
    for path in (root / "engine").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            assert not any(one == "app" or one.startswith("app.") for one in names), path
