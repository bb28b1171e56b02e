"""What the pipeline's figures say, in words: counts, intervals, and why there is none."""

from datetime import date
from math import inf

from notyet.analysis.intervals import Estimate
from notyet.analysis.prospects import Need, Why
from notyet.pipeline.rules import quarter_name
from notyet.web import numbers

WHY = {
    "few_closed": "Fewer than five deals have closed and matured in the months looked back on: too few to say.",
    "few_won": "Fewer than five deals with a value were won: too few to say what one brings.",
    "few_live": "Fewer than five deals were live at earlier moments like this one: too few to say how many come.",
    "reached": "The target is reached.",
    "over": "The period is over; nothing can be added to it.",
}


def whole(value: float | None) -> str:
    """A number of prospects; an infinite one is more than anybody could work."""
    if value is None:
        return ""
    return "∞" if value == inf else f"{value:,.0f}"


def between(one: Estimate, kind: str = "count", currency: str = "") -> str:
    """An interval: ``6 – 13``, ``24 – 35`` (of a share, in per cent), ``€1M – €2M``; empty where there is none."""
    if one.low is None or one.high is None:
        return ""
    if kind == "share":
        return f"{one.low * 100:.0f} – {one.high * 100:.0f}"
    if kind == "money":
        return f"{numbers.money(one.low, currency)} – {numbers.money(one.high, currency)}"
    if kind == "ratio":
        return f"{one.low:.2f} – {one.high:.2f}"
    if kind == "rate":
        return f"{one.low:.1f} – {one.high:.1f}"
    return f"{whole(one.low)} – {whole(one.high)}"


def percent(value: float | None) -> str:
    """A share in whole per cent; a small one with a decimal."""
    if value is None:
        return ""
    return numbers.percent(value, 0 if value == 0 or value >= 0.095 else 1)


def period(since: date, until: date) -> str:
    """``Q4 2026`` for a quarter, else its days."""
    name = quarter_name(since, until)
    return f"Q{name[-1]} {name[:4]}" if name else f"{since:%-d %b %Y} – {until:%-d %b %Y}"


def the_period(since: date, until: date, today: date) -> str:
    """The period in a sentence: ``the quarter`` where it is the present one."""
    present = quarter_name(since, until) and since <= today <= until
    return "the quarter" if present else period(since, until)


def missing(need: Need) -> str:
    """How many more are needed, in words: ``9 more live prospects``."""
    if need.more.value == 0:
        return "no more prospects"
    if need.more.value == inf:
        return "more prospects than anybody could work"
    return f"{whole(need.more.value)} more live prospect{'s' if need.more.value != 1 else ''}"


def why(reason: Why) -> str:
    """Why there is no number."""
    return WHY[reason]
