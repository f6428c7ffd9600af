"""`nacre watch` on real files, with the real engine."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.cli.watch import _questions  # pyright: ignore[reportPrivateUsage]
from tests.app.cli.conftest import Nacre, film
from tests.fakes.waiting import wait_for

REPOSITORY = Path(__file__).parents[3]


def states(lines: list[dict[str, Any]]) -> list[str]:
    return [line["state"] for line in lines if line["event"] == "source"]


def answers(lines: list[dict[str, Any]]) -> list[tuple[str, float]]:
    return [(line["question"], line["t"]) for line in lines if line["event"] == "answered"]


def test_a_file_is_watched_from_its_beginning_to_its_end(nacre: Nacre, video: Path):
    said = nacre("watch", video, "--json")
    assert (said.code, said.err) == (0, "")
    assert states(said.lines) == ["open", "ended"]
    assert [line["t"] for line in said.lines if line["event"] == "source"] == [0.0, 2.9]


def test_the_same_file_twice_gives_the_same_bytes(nacre: Nacre, tmp_path: Path):
    asked = ("--ask", "what happened?", "--at", 20, "--ask", "when did something appear?")
    demo = ("watch", "demo", "--json", *asked)
    first = nacre(*demo, "--data-dir", tmp_path / "one")
    assert first.code == 0
    assert len(first.lines) > 4
    assert nacre(*demo, "--data-dir", tmp_path / "one").out == first.out
    assert nacre(*demo, "--data-dir", tmp_path / "two").out == first.out
    assert all("at" not in line and "first_token_s" not in line for line in first.lines)


def test_questions_are_answered_at_their_moment_or_at_the_end(nacre: Nacre, video: Path):
    asked = ("--ask", "who is here?", "--at", 1.5, "--ask", "what happened?")
    said = nacre("watch", video, "--json", *asked)
    assert answers(said.lines) == [("who is here?", 1.5), ("what happened?", 2.9)]
    assert said.lines[-1]["state"] == "ended"


def test_a_question_about_a_moment_after_the_end_is_answered_at_the_end(nacre: Nacre, video: Path):
    said = nacre("watch", video, "--json", "--ask", "what happened?", "--at", 1000)
    assert answers(said.lines) == [("what happened?", 2.9)]


def test_until_ends_the_stream_there(nacre: Nacre, video: Path):
    said = nacre("watch", video, "--json", "--until", 1.5, "--ask", "what happened?")
    assert said.code == 0
    assert said.lines[-1] == {"t": 1.5, "event": "source", "state": "ended"}
    assert answers(said.lines) == [("what happened?", 1.5)]


def test_in_real_time_the_wall_clock_is_written(nacre: Nacre, tmp_path: Path):
    said = nacre(
        "watch", film(tmp_path / "short.mp4", 1.0), "--json", "--realtime", "--ask", "who came?"
    )
    assert said.code == 0
    assert all("at" in line for line in said.lines)
    assert [line["first_token_s"] >= 0 for line in said.lines if line["event"] == "answered"]


def test_a_given_start_is_the_time_that_is_kept(nacre: Nacre, video: Path):
    nacre("watch", video, "--started-at", "2001-02-03T04:05:06")
    assert nacre("memory", "stats", "--json").json["oldest_at"].startswith("2001-02-03T04:05:0")


def test_several_sources_are_told_apart(nacre: Nacre, video: Path, tmp_path: Path):
    other = film(tmp_path / "hall.mp4", 1.0)
    said = nacre("watch", video, other, "--json", "--ask", "what happened?")
    assert said.code == 0
    sources = {line["source"] for line in said.lines if line["event"] == "source"}
    assert sources == {"room.mp4", "hall.mp4"}
    assert len(answers(said.lines)) == 1
    assert said.lines[-1]["event"] == "answered"


def test_without_json_it_speaks_in_lines_for_people(nacre: Nacre, video: Path):
    said = nacre("watch", video, "--ask", "what happened?")
    first, *_, last = said.out.splitlines()
    assert first.split() == ["0:00.0", "watching"]
    assert last.split() == ["0:02.9", "end"]
    assert "what happened?" in said.out


def bad_files(folder: Path) -> dict[str, Path]:
    (folder / "empty.mp4").touch()
    (folder / "text.mp4").write_text("these are words\n" * 100)
    whole = film(folder / "whole.mp4", 1.0).read_bytes()
    (folder / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    return {name: folder / f"{name}.mp4" for name in ("empty", "text", "cut", "missing")}


@pytest.mark.parametrize("name", ["empty", "text", "cut", "missing"])
def test_a_bad_file_is_one_line_and_exit_code_1(nacre: Nacre, tmp_path: Path, name: str):
    said = nacre("watch", bad_files(tmp_path)[name], "--json")
    assert said.code == 1
    assert f"{name}.mp4" in said.reason
    assert [line["reason"] for line in said.lines if line["event"] == "failed"]


def test_the_other_sources_go_on(nacre: Nacre, tmp_path: Path, video: Path):
    bad = bad_files(tmp_path)
    said = nacre("watch", bad["missing"], bad["text"], video, "--json", "--ask", "what happened?")
    assert said.code == 1
    assert len(said.err.splitlines()) == 2
    assert "ended" in states(said.lines)
    assert answers(said.lines)


def test_a_question_to_a_source_that_cannot_be_opened_is_not_left_hanging(
    nacre: Nacre, tmp_path: Path
):
    said = nacre("watch", bad_files(tmp_path)["text"], "--ask", "who came?", "--at", "1")
    assert said.code == 1
    assert "who came?" in said.out + said.err


@pytest.mark.parametrize("source", ["camera", "screen", "http://127.0.0.1:9/x"])
def test_nothing_live_is_opened_without_consent(nacre: Nacre, source: str):
    said = nacre("watch", source)
    assert said.code == 1
    assert "--yes" in said.reason


@pytest.mark.parametrize(
    "arguments",
    [
        ("--at", "3"),
        ("--ask", "x", "--at", "-1"),
        ("--ask", "x", "--at", "soon"),
        ("--ask", "x", "--at", "nan"),
        ("--ask", "  "),
        ("--ask", "x" * 10_000),
        ("--until", "-5"),
        ("--started-at", "noon"),
        ("--started-at", "9999-12-31T23:59"),
        ("ftp://example.org/x",),
        ("screen:0,0,0,0",),
    ],
)
def test_wrong_arguments_are_wrong_usage(nacre: Nacre, video: Path, arguments: tuple[str, ...]):
    said = nacre("watch", video, *arguments)
    assert said.code == 2
    assert said.out == ""
    assert said.reason


def test_a_moment_belongs_to_the_question_before_it():
    order = ["--ask", "--ask", "--at", "--ask"]
    found = [(q.text, q.at_s) for q in _questions(order, ["a", "b", "c"], [2.0])]
    assert found == [("a", None), ("b", 2.0), ("c", None)]


# --- as a process ------------------------------------------------------------------------------


class Watching:
    """`nacre watch` as a process of its own."""

    def __init__(self, data: Path, *arguments: object) -> None:
        self.log = data.with_suffix(".out")
        command = [sys.executable, "-m", "app", "watch", *map(str, arguments)]
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [*command, "--json", "--data-dir", str(data)],
                cwd=REPOSITORY,
                stdout=out,
                stderr=subprocess.PIPE,
                env={**os.environ, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"},
            )

    def wait_open(self) -> None:
        wait_for(
            lambda: b'"open"' in self.log.read_bytes() or self.process.poll() is not None,
            limit_s=60,
            what="the source to be open",
        )

    def end(self, number: int) -> tuple[int, list[dict[str, Any]], str]:
        """Send the signal; exit code, lines, and what was said on standard error."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=60)
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return self.process.returncode, lines, said.decode()


