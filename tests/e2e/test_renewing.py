"""The gallery under another embedder, with real models and the real memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from app import eyesight
from app.bootstrap import open_engine
from app.clock import SystemClock
from app.motion_clip import clip_of_file
from app.office import Office
from app.paths import Paths
from app.settings import Settings
from engine.facts import MOTION_EMBEDDER, ConceptKind, Exemplar
from engine.media import Frame, Image
from engine.messages import (
    CorrectConcept,
    Event,
    GalleryChanged,
    RejectPicture,
    TeachAction,
    TeachConcept,
    UndoCorrection,
)
from engine.perception.mobilefacenet import MobileFaceNet
from engine.perception.part_embedder import PartEmbedder
from engine.runtime import Engine
from tests.fakes.acts import done_again, taught
from tests.fakes.program import Program
from tests.fakes.waiting import wait_for


def other_things(path: Path, digest: str | None = None) -> PartEmbedder:
    """The same network, without the mirror images: other vectors under another name."""
    return PartEmbedder(path, name="unmirrored", side=224, mirrored=False, digest=digest)


class OtherFaces(MobileFaceNet):
    """The same network from dimmer faces: other vectors under another name."""

    @property
    def name(self) -> str:
        return f"dimmer-{super().name}"

    def embed(self, aligned: Image) -> np.ndarray:
        return super().embed((aligned * 0.6).astype(np.uint8))


def replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another embedder of each kind is installed."""
    monkeypatch.setattr(eyesight, "MobileNet", other_things)
    monkeypatch.setattr(eyesight, "MobileFaceNet", OtherFaces)


@contextmanager
def opened(nacre: Program) -> Iterator[tuple[Engine, list[GalleryChanged]]]:
    told: list[GalleryChanged] = []

    def listen(event: Event) -> None:
        if isinstance(event, GalleryChanged):
            told.append(event)

    with open_engine(Paths.locate(nacre.data), Settings()) as engine:
        engine.subscribe(listen)
        engine.perception(60)
        yield engine, told


def photo(real_data: Path, thing: str, number: int) -> Frame:
    path = sorted((real_data / "things" / thing).glob("*.jpg"))[number]
    return Frame(image=np.asarray(cv2.imread(str(path)), np.uint8), pts=0, at=1, run="")


def a_face(real_data: Path) -> Frame:
    capture = cv2.VideoCapture(str(real_data / "people" / "asl_student.mkv"))
    image = np.asarray(capture.read()[1], np.uint8)
    capture.release()
    return Frame(image=image, pts=0, at=1, run="")


def filled(engine: Engine, real_data: Path) -> None:
    for name in ("can", "clock"):
        for number in range(2):
            frame = photo(real_data, name, number)
            engine.request(TeachConcept(name=name, kind="thing", frame=frame))
    engine.request(TeachConcept(name="Mum", kind="person", frame=a_face(real_data)))
    (can,) = [c for c in engine.archive.concepts() if c.name == "can"]
    wrong = RejectPicture(frame=photo(real_data, "vase", 0))
    engine.request(CorrectConcept(concept=can.id, correction=wrong))


def by_id(engine: Engine) -> dict[str, Exemplar]:
    return {one.id: one for one in engine.archive.exemplars()}


def settled(engine: Engine, names: set[str]) -> None:
    wait_for(
        lambda: {one.embedder for one in engine.archive.vectors()} == names,
        what=f"every exemplar by {names}",
        limit_s=60,
    )


