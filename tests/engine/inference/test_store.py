"""What the model store gives out, takes in and takes away."""

import os
import shutil
from pathlib import Path

import pytest

from engine.errors import ConfigError, DownloadFailed, ModelCorrupt, ModelError, ModelNotInstalled
from engine.inference import intake
from engine.inference.catalogue import load_catalogue
from engine.inference.store import ModelStore, Verified
from tests.engine.inference.models import EAR, EYE, WORDS, content, get, store
from tests.engine.inference.test_catalogue import DELIVERED
from tests.fakes.model_server import model_server
from tests.fakes.small_disk import make_read_only, small_disk


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """A folder with all models under names of its own."""
    folder = tmp_path / "box"
    (folder / "deep" / "down").mkdir(parents=True)
    (folder / "a.bin").write_bytes(EYE)
    (folder / "deep" / "b.bin").write_bytes(EAR)
    (folder / "deep" / "down" / "c.bin").write_bytes(WORDS)
    (folder / "readme.txt").write_text("nothing of use")
    return folder


@pytest.fixture
def shelf(tmp_path: Path) -> ModelStore:
    return store(tmp_path / "models")


def installed(shelf: ModelStore) -> set[str]:
    return {card.id for card in shelf.cards() if card.installed}


# --- import --------------------------------------------------------------------------------------


def test_import_goes_by_content_not_by_name(shelf: ModelStore, box: Path):
    assert shelf.add(box) == ("eye", "ear")
    assert content(shelf.folder) == {
        "eye/eye.onnx": len(EYE),
        "ear/ear.onnx": len(EAR),
        "ear/words.json": len(WORDS),
    }
    assert shelf.path("eye").read_bytes() == EYE
    assert shelf.path("ear", "words.json").read_bytes() == WORDS
    assert installed(shelf) == {"eye", "ear"}


def test_importing_twice_changes_nothing(shelf: ModelStore, box: Path):
    shelf.add(box)
    before = shelf.path("eye").stat().st_ino
    assert shelf.add(box) == ("eye", "ear")
    assert shelf.path("eye").stat().st_ino == before


def test_importing_from_the_store_itself_changes_nothing(shelf: ModelStore, box: Path):
    shelf.add(box)
    before = content(shelf.folder)
    assert shelf.add(shelf.folder) == ("eye", "ear")
    assert content(shelf.folder) == before


def test_one_file_can_be_imported(shelf: ModelStore, box: Path):
    assert shelf.add(box / "a.bin") == ("eye",)


def test_links_are_not_followed(shelf: ModelStore, box: Path, tmp_path: Path):
    trap = tmp_path / "trap"
    trap.mkdir()
    (trap / "eye.onnx").symlink_to(box / "a.bin")
    (trap / "deep").symlink_to(box / "deep")
    with pytest.raises(ModelError, match="Nothing below"):
        shelf.add(trap)
    assert content(tmp_path / "models") == {}


def test_a_model_of_two_files_needs_both(shelf: ModelStore, box: Path):
    (box / "deep" / "down" / "c.bin").unlink()
    taken = shelf.take(box)
    assert taken.models == ("eye",)
    assert taken.problems == ("Ear is not whole yet: words.json is missing.",)
    assert installed(shelf) == {"eye"}
    with pytest.raises(ModelNotInstalled):
        shelf.path("ear", "words.json")
    with pytest.raises(ModelError, match=r"words\.json is missing"):
        shelf.add(box / "deep")


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (b"", "eye.onnx is empty"),
        (EYE[:-1], "eye.onnx has 299,999 bytes instead of 300,000"),
        (EYE[:-1] + b"?", "eye.onnx has the SHA-256"),
    ],
    ids=["empty", "short", "other"],
)
def test_a_wrong_file_of_a_known_name_is_refused_with_the_reason(
    shelf: ModelStore, tmp_path: Path, box: Path, wrong: bytes, reason: str
):
    (box / "a.bin").unlink()
    (box / "eye.onnx").write_bytes(wrong)
    with pytest.raises(ModelError, match=reason) as caught:
        shelf.add(box / "eye.onnx")
    assert "\n" not in str(caught.value)
    taken = shelf.take(box)
    assert taken.models == ("ear",)
    assert [reason in problem for problem in taken.problems] == [True]
    assert not (shelf.folder / "eye").exists()


