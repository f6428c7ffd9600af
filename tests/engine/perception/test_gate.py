import numpy as np

from engine.media import Box, Image
from engine.perception.gate import ChangeGate
from tests.fakes.perception import THING, paint, wall


def _noisy(image: Image, seed: int) -> Image:
    noise = np.random.default_rng(seed).normal(0, 6, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def test_noise_does_not_pass_and_a_small_thing_does() -> None:
    gate = ChangeGate()
    assert gate.check(_noisy(wall(), 0)).passed
    assert not any(gate.check(_noisy(wall(), seed)).passed for seed in range(1, 20))
    box = Box(400, 200, 40, 40)
    change = gate.check(_noisy(paint(wall(), THING, box, 6), 30))
    assert change.passed
    (region,) = change.regions
    assert region.overlap(box) > 0.6
    assert change.touches(box)
    assert not change.touches(Box(0, 0, 100, 100))


def test_what_has_passed_is_the_new_stillness() -> None:
    gate = ChangeGate()
    gate.check(wall())
    changed = paint(wall(), THING, Box(10, 10, 100, 100), 6)
    assert gate.check(changed).passed
    assert not gate.check(changed).passed


def test_slow_change_passes_in_the_end() -> None:
    gate = ChangeGate()
    gate.check(wall())
    passed = [gate.check((wall() + np.uint8(step)).astype(np.uint8)).passed for step in range(30)]
    assert 0 < sum(passed) < 10


def test_a_picture_of_another_size_passes_whole() -> None:
    gate = ChangeGate()
    gate.check(wall())
    change = gate.check(wall(1280, 720))
    assert change.passed
    assert change.cells.all()


def test_a_picture_smaller_than_the_grid_can_be_checked() -> None:
    gate = ChangeGate()
    gate.check(wall(20, 10))
    assert not gate.check(wall(20, 10)).passed
