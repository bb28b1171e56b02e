"""Filters by which templates print numbers."""

from django import template

from notyet.web import numbers

register = template.Library()


@register.filter
def share(value: float | None) -> str:
    """A share as a percentage: ``0.314`` is ``31.4%``."""
    return "" if value is None else numbers.percent(value)
