"""The drawn world as a model watches it."""

from itertools import islice
from pathlib import Path

import pytest

from app.eval.drawn_stream import SETTLED_S, BundledClip, drawn_stream
from app.eval.world.showcase import MOMO, MUM
from engine.errors import SourceError

CLIP = Path(__file__).parents[3] / "assets" / "demo.mp4"


def test_the_same_seed_draws_the_same_stream_with_questions_once_a_scene_has_settled() -> None:
    first, again = (list(islice(drawn_stream(5, 48), 30)) for _ in range(2))
    assert [one.questions for one in first] == [one.questions for one in again]
    assert all(
        (a.picture.image == b.picture.image).all() for a, b in zip(first, again, strict=True)
    )
    assert [one.picture.mark for one in first[:2]] == ["[0:00]", "[0:01]"]
    assert not any(one.questions for one in first[: int(SETTLED_S)])
    asked = [question for one in first for question in one.questions]
    assert len(asked) > 10
    assert all(question.answer for question in asked)


def test_the_bundled_clip_is_known_second_by_second() -> None:
    clip = BundledClip(CLIP)
    assert [card.name for card in clip.cards] == ["Mum", "Momo"]
    assert [card.text for card in clip.cards] == [MUM.words(), MOMO.words()]
    assert all(card.picture is not None and card.picture.size > 0 for card in clip.cards)
    assert clip.shown(0).image is clip.shown(len(clip.pictures)).image, "it begins anew"
    asked = [one for _, found in clip.watched(0) for one in found]
    assert {"name", "who"} <= {one.kind for one in asked}
    assert any(one.name == "Momo" and one.answer == "yes" for one in asked)


def test_a_clip_that_cannot_be_read_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        _ = BundledClip(tmp_path / "none.mp4").pictures