def test_a_wrong_file_is_refused_also_where_the_right_one_is_installed(
    shelf: ModelStore, tmp_path: Path, box: Path
):
    shelf.take(box)
    wrong = tmp_path / "eye.onnx"
    wrong.write_bytes(b"")
    (problem,) = shelf.take(wrong).problems
    assert "empty" in problem
    assert shelf.path("eye") is not None


def test_an_unknown_file_is_named_with_its_hash(shelf: ModelStore, tmp_path: Path):
    unknown = tmp_path / "unknown.onnx"
    unknown.write_bytes(b"abc")
    with pytest.raises(ModelError, match=r"3 bytes, SHA-256 ba7816bf.*not in the catalogue"):
        shelf.add(unknown)
    unknown.write_bytes(b"")
    with pytest.raises(ModelError, match=r"unknown\.onnx is empty"):
        shelf.add(unknown)


def test_nothing_there_and_no_file(shelf: ModelStore, tmp_path: Path):
    with pytest.raises(ModelError, match="no file or folder"):
        shelf.add(tmp_path / "none")
    with pytest.raises(ModelError, match="neither"):
        shelf.add(Path(os.devnull))


def test_a_name_with_control_characters_stays_on_one_line(shelf: ModelStore, tmp_path: Path):
    odd = tmp_path / "a\x1b[31m\nb"
    odd.write_bytes(b"abc")
    with pytest.raises(ModelError) as caught:
        shelf.add(odd)
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_an_import_ends_a_download_that_was_under_way(shelf: ModelStore, box: Path):
    (shelf.folder / "eye").mkdir(parents=True)
    (shelf.folder / "eye" / "eye.onnx.part").write_bytes(EYE[:1000])
    shelf.add(box / "a.bin")
    assert content(shelf.folder) == {"eye/eye.onnx": len(EYE)}


def test_the_real_models_are_imported_and_sound(tmp_path: Path, real_models: Path):
    shelf = ModelStore(tmp_path / "models", load_catalogue(DELIVERED))
    models = shelf.add(real_models)
    assert models == ("yunet", "mobilefacenet", "yolox-nano", "mobilenet-v2", "minilm-l6-v2")
    assert shelf.verify() == [Verified(model, True, "") for model in models]
    assert shelf.path("minilm-l6-v2", "tokenizer.json").is_file()


# --- checks --------------------------------------------------------------------------------------


def test_what_is_missing_says_how_to_get_it(shelf: ModelStore):
    with pytest.raises(ModelNotInstalled, match="nacre models get eye"):
        shelf.path("eye")
    with pytest.raises(ModelNotInstalled, match="nacre models import PATH"):
        shelf.path("ear")
    assert shelf.verify() == []


@pytest.mark.parametrize("wrong", [b"", EYE[:-1], EYE[:-1] + b"?"], ids=["empty", "short", "other"])
def test_a_damaged_file_is_never_given_out(shelf: ModelStore, box: Path, wrong: bytes):
    shelf.add(box)
    shelf.path("eye")
    (shelf.folder / "eye" / "eye.onnx").write_bytes(wrong)
    with pytest.raises(ModelCorrupt, match="It is not used"):
        shelf.path("eye")
    results = {result.id: result.ok for result in shelf.verify()}
    assert results == {"eye": False, "ear": True}
    assert shelf.add(box / "a.bin") == ("eye",)
    assert shelf.path("eye").read_bytes() == EYE


def test_verify_reads_again_what_looks_untouched(shelf: ModelStore, box: Path):
    shelf.add(box)
    path = shelf.path("eye")
    before = path.stat()
    with path.open("rb+") as file:
        file.write(b"?")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert {result.id: result.ok for result in shelf.verify()} == {"eye": False, "ear": True}


