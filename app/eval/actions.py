"""`nacre eval actions`: actions shown once, sighted when others do them elsewhere.

Figures of the test split act in drawn streams, several at once, at other speeds, between other
deeds; the engine gets the pictures alone, and tells poses by the demo's own network. Each stream
has its own teacher, of the training split. There is no network for the poses of people: on real
recordings actions are known by what moves. No action is repeated there. So a clip is compared with
a changed copy of itself and with changed copies of other words of the same signer: that shows what
a description bears, and is no evidence that a repeat is recognised.
"""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.demo import Demo
from app.eval.acted import Scores, done_in, frames, scores, sighted, taught
from app.eval.intervals import by_subject
from app.eval.kept import Kept
from app.eval.real_input import SIGNERS, real_data
from app.eval.world.acts import STEPS
from app.eval.world.traits import Split
from app.measure import Goal, Measurement
from app.paths import Paths
from engine.decision.actions import fits, known_action, parts_of
from engine.decision.templates import BROKEN_OFF, ENTER, FILLER
from engine.errors import ConceptError, ModelNotInstalled
from engine.facts import MotionClip, SourceSpec
from engine.media import Image, Vector, nanoseconds
from engine.perception.acting import GLANCE_HZ, examine_motion
from engine.perception.bodies import SLIGHT
from engine.perception.finding import Eyes
from engine.perception.flow import small_grey
from engine.perception.seeing import Watcher
from engine.ports.seeing import PoseEstimator

SEED, DEVELOPMENT_SEED = 950_000_001, 910_000_001
"""Of the reported streams (looks of the test split), and of those that anything is chosen on (looks
of the dev split)."""
STREAMS, LENGTH_S = 6, 120.0
QUICK_S = 24.0
LONGEST_S = 8.0
"""Of a real clip, so that a slower copy of it can be described too."""
SPEEDS = (0.8, 1.25)
COPIES = 2
STREAM = SourceSpec(kind="recording", address="drawn", label="drawn stream")
GOALS = (
    Goal(metric="actions_f1", relation=">=", goal=0.9),
    Goal(metric="actions_count_error", relation="<=", goal=0.05),
    Goal(metric="actions_robustness_auc", relation=">=", goal=0.9),
)


