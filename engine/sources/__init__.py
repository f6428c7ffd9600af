"""Where pictures come from: recordings, streams, cameras, the screen, the bundled clip."""
