"""People without a name are unrecognisable in what is kept, where that is wanted: looked at in the
memory itself, with real models on real people."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from app.bootstrap import open_engine
from app.paths import Paths
from app.settings import Settings
from engine.facts import SourceSpec
from engine.media import Frame, Image, nanoseconds
from engine.memory.archive import SqlCipherArchive
from engine.messages import Event, OpenSource, Say, Sighted, SourceChanged, TeachConcept
from engine.perception.mobilefacenet import MobileFaceNet
from engine.perception.yunet import YuNet
from engine.ports.memory import Archive
from engine.runtime import Engine
from tests.fakes.program import Program
from tests.fakes.waiting import wait_for

SIZE = (640, 480)
FACE, SAME = 0.6, 0.35
"""YuNet is so sure of a face; two are alike from such a cosine on (a name needs more)."""


def frames_of(path: Path) -> list[Image]:
    capture, frames = cv2.VideoCapture(str(path)), []
    while (read := capture.read())[0]:
        frames.append(np.asarray(read[1], np.uint8))
    capture.release()
    return frames


def written(path: Path, frames: list[Image], rate: int = 15) -> Path:
    height, width = frames[0].shape[:2]
    video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate, (width, height))
    for frame in frames:
        video.write(frame)
    video.release()
    return path


def to_and_fro(frames: list[Image], number: int) -> list[Image]:
    there_and_back = frames + frames[::-1]
    return [there_and_back[n % len(there_and_back)] for n in range(number)]


@dataclass(frozen=True)
class Looker:
    """Sees what anybody with these models could see in a kept picture."""

    faces: YuNet
    embedder: MobileFaceNet

    def vectors(self, image: Image) -> list[np.ndarray]:
        found = [face for face in self.faces.detect(image) if face.score >= FACE]
        return [self.embedder.embed(self.embedder.align(image, face)) for face in found]

    def best(self, image: Image) -> np.ndarray:
        face = max(self.faces.detect(image), key=lambda one: one.score)
        return self.embedder.embed(self.embedder.align(image, face))


@pytest.fixture(scope="module")
def looker(real_models: Path) -> Looker:
    (embedder,) = real_models.rglob("mobilefacenet*.onnx")
    (yunet,) = real_models.rglob("yunet*.onnx")
    return Looker(YuNet(yunet), MobileFaceNet(embedder))


@pytest.fixture(scope="module")
def two(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A signs on the left, B on the right, for nine seconds."""
    left = to_and_fro(frames_of(real_data / "people" / "asl_yes.mkv"), 135)
    right = to_and_fro(frames_of(real_data / "people" / "asl_thanks.mkv"), 135)
    both = [np.hstack(pair) for pair in zip(left, right, strict=True)]
    return written(tmp_path_factory.mktemp("two") / "two.avi", both)


@contextmanager
def opened(nacre: Program, **settings: Any) -> Iterator[tuple[Engine, list[Event]]]:
    events: list[Event] = []
    chosen = Settings(spare_bystanders=True, **settings)
    with open_engine(Paths.locate(nacre.data), chosen) as engine:
        engine.subscribe(events.append)
        yield engine, events


def watch(
    engine: Engine, events: list[Event], video: Path, then: Callable[[str], None] | None = None
) -> str:
    spec = SourceSpec(
        kind="recording", address=str(video), label=video.name, realtime=then is not None
    )
    command = OpenSource(spec=spec)
    engine.send(command)
    if then is not None:
        then(command.run)

    def over() -> bool:
        ended = [e for e in events if isinstance(e, SourceChanged) and e.state == "ended"]
        return any(e.run == command.run for e in ended)

    wait_for(over, what="the recording to be over", limit_s=120)
    engine.flush()
    return command.run


def teach(engine: Engine, name: str, picture: Image) -> None:
    frame = Frame(image=picture, pts=0, at=1, run="")
    engine.request(TeachConcept(name=name, kind="person", frame=frame))


def kept(archive: Archive, run: str) -> list[tuple[int, Image]]:
    """Every picture that is stored of a run, as it is stored."""
    query = "SELECT pts, jpeg FROM pictures WHERE run = ? ORDER BY pts"
    pictures = [
        (int(pts), cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR))
        for pts, jpeg in stored(archive, query, run)
    ]
    return [(pts, np.asarray(image, np.uint8)) for pts, image in pictures]


def stored(archive: Archive, query: str, *values: str) -> list[tuple[Any, ...]]:
    """Rows of the memory's file."""
    assert isinstance(archive, SqlCipherArchive)
    with archive._pool.reader() as database:  # pyright: ignore[reportPrivateUsage]
        return database.rows(query, values)


