"""What a model's process is shown, and shown again after it was lost."""

import numpy as np

from engine.inference import protocol
from engine.inference.view import Emptying, Seen, Standing, Step, View
from engine.media import Frame, Image
from engine.prompts import Card, Prefix


def frame(pts: int, run: str = "run") -> Frame:
    return Frame(image=np.full((4, 4, 3), pts, np.uint8), pts=pts, at=pts, run=run)


def view() -> View:
    """A view that begins with an empty process."""
    one = View(frames=2)
    one.restart()
    return one


def took(one: View, *pts: int) -> None:
    for each in pts:
        one.take(frame(each), f"{each}")
        while owed := one.owed():
            one.done(owed)
        step = one.new_frame()
        assert step is not None
        one.done(step)


def all_owed(one: View) -> list[Step]:
    steps: list[Step] = []
    while step := one.owed():
        one.done(step)
        steps.append(step)
    return steps


def marks(steps: list[Step]) -> list[str]:
    return [step.mark for step in steps if isinstance(step, Seen)]


def test_of_several_frames_that_wait_the_newest_is_taken() -> None:
    one = view()
    for pts in range(3):
        one.take(frame(pts), f"{pts}")
    step = one.new_frame()
    assert isinstance(step, Seen)
    assert step.mark == "2"
    assert one.new_frame() is None


def test_the_first_prefix_is_owed_and_a_later_one_is_not() -> None:
    one = view()
    one.stand(Prefix(system="first"))
    assert [type(step) for step in all_owed(one)] == [Standing]
    assert one.new_prefix() is None
    one.stand(Prefix(system="second"))
    assert one.owed() is None
    step = one.new_prefix()
    assert isinstance(step, Standing)
    assert step.prefix.system == "second"


def test_a_new_process_is_shown_the_prefix_and_the_last_frames_again() -> None:
    one = view()
    one.stand(Prefix(system="s"))
    took(one, 1, 2, 3)
    one.restart()
    steps = all_owed(one)
    assert isinstance(steps[0], Standing)
    assert marks(steps) == ["2", "3"]
    assert all_owed(one) == []


def test_a_frame_of_another_run_empties_the_window_first() -> None:
    one = view()
    took(one, 1, 2)
    one.take(frame(9, "other"), "9")
    assert isinstance(one.owed(), Emptying)
    step = one.new_frame()
    assert isinstance(step, Seen)
    one.done(step)
    one.restart()
    assert marks(all_owed(one)) == ["9"]


def test_what_was_emptied_does_not_come_back() -> None:
    one = view()
    took(one, 1)
    one.take(frame(2), "2")
    step = one.new_frame()
    assert isinstance(step, Seen)
    one.empty()
    assert not one.wants(step)
    one.done(step)
    one.restart()
    assert all_owed(one) == []
    assert one.new_frame() is None


def test_a_stopped_frame_is_taken_again_unless_a_newer_one_waits() -> None:
    one = view()
    one.take(frame(1), "1")
    step = one.new_frame()
    assert step is not None
    one.undone(step)
    assert one.new_frame() is step
    one.take(frame(2), "2")
    one.undone(step)
    assert marks([newest]) == ["2"] if (newest := one.new_frame()) else False


def test_a_frame_over_which_the_process_is_lost_again_and_again_is_left_out() -> None:
    one = view()
    one.take(frame(1), "1")
    step = one.new_frame()
    assert step is not None
    one.undone(step, lost=True)
    assert one.new_frame() is step
    one.undone(step, lost=True)
    assert one.new_frame() is None


def test_the_same_holds_while_the_window_is_shown_again() -> None:
    one = view()
    took(one, 1, 2)
    for _ in range(2):
        one.restart()
        step = one.owed()
        assert step is not None
        assert marks([step]) == ["1"]
        one.undone(step, lost=True)
    one.restart()
    assert marks(all_owed(one)) == ["2"]


def test_orders_carry_what_is_shown() -> None:
    def show(image: Image, mark: str) -> protocol.Shown:
        return protocol.Shown(key="key", mark=mark, image=image)

    one = view()
    one.stand(Prefix(system="s", standing=("No plants.",)))
    step = one.owed()
    assert step is not None
    order = step.order(7, show)
    assert isinstance(order, protocol.Stand)
    assert (order.id, order.system, order.standing) == (7, "s", ("No plants.",))
    one.take(frame(5), "[00:05]")
    while step := one.owed():
        one.done(step)
    taken = one.new_frame()
    assert taken is not None
    take = taken.order(8, show)
    assert isinstance(take, protocol.Take)
    assert (take.pts, take.picture.mark) == (5, "[00:05]")


def test_only_an_empty_window_has_a_first_frame() -> None:
    one = view()
    assert one.first_frame() is None
    one.take(frame(1), "1")
    step = one.first_frame()
    assert step is not None
    one.done(step)
    one.take(frame(2), "2")
    assert one.first_frame() is None


def test_a_frame_that_was_forgotten_while_it_was_taken_does_not_come_back() -> None:
    one = view()
    one.take(frame(1), "1")
    step = one.new_frame()
    assert isinstance(step, Seen)
    one.empty()
    one.take(frame(2), "2")
    one.done(step)
    one.undone(step)
    one.restart()
    assert all_owed(one) == []
    assert marks([newest] if (newest := one.new_frame()) else []) == ["2"]


def test_recorded_frames_are_owed_in_order() -> None:
    one = view()
    for pts in range(4):
        one.take(frame(pts), f"{pts}", paced=False)
    assert marks(all_owed(one)) == ["2", "3"], "the last that are in view"


def test_a_prefix_that_does_not_fit_is_tried_with_fewer_cards() -> None:
    one = view()
    one.stand(Prefix(system="s", cards=tuple(Card(name=str(n), kind="pet") for n in range(3))))
    tried: list[tuple[int, int]] = []
    while (step := one.owed()) is not None:
        assert isinstance(step, Standing)
        tried.append((len(step.prefix.cards), step.left_out))
        if one.failed(step):
            break
    assert tried == [(3, 0), (1, 2), (0, 3)]
    assert one.owed() is None
    assert one.new_prefix() is None
    one.stand_again()
    again = one.new_prefix()
    assert isinstance(again, Standing)
    assert len(again.prefix.cards) == 3


def test_a_frame_that_cannot_be_taken_is_tried_once_more_and_is_not_in_view() -> None:
    one = view()
    took(one, 1)
    one.take(frame(2), "2")
    step = one.new_frame()
    assert step is not None
    assert not one.failed(step)
    assert one.new_frame() is step
    assert one.failed(step)
    assert one.new_frame() is None
    one.restart()
    assert marks(all_owed(one)) == ["1"]
