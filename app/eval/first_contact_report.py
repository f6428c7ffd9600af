"""The report of a first contact as a page of Markdown that can be passed on."""

from app.eval.apart import Findings
from app.measure import Measurement

EXAMPLES = 40


def page(title: str, findings: Findings, measurement: Measurement) -> str:
    """Machine, figures, and what the model said of the bundled clip."""
    found = measurement.to_json()
    facts = findings.facts
    machine = ", ".join(f"{name}: {value}" for name, value in found["machine"].items())
    metrics = [[name, f"{value:.4g}", _bounds(measurement, name)]
               for name, value in measurement.metrics.items()]  # fmt: skip
    rows = [[row["benchmark"], row["what"], "" if row["value"] is None else f"{row['value']:.4g}",
             row["unit"], row["note"]] for row in measurement.rows]  # fmt: skip
    said = [[kind, question, answer, told]
            for kind, question, answer, told in findings.answers[:EXAMPLES]]  # fmt: skip
    return "\n".join(
        [
            f"# First contact: {title}",
            "",
            f"{found['date']}, Nacre at {found['commit'] or 'an unknown commit'}. {machine}.",
            f"Architecture {cell(facts['architecture'])}, {facts['parameters'] / 1e6:,.0f} million "
            f"parameters, context {facts['context']} of {facts['trained_context']}, on "
            f"{cell(facts['backend'])}.",
            *(
                [f"**{cell(findings.trouble)}** What was found until then:"]
                if findings.trouble
                else []
            ),
            "Everything that the model saw is the bundled clip.",
            "",
            *_table(("metric", "value", "95 %"), metrics),
            "",
            *_table(("part", "what", "value", "unit", "note"), rows),
            "",
            "What it said (the first answers):",
            "",
            *_table(("kind", "question", "right answer", "said"), said),
            "",
        ]
    )


def _bounds(measurement: Measurement, name: str) -> str:
    if name not in measurement.intervals:
        return ""
    low, high = measurement.intervals[name]
    return f"{low:.3f} to {high:.3f}"


def _table(head: tuple[str, ...], rows: list[list[str]]) -> list[str]:
    lines = [head, tuple("---" for _ in head), *rows]
    return ["| " + " | ".join(map(cell, one)) + " |" for one in lines]


def cell(text: str) -> str:
    """What a model says must not become a part of the page."""
    plain = " ".join(text.split())[:200]
    return "".join(f"\\{sign}" if sign in "\\|`*_[]<>#!" else sign for sign in plain)
