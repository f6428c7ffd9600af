"""The key: in the keyring, else in a file; never a new one where a database exists."""

import json
import stat
from pathlib import Path

import pytest
from keyring.errors import InitError

from engine.errors import KeyUnavailable
from engine.memory.key import KEY_FILE, NOTE_FILE, obtain_key
from tests.fakes.keyring import MemoryKeyring, NoKeyring


class BrokenKeyring(MemoryKeyring):
    def set_password(self, service: str, username: str, password: str) -> None:
        raise InitError("no service")


class ForgetfulKeyring(MemoryKeyring):
    """Takes a password and keeps nothing, as the null back end does."""

    def set_password(self, service: str, username: str, password: str) -> None:
        return


def test_the_key_is_kept_in_the_keyring(tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    key = obtain_key(tmp_path, database_exists=False, keyring=keyring)
    assert len(bytes.fromhex(key.hex)) == 32
    assert key.place == "keyring"
    assert key.note == ""
    assert not (tmp_path / KEY_FILE).exists()
    ((service, user),) = keyring.passwords
    assert service == "nacre"
    assert user == json.loads((tmp_path / NOTE_FILE).read_text())["id"]
    assert obtain_key(tmp_path, database_exists=True, keyring=keyring) == key


def test_a_moved_folder_keeps_its_key(tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    (tmp_path / "old").mkdir()
    key = obtain_key(tmp_path / "old", database_exists=False, keyring=keyring)
    (tmp_path / "old").rename(tmp_path / "new")
    assert obtain_key(tmp_path / "new", database_exists=True, keyring=keyring) == key


@pytest.mark.parametrize("keyring", [NoKeyring(), BrokenKeyring(), ForgetfulKeyring()])
def test_without_a_keyring_the_key_is_a_private_file(
    tmp_path: Path, keyring: MemoryKeyring
) -> None:
    key = obtain_key(tmp_path, database_exists=False, keyring=keyring)
    assert key.place == "file"
    assert str(tmp_path / KEY_FILE) in key.note
    for name in (KEY_FILE, NOTE_FILE):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    # A keyring that appears later changes nothing.
    assert obtain_key(tmp_path, database_exists=True, keyring=MemoryKeyring()) == key


def test_a_locked_keyring_is_no_reason_for_a_new_key(tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    key = obtain_key(tmp_path, database_exists=False, keyring=keyring)
    keyring.locked = True
    with pytest.raises(KeyUnavailable, match="locked"):
        obtain_key(tmp_path, database_exists=True, keyring=keyring)
    keyring.locked = False
    assert obtain_key(tmp_path, database_exists=True, keyring=keyring) == key


def test_a_keyring_locked_at_the_first_start_is_told(tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    keyring.locked = True
    with pytest.raises(KeyUnavailable, match="locked"):
        obtain_key(tmp_path, database_exists=False, keyring=keyring)
    keyring.locked = False
    assert obtain_key(tmp_path, database_exists=False, keyring=keyring).place == "keyring"


@pytest.mark.parametrize("lost", ["keyring", "file", "note", "no keyring any more"])
def test_a_lost_key_never_becomes_a_new_one(tmp_path: Path, lost: str) -> None:
    keyring = NoKeyring() if lost == "file" else MemoryKeyring()
    obtain_key(tmp_path, database_exists=False, keyring=keyring)
    if isinstance(keyring, MemoryKeyring) and lost == "keyring":
        keyring.passwords.clear()
    if lost == "file":
        (tmp_path / KEY_FILE).write_text("not a key")
    if lost == "note":
        (tmp_path / NOTE_FILE).unlink()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(KeyUnavailable):
        obtain_key(
            tmp_path,
            database_exists=True,
            keyring=NoKeyring() if lost == "no keyring any more" else keyring,
        )
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_first_start_that_was_cut_off_begins_again(tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    obtain_key(tmp_path, database_exists=False, keyring=keyring)
    keyring.passwords.clear()
    key = obtain_key(tmp_path, database_exists=False, keyring=keyring)
    assert list(keyring.passwords.values()) == [key.hex]


def test_the_key_does_not_show(tmp_path: Path) -> None:
    key = obtain_key(tmp_path, database_exists=False, keyring=MemoryKeyring())
    assert key.hex not in repr(key)
