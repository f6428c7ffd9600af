"""Pictures that were encoded are kept, within a limit, until they are to be forgotten."""

from dataclasses import replace

import numpy as np

from engine.inference.picture_cache import LONGEST_SIDE, PictureCache
from engine.inference.protocol import Rows
from engine.media import Image


def picture(shade: int, side: int = 8) -> Image:
    return np.full((side, side, 3), shade, np.uint8)


def some_rows(count: int = 10) -> Rows:
    return Rows(
        rows=np.zeros((count, 50), np.float16),
        positions=None,
        advance=count,
        before=(),
        after=(),
        causal=True,
    )


def kept(cache: PictureCache, shade: int) -> bool:
    return cache.shown(picture(shade)).encoded is not None


def test_the_same_pixels_are_encoded_once() -> None:
    cache = PictureCache()
    first = cache.shown(picture(1), "[12:00]")
    assert first.image is not None
    cache.keep(first.key, some_rows())
    again = cache.shown(picture(1).copy(), "[12:01]")
    assert (again.key, again.mark, again.image) == (first.key, "[12:01]", None)
    assert again.encoded is not None


def test_pixels_of_another_shape_are_another_picture() -> None:
    cache = PictureCache()
    wide, high = np.zeros((2, 8, 3), np.uint8), np.zeros((8, 2, 3), np.uint8)
    assert cache.shown(wide).key != cache.shown(high).key


def test_the_least_used_go_first() -> None:
    cache = PictureCache(limit_bytes=3000)
    for shade in range(3):
        cache.keep(cache.shown(picture(shade)).key, some_rows())
    assert cache.size_bytes == 3000
    assert kept(cache, 0)  # used once more
    cache.keep(cache.shown(picture(3)).key, some_rows())
    assert [kept(cache, shade) for shade in range(4)] == [True, False, True, True]
    assert cache.size_bytes == 3000


def test_one_that_is_larger_than_the_limit_is_not_kept() -> None:
    cache = PictureCache(limit_bytes=10)
    cache.keep(cache.shown(picture(1)).key, some_rows())
    assert (len(cache), cache.size_bytes) == (0, 0)


def test_what_nobody_asked_for_is_not_kept() -> None:
    cache = PictureCache()
    cache.keep("made up", some_rows())
    key = cache.shown(picture(1)).key
    cache.keep(key, some_rows())
    cache.keep(key, some_rows())
    assert len(cache) == 1


def test_what_is_forgotten_stays_forgotten_though_it_is_on_its_way() -> None:
    cache = PictureCache()
    shown = cache.shown(picture(1))
    cache.keep(cache.shown(picture(2)).key, some_rows())
    cache.forget()
    cache.keep(shown.key, some_rows())
    assert (len(cache), cache.size_bytes) == (0, 0)


def test_a_huge_picture_is_made_smaller_before_it_travels() -> None:
    cache = PictureCache()
    shown = cache.shown(np.zeros((100, 3 * LONGEST_SIDE, 3), np.uint8))
    assert shown.image is not None
    assert shown.image.shape == (33, LONGEST_SIDE, 3)


def test_rows_in_8_bits_take_half_the_memory_and_lose_half_a_step_at_most() -> None:
    drawn = np.random.default_rng(0).normal(0, [[0.01], [1], [300]], (3, 50)).astype(np.float16)
    drawn[1, 7] = 0
    places = np.arange(9, dtype=np.int32).reshape(3, 3)
    rows = replace(some_rows(3), rows=drawn, positions=places, before=(5,))
    cache = PictureCache(precision="int8")
    cache.keep(cache.shown(picture(1)).key, rows)
    assert cache.size_bytes == 3 * (50 + 4) + places.nbytes
    found = cache.shown(picture(1)).encoded
    assert found is not None
    assert (found.advance, found.before, found.rows.dtype) == (3, (5,), np.float16)
    assert found.positions is not None
    assert np.array_equal(found.positions, places)
    wide = drawn.astype(np.float32)
    step = np.abs(wide).max(axis=1, keepdims=True) / 127
    lost = np.abs(found.rows.astype(np.float32) - wide)
    assert (lost <= step / 2 + np.abs(wide) / 1000).all()
    assert found.rows[1, 7] == 0
    cache.forget()
    assert cache.size_bytes == 0


def test_rows_of_nothing_but_zeros_stay_so_in_8_bits() -> None:
    cache = PictureCache(precision="int8")
    cache.keep(cache.shown(picture(1)).key, some_rows())
    found = cache.shown(picture(1)).encoded
    assert found is not None
    assert not found.rows.any()