def test_verify_names_a_missing_file(shelf: ModelStore, box: Path):
    shelf.add(box)
    shelf.path("ear", "words.json").unlink()
    bad = [result for result in shelf.verify() if not result.ok]
    assert [result.id for result in bad] == ["ear"]
    assert "words.json" in bad[0].reason


def test_an_untouched_file_is_read_once(
    shelf: ModelStore, box: Path, monkeypatch: pytest.MonkeyPatch
):
    shelf.add(box)
    read: list[Path] = []
    real = intake.sha256
    monkeypatch.setattr(intake, "sha256", lambda path: (read.append(path), real(path))[1])
    fresh = store(shelf.folder)
    for _ in range(3):
        fresh.path("eye")
    assert len(read) == 1
    os.utime(fresh.path("eye"), ns=(1, 1))
    fresh.path("eye")
    assert len(read) == 2


def test_the_digest_is_the_pinned_one(shelf: ModelStore, box: Path):
    shelf.add(box)
    assert shelf.digest("eye") == intake.sha256(shelf.path("eye"))
    assert shelf.digest("ear", "words.json") == intake.sha256(shelf.path("ear", "words.json"))


# --- removal -------------------------------------------------------------------------------------


def test_remove_leaves_nothing(shelf: ModelStore, box: Path):
    shelf.add(box)
    shelf.remove("ear")
    assert content(shelf.folder) == {"eye/eye.onnx": len(EYE)}
    assert not (shelf.folder / "ear").exists()
    with pytest.raises(ModelNotInstalled):
        shelf.path("ear")
    with pytest.raises(ModelNotInstalled, match="nothing to remove"):
        shelf.remove("ear")
    with pytest.raises(ModelError, match="No model is called"):
        shelf.remove("../box")


def test_remove_takes_what_is_left_of_a_download(shelf: ModelStore):
    (shelf.folder / "eye").mkdir(parents=True)
    (shelf.folder / "eye" / "eye.onnx.part").write_bytes(b"x")
    (shelf.folder / "eye" / "eye.onnx.copy").write_bytes(b"left by a killed import")
    shelf.remove("eye")
    assert content(shelf.folder) == {}


# --- mirrors -------------------------------------------------------------------------------------


def test_what_only_can_be_imported_is_not_downloaded(shelf: ModelStore):
    with pytest.raises(ModelError, match="no public address"):
        get(shelf, "ear")
    assert [card.obtainable for card in shelf.cards()] == [True, False]


@pytest.mark.parametrize("place", ["{id}/{name}", "{name}", "{sha256}"])
def test_a_mirror_folder_serves_everything(tmp_path: Path, place: str):
    shelf = store(tmp_path / "models", mirror=str(tmp_path / "mirror"))
    file = shelf.catalogue.entry("eye").file()
    target = tmp_path / "mirror" / place.format(id="eye", name=file.name, sha256=file.sha256)
    target.parent.mkdir(parents=True)
    target.write_bytes(EYE)
    assert [card.obtainable for card in shelf.cards()] == [True, True]
    assert get(shelf)[-1].received == len(EYE)
    assert content(shelf.folder) == {"eye/eye.onnx": len(EYE)}
    with pytest.raises(ModelError, match=r"has no ear\.onnx"):
        get(shelf, "ear")


def test_a_mirror_folder_with_wrong_bytes(tmp_path: Path):
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "eye.onnx").write_bytes(b"?" * len(EYE))
    shelf = store(tmp_path / "models", mirror=str(tmp_path / "mirror"))
    with pytest.raises(ModelCorrupt):
        get(shelf)
    assert content(shelf.folder) == {}