@pytest.mark.skipif(os.name != "posix", reason="signals of Unix")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_ends_it_cleanly(tmp_path: Path, number: int, code: int):
    watching = Watching(tmp_path / "data", "demo", "--realtime", "--ask", "what happened?")
    watching.wait_open()
    got, lines, said = watching.end(number)
    assert (got, said) == (code, "")
    assert states(lines)[-1] == "ended"
    assert answers(lines)


def test_while_it_watches_other_commands_reach_it(nacre: Nacre, tmp_path: Path):
    data = tmp_path / "data"
    watching = Watching(data, "demo", "--realtime")
    try:
        watching.wait_open()
        added = nacre("alerts", "add", "tell me when somebody appears", "--json")
        assert added.code == 0
        assert [a["id"] for a in nacre("alerts", "list", "--json").json] == [added.json["id"]]
        assert nacre("memory", "stats", "--json").json["runs"] == 1
        assert nacre("ask", "what happened?", "--json").json["question"] == "what happened?"
        second = nacre("watch", "demo")
        assert second.code == 1
        assert "already watching" in second.reason
        assert str(watching.process.pid) in second.reason
        missing = nacre("concepts", "show", "Nobody")
        assert missing.code == 1
        assert "no concept called" in missing.reason
    finally:
        watching.end(signal.SIGTERM)
    assert len(nacre("alerts", "list", "--json").json) == 1


def test_models_imported_meanwhile_count_at_once(
    nacre: Nacre, real_models: Path, real_data: Path, tmp_path: Path
):
    video = real_data / "scenes" / "one_by_one_person.mp4"
    watching = Watching(tmp_path / "data", str(video), "--realtime")
    try:
        watching.wait_open()
        assert nacre("models", "import", real_models).code == 0
        wait_for(
            lambda: b'"kind": "person"' in watching.log.read_bytes(),
            limit_s=60,
            what="somebody to be seen: people are found by a model only",
        )
    finally:
        watching.end(signal.SIGTERM)


def test_a_killed_watcher_leaves_the_folder_free(nacre: Nacre, tmp_path: Path):
    watching = Watching(tmp_path / "data", "demo", "--realtime")
    watching.wait_open()
    watching.end(signal.SIGKILL)
    assert nacre("memory", "stats").code == 0


def test_a_reader_that_goes_away_ends_it_quietly(tmp_path: Path):
    command = f"{sys.executable} -m app watch demo --json --data-dir {tmp_path / 'd'} | head -n 1"
    told = subprocess.run(
        ["bash", "-c", command],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert told.stderr == ""
    assert json.loads(told.stdout)["state"] == "open"
