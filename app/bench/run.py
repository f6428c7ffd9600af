"""The benchmarks there are, by name."""

BENCHMARKS = {
    "all": "app.bench.together:measure",
    "gate": "app.bench.gate:measure",
    "watch": "app.bench.watch:measure",
    "still": "app.bench.still:measure",
    "window": "app.bench.window:measure",
    "start": "app.bench.start:measure",
    "resident": "app.bench.resident:measure",
    "growth": "app.bench.growth:measure",
    "search": "app.bench.search:measure",
    "match": "app.bench.match:measure",
    "model": "app.bench.model:measure",
    "faults": "app.bench.faults:measure",
}