def test_a_stranger_is_in_no_picture_and_who_is_known_stays_sharp(
    nacre: Program, looker: Looker, two: Path, real_data: Path
) -> None:
    a = frames_of(real_data / "people" / "asl_student.mkv")[10]
    b = looker.best(frames_of(real_data / "people" / "asl_milk.mkv")[10])
    with opened(nacre) as (engine, events):
        teach(engine, "A", a)
        run = watch(engine, events, two)
        pictures = kept(engine.archive, run)
        named = {e.name: e.sighting.span.end for e in events if isinstance(e, Sighted)}
        assert set(named) == {"A", "someone"}
        assert [e.concept for e in engine.archive.exemplars()] == [
            c.id for c in engine.archive.concepts()
        ]
        assert [clip for clip in vectors(engine) if clip] == [], "nobody is embedded with a clip"
    assert len(pictures) >= 3
    known = looker.best(a)
    frames = frames_of(two)
    for pts, image in pictures:
        left, right = image[:, :640], image[:, 640:]
        shown = frames[min(round(pts / 1e9 * 15), len(frames) - 1)]
        assert max(float(v @ b) for v in [*looker.vectors(right), -b]) < SAME
        assert sharpness(right) < 0.5 * sharpness(shown[:, 640:])
        assert max(float(v @ known) for v in looker.vectors(left)) > 0.5
        assert float(np.abs(left.astype(int) - shown[:, :640]).mean()) < 6


def vectors(engine: Engine) -> list[object]:
    return [vector for (vector,) in stored(engine.archive, "SELECT vector FROM clips")]


def sharpness(image: Image) -> float:
    """Of the middle, where the head is."""
    grey = cv2.cvtColor(image[60:260, 200:440], cv2.COLOR_BGR2GRAY)
    return float(np.var(cv2.Laplacian(grey, cv2.CV_32F)))


def test_without_the_mode_both_are_kept_as_they_are(
    nacre: Program, looker: Looker, two: Path
) -> None:
    events: list[Event] = []
    with open_engine(Paths.locate(nacre.data), Settings()) as engine:
        engine.subscribe(events.append)
        run = watch(engine, events, two)
        pictures = kept(engine.archive, run)
    assert all(len(looker.vectors(image)) >= 2 for _, image in pictures)


def test_who_becomes_known_in_the_middle_is_sharp_from_then_on(
    nacre: Program, looker: Looker, real_data: Path, tmp_path: Path
) -> None:
    frames = frames_of(real_data / "people" / "asl_thanks.mkv")
    video = written(tmp_path / "long.avi", to_and_fro(frames, 300))
    known = looker.best(frames[10])
    taught_at: list[int] = []

    with opened(nacre) as (engine, events):

        def introduce(run: str) -> None:
            wait_for(
                lambda: (frame := engine.newest(run)) and frame.pts > nanoseconds(9.0),
                what="nine seconds",
                limit_s=60,
            )
            engine.request(Say(text="This is my mum"))
            frame = engine.newest(run)
            assert frame is not None
            taught_at.append(frame.pts)

        run = watch(engine, events, video, introduce)
        pictures = kept(engine.archive, run)
    likeness = [
        (pts, max([float(v @ known) for v in looker.vectors(image)], default=-1.0))
        for pts, image in pictures
    ]
    before = [score for pts, score in likeness if pts < nanoseconds(8.0)]
    after = [score for pts, score in likeness if pts > taught_at[0] + nanoseconds(1.0)]
    assert before
    assert after
    assert max(before) < SAME
    assert min(after) > 0.5


def test_in_no_clip_is_a_face_left(nacre: Program, looker: Looker, real_data: Path) -> None:
    pictures: list[Image] = []
    with opened(nacre) as (engine, events):
        for clip in sorted((real_data / "people").glob("*.mkv")):
            run = watch(engine, events, clip)
            pictures += [image for _, image in kept(engine.archive, run)]
        assert engine.archive.exemplars() == ()
    assert len(pictures) > 20
    assert [len(looker.vectors(image)) for image in pictures] == [0] * len(pictures)


def test_nobody_to_find_people_with_hides_whole_pictures(
    bare: Program, looker: Looker, two: Path
) -> None:
    with opened(bare) as (engine, events):
        run = watch(engine, events, two)
        pictures = kept(engine.archive, run)
    assert pictures
    assert not any(looker.vectors(image) for _, image in pictures)


def test_the_switch_is_kept_and_said(bare: Program) -> None:
    assert "as they are seen" in bare.do("memory", "bystanders").out
    assert "unrecognisable" in bare.do("memory", "bystanders", "spared").out
    assert "unrecognisable" in bare.do("memory", "bystanders").out
    assert "spare_bystanders = true" in (bare.data / "settings.toml").read_text()
