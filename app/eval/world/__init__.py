"""The demo world: a small drawn world whose every fact is known."""
