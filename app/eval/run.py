"""The evaluations there are, by name."""

EVALUATIONS = {
    "gallery": "app.eval.gallery:measure",
    "demo-model": "app.eval.demo_model:measure",
}
"""`nacre eval gallery`: people and things known again, and strangers left unnamed.
`nacre eval demo-model`: the demo model's answers about the drawn world."""
