"""What is logged, and what is not."""

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import log


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    log.set_up(tmp_path)
    yield tmp_path
    log.tear_down()


def logged(folder: Path) -> str:
    return (folder / "nacre.log").read_text(encoding="utf-8")


def test_texts_of_exceptions_stay_out_of_the_log(folder: Path):
    try:
        raise ValueError("/home/anna/secret.mp4")
    except ValueError:
        logging.getLogger("somewhere").exception("it went wrong")
    text = logged(folder)
    assert "it went wrong" in text
    assert "ValueError" in text
    assert "test_log.py" in text
    assert "secret" not in text


def test_an_exception_in_a_thread_is_logged_and_said_without_a_trace(
    folder: Path, capsys: pytest.CaptureFixture[str]
):
    def break_down() -> None:
        raise RuntimeError("private words")

    thread = threading.Thread(target=break_down)
    thread.start()
    thread.join()
    assert "RuntimeError" in logged(folder)
    assert "private" not in logged(folder)
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert said.count("\n") == 1


def test_setting_up_twice_logs_once(folder: Path):
    log.set_up(folder)
    logging.getLogger("here").warning("only once")
    assert logged(folder).count("only once") == 1


def test_a_folder_that_cannot_be_written_into_costs_only_the_log(tmp_path: Path):
    log.set_up(tmp_path / "missing")
    logging.getLogger("here").warning("nobody hears this")
    log.tear_down()
