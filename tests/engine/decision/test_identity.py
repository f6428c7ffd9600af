"""Naming a track: several agreeing views, a margin, and names that ride the track."""

from dataclasses import replace
from weakref import ref

import numpy as np
import pytest

from engine.config import IdentityConfig
from engine.decision.calibration import PEOPLE, SMALL, THINGS, calibration_of
from engine.decision.identity import TrackIdentity
from engine.facts import OWN_EMBEDDER, PARTS, View
from engine.media import Box

CONFIG = IdentityConfig()
NO_CROP = np.zeros((1, 1, 3), np.uint8)


def view(number: int) -> View:
    return View(
        embedder="e",
        vector=np.array([number], np.float32),
        box=Box(0, 0, 1, 1),
        crop=NO_CROP,
        quality=1,
    )


class Scores:
    """Scores given view by view."""

    def __init__(self, *scores: dict[str, float]) -> None:
        self._scores = scores

    def __call__(self, view: View) -> dict[str, float]:
        return self._scores[int(view.vector[0])]


def verdicts(*scores: dict[str, float]) -> list[tuple[str, str | None]]:
    identity = TrackIdentity(CONFIG, face=True)
    given = Scores(*scores)
    looks = [identity.look(view(n), given, version=1) for n in range(len(scores))]
    return [(v.certainty, v.concept) for v in looks]


def test_one_view_names_nobody() -> None:
    assert verdicts({"mum": 0.9}) == [("maybe", "mum")]


def test_two_agreeing_views_name() -> None:
    assert verdicts({"mum": 0.6}, {"mum": 0.55})[-1] == ("sure", "mum")


def test_the_mean_of_the_views_decides() -> None:
    assert verdicts({"mum": 0.6}, {"mum": 0.39})[-1] == ("maybe", "mum")
    assert verdicts({"mum": 0.6}, {"mum": 0.1})[-1] == ("unknown", None)


@pytest.mark.parametrize(
    ("probability", "certainty"),
    [(0.951, "sure"), (0.949, "maybe"), (0.201, "maybe"), (0.199, "unknown")],
)
def test_there_is_no_gap_between_the_outcomes(probability: float, certainty: str) -> None:
    score = PEOPLE.score_for(probability, looks=2)
    assert verdicts({"mum": score}, {"mum": score})[-1][0] == certainty


def test_a_verdict_tells_the_probability() -> None:
    score = PEOPLE.score_for(0.6, looks=2)
    assert maybe({"mum": score}, {"mum": score}).verdict.probability == pytest.approx(0.6)
    assert maybe({"mum": 0.9}).verdict.probability == CONFIG.one_look


def test_of_two_that_fit_as_well_neither_is_probable() -> None:
    told = maybe({"mum": 0.7, "aunt": 0.7}, {"mum": 0.7, "aunt": 0.7}).verdict
    assert told.certainty == "maybe"
    assert told.probability == pytest.approx(0.5, abs=0.01)


def test_many_look_alikes_stay_maybe() -> None:
    alike = {f"sneaker {n}": 0.7 for n in range(12)}
    assert maybe(alike, alike).verdict.certainty == "maybe"


@pytest.mark.parametrize("seed", range(20))
def test_probabilities_leave_room_for_the_stranger(seed: int) -> None:
    random = np.random.default_rng(seed)
    scores = {str(n): float(one) for n, one in enumerate(random.uniform(-1, 1, seed + 1))}
    for calibration in (PEOPLE, THINGS):
        told = calibration.probabilities(scores, looks=1 + seed % 16)
        assert list(told) == list(scores)
        assert all(0 <= one <= 1 for one in told.values())
        assert sum(told.values()) <= 1
        best = max(scores, key=scores.__getitem__)
        assert told[best] == max(told.values())


