"""How a message says that it can be undone."""

from django import template
from django.contrib.messages.storage.base import Message

from notyet.web.saying import Told, told_by

register = template.Library()


@register.filter
def told(message: Message) -> Told:
    """What a message carries beside its text."""
    return told_by(message)
