"""The engine: sees, remembers and decides. It knows neither the window nor the command line."""