def test_each_embedder_has_numbers_of_its_own() -> None:
    assert calibration_of("mobilefacenet@b7120c09", face=True) is PEOPLE
    things = calibration_of("mobilenet_v2_6v@bf75d7be/parts", face=False)
    assert replace(things, blur=0.0) == THINGS
    assert calibration_of("another@1", face=False) is THINGS


def test_a_near_tie_stays_maybe() -> None:
    assert verdicts({"mum": 0.6, "dad": 0.57}, {"mum": 0.6, "dad": 0.57})[-1] == ("maybe", "mum")


def test_a_name_rides_the_track_while_no_face_shows() -> None:
    identity = TrackIdentity(CONFIG, face=True)
    scores = Scores({"mum": 0.7}, {"mum": 0.7})
    identity.look(view(0), scores, version=1)
    identity.look(view(1), scores, version=1)
    for _ in range(50):
        assert identity.look(None, scores, version=1).certainty == "sure"


def test_a_name_is_held_until_the_evidence_speaks_against_it() -> None:
    good, poor, bad = {"mum": 0.6}, {"mum": 0.35}, {"mum": 0.0}
    assert verdicts(good, good, poor, poor)[-1] == ("sure", "mum")
    assert verdicts(good, good, bad, bad, bad)[-1] == ("unknown", None)


def test_a_changed_gallery_judges_the_views_already_seen() -> None:
    identity = TrackIdentity(CONFIG, face=True)
    nobody = Scores({}, {})
    identity.look(view(0), nobody, version=1)
    assert identity.look(view(1), nobody, version=1).certainty == "unknown"
    known = Scores({"mum": 0.8}, {"mum": 0.8})
    assert identity.look(None, known, version=2).certainty == "sure"


def test_a_view_that_rules_a_concept_out_counts_as_zero() -> None:
    assert verdicts({"mum": 0.7}, {})[-1] == ("unknown", None)


def test_what_the_user_says_decides() -> None:
    identity = TrackIdentity(CONFIG, face=True)
    scores = Scores({"mum": 0.7}, {"mum": 0.7})
    identity.pin("dad")
    assert identity.look(view(0), scores, version=1).concept == "dad"
    identity.deny("dad")
    assert identity.look(view(1), scores, version=1).concept == "mum"
    identity.deny("mum")
    assert identity.verdict.certainty == "unknown"


def test_few_views_must_be_better_than_many() -> None:
    hasty = TrackIdentity(CONFIG, face=True)
    scores = Scores(*[{"mum": PEOPLE.score_for(0.951, looks=6)}] * 8)
    looks = [hasty.look(view(n), scores, version=1).certainty for n in range(8)]
    assert looks == ["maybe"] * 5 + ["sure"] * 3


def test_only_the_newest_view_keeps_its_pixels() -> None:
    identity, given = TrackIdentity(CONFIG, face=True), Scores({"mum": 0.6}, {"mum": 0.2})
    older, newest = (np.full((112, 112, 3), n, np.uint8) for n in (1, 2))
    kept = ref(older)
    identity.look(replace(view(0), crop=older), given, version=1)
    identity.look(replace(view(1), crop=newest), given, version=1)
    del older
    assert kept() is None
    assert identity.newest_view is not None
    assert identity.newest_view.crop is newest
    judged_anew = identity.look(None, Scores({"mum": 0.9}, {"mum": 0.7}), version=2)
    assert judged_anew.certainty == "sure"


def maybe(*scores: dict[str, float]) -> TrackIdentity:
    identity = TrackIdentity(CONFIG, face=True)
    given = Scores(*scores)
    for n in range(len(scores)):
        identity.look(view(n), given, version=1)
    return identity


def test_a_second_opinion_settles_a_maybe() -> None:
    for yes, certainty in ((0.95, "sure"), (0.6, "maybe"), (0.05, "unknown")):
        identity = maybe({"mum": 0.48}, {"mum": 0.48})
        assert identity.unsettled == "mum"
        identity.weigh("mum", yes)
        assert identity.verdict.certainty == certainty
        assert identity.unsettled is None