def test_a_mirror_address_is_asked_for_each_name(tmp_path: Path):
    with model_server() as server:
        shelf = store(tmp_path / "models").with_mirror(f"{server.address}/nacre/")
        words = shelf.catalogue.entry("ear").file("words.json")
        server.files = {"/nacre/ear.onnx": EAR, f"/nacre/{words.sha256}": WORDS}
        get(shelf, "ear")
        assert [path for path, _ in server.asked] == [
            "/nacre/ear/ear.onnx",
            "/nacre/ear.onnx",
            "/nacre/ear/words.json",
            "/nacre/words.json",
            f"/nacre/{words.sha256}",
        ]
        assert shelf.path("ear").read_bytes() == EAR
        with pytest.raises(DownloadFailed, match=r"does not have eye\.onnx"):
            get(shelf, "eye")


@pytest.mark.parametrize("mirror", ["/no/such/folder", "ftp://mirror.example", "http://"])
def test_a_mirror_that_is_none_stops_only_the_download(tmp_path: Path, mirror: str):
    shelf = store(tmp_path / "models", mirror=mirror)
    assert len(shelf.cards()) == 2
    with pytest.raises(ConfigError):
        get(shelf)


# --- disks ---------------------------------------------------------------------------------------


def test_a_disk_without_room_is_noticed_before(tmp_path: Path, box: Path):
    with small_disk(tmp_path / "disk", "20m") as disk, model_server() as server:
        server.files["/pinned/eye.onnx"] = EYE
        shelf = store(disk / "models", server.address)
        for act in (lambda: shelf.add(box / "a.bin"), lambda: get(shelf)):
            with pytest.raises(ModelError, match="too full: 300 kB are needed"):
                act()
        assert server.asked == []
        assert content(disk) == {}


def test_a_disk_that_fills_up_on_the_way_keeps_what_came(tmp_path: Path):
    with small_disk(tmp_path / "disk", "51m") as disk, model_server() as server:
        server.files["/pinned/eye.onnx"] = EYE
        server.hold_after = 100_000
        shelf = store(disk / "models", server.address)
        filler = disk / "filler"

        def fill() -> bool:
            """As the download's question whether to stop: it is asked while the server waits."""
            if server.held.is_set() and not server.go.is_set():
                with filler.open("wb", buffering=0) as file:
                    while True:
                        try:
                            file.write(bytes(4096))
                        except OSError:
                            break
                server.go.set()
            return False

        with pytest.raises(ModelError, match=r"is full\. Free some space"):
            shelf.get("eye", lambda _: None, fill)
        kept = content(disk)["models/eye/eye.onnx.part"]
        assert 0 < kept < len(EYE)
        assert "models/eye/eye.onnx" not in content(disk)
        filler.unlink()
        server.hold_after = None
        get(shelf)
        assert server.ranges[-1] == f"bytes={kept}-"
        assert shelf.path("eye").read_bytes() == EYE


def test_a_read_only_disk_is_one_sentence_and_loses_nothing(tmp_path: Path, box: Path):
    with small_disk(tmp_path / "disk", "60m") as disk, model_server() as server:
        shelf = store(disk / "models", server.address)
        shelf.add(box / "a.bin")
        before = content(disk)
        make_read_only(disk)
        for act in (
            lambda: shelf.add(box),
            lambda: shelf.remove("eye"),
            lambda: get(shelf.with_mirror(str(box)), "ear"),
        ):
            with pytest.raises(ModelError, match="cannot be written: Read-only") as caught:
                act()
            assert "\n" not in str(caught.value)
        assert content(disk) == before
        assert shelf.path("eye").read_bytes() == EYE


def test_a_store_whose_place_is_a_file(tmp_path: Path, box: Path):
    (tmp_path / "models").write_text("in the way")
    shelf = store(tmp_path / "models")
    assert installed(shelf) == set()
    with pytest.raises(ModelError, match="cannot be used"):
        shelf.add(box)
    assert (tmp_path / "models").read_text() == "in the way"


def test_a_copy_that_fails_leaves_nothing(
    shelf: ModelStore, box: Path, monkeypatch: pytest.MonkeyPatch
):
    def half(source: object, sink: object, _size: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(shutil, "copyfileobj", half)
    with pytest.raises(ModelError, match="Input/output error"):
        shelf.add(box)
    assert content(shelf.folder) == {}
