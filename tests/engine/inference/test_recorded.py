"""Files that the catalogue does not pin: what their publisher says at first holds ever after."""

import hashlib
import stat
from collections.abc import Generator
from pathlib import Path

import pytest

from engine.errors import DownloadFailed, ModelCorrupt, ModelError, ModelNotInstalled
from engine.inference.store import ModelStore
from tests.engine.inference.models import QUICK, content, get, loose
from tests.fakes.model_server import ModelServer, model_server

TEXT = b"GGUF text" * 9_000
SEES = b"GGUF sees" * 4_000
HERE = "/maker/sage/resolve/main"
STORAGE = "/storage"


def said(data: bytes) -> dict[str, str]:
    """What the hub says of a file."""
    digest = hashlib.sha256(data).hexdigest()
    return {"X-Linked-Etag": f'"{digest}"', "X-Linked-Size": str(len(data))}


def publish(server: ModelServer, name: str, data: bytes) -> None:
    """As the hub does: a redirect that tells, and the bytes somewhere else."""
    server.published[f"{HERE}/{name}"] = said(data)
    server.redirects[f"{HERE}/{name}"] = f"{STORAGE}/{name}"
    server.files[f"{STORAGE}/{name}"] = data


@pytest.fixture
def server() -> Generator[ModelServer]:
    with model_server() as server:
        publish(server, "sage.gguf", TEXT)
        publish(server, "mmproj.gguf", SEES)
        yield server


def shelf(server: ModelServer, folder: Path) -> ModelStore:
    return ModelStore(folder / "models", loose(server.address), patience=QUICK)


def test_what_the_publisher_says_is_checked_and_recorded(server: ModelServer, tmp_path: Path):
    first = shelf(server, tmp_path)
    told = get(first, "sage")
    assert told[-1].total == len(TEXT) + len(SEES)
    assert first.path("sage").read_bytes() == TEXT
    assert first.path("sage", "mmproj.gguf").read_bytes() == SEES
    record = tmp_path / "recorded.json"
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    # Known from then on, also to another process, and without the net.
    later = shelf(server, tmp_path)
    assert later.digest("sage") == hashlib.sha256(TEXT).hexdigest()
    assert [card.installed for card in later.cards()] == [True]
    assert [card.size_bytes for card in later.cards()] == [len(TEXT) + len(SEES)]
    assert later.verify()[0].ok
    # The storage is never asked what the bytes must be.
    assert {path.startswith(HERE) for path in server.heads} == {True}


def test_a_file_that_is_changed_on_the_disk_is_not_given_out(server: ModelServer, tmp_path: Path):
    store = shelf(server, tmp_path)
    get(store, "sage")
    store.path("sage").write_bytes(TEXT[:-1] + b"?")
    with pytest.raises(ModelCorrupt, match="It is not used"):
        store.path("sage")
    assert not store.verify()[0].ok


def test_a_file_that_the_publisher_changed_later_is_refused(server: ModelServer, tmp_path: Path):
    store = shelf(server, tmp_path)
    get(store, "sage")
    store.remove("sage")
    publish(server, "sage.gguf", TEXT[::-1])
    asked = len(server.asked)
    with pytest.raises(ModelCorrupt, match=r"sage\.gguf has changed since it was first here"):
        get(shelf(server, tmp_path), "sage")
    assert len(server.asked) == asked
    assert content(store.folder) == {}
    publish(server, "sage.gguf", TEXT)
    get(store, "sage")
    assert store.path("sage").read_bytes() == TEXT


def test_other_bytes_than_the_publisher_says_are_thrown_away(server: ModelServer, tmp_path: Path):
    server.files[f"{STORAGE}/sage.gguf"] = TEXT[:-1] + b"?"
    store = shelf(server, tmp_path)
    with pytest.raises(ModelCorrupt, match="does not serve the pinned"):
        get(store, "sage")
    assert content(store.folder) == {}
    assert not (tmp_path / "recorded.json").exists()
    assert [card.installed for card in store.cards()] == [False]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Linked-Size": "81000"},
        {"X-Linked-Etag": '"abc"', "X-Linked-Size": "81000"},
        {"X-Linked-Etag": '"' + "0" * 64 + '"'},
        {"X-Linked-Etag": '"' + "0" * 64 + '"', "X-Linked-Size": "0"},
        {"X-Linked-Etag": '"' + "0" * 64 + '"', "X-Linked-Size": "-1"},
        {"X-Linked-Etag": '"' + "0" * 64 + '"', "X-Linked-Size": "9" * 30},
    ],
    ids=["nothing", "size only", "no hash", "no size", "empty", "negative", "absurd"],
)
def test_a_publisher_that_does_not_say_is_not_believed(
    server: ModelServer, tmp_path: Path, headers: dict[str, str]
):
    server.published[f"{HERE}/sage.gguf"] = headers
    store = shelf(server, tmp_path)
    with pytest.raises(ModelError, match="cannot vouch for it") as caught:
        get(store, "sage")
    assert "\n" not in str(caught.value)
    assert server.asked == []
    assert content(store.folder) == {}


