"""Figures as a CSV that is safe to open in a spreadsheet."""

import csv
import io

from notyet.analysis.results import Report

HEADER = ("key", "label", "unit", "group", "value", "low", "high", "n", "count", "withheld", "landmark")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless(text: str) -> str:
    """Text that a spreadsheet takes for text: what begins like a formula gets an apostrophe before it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def figures_csv(report: Report) -> str:
    """All figures of a report, one a line; missing values are empty."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for one in report.figures:
        group = "; ".join(f"{field}: {level}" for field, level in one.by.items())
        texts = [harmless(one.key), harmless(one.label), one.unit, harmless(group)]
        numbers = [one.value, one.low, one.high, one.n, one.count]
        writer.writerow(texts + ["" if n is None else n for n in numbers] + [one.withheld or "", one.landmark or ""])
    return out.getvalue()
