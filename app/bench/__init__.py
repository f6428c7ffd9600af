"""Benchmarks: how fast Nacre is on this machine, and how little it takes."""
