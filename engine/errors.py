"""The error hierarchy. Each message says what happened, what was kept, and what to do."""


class EngineError(Exception):
    """Root of every error that a room raises on purpose; its text is fit for people."""


class ConfigError(EngineError):
    """A setting or an argument that cannot be used."""


class SourceError(EngineError):
    """A source that cannot be opened or read."""


class ConsentMissing(SourceError):
    """The user has not yet allowed this source to be watched."""


class DeviceNotFound(SourceError):
    """No such camera, screen, window, file or address."""


class DeviceBusy(SourceError):
    """The device exists, and another program holds it."""


class PermissionDenied(SourceError):
    """The system refuses access to the device."""


class DeviceLost(SourceError):
    """A device that was delivering frames has stopped; trying again may help."""


class UnreadableMedia(SourceError):
    """A file or stream whose content is not video that can be decoded."""


class ModelError(EngineError):
    """A model that cannot be used."""


class ModelNotInstalled(ModelError):
    """The model store does not hold this model."""


class ModelCorrupt(ModelError):
    """A model file that is damaged: not the pinned one, cut off, or at odds with itself."""


class ModelIncompatible(ModelError):
    """A file that is intact, but not a model that this program can run."""


class ModelOutOfMemory(ModelError):
    """A model that needs more memory than there is."""


class ModelCrashed(ModelError):
    """The model's process has ended unexpectedly, hung, or was restarted too often."""


class ModelTimedOut(ModelError):
    """A model, or the server it runs on, did not answer in time."""


class DownloadFailed(ModelError):
    """A download that ended before the file was whole; what came is kept for a resume."""


class StoreError(EngineError):
    """The memory cannot be opened, read or written."""


class StoreLocked(StoreError):
    """Another process is writing to this memory."""


class StoreFull(StoreError):
    """No space left on the disk; what was stored earlier is whole, and trying again may help."""


class UndoRefused(StoreError):
    """A change of the gallery that cannot be undone (any more)."""


class KeyUnavailable(StoreError):
    """The key of an existing database cannot be had (locked keyring, missing key file)."""


class ConceptError(EngineError):
    """A name, picture or box that cannot become (or change) a concept."""


class AlertError(EngineError):
    """A standing request that cannot be understood or judged on this machine."""
