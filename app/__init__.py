"""The application: command line, settings, wiring, benchmarks and evaluations."""