def test_all_is_embedded_again_from_what_is_kept_and_back(
    nacre: Program, real_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(nacre) as (engine, _):
        filled(engine, real_data)
        before = by_id(engine)
        first = {one.embedder for one in before.values()}
    assert len(before) == 6
    with monkeypatch.context() as patch:
        replaced(patch)
        with opened(nacre) as (engine, told):
            second = {name for kind, name in engine.perception().embedders() if kind != "action"}
            assert not first & second
            settled(engine, second)
            after = by_id(engine)
            wait_for(lambda: told and told[-1].waiting == 0, what="its end to be told")
            assert max(event.waiting for event in told) == 6, "it was told while it lasted"
            # What was taught and corrected is the same; only how it is known has changed.
            for one, exemplar in after.items():
                was = before[one]
                assert (exemplar.concept, exemplar.positive, exemplar.at) == (
                    was.concept,
                    was.positive,
                    was.at,
                )
                assert np.array_equal(exemplar.crop, was.crop)
                made = engine.perception().embed_again(
                    exemplar.crop, kind_of(engine, exemplar), exemplar.embedder
                )
                assert made is not None
                assert np.allclose(exemplar.vector, made[1], atol=2e-3)
            # Undoing goes on working across it.
            engine.request(UndoCorrection())
            assert len(by_id(engine)) == 5
    with opened(nacre) as (engine, _):
        settled(engine, first)
        for one, exemplar in by_id(engine).items():
            one_by_one = np.atleast_2d(exemplar.vector) @ np.atleast_2d(before[one].vector).T
            same = one_by_one.max(axis=1)
            # Seen again in the kept picture, which is smaller than what was taught from, so that
            # its parts are not looked at as closely: the whole and the half are in both.
            assert same.max() > 0.95
            assert (same > 0.85).sum() >= min(2, len(same))


def kind_of(engine: Engine, exemplar: Exemplar) -> ConceptKind:
    kinds = {concept.id: concept.kind for concept in engine.archive.concepts()}
    return kinds[exemplar.concept]


def test_it_goes_on_where_it_was_broken_off(
    nacre: Program, real_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(nacre) as (engine, _):
        filled(engine, real_data)
    replaced(monkeypatch)
    monkeypatch.setattr("engine.renewing.AT_ONCE", 1)
    with opened(nacre) as (engine, told):
        wait_for(lambda: told and told[-1].waiting, what="it to begin", limit_s=60)
    with opened(nacre) as (engine, _):
        settled(engine, {name for k, name in engine.perception().embedders() if k != "action"})
        assert len(by_id(engine)) == 6


def test_what_has_no_picture_is_said_to_need_showing_again(
    nacre: Program, real_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(nacre) as (engine, _):
        filled(engine, real_data)
        writer = engine._parts.writer  # pyright: ignore[reportPrivateUsage]
        database = writer._store._database  # pyright: ignore
        with database.transaction():
            database.run(
                "UPDATE exemplars SET crop = x'' WHERE concept = "
                "(SELECT id FROM concepts WHERE name = 'clock')"
            )
        kept = {one: exemplar.vector for one, exemplar in vectors(engine).items()}
    replaced(monkeypatch)
    with opened(nacre) as (engine, told):
        wait_for(
            lambda: told and told[-1].waiting == 0 and unseen(told[-1]),
            what="the end to be told",
            limit_s=60,
        )
        assert unseen(told[-1]) == {"clock": 2}
        listed = Office(engine, SystemClock()).handle({"do": "concepts.list"})
        assert (listed["waiting"], listed["show_again"]) == (0, ["clock"])
        left = vectors(engine)
        assert set(left) == set(kept), "nothing is lost"
        again = photo(real_data, "clock", 2)
        engine.request(TeachConcept(name="clock", kind="thing", frame=again))
        (entry,) = [e for e in told[-1].entries if e.concept.name == "clock"]
        assert (entry.positives, entry.unseen) == (3, 2)


def vectors(engine: Engine) -> dict[str, Exemplar]:
    return {one.id: one for one in engine.archive.vectors()}


def unseen(event: GalleryChanged) -> dict[str, int]:
    return {e.concept.name: e.unseen for e in event.entries if e.unseen}


def older(monkeypatch: pytest.MonkeyPatch) -> None:
    """Motion is described as by an older version: in fewer parts, under another number."""
    monkeypatch.setattr("engine.perception.stretches.PARTS", 12)
    for user in ("perception.acting.EMBEDDER", "perception.registering.EMBEDDER",
                 "acting.MOTION_EMBEDDER"):  # fmt: skip
        monkeypatch.setattr(f"engine.{user}", "motion@0")


def test_an_action_of_an_older_version_is_described_again_and_known(
    bare: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = clip_of_file(taught(tmp_path / "shown.mp4"), 1.0, 3.6)
    with monkeypatch.context() as patch:
        older(patch)
        with opened(bare) as (engine, _):
            engine.request(TeachAction(name="morning stretch", clip=shown))
            (before,) = engine.archive.exemplars()
        assert (before.embedder, len(before.vector)) == ("motion@0", 13)
    with opened(bare) as (engine, told):
        settled(engine, {MOTION_EMBEDDER})
        wait_for(lambda: told and told[-1].waiting == 0, what="its end to be told")
        (after,) = engine.archive.exemplars()
        assert (after.id, after.concept, after.at) == (before.id, before.concept, before.at)
        assert np.array_equal(after.crop, before.crop)
        assert len(after.vector) == 17
    watched = bare.do("watch", done_again(tmp_path / "again.mp4"), "--json").lines
    done = [line["action"] for line in watched if line["event"] == "done"]
    assert done == ["morning stretch"] * 3


def test_an_action_without_kept_pictures_is_said_to_need_showing_again(
    bare: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = clip_of_file(taught(tmp_path / "shown.mp4"), 1.0, 3.6)
    with monkeypatch.context() as patch:
        older(patch)
        with open_engine(Paths.locate(bare.data), Settings(spare_bystanders=True)) as engine:
            engine.perception(60)
            engine.request(TeachAction(name="morning stretch", clip=shown))
    with opened(bare) as (engine, told):
        wait_for(lambda: told and unseen(told[-1]), what="the end to be told", limit_s=60)
        assert unseen(told[-1]) == {"morning stretch": 1}
        assert len(vectors(engine)) == 1, "nothing is lost"
