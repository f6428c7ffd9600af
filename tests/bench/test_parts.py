"""What the benchmarks are made of: borrowed folders, stalls, growth, scripted sources, curves."""

import os
from itertools import islice
from pathlib import Path

import cv2
import keyring
import numpy as np
import pytest

from app.bench.curves import draw
from app.bench.footprint import Footprint
from app.bench.growth import Hours
from app.bench.home import KEYRING_VARIABLE, borrowed_home
from app.bench.scripted import Begin, Camera, Simulated
from app.bench.still import decoded, noisy_jpegs
from app.bench.window import Stalls
from app.paths import Paths
from engine.media import NANOSECONDS, Image

GREY: Image = np.full((48, 64, 3), 120, np.uint8)


def test_a_borrowed_home_has_the_models_and_nothing_else(tmp_path: Path):
    paths = Paths.locate(tmp_path / "data")
    (paths.models / "toy").mkdir(parents=True)
    backend, variable = keyring.get_keyring(), os.environ.get(KEYRING_VARIABLE)
    with borrowed_home(paths) as home:
        assert home.data != paths.data
        assert home.models == paths.models
        assert [path.name for path in home.data.iterdir()] == ["models"]
        assert (home.data / "models" / "toy").is_dir()
        assert keyring.get_keyring() is not backend
        (home.data / "memory.db").write_bytes(b"x")
    assert not home.data.exists()
    assert (paths.models / "toy").is_dir()
    assert keyring.get_keyring() is backend
    assert os.environ.get(KEYRING_VARIABLE) == variable


def test_stalls_are_what_a_tick_is_late(monkeypatch: pytest.MonkeyPatch):
    times = iter([1.0, 1.010, 1.020, 1.090, 1.095])
    monkeypatch.setattr("app.bench.window.time.perf_counter", lambda: next(times))
    stalls = Stalls()
    for _ in range(5):
        stalls.tick()
    assert stalls.late == pytest.approx([0, 0, 60, 0])
    assert stalls.p(100) == pytest.approx(60)


def test_growth_compares_the_end_with_the_settled_begin():
    mb = [100.0 + 10 * n for n in range(10)] + [300.0] * 70 + [309.0] * 80
    samples = [(n / 160 * 8, Footprint(own=one - 90, files=90)) for n, one in enumerate(mb)]
    share, before, after = Hours([], 28_800, samples=samples).growth()
    assert (before.mb, after.mb) == (300, 309)
    assert (before.own, after.own) == (210, 219)
    assert share == pytest.approx(0.03)


def test_simulated_hours_pass_one_picture_in_twenty():
    scenes = [noisy_jpegs(np.full_like(GREY, value), 2) for value in (40, 200)]
    hours = Hours(scenes, 200)
    seen = [pts for pts, _ in hours.pictures()]
    assert seen == [second * NANOSECONDS for second in range(200)]
    assert hours.passed == 10
    assert len(hours.samples) == 200


def test_a_simulated_run_ends():
    source = Simulated("r", iter([(0, GREY), (NANOSECONDS, GREY)]), begin_at=50)
    frames = [source.read(), source.read()]
    assert [frame.at for frame in frames if frame] == [50, 50 + NANOSECONDS]
    with pytest.raises(EOFError):
        source.read()


def test_the_begin_of_a_source_ends_in_time():
    pictures = ((second * NANOSECONDS, GREY) for second in range(100))
    source = Begin(Simulated("r", pictures, 0), until=2 * NANOSECONDS)
    assert [frame.pts for frame in islice(iter(source.read, None), 3) if frame] == [
        0,
        NANOSECONDS,
        2 * NANOSECONDS,
    ]
    with pytest.raises(EOFError):
        source.read()


def test_a_scripted_camera_goes_on_at_its_time_line():
    camera = Camera("r", lambda n: GREY + n, fps=1000, first_pts=5 * NANOSECONDS)
    frames = [frame for frame in islice(iter(camera.read, ...), 20) if frame]
    assert frames[0].pts >= 5 * NANOSECONDS
    assert [int(frame.image[0, 0, 0]) for frame in frames[:2]] == [120, 121]


def test_noise_differs_and_the_scene_stays():
    one, other = (decoded(jpeg).astype(int) for jpeg in noisy_jpegs(GREY, 2))
    assert (one != other).any()
    assert abs(one.mean() - 120) < 2


def test_a_curve_is_drawn_beside_the_file(tmp_path: Path):
    draw(tmp_path / "x.json", "t", ("x", "y"), {"a": [(0, 1), (1, 3)], "b": [(0, 2), (1, 0)]})
    image = cv2.imread(str(tmp_path / "x.png"))
    assert image is not None
    assert image.std() > 5
    draw(None, "t", ("x", "y"), {"a": [(0, 1)]})
    assert [path.name for path in tmp_path.iterdir()] == ["x.png"]
