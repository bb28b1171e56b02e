"""Each request runs inside the scope of one workspace, or none at all, and no page is open by oversight."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.contrib.auth.views import redirect_to_login
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.utils import timezone

from notyet.workspaces.access import Denied, actor_of, memberships
from notyet.workspaces.scope import within

View = Callable[..., HttpResponse]


class WorkspaceMiddleware:
    """Set ``request.actor`` from the signed-in person's membership, open its scope, and guard every view.

    Without a membership ``request.actor`` is ``None`` and no scoped row can be read. A view is for signed-in people
    with a workspace unless it says otherwise (``login_not_required``, ``without_workspace``). ``Denied`` becomes 403.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        found = memberships(request.user)
        chosen = request.session.get("workspace") if found else None
        membership = next((one for one in found if one.workspace_id == chosen), found[0] if found else None)
        request.actor = actor_of(membership) if membership else None  # type: ignore[attr-defined]
        request.workspaces = [one.workspace for one in found]  # type: ignore[attr-defined]
        if membership is None:
            return self.get_response(request)
        with within(membership.workspace), timezone.override(ZoneInfo(membership.workspace.time_zone)):
            return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: object, kwargs: object) -> HttpResponse | None:
        """Send the anonymous to the sign-in, and say so to those who belong to no workspace."""
        if not getattr(view, "login_required", True):
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if request.actor is None and not getattr(view, "without_workspace", False):  # type: ignore[attr-defined]
            return render(request, "no_workspace.html", status=403)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A refusal of the access rules is a page that names what is missing, with the code 403.

        What no database keeps was sent by no form of ours, wherever it was typed: it is refused, and nothing is kept.
        """
        if isinstance(exception, Denied):
            return render(request, "403.html", {"reason": str(exception)}, status=403)
        if isinstance(exception, DataError) and "NUL" in str(exception):
            text = "A text holds a control character (NUL) that cannot be kept. Nothing was saved."
            return HttpResponseBadRequest(text, content_type="text/plain; charset=utf-8")
        return None


def without_workspace(view: View) -> View:
    """Mark a view as open to signed-in people who belong to no workspace yet."""
    view.without_workspace = True  # type: ignore[attr-defined]
    return view
