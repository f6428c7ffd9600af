"""The seams: what the engine needs of the world, as protocols. Adapters are chosen in one place,
`app/bootstrap.py`; fakes live in `tests/fakes` and pass the same contract suites.
"""