def measure(*, paths: Paths, quick: bool, out: Path | None) -> Measurement:
    """6 streams of two minutes (`quick`: 24 s of one, and the real clips of one signer). With
    `out`, every stream that is done is kept beside it.

    Raises:
        ConfigError: the real input is not on this machine.
        ModelNotInstalled: the demo's eyes did not come with this program.
    """
    clips, eyes = real_data("people"), Demo(paths).eyes()
    if eyes is None or eyes.poses is None:
        raise ModelNotInstalled("The demo's eyes did not come with this program.")
    streams, length_s = (1, QUICK_S) if quick else (STREAMS, LENGTH_S)
    watched = watch(eyes.poses, range(SEED, SEED + streams), length_s, "test", out)
    auc, described = robustness(clips, ("B",) if quick else tuple(SIGNERS))
    return report(watched, streams * length_s / 3600, auc, described)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What the product made of some streams."""

    found: dict[str, list[Scores]]
    """By stream, of each action."""
    ms: float
    """Of the processor, for one glance."""
    again: int
    """How often an action had to be shown again."""


def watch(
    poses: PoseEstimator, seeds: Sequence[int], length_s: float, split: Split, out: Path | None
) -> Watched:
    about = json.dumps([poses.name, FILLER, ENTER, BROKEN_OFF, SLIGHT, length_s, split])
    kept = Kept.beside(out, "actions", about)
    pieces = {
        str(seed): kept.get(str(seed), lambda n=seed: _stream(n, length_s, split, poses))
        for seed in seeds
    }
    return Watched(
        found={seed: [Scores(**one) for one in piece["scores"]] for seed, piece in pieces.items()},
        ms=float(np.median([piece["ms"] for piece in pieces.values()])),
        again=sum(piece["again"] for piece in pieces.values()),
    )


def _stream(seed: int, length_s: float, split: Split, poses: PoseEstimator) -> dict[str, Any]:
    seer = Watcher(Eyes(poses=poses)).seer(STREAM, "run")
    lesson = taught(seed, "train", poses)
    told, ms = sighted(frames(seed, split, length_s), lesson.gallery, seer.stir)
    matched = scores(done_in(seed, split, length_s), told)
    return {"scores": [asdict(one) for one in matched], "ms": ms, "again": lesson.again}


def report(watched: Watched, hours: float, auc: float, described: int) -> Measurement:
    found = watched.found
    everything = [one for some in found.values() for one in some]
    metrics = {
        "actions_f1": f1(everything),
        "actions_recall": _share(everything, "done"),
        "actions_precision": _share(everything, "told"),
        "actions_count_error": count_error(everything),
        "actions_false_per_hour": sum(one.told - one.right for one in everything) / hours,
        "actions_robustness_auc": auc,
        "actions_robustness_clips": float(described),
        "actions_glance_ms": watched.ms,
        "actions_shown_again": float(watched.again),
    }
    intervals = {
        "actions_f1": by_subject(found, f1),
        "actions_count_error": by_subject(found, count_error),
    }
    rows: list[dict[str, Any]] = []
    for deed in STEPS:
        some = {name: [one for one in all_of if one.deed == deed] for name, all_of in found.items()}
        of_it = [one for ones in some.values() for one in ones]
        low, high = by_subject(some, f1)
        rows.append(
            {
                "action": deed,
                "done": sum(one.done for one in of_it),
                "told": sum(one.told for one in of_it),
                "right": sum(one.right for one in of_it),
                "F1": round(f1(of_it), 3),
                "95 %": f"{low:.2f} to {high:.2f}",
                "counting error": round(count_error(of_it), 3),
            }
        )
    return Measurement(name="actions", metrics=metrics, intervals=intervals, goals=GOALS, rows=rows)


def f1(some: Sequence[Scores]) -> float:
    """Of all sightings and deeds together; 1 where nothing was done and nothing told."""
    both = sum(one.done + one.told for one in some)
    return 2 * sum(one.right for one in some) / both if both else 1.0


def count_error(some: Sequence[Scores]) -> float:
    """By how many each action was miscounted in each stream, over how often they were done."""
    return sum(abs(one.told - one.done) for one in some) / max(sum(one.done for one in some), 1)


def _share(some: Sequence[Scores], of: str) -> float:
    return sum(one.right for one in some) / max(sum(getattr(one, of) for one in some), 1)


# --- real clips --------------------------------------------------------------------------------


def robustness(folder: Path, signers: Sequence[str]) -> tuple[float, int]:
    """(how often a clip fits a changed copy of itself better than one of another word of the same
    signer, how many clips could be described)."""
    above = compared = 0.0
    described = 0
    for signer in signers:
        shown, copies = _described(folder, SIGNERS[signer])
        described += len(shown)
        for word, vector in shown.items():
            known = known_action(word, [vector], [])
            same = _fits(known.shown, copies[word])
            others = [one for name in copies if name != word for one in copies[name]]
            other = _fits(known.shown, others)
            above += float((same[:, None] > other[None]).sum())
            compared += len(same) * len(other)
    return above / max(compared, 1), described


def _fits(shown: np.ndarray, copies: Sequence[Vector]) -> np.ndarray:
    return fits(shown, np.stack([parts_of(one) for one in copies])).max(axis=0)


def _described(
    folder: Path, words: Sequence[str]
) -> tuple[dict[str, Vector], dict[str, list[Vector]]]:
    shown: dict[str, Vector] = {}
    copies: dict[str, list[Vector]] = {}
    for word in words:
        chance = random.Random(word)
        pictures = list(_pictures(folder / f"asl_{word}.mkv"))
        try:
            vector = examine_motion(_clip(pictures))[0].vector
            changed = [_changed(pictures, chance) for _ in range(COPIES)]
            copies[word] = [examine_motion(one)[0].vector for one in changed]
        except ConceptError:
            continue  # Nothing moves in it that could be known again; it is not counted.
        shown[word] = vector
    return shown, copies


def _pictures(path: Path) -> Iterator[tuple[float, Image]]:
    """(seconds, picture) from the beginning of the recording."""
    video = cv2.VideoCapture(str(path))
    fps = video.get(cv2.CAP_PROP_FPS) or 25.0
    number = 0
    while number / fps < LONGEST_S:
        read, picture = video.read()
        if not read:
            break
        yield number / fps, picture.astype(np.uint8, copy=False)
        number += 1
    video.release()


def _clip(pictures: Sequence[tuple[float, Image]], speed: float = 1.0) -> MotionClip:
    """As the engine glances at it, at another speed."""
    last = pictures[-1][0] / speed
    times = [n / GLANCE_HZ for n in range(int(last * GLANCE_HZ) + 1)]
    at = np.array([t for t, _ in pictures])
    chosen = [int(np.abs(at - t * speed).argmin()) for t in times]
    return MotionClip(
        times=tuple(nanoseconds(t) for t in times),
        pictures=tuple(small_grey(pictures[n][1]) for n in chosen),
    )


def _changed(pictures: Sequence[tuple[float, Image]], chance: random.Random) -> MotionClip:
    """Cut to 85 to 95 % of each side, lighter or darker, faster or slower."""
    height, width = pictures[0][1].shape[:2]
    share, gain = chance.uniform(0.85, 0.95), chance.uniform(0.75, 1.3)
    w, h = int(width * share), int(height * share)
    x, y = chance.randint(0, width - w), chance.randint(0, height - h)
    cut = [
        (t, np.asarray(cv2.convertScaleAbs(one[y : y + h, x : x + w], alpha=gain), np.uint8))
        for t, one in pictures
    ]
    return _clip(cut, chance.choice(SPEEDS))
