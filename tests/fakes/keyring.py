"""Keyrings for tests: one that works, and ones that do not."""

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, NoKeyringError

UNASKED = -10
"""The library takes the class with the highest priority of all that are loaded, of equal ones any:
these are to be had by name alone (its own that always fails has 0)."""


class MemoryKeyring(KeyringBackend):
    """Holds its passwords in a dict; `locked` makes it refuse everything."""

    priority = UNASKED  # pyright: ignore[reportAssignmentType]

    def __init__(self) -> None:
        super().__init__()
        self.passwords: dict[tuple[str, str], str] = {}
        self.locked = False

    def _check(self) -> None:
        if self.locked:
            raise KeyringLocked("locked")

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.passwords.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.passwords[(service, username)] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        del self.passwords[(service, username)]


class NoKeyring(KeyringBackend):
    """What the library gives where the system has no keyring."""

    priority = UNASKED  # pyright: ignore[reportAssignmentType]

    def get_password(self, service: str, username: str) -> str | None:
        raise NoKeyringError("none")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NoKeyringError("none")

    def delete_password(self, service: str, username: str) -> None:
        raise NoKeyringError("none")
