"""People who are not registered, spared: what of them may be kept."""

from dataclasses import replace

import numpy as np
import pytest

from engine import effects as do
from engine import messages as msg
from engine import reports as rep
from engine.facts import ClipRecord, Figure, MotionClip, ScreenText, Sighting, View
from engine.media import Box, Frame, Image, Span, nanoseconds
from engine.obscuring import spared
from tests.engine.conftest import BODY, FACE, MUM_FACE, START, STRANGE_FACE, Driver, a_person, unit
from tests.engine.decision.test_actions import vector

NOISE: Image = np.random.default_rng(0).integers(0, 256, (90, 160, 3), np.uint8)
OTHER_BODY = Box(100, 10, 40, 70)
WHOLE = Box(0, 0, 160, 90)


def frame(t: float) -> Frame:
    return Frame(image=NOISE, pts=nanoseconds(t), at=START + nanoseconds(t), run="run")


def detail(image: Image, box: Box) -> float:
    """How much a region differs from pixel to pixel."""
    return float(np.abs(np.diff(box.crop(image).astype(int), axis=1)).mean())


def look(driver: Driver, t: float, *people: tuple[int, Box, np.ndarray]) -> None:
    tracks = tuple(a_person(track, face, box) for track, box, face in people)
    figures = tuple(Figure(box=box) for _, box, _ in people)
    driver.give(rep.Perceived(frame=frame(t), tracks=tracks, figures=figures))


@pytest.fixture
def spares(driver: Driver) -> Driver:
    driver.teach()
    driver.give(msg.SpareBystanders(on=True))
    driver.open()
    return driver


def evidence(driver: Driver) -> list[Image]:
    return [one.frame.image for one in driver.all(do.Persist) if one.frame is not None]


def test_a_stranger_is_flat_and_who_is_known_is_as_they_were(spares: Driver) -> None:
    for n in range(6):
        look(spares, n / 2, (1, BODY, MUM_FACE), (2, OTHER_BODY, STRANGE_FACE))
    last = evidence(spares)[-1]
    assert detail(last, OTHER_BODY) < 0.2 * detail(NOISE, OTHER_BODY)
    assert np.array_equal(BODY.crop(last), BODY.crop(NOISE))
    facts = [one.fact for one in spares.all(do.Persist) if isinstance(one.fact, Sighting)]
    assert {fact.concept for fact in facts} == {None, "c-mum"}


def test_off_nothing_is_changed(driver: Driver) -> None:
    driver.open()
    for n in range(3):
        look(driver, n / 2, (2, OTHER_BODY, STRANGE_FACE))
    assert evidence(driver)
    assert all(image is NOISE for image in evidence(driver))


def a_clip(*figures: tuple[Figure, ...] | None) -> ClipRecord:
    return ClipRecord(
        run="run",
        span=Span(start=0, end=nanoseconds(2.0)),
        at=START + nanoseconds(2.0),
        key_frames=tuple((nanoseconds(n), NOISE) for n in range(len(figures))),
        vector=unit(1, 2),
        embedder="image",
        figures=figures,
    )


def kept_clip(driver: Driver) -> ClipRecord:
    (clip,) = [one.fact for one in driver.all(do.Persist) if isinstance(one.fact, ClipRecord)]
    return clip


def test_a_clip_is_spared_and_loses_the_vector_that_shows_everybody(spares: Driver) -> None:
    for n in range(4):
        look(spares, n / 2, (1, BODY, MUM_FACE), (2, OTHER_BODY, STRANGE_FACE))
    both = Figure(box=BODY), Figure(box=OTHER_BODY)
    spares.give(rep.ClipClosed(clip=a_clip(both, both)))
    clip = kept_clip(spares)
    assert (clip.vector, clip.embedder) == (None, None)
    for _, image in clip.key_frames:
        assert np.array_equal(BODY.crop(image), BODY.crop(NOISE))
        assert detail(image, OTHER_BODY) < 0.2 * detail(NOISE, OTHER_BODY)


def test_whom_the_detector_missed_in_a_key_frame_is_hidden_where_they_were_followed(
    spares: Driver,
) -> None:
    for n in range(4):
        look(spares, n / 2, (2, OTHER_BODY, STRANGE_FACE))
    spares.give(rep.ClipClosed(clip=a_clip(())))
    (_, image) = kept_clip(spares).key_frames[0]
    assert detail(image, OTHER_BODY) < 0.2 * detail(NOISE, OTHER_BODY)


def test_a_clip_with_nobody_but_the_known_keeps_its_vector(spares: Driver) -> None:
    for n in range(4):
        look(spares, n / 2, (1, BODY, MUM_FACE))
    spares.give(rep.ClipClosed(clip=a_clip((Figure(box=BODY),))))
    assert kept_clip(spares).vector is not None


@pytest.mark.parametrize("figures", [(None,), ()])
def test_what_cannot_be_told_is_hidden_whole(
    spares: Driver, figures: tuple[tuple[Figure, ...] | None, ...]
) -> None:
    clip = replace(a_clip(None), figures=figures)
    spares.give(rep.ClipClosed(clip=clip))
    (_, image) = kept_clip(spares).key_frames[0]
    assert detail(image, WHOLE) < 0.2 * detail(NOISE, WHOLE)


def test_words_read_before_anybody_was_looked_for_keep_no_sharp_picture(spares: Driver) -> None:
    spares.give(rep.Perceived(frame=frame(0.0), tracks=()))
    span = Span(start=0, end=0)
    text = ScreenText(run="run", span=span, at=START, text="hello", box=WHOLE)
    spares.give(rep.TextRead(text=text))
    assert detail(evidence(spares)[-1], WHOLE) < 0.2 * detail(NOISE, WHOLE)


def test_no_negative_of_a_stranger_is_kept(spares: Driver) -> None:
    for n in range(4):
        look(spares, n / 2, (1, BODY, MUM_FACE))
    spares.out.clear()
    judged = msg.Judge(run="run", track=1, right=False)
    spares.give(msg.CorrectConcept(concept="c-mum", correction=judged))
    assert [one.added for one in spares.all(do.PersistConcept)] == [()]
    look(spares, 3.0, (1, BODY, MUM_FACE))
    drawn = spares.all(msg.Tracked)[-1].overlays[0]
    assert drawn.concept is None, "the word still counts for this track"
    picture = msg.RejectPicture(frame=frame(0.0), box=FACE)
    (failed,) = spares.give(msg.CorrectConcept(concept="c-mum", correction=picture))
    assert isinstance(failed, msg.Failed)
    assert "Nothing was changed" in failed.reason


def test_of_an_action_the_motion_alone_is_kept(spares: Driver) -> None:
    clip = MotionClip(times=(0, 1), pictures=(NOISE[:, :, 0], NOISE[:, :, 0]))
    spares.give(msg.TeachAction(name="bow", clip=clip, ref="a1"))
    view = View(embedder="motion@1", vector=vector(1), box=BODY, crop=NOISE, quality=1.0)
    spares.give(rep.Examined(ref="a1", views=(view,)))
    (kept,) = spares.all(do.PersistConcept)[-1].added
    assert not kept.crop.any()


def test_who_stands_before_somebody_known_has_no_face_left() -> None:
    head = Box(60, 20, 20, 20)
    image = spared(NOISE, [Figure(box=Box(50, 15, 40, 70), head=head)], [Figure(box=WHOLE)])
    assert detail(image, head) < 0.2 * detail(NOISE, head)
    assert np.array_equal(image[:, 120:], NOISE[:, 120:])
