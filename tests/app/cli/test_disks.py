"""Disks that are full or cannot be written to: one line, exit code 1, nothing lost."""

from pathlib import Path

from app import log
from tests.app.cli.conftest import Nacre
from tests.fakes.small_disk import make_read_only, small_disk


def test_a_read_only_disk_is_said_before_anything_is_watched(nacre: Nacre, tmp_path: Path):
    with small_disk(tmp_path / "disk", "8m") as disk:
        assert nacre("alerts", "list", "--data-dir", disk / "data").code == 0
        log.tear_down()
        make_read_only(disk)
        for arguments in (("watch", "demo"), ("memory", "stats"), ("alerts", "list")):
            said = nacre(*arguments, "--data-dir", disk / "data")
            assert said.code == 1
            assert "cannot be written into: read-only file system" in said.reason


def test_a_full_disk_is_said_and_what_was_kept_is_there_when_there_is_room(
    nacre: Nacre, tmp_path: Path
):
    with small_disk(tmp_path / "disk", "528k") as disk:
        data = ("--data-dir", disk / "data")
        other = disk / "something else of the user's"
        other.write_bytes(bytes(96 << 10))
        assert nacre("alerts", "add", "tell me when somebody appears", *data).code == 0
        said = nacre("watch", "demo", *data)
        assert said.code == 1
        assert "disk is full" in said.reason
        other.unlink()
        assert len(nacre("alerts", "list", "--json", *data).json) == 1
