"""The window (PySide6). It speaks to the engine in messages only."""
