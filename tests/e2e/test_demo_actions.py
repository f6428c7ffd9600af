"""An action that is shown in the demo is known there when others do it, and is kept."""

from threading import Event as Flag

import pytest

from app import demo
from app.bootstrap import open_engine
from app.demo import Demo
from app.paths import Paths
from app.settings import Settings
from engine.facts import SourceSpec
from engine.media import nanoseconds
from engine.messages import Done, Event, OpenSource, SourceChanged, TeachAction, Tracked
from engine.perception.drawn_poses import DrawnPoses
from engine.runtime import Engine
from tests.fakes.program import Program
from tests.fakes.waiting import wait_for

DEMO = SourceSpec(kind="demo", address="demo", label="demo clip", realtime=False)
SHOWN_S = 4.3
"""By then a figure has waved, from 1.2 s on."""


class Watched:
    """The demo, as fast as it can be watched. `shows`: an action is shown while it goes on."""

    def __init__(self, engine: Engine, *, shows: bool) -> None:
        self.done: list[tuple[str, float, float]] = []
        self._engine, self._shows = engine, shows
        self._ended = Flag()
        stop = engine.subscribe(self._listen)
        engine.send(OpenSource(spec=DEMO, run="demo", consented=True))
        wait_for(self._ended.is_set, what="the end of the demo", limit_s=120)
        stop()

    def _listen(self, event: Event) -> None:
        if isinstance(event, Tracked) and self._shows and event.pts >= nanoseconds(SHOWN_S):
            self._shows = False
            until = nanoseconds(SHOWN_S)
            self._engine.send(
                TeachAction(name="wave", run="demo", until=until, lasts_s=3.5, ref="w")
            )
        if isinstance(event, Done):
            span = event.sighting.span
            self.done.append((event.name, span.start / 1e9, span.end / 1e9))
        if isinstance(event, SourceChanged) and event.state == "ended":
            self._ended.set()


class OtherPoses(DrawnPoses):
    """The same network under the name of another version."""

    @property
    def name(self) -> str:
        return "nacre-demo-poses@other"


def test_it_is_known_there_and_described_anew_by_a_newer_network(
    bare: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = Paths.locate(bare.data)
    poses = getattr(Demo(paths).eyes(), "poses", None)
    assert poses is not None
    with open_engine(paths, Settings()) as engine:
        engine.perception(60)
        watched = Watched(engine, shows=True)
        assert [name for name, _, _ in watched.done] == ["wave"] * 3, watched.done
        (kept,) = engine.archive.exemplars()
        assert kept.embedder == poses.name
    monkeypatch.setattr(demo, "DrawnPoses", OtherPoses)
    with open_engine(paths, Settings()) as engine:
        engine.perception(60)
        (kept,) = engine.archive.exemplars()
        assert kept.embedder == poses.name, "only the demo's network can describe it again"
        Watched(engine, shows=False)
        (kept,) = engine.archive.exemplars()
        assert kept.embedder == "nacre-demo-poses@other"
        watched = Watched(engine, shows=False)
        assert [name for name, _, _ in watched.done] == ["wave"] * 4, watched.done
