"""The wording of failures: a short title for each kind of error, over its own sentence."""

from dataclasses import dataclass

from engine.messages import Failed

TITLES = {
    "ConfigError": "This setting cannot be used",
    "SourceError": "The source cannot be watched",
    "ConsentMissing": "Not allowed yet",
    "DeviceNotFound": "The source is not there",
    "DeviceBusy": "The camera is in use",
    "PermissionDenied": "The system does not allow it",
    "DeviceLost": "The signal is gone",
    "UnreadableMedia": "This file cannot be played",
    "ModelError": "A model cannot be used",
    "ModelNotInstalled": "A model is missing",
    "ModelCorrupt": "A model file is damaged",
    "ModelIncompatible": "This model does not fit",
    "ModelOutOfMemory": "Too little memory for the model",
    "ModelCrashed": "The model stopped",
    "ModelTimedOut": "The model does not answer",
    "DownloadFailed": "The download broke off",
    "StoreError": "The memory cannot be written",
    "StoreFull": "The disk is full",
    "StoreLocked": "Another Nacre is using the memory",
    "UndoRefused": "This cannot be undone",
    "KeyUnavailable": "The memory is locked",
    "ConceptError": "This cannot be remembered",
    "AlertError": "This request was not understood",
}

SOURCE_KINDS = frozenset(
    {
        "SourceError",
        "DeviceNotFound",
        "DeviceBusy",
        "PermissionDenied",
        "DeviceLost",
        "UnreadableMedia",
    }
)
"""Failures after which opening the source again may help."""

MODEL_KINDS = frozenset({"ModelError", "ModelNotInstalled", "ModelCorrupt", "ModelIncompatible"})
"""Failures that the Models page can mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What is shown: a title, a sentence, and whether trying again makes sense."""

    title: str
    text: str
    retry: bool = False
    models: bool = False


def notice(failed: Failed) -> Notice:
    """The wording of a failure."""
    return Notice(
        title=TITLES.get(failed.kind, "That did not work"),
        text=failed.reason or "Nothing was lost. Try again.",
        retry=failed.kind in SOURCE_KINDS,
        models=failed.kind in MODEL_KINDS,
    )
