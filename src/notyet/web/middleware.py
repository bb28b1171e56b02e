"""Each request runs inside the scope of one workspace, or none at all."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from notyet.workspaces.access import actor_of, memberships
from notyet.workspaces.scope import within


class WorkspaceMiddleware:
    """Set ``request.actor`` from the signed-in person's membership and open its scope.

    Without a membership ``request.actor`` is ``None`` and no scoped row can be read.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        found = memberships(request.user)
        chosen = request.session.get("workspace") if found else None
        membership = next((one for one in found if one.workspace_id == chosen), found[0] if found else None)
        request.actor = actor_of(membership) if membership else None  # type: ignore[attr-defined]
        if membership is None:
            return self.get_response(request)
        with within(membership.workspace):
            return self.get_response(request)
