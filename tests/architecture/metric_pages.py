"""The page of each metric: its definition as the code has it, above what a person wrote about reading it.

``python -m tests.architecture.metric_pages`` brings the definitions of all pages and their index up to date.
"""

from pathlib import Path

from notyet.analysis.metrics import Metric
from notyet.analysis.registry import METRICS
from tests.architecture.source import DOCS

FOLDER = DOCS / "metrics"
INDEX = FOLDER / "README.md"
READING = "## Reading it\n"

UNITS = {
    "share": "a share, from 0 to 1",
    "money": "money, in the workspace's currency",
    "days": "days",
    "hours": "hours",
    "points": "a difference of shares (0.11: eleven points)",
    "count": "a count",
    "number": "a number",
}


def page(metric: Metric) -> Path:
    """Where a metric's page is."""
    return FOLDER / f"{metric.key}.md"


def definition(metric: Metric) -> str:
    """A page down to the heading under which a person writes."""
    groups = "; also for each level of each dimension" if metric.grouped else ""
    rows = {
        "Of": metric.population,
        "Period": metric.window,
        "Left out": metric.exclusions,
        "How": metric.method,
        "Rejected": metric.rejected,
    }
    table = "".join(f"| {name} | {text} |\n" for name, text in rows.items())
    head = f"# {metric.label}\n\n`{metric.key}`: {UNITS[metric.unit]}{groups}.\n\n**{metric.question}**\n\n"
    return f"{head}| | |\n|---|---|\n{table}\n{READING}"


def index() -> str:
    """The list of all metrics."""
    rows = "".join(
        f"| [{metric.label}]({metric.key}.md) | `{metric.key}` | {metric.unit} | {metric.question} |\n"
        for metric in METRICS
    )
    return f"""# Figures

Every figure has one definition, which the page, the report as text, JSON and HTML, and the notebook share.
Each has a value, a 95 % interval (where it is an estimate) and the number it rests on, and is withheld below
five deals or answers. How intervals are made: [Statistics](../statistics.md).

| figure | key | unit | question |
|---|---|---|---|
{rows}
Reasons, the funnel and drivers are lists rather than figures: see [Reading the page](../reading-the-page.md).
"""


def main() -> None:
    """Write the definitions and the index; what stands below a page's heading for readers is kept."""
    FOLDER.mkdir(exist_ok=True)
    INDEX.write_text(index(), encoding="utf-8")
    for metric in METRICS:
        path = page(metric)
        written = path.read_text(encoding="utf-8").partition(READING)[2] if path.exists() else "\n"
        path.write_text(definition(metric) + written, encoding="utf-8")


if __name__ == "__main__":
    main()
