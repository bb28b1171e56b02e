"""Filters by which templates print numbers."""

from collections.abc import Mapping

from django import template

from notyet.debriefs.content import Content
from notyet.web import numbers

register = template.Library()


@register.filter
def share(value: float | None) -> str:
    """A share as a percentage: ``0.314`` is ``31.4%``."""
    return "" if value is None else numbers.percent(value)


@register.filter
def get(values: Mapping[str, str], key: str) -> str:
    """What a mapping holds under a key; empty where it holds nothing."""
    return values.get(key, "")


@register.filter
def said(content: Content, name: str) -> str:
    """A field of a debrief as its input shows it."""
    return content.get(name)
