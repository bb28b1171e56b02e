"""The request as views see it, once the middleware has found out who asks."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from notyet.workspaces.access import Actor


class ActorRequest(HttpRequest):
    """A request of somebody who belongs to a workspace."""

    actor: Actor
    htmx: HtmxDetails
