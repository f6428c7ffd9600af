# pyright: reportUnknownMemberType=false
"""The key for the user's model server: in the system's keyring and nowhere else."""

import keyring
from keyring.errors import KeyringError, PasswordDeleteError

from engine.errors import ConfigError

SERVICE = "nacre"
ACCOUNT = "model server"


def read_key() -> str:
    """The key; empty where there is none, or no keyring to ask."""
    try:
        return keyring.get_password(SERVICE, ACCOUNT) or ""
    except (KeyringError, RuntimeError, OSError):
        return ""


def keep_key(key: str) -> None:
    """Keep a key in place of the one before; an empty one removes it.

    Raises:
        ConfigError: there is no keyring that takes it.
    """
    try:
        if key:
            keyring.set_password(SERVICE, ACCOUNT, key)
        else:
            keyring.delete_password(SERVICE, ACCOUNT)
    except PasswordDeleteError:
        return
    except (KeyringError, RuntimeError, OSError) as error:
        raise ConfigError(
            "The key cannot be kept: this system's keyring is missing or locked. Nothing was "
            "changed. Unlock it, or use a server that needs no key."
        ) from error
