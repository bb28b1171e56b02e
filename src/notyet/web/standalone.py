"""The report as one HTML file: no script, no outside request, charts drawn as SVG."""

import base64
import hashlib
from functools import cache
from pathlib import Path

from django.template.loader import render_to_string

from notyet.analysis.results import Report
from notyet.web.figure_view import no_link
from notyet.web.report_view import report_view
from notyet.web.winloss_page import window_text

_ASSETS = Path(__file__).parent / "assets"


@cache
def style() -> str:
    """The style sheet that is put into the file."""
    return "".join((_ASSETS / name).read_text(encoding="utf-8") for name in ("report.css", "standalone.css"))


def policy() -> dict[str, str]:
    """What a served report adds to the content security policy: its own style sheet, by its hash."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return {"style-src": f"'sha256-{digest}'"}


def render(report: Report) -> str:
    """The report as a whole HTML document that can be mailed, opened from a disk and printed on A4."""
    view = report_view(report, no_link)
    return render_to_string(
        "report/standalone.html",
        {
            "view": view,
            "report": report,
            "style": style(),
            "window": window_text(report.selection.since, report.selection.until),
        },
    )
