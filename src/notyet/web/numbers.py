"""Numbers as a person reads them, by their unit."""

from notyet.analysis.results import Unit
from notyet.core.money import readable

MINUS = "−"


def percent(value: float, digits: int = 1) -> str:
    """A share as a percentage, with a typographer's minus."""
    return f"{value * 100:.{digits}f}%".replace("-", MINUS)


def points(value: float, digits: int = 0) -> str:
    """A difference of shares in points, signed: ``0.11`` is ``+11``."""
    return f"{value * 100:+.{digits}f}".replace("-", MINUS)


def points_digits(*values: float) -> int:
    """How many decimals differences of shares need beside each other: one where a value lies within a point of zero."""
    return 1 if any(abs(value) < 0.00995 for value in values) else 0


def money(value: float, currency: str) -> str:
    """A sum, compact from ten thousand on."""
    return readable(value, currency)


def days(value: float) -> str:
    """A number of days, with one decimal below ten."""
    return f"{value:,.0f} days" if value >= 10 else f"{value:.1f} days"


def hours(value: float) -> str:
    """A number of hours in the unit that a person would use: ``12 min``, ``1.5 h``, ``7 h``, ``4.2 days``."""
    if abs(value) >= 72:
        return days(value / 24)
    if round(abs(value) * 60) < 60:
        return f"{value * 60:.0f} min".replace("-", MINUS)
    digits = 0 if abs(value) >= 10 else 1
    return f"{value:.{digits}f}".removesuffix(".0").replace("-", MINUS) + " h"


def shown(value: float, unit: Unit, currency: str) -> str:
    """A value of a figure with its unit."""
    if unit == "share":
        return percent(value)
    if unit == "money":
        return money(value, currency)
    if unit == "points":
        return f"{points(value, points_digits(value))} pts"
    if unit == "days":
        return days(value)
    if unit == "hours":
        return hours(value)
    return f"{value:,.0f}" if unit == "count" or abs(value) >= 100 else f"{value:,.1f}"


def interval(low: float, high: float, unit: Unit, currency: str) -> str:
    """An interval, its unit named once where that reads well: ``28.9 – 34.0``."""
    if unit == "share":
        return f"{low * 100:.1f} – {high * 100:.1f}".replace("-", MINUS)
    if unit == "points":
        digits = points_digits(low, high)
        return f"{points(low, digits)} to {points(high, digits)}"
    return f"{shown(low, unit, currency)} – {shown(high, unit, currency)}"