def test_what_the_storage_says_does_not_count(server: ModelServer, tmp_path: Path):
    with model_server() as storage:
        del server.published[f"{HERE}/sage.gguf"]
        server.redirects[f"{HERE}/sage.gguf"] = f"{storage.address}/sage.gguf".replace(
            "127.0.0.1", "localhost"
        )
        storage.published["/sage.gguf"] = said(TEXT)
        with pytest.raises(ModelError, match="cannot vouch"):
            get(shelf(server, tmp_path), "sage")
        assert storage.heads == []


def test_a_repository_that_was_renamed_is_followed(server: ModelServer, tmp_path: Path):
    server.redirects[f"{HERE}/sage.gguf"] = "/maker/wise/resolve/main/sage.gguf"
    del server.published[f"{HERE}/sage.gguf"]
    server.published["/maker/wise/resolve/main/sage.gguf"] = said(TEXT)
    server.redirects["/maker/wise/resolve/main/sage.gguf"] = f"{STORAGE}/sage.gguf"
    store = shelf(server, tmp_path)
    get(store, "sage")
    assert store.path("sage").read_bytes() == TEXT


def test_a_redirect_without_end_is_given_up(server: ModelServer, tmp_path: Path):
    del server.published[f"{HERE}/sage.gguf"]
    server.redirects[f"{HERE}/sage.gguf"] = "/a"
    server.redirects["/a"] = f"{HERE}/sage.gguf"
    with pytest.raises(ModelError, match="cannot vouch"):
        get(shelf(server, tmp_path), "sage")


@pytest.mark.parametrize("status", [503, 401])
def test_a_server_that_does_not_answer_changes_nothing(
    server: ModelServer, tmp_path: Path, status: int
):
    server.redirects.clear()
    server.statuses = [status] * QUICK.tries
    with pytest.raises(DownloadFailed, match=f"it answered {status}"):
        get(shelf(server, tmp_path), "sage")
    assert not (tmp_path / "recorded.json").exists()


def test_an_interrupted_download_goes_on(server: ModelServer, tmp_path: Path):
    server.break_after = [10_000] * QUICK.tries
    store = shelf(server, tmp_path)
    with pytest.raises(DownloadFailed, match="are kept"):
        get(store, "sage")
    server.break_after = []
    get(shelf(server, tmp_path), "sage")
    assert store.path("sage").read_bytes() == TEXT
    assert any(headers.get("range") for _, headers in server.asked)


def test_a_file_that_lies_there_unchecked_is_not_used(server: ModelServer, tmp_path: Path):
    store = shelf(server, tmp_path)
    (store.folder / "sage").mkdir(parents=True)
    for name in ("sage.gguf", "mmproj.gguf"):
        (store.folder / "sage" / name).write_bytes(b"?" * 100)
    assert [card.installed for card in store.cards()] == [False]
    with pytest.raises(ModelCorrupt, match="never checked"):
        store.path("sage")
    get(store, "sage")
    assert store.path("sage").read_bytes() == TEXT


def test_right_files_whose_record_was_lost_are_recorded_again(server: ModelServer, tmp_path: Path):
    store = shelf(server, tmp_path)
    get(store, "sage")
    (tmp_path / "recorded.json").write_text("{ broken")
    asked = len(server.asked)
    with pytest.raises(ModelCorrupt, match="never checked"):
        store.path("sage")
    get(store, "sage")
    assert len(server.asked) == asked
    assert store.path("sage").read_bytes() == TEXT


def test_a_folder_cannot_vouch_but_brings_what_was_recorded(server: ModelServer, tmp_path: Path):
    box = tmp_path / "box"
    box.mkdir()
    (box / "sage.gguf").write_bytes(TEXT)
    (box / "mmproj.gguf").write_bytes(SEES)
    store = shelf(server, tmp_path)
    with pytest.raises(ModelError, match="a folder cannot vouch"):
        get(store.with_mirror(str(box)), "sage")
    with pytest.raises(ModelError, match="not known yet"):
        store.add(box)
    with pytest.raises(ModelNotInstalled):
        store.path("sage")
    get(store, "sage")
    store.remove("sage")
    asked = len(server.asked)
    get(store.with_mirror(str(box)), "sage")
    store.remove("sage")
    assert store.add(box) == ("sage",)
    assert len(server.asked) == asked


def test_an_address_without_encryption_cannot_vouch(tmp_path: Path):
    store = ModelStore(tmp_path / "models", loose(), mirror="http://mirror.invalid", patience=QUICK)
    with pytest.raises(ModelError, match="no encryption"):
        get(store, "sage")
