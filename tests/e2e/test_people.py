"""People known from one frame, in clips of the program's own watching."""

from pathlib import Path

from tests.e2e.signers import SHOWN, clip
from tests.fakes.program import Program

CLIPS = {
    "A": ("again", "brother", "help", "no", "student", "yes"),
    "B": ("bird", "milk", "please", "sorry", "thanks"),
}
"""Who signs in which clip, from the first to the last frame."""


def names_by_clip(
    nacre: Program, real_data: Path, signs: list[str]
) -> tuple[dict[str, set[str]], list[str]]:
    """(the names given in each clip, whoever was said to have left), all clips watched at once."""
    clips = [clip(real_data, sign) for sign in signs]
    events = nacre.do("watch", *clips, "--json").lines
    names: dict[str, set[str]] = {sign: set() for sign in signs}
    for line in events:
        if line["event"] == "sighted" and line["concept"] is not None:
            names[line["source"].removeprefix("asl_").removesuffix(".mkv")].add(line["concept"])
    return names, [line["concept"] for line in events if line["event"] == "left"]


def test_two_people_are_named_in_their_clips_alone(
    nacre: Program, real_data: Path, snapshots: dict[str, Path]
) -> None:
    for person, picture in snapshots.items():
        nacre.do("concepts", "add", person, "--kind", "person", "--image", picture)
    others = [sign for signs in CLIPS.values() for sign in signs if sign not in SHOWN.values()]
    names, left = names_by_clip(nacre, real_data, others)
    assert names == {
        sign: {person} for person, signs in CLIPS.items() for sign in signs if sign in others
    }
    assert left == []


def test_a_stranger_is_given_no_name(
    nacre: Program, real_data: Path, snapshots: dict[str, Path]
) -> None:
    nacre.do("concepts", "add", "A", "--kind", "person", "--image", snapshots["A"])
    names, _ = names_by_clip(nacre, real_data, list(CLIPS["B"]))
    assert names == {sign: set[str]() for sign in CLIPS["B"]}


def test_nobody_is_named_falsely_over_all_splits(nacre: Program, real_data: Path) -> None:
    nacre.extra["NACRE_SHARED"] = str(real_data.parent)
    metrics = nacre.do("eval", "gallery", "--quick", "--json", limit_s=400).json["metrics"]
    assert metrics["people_wrong"] == 0
    assert metrics["strangers_named"] == 0
    assert metrics["people_falsely_left"] == 0
    assert metrics["people_right"] >= 0.99
