"""The evaluations there are, by name."""

EVALUATIONS = {"gallery": "app.eval.gallery:measure"}