def test_a_second_opinion_names_no_stranger_and_tells_no_look_alikes_apart() -> None:
    stranger = maybe({"mum": 0.3}, {"mum": 0.3})
    assert stranger.unsettled is None
    stranger.weigh("mum", 0.99)
    assert stranger.verdict.certainty == "unknown"
    alike = maybe({"mum": 0.49, "aunt": 0.47}, {"mum": 0.49, "aunt": 0.47})
    alike.weigh("mum", 0.99)
    assert alike.verdict.certainty == "maybe"


def test_one_view_asks_for_no_second_opinion() -> None:
    assert maybe({"mum": 0.9}).unsettled is None


def test_the_users_word_beats_a_second_opinion() -> None:
    identity = maybe({"mum": 0.48}, {"mum": 0.48})
    identity.weigh("mum", 0.95)
    identity.deny("mum")
    assert identity.verdict.certainty == "unknown"


def looked(number: int, embedder: str) -> View:
    return replace(view(number), embedder=embedder)


def test_by_looks_alone_somebody_is_a_maybe_at_most() -> None:
    identity = TrackIdentity(CONFIG, face=True)
    given = Scores({"mum": 0.99, "mug": 0.2})
    for _ in range(4):
        identity.look(looked(0, "e" + PARTS), given, 1, frozenset({"mum"}))
    assert (identity.verdict.certainty, identity.verdict.concept) == ("maybe", "mum")
    assert identity.unsettled is None, "no model can tell who wears the same"
    identity.weigh("mum", 1.0)
    assert identity.verdict.certainty == "maybe"
    identity.pin("mum", "said")
    assert identity.verdict.certainty == "sure"
    identity.unsay("said")
    identity.look(looked(0, "e" + PARTS), given, 1, frozenset({"mum"}))
    assert identity.verdict.certainty == "maybe"


def test_a_thing_beside_somebody_known_by_looks_is_still_named() -> None:
    identity = TrackIdentity(CONFIG, face=False)
    given = Scores({"mum": 0.3, "mug": 0.99})
    for _ in range(2):
        identity.look(looked(0, "e" + PARTS), given, 1, frozenset({"mum"}))
    assert (identity.verdict.certainty, identity.verdict.concept) == ("sure", "mug")


def test_the_own_embedder_has_numbers_of_its_own() -> None:
    def certainty(embedder: str, score: float) -> str:
        identity = TrackIdentity(CONFIG, face=False)
        for _ in range(2):
            identity.look(looked(0, embedder), Scores({"it": score}), 1)
        return identity.verdict.certainty

    own, other = f"{OWN_EMBEDDER}@12345678{PARTS}", f"other@12345678{PARTS}"
    assert certainty(other, 0.65) == "sure"
    assert certainty(own, 0.65) == "maybe"
    assert certainty(own, 0.58) == "unknown"
    assert certainty(own, 0.73) == "sure"


def test_a_thing_that_is_small_in_the_picture_has_to_fit_better() -> None:
    def certainty(score: float, *sides: int) -> str:
        identity = TrackIdentity(CONFIG, face=False)
        for side in sides:
            seen = looked(0, f"mobilenet_v2_6v@12345678{PARTS}")
            box = Box(0, 0, side, 2 * side)
            identity.look(replace(seen, box=box), Scores({"it": score}), 1)
        return identity.verdict.certainty

    assert certainty(0.65, SMALL, SMALL) == "sure"
    assert certainty(0.65, SMALL - 1, SMALL - 1) == "maybe"
    assert certainty(0.65, SMALL - 1, SMALL, SMALL, SMALL) == "sure", "larger looks count for more"
    assert certainty(0.68, SMALL - 1, SMALL - 1) == "sure"
    assert certainty(0.60, SMALL - 1, SMALL - 1) == "unknown"
