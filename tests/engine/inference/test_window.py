"""The live window against a reference that does the same without it, on three architectures."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from engine.inference.llama import Llama
from engine.inference.native import ContextFull, Encoded, LlamaConfig, Logits, Stopped
from engine.inference.random_vlm import TINY, smaller, write_pair
from engine.inference.window import (
    ASKED,
    BUILT,
    Head,
    LiveWindow,
    Piece,
    Policy,
    Shown,
    WindowConfig,
    follow,
    lay,
)
from tests.conftest import TinyVlm
from tests.engine.inference.conftest import a_picture

POLICIES: tuple[Policy, ...] = ("rolled", "rebuilt", "redecoded")
REFERENCE = 9


def a_prefix(llama: Llama) -> tuple[Piece, ...]:
    return (tuple(llama.tokens("<|im_start|>system\nLook.", special=True)),)


def a_frame(llama: Llama, n: int) -> Shown:
    encoded = llama.encode(a_picture(n))
    mark = tuple(llama.tokens(f"[00:{n:02}]"))
    return Shown(pieces=((*mark, *encoded.before), encoded, encoded.after), pts=n)


def a_window(llama: Llama, policy: Policy = "rolled", frames: int = 4) -> LiveWindow:
    window = LiveWindow(llama, WindowConfig(frames=frames, policy=policy, rebuild_every=3))
    window.begin(a_prefix(llama))
    return window


def question(llama: Llama) -> list[int]:
    return llama.tokens("What is it? yes or no<|im_end|>", special=True)


def answered(llama: Llama, live: LiveWindow, **how: bool | Sequence[Piece]) -> Logits:
    with live.asked(**how) as head:  # type: ignore[arg-type]
        return follow(llama, question(llama), head)[0]


def stateless(llama: Llama, pieces: Sequence[Piece]) -> Logits:
    """The same tokens decoded from nothing."""
    llama.remove(REFERENCE)
    head = Head(REFERENCE, lay(llama, pieces, Head(REFERENCE, 0)))
    logits = follow(llama, question(llama), head)[0]
    llama.remove(REFERENCE)
    return logits


def same(found: Logits, expected: Logits) -> bool:
    """Whether both come of the same tokens at the same positions. Where those lie in the cache
    decides in what order they are summed, so they differ by rounding."""
    return float(np.abs(found - expected).max()) < 0.02 * float(np.std(expected))


def flat(window: Sequence[Shown]) -> list[Piece]:
    return [piece for shown in window for piece in shown.pieces]


@pytest.fixture
def alone(tiny_vlm: TinyVlm) -> Llama:
    """A second copy of the model, for references."""
    return Llama(
        tiny_vlm.model, tiny_vlm.projector, LlamaConfig(context=2048, batch=256, threads=1)
    )


@pytest.mark.parametrize("policy", POLICIES)
def test_before_any_eviction_it_is_the_stateless_path(
    llama: Llama, alone: Llama, policy: Policy
) -> None:
    window = a_window(llama, policy)
    for n in range(4):
        window.add(a_frame(llama, n))
        expected = stateless(alone, [*a_prefix(llama), *flat(window.shown)])
        difference = np.abs(answered(llama, window) - expected).max()
        assert difference == 0, f"{n + 1} frames"
    alone.close()


def test_a_thousand_questions_leave_the_stream_as_it_was(llama: Llama) -> None:
    window = a_window(llama)
    for n in range(3):
        window.add(a_frame(llama, n))
    before = llama.state(0)
    first = answered(llama, window)
    recalled: list[Piece] = [tuple(llama.tokens("From the memory: Momo came."))]
    for n in range(1000):
        how: dict[str, object] = {"before": recalled} if n % 10 == 0 else {}
        with window.asked(**how) as head:  # type: ignore[arg-type]
            follow(llama, llama.tokens(f"Question {n}?"), head)
        if n % 100 == 0:
            assert llama.state(0) == before
    assert llama.state(0) == before
    assert np.array_equal(answered(llama, window), first)


def test_after_evictions_it_is_the_same_sequence_of_steps(llama: Llama, alone: Llama) -> None:
    window = a_window(llama)
    prefix = a_prefix(llama)
    head = Head(0, lay(alone, prefix, Head(0, 0)))
    starts: list[int] = []
    for n in range(12):
        shown = a_frame(llama, n)
        window.add(shown)
        starts.append(head.position)
        head = Head(0, lay(alone, shown.pieces, head))
        if len(starts) > 4:
            alone.remove(0, starts.pop(0), starts[0])
        alone.fork(0, ASKED)
        expected = follow(alone, question(alone), Head(ASKED, head.position))[0]
        alone.remove(ASKED)
        assert np.abs(answered(llama, window) - expected).max() == 0, f"{n + 1} frames"
    assert window.evictions == 8
    alone.close()


def test_after_rebuilds_it_is_the_same_sequence_of_steps(llama: Llama, alone: Llama) -> None:
    window = a_window(llama, "rebuilt")
    prefix = a_prefix(llama)
    head = Head(BUILT, lay(alone, prefix, Head(BUILT, 0)))
    alone.fork(BUILT, 0)
    alone.remove(BUILT)
    starts: list[int] = []
    seen: list[Shown] = []
    for n in range(1, 13):
        shown = a_frame(llama, n)
        window.add(shown)
        starts.append(head.position)
        head = Head(0, lay(alone, shown.pieces, Head(0, head.position)))
        seen = [*seen, shown][-4:]
        if len(starts) > 4:
            alone.remove(0, starts.pop(0), starts[0])
        if n % 3 == 0:  # Each third frame begins a build, which is given its time.
            while window.work():
                pass
            built = Head(BUILT, lay(alone, prefix, Head(BUILT, 0)))
            starts = []
            for one in seen:
                starts.append(built.position)
                built = Head(BUILT, lay(alone, one.pieces, built))
            alone.remove(0)
            alone.fork(BUILT, 0)
            alone.remove(BUILT)
            head = Head(0, built.position)
        alone.fork(0, ASKED)
        expected = follow(alone, question(alone), Head(ASKED, head.position))[0]
        alone.remove(ASKED)
        assert np.abs(answered(llama, window) - expected).max() == 0, f"{n} frames"
    assert window.evictions == 8
    alone.close()


def test_a_window_decoded_again_is_the_newest_frames_and_nothing_else(
    llama: Llama, alone: Llama
) -> None:
    window = a_window(llama, "redecoded")
    for n in range(12):
        window.add(a_frame(llama, n))
    expected = stateless(alone, [*a_prefix(llama), *flat(window.shown)])
    assert np.abs(answered(llama, window) - expected).max() == 0
    assert [shown.pts for shown in window.shown] == [8, 9, 10, 11]
    alone.close()


def test_a_restart_reproduces_the_window(llama: Llama, alone: Llama, tiny_vlm: TinyVlm) -> None:
    rolled = a_window(llama)
    for n in range(9):
        rolled.add(a_frame(llama, n))
    again = LiveWindow(alone, WindowConfig())
    again.begin(a_prefix(llama), rolled.shown)
    fresh = Llama(tiny_vlm.model, tiny_vlm.projector, LlamaConfig(context=2048, batch=256))
    expected = stateless(fresh, [*a_prefix(llama), *flat(rolled.shown)])
    assert np.abs(answered(alone, again) - expected).max() == 0
    assert again.newest_pts == 8
    fresh.close()
    alone.close()


def test_rebuilding_goes_on_behind_the_stream(llama: Llama, alone: Llama) -> None:
    window = a_window(llama, "rebuilt")
    for n in range(6):  # Every third frame begins a rebuild; some come while it is under way.
        window.add(a_frame(llama, n))
        window.work()
    with window.asked() as head:
        assert head.position > 0
    while window.work():
        pass
    expected = stateless(alone, [*a_prefix(llama), *flat(window.shown)])
    assert same(answered(llama, window), expected)
    assert [shown.pts for shown in window.shown] == [2, 3, 4, 5]
    window.add(a_frame(llama, 6))
    assert [shown.pts for shown in window.shown] == [3, 4, 5, 6]
    alone.close()


def test_frames_that_leave_while_the_window_is_rebuilt(llama: Llama, alone: Llama) -> None:
    window = a_window(llama, "rolled", frames=3)
    for n in range(3):
        window.add(a_frame(llama, n))
    window.stand((tuple(llama.tokens("Another prefix.")),))
    for n in range(3, 6):
        window.work()
        window.add(a_frame(llama, n))
    while window.work():
        pass
    prefix: list[Piece] = [tuple(llama.tokens("Another prefix."))]
    assert [shown.pts for shown in window.shown] == [3, 4, 5]
    end = llama.span(0)
    assert end is not None
    for n in range(6, 9):
        window.add(a_frame(llama, n))
    while window.work():
        pass
    window.stand(prefix)
    while window.work():
        pass
    expected = stateless(alone, [*prefix, *flat(window.shown)])
    assert same(answered(llama, window), expected)
    alone.close()


def test_another_prefix_does_not_hold_up_questions(llama: Llama) -> None:
    window = a_window(llama)
    window.add(a_frame(llama, 1))
    old = answered(llama, window)
    window.stand((tuple(llama.tokens("Momo is a grey cat.")),))
    assert same(answered(llama, window), old)
    assert window.work()
    assert same(answered(llama, window), old)
    while window.work():
        pass
    assert not same(answered(llama, window), old)


def test_what_was_recalled_stands_before_the_window(llama: Llama, alone: Llama) -> None:
    window = a_window(llama)
    for n in range(7):
        window.add(a_frame(llama, n))
    before = llama.state(0)
    past = a_frame(llama, 40)
    recalled: list[Piece] = [tuple(llama.tokens("From the memory:")), *past.pieces]
    expected = stateless(alone, [*a_prefix(llama), *recalled, *flat(window.shown)])
    assert same(answered(llama, window, before=recalled), expected)
    expected = stateless(alone, [*a_prefix(llama), *recalled])
    assert same(answered(llama, window, before=recalled, window=False), expected)
    assert llama.state(0) == before
    alone.close()


def test_positions_stay_legal(tiny_vlm: TinyVlm) -> None:
    llama = Llama(tiny_vlm.model, tiny_vlm.projector, LlamaConfig(context=600, batch=128))
    trained = llama.facts.trained_context
    window = LiveWindow(llama, WindowConfig(frames=2, policy="rolled", reserve=trained - 200))
    window.begin(a_prefix(llama))
    shown = a_frame(llama, 1)
    for n in range(60):
        window.add(Shown(pieces=shown.pieces, pts=n))
        span = llama.span(0)
        assert span is not None
        assert span[1] <= 200
        assert [one.pts for one in window.shown] == list(range(max(0, n - 1), n + 1))
    llama.close()


def test_a_frame_that_was_stopped_where_positions_end_is_not_in_the_window(
    tiny_vlm: TinyVlm,
) -> None:
    llama = Llama(tiny_vlm.model, tiny_vlm.projector, LlamaConfig(context=600, batch=128))
    reserve = llama.facts.trained_context - 150
    window = LiveWindow(llama, WindowConfig(frames=2, policy="rolled", reserve=reserve))
    window.begin(a_prefix(llama))
    for n in range(60):
        shown, before = a_frame(llama, n), window.shown
        llama.stop()
        with pytest.raises(Stopped):
            window.add(shown)
        llama.go_on()
        assert window.shown == before
        window.add(shown)
        assert [one.pts for one in window.shown] == list(range(max(0, n - 1), n + 1))
    assert window.evictions == 58
    llama.close()


def test_a_model_that_was_trained_on_little_is_not_decoded_anew_for_every_frame(
    tiny_vlm: TinyVlm, tmp_path: Path
) -> None:
    shape = smaller(TINY[tiny_vlm.name], context=1024)
    config = LlamaConfig(context=1024, batch=256, threads=1)
    with closing(Llama(*write_pair(tmp_path, shape), config)) as llama:
        window = LiveWindow(llama, WindowConfig(frames=2))
        window.stand(a_prefix(llama))
        while window.work():
            pass
        begun: list[int] = []
        for n in range(4):
            window.add(a_frame(llama, n))
            begun.append(window.head.position)
        assert begun == sorted(set(begun))  # Each lies behind the one before.


def test_a_context_that_is_too_small_shortens_the_window(tiny_vlm: TinyVlm) -> None:
    wide = 72 if tiny_vlm.name == "smol" else 200
    llama = Llama(tiny_vlm.model, tiny_vlm.projector, LlamaConfig(context=wide, batch=64))
    room = llama.facts.context
    window = LiveWindow(llama, WindowConfig(frames=32, policy="rolled", reserve=0))
    window.begin(a_prefix(llama))
    shown = a_frame(llama, 1)
    size = sum(len(piece) for piece in shown.pieces)
    for n in range(40):
        window.add(Shown(pieces=shown.pieces, pts=n))
    assert [one.pts for one in window.shown][-1] == 39
    assert 0 < len(window.shown) <= room // size
    llama.close()


def test_a_rebuild_that_takes_longer_than_its_turn_comes_to_an_end(
    llama: Llama, alone: Llama
) -> None:
    window = a_window(llama, "rebuilt")  # after every third frame
    for n in range(40):
        window.add(a_frame(llama, n))
        for _ in range(2):
            window.work()
    positions = llama.span(0)
    assert positions is not None
    size = sum(len(one) if isinstance(one, tuple) else one.advance
               for one in a_frame(llama, 1).pieces)  # fmt: skip
    assert positions[1] < 30 * size, "it was decoded anew meanwhile"
    while window.work():
        pass
    expected = stateless(alone, [*a_prefix(llama), *flat(window.shown)])
    assert same(answered(llama, window), expected)
    alone.close()


def test_a_context_without_room_for_two_windows_goes_on_with_one(tiny_vlm: TinyVlm) -> None:
    llama = Llama(tiny_vlm.model, tiny_vlm.projector, LlamaConfig(context=256, batch=128))
    shown = a_frame(llama, 1)
    size = sum(len(piece) for piece in shown.pieces)
    frames = 200 // size
    window = LiveWindow(llama, WindowConfig(frames=frames, rebuild_every=3, reserve=64))
    window.begin(a_prefix(llama))
    for n in range(60):
        window.add(Shown(pieces=shown.pieces, pts=n))
        while window.work():
            pass
    assert [one.pts for one in window.shown] == list(range(60 - frames, 60))
    llama.close()


def test_another_prefix_stands_also_where_there_is_no_room_for_two_windows(
    tiny_vlm: TinyVlm,
) -> None:
    """Piece by piece all the same, and what is asked meanwhile is answered on it."""
    llama = Llama(tiny_vlm.model, tiny_vlm.projector, LlamaConfig(context=256, batch=128))
    alone = Llama(tiny_vlm.model, tiny_vlm.projector, LlamaConfig(context=256, batch=128))
    shown = [a_frame(llama, n) for n in range(40)]
    size = sum(len(piece) for piece in shown[0].pieces)
    window = LiveWindow(llama, WindowConfig(frames=150 // size, policy="rolled", reserve=32))
    window.begin(a_prefix(llama))
    for one in shown:
        window.add(one)
    for n, words in enumerate(("Momo is a grey cat.", "Mum has long hair.", "Dad has no hair.")):
        prefix: list[Piece] = [tuple(llama.tokens(words))]
        window.stand(prefix)
        for _ in range(2 * n):
            window.work()
        if n == 1:
            answered(llama, window)
        while window.work():
            pass
        seen = answered(llama, window)
        assert [one.pts for one in window.shown][-1] == 39
        assert same(seen, stateless(alone, [*prefix, *flat(window.shown)])), words
    llama.close()
    alone.close()


def test_a_prefix_that_would_leave_no_room_is_refused_and_the_old_one_stays(
    llama: Llama,
) -> None:
    window = a_window(llama)
    window.add(a_frame(llama, 1))
    before = answered(llama, window)
    with pytest.raises(ContextFull):
        window.stand((tuple(llama.tokens("much " * llama.facts.context)),))
    assert not window.work()
    assert same(answered(llama, window), before)


def test_clearing_leaves_the_prefix(llama: Llama, alone: Llama) -> None:
    window = a_window(llama)
    for n in range(6):
        window.add(a_frame(llama, n))
    window.clear()
    assert window.newest_pts is None
    expected = stateless(alone, a_prefix(llama))
    assert np.abs(answered(llama, window) - expected).max() == 0
    window.add(a_frame(llama, 7))
    expected = stateless(alone, [*a_prefix(llama), *flat(window.shown)])
    assert np.abs(answered(llama, window) - expected).max() == 0
    alone.close()


def test_clearing_does_not_lose_a_prefix_that_is_being_built(llama: Llama) -> None:
    window = a_window(llama)
    window.add(a_frame(llama, 1))
    old = answered(llama, window)
    window.stand((tuple(llama.tokens("Momo is a grey cat.")),))
    window.clear()
    while window.work():
        pass
    window.add(a_frame(llama, 1))
    assert not same(answered(llama, window), old)


def test_a_frame_that_was_stopped_is_not_in_the_window(llama: Llama) -> None:
    window = a_window(llama)
    window.add(a_frame(llama, 1))
    before, shown = llama.state(0), a_frame(llama, 2)
    llama.stop()
    with pytest.raises(Stopped):
        window.add(shown)
    llama.go_on()
    assert llama.state(0) == before
    assert [one.pts for one in window.shown] == [1]
    window.add(shown)
    assert [one.pts for one in window.shown] == [1, 2]


def test_a_rebuild_that_was_stopped_begins_again(llama: Llama, alone: Llama) -> None:
    window = a_window(llama)
    window.add(a_frame(llama, 1))
    prefix: list[Piece] = [tuple(llama.tokens("Momo is a grey cat."))]
    window.stand(prefix)
    window.work()
    llama.stop()
    with pytest.raises(Stopped):
        window.work()
    llama.go_on()
    while window.work():
        pass
    expected = stateless(alone, [*prefix, *flat(window.shown)])
    assert same(answered(llama, window), expected)
    alone.close()


def test_pieces_count_their_positions(llama: Llama) -> None:
    shown = a_frame(llama, 1)
    end = lay(llama, shown.pieces, Head(5, 10))
    wide = sum(one.advance if isinstance(one, Encoded) else len(one) for one in shown.pieces)
    assert end == 10 + wide
