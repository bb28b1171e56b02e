"""An administrator sets up the workspace: its rules, its people. Everybody chooses among her workspaces."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from notyet.core.clock import now
from notyet.web.requests import ActorRequest
from notyet.web.settings_form import EXAMPLE_TERM, SettingsForm, asking_examples, budget_example, initial, parts_of
from notyet.workspaces.access import Permission, memberships
from notyet.workspaces.models import Membership, Role, Team
from notyet.workspaces.people_actions import (
    BadPerson,
    Part,
    change_person,
    invite,
    new_password,
    remove_person,
)
from notyet.workspaces.settings_actions import change_settings, settings_of
from notyet.workspaces.settings_rules import BadSettings
from notyet.workspaces.working import working_time


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: ActorRequest) -> HttpResponse:
    """Show the workspace's settings; a POST saves them."""
    request.actor.require(Permission.SET_UP)
    stands = settings_of(request.actor.workspace)
    form = SettingsForm(request.POST or None, initial=initial(stands))
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_settings(request.actor, form.settings())
        except BadSettings as error:
            for field, text in error.problems.items():
                form.add_error(field, text)
        else:
            messages.success(request, "Saved." if changed else "Nothing had changed.")
            return redirect("settings")
    today = working_time(request.actor.workspace).day_of(now())
    context = {
        "form": form,
        "parts": parts_of(str(form["country"].value() or "")),
        "term_rules": asking_examples(today, str(form["term_rule"].value())),
        "example_term": EXAMPLE_TERM,
        "budget_month": str(form["budget_month"].value()),
        "budget_example": budget_example(today, stands.budget_month),
    }
    return render(request, "settings/settings.html", context, status=400 if request.method == "POST" else 200)


@require_safe
@never_cache
def people(request: ActorRequest) -> HttpResponse:
    """Who belongs to the workspace, and as what."""
    request.actor.require(Permission.SET_UP)
    return _people(request)


@require_POST
@never_cache
def person_add(request: ActorRequest) -> HttpResponse:
    """Add a person; the page that answers shows her first password, once."""
    request.actor.require(Permission.SET_UP)
    email = request.POST.get("email", "")
    try:
        added = invite(request.actor, email, _part(request))
    except BadPerson as error:
        return _people(request, refusal=str(error), status=400)
    address = added.membership.user.get_username()
    if added.password is None:
        messages.success(request, f"{address} had an account and belongs to this workspace now.")
        return redirect("people")
    return _people(request, shown=(address, added.password))


@require_POST
def person(request: ActorRequest, member: int) -> HttpResponse:
    """Change somebody's role, team or seller's name."""
    request.actor.require(Permission.SET_UP)
    try:
        changed = change_person(request.actor, member, _part(request))
    except Membership.DoesNotExist as error:
        raise Http404 from error
    except BadPerson as error:
        return _people(request, refusal=str(error), status=400)
    messages.success(request, f"{changed.user.get_username()} is {Role(changed.role).label} now.")
    return redirect("people")


@require_POST
def person_remove(request: ActorRequest, member: int) -> HttpResponse:
    """Take somebody out of the workspace."""
    request.actor.require(Permission.SET_UP)
    try:
        address = remove_person(request.actor, member)
    except Membership.DoesNotExist as error:
        raise Http404 from error
    except BadPerson as error:
        return _people(request, refusal=str(error), status=400)
    messages.success(request, f"{address} no longer belongs to this workspace. What was recorded stays.")
    return redirect("people")


@require_POST
@never_cache
def person_password(request: ActorRequest, member: int) -> HttpResponse:
    """Give somebody a new first password, shown once."""
    request.actor.require(Permission.SET_UP)
    try:
        password = new_password(request.actor, member)
    except Membership.DoesNotExist as error:
        raise Http404 from error
    except BadPerson as error:
        return _people(request, refusal=str(error), status=400)
    return _people(request, shown=(Membership.objects.get(pk=member).user.get_username(), password))


@require_POST
def workspace_choose(request: ActorRequest) -> HttpResponse:
    """Go to another of one's workspaces."""
    wanted = request.POST.get("workspace", "")
    found = next((one for one in memberships(request.user) if one.workspace.slug == wanted), None)
    if found is None:
        raise Http404
    request.session["workspace"] = found.workspace_id
    return redirect("/")


def _part(request: ActorRequest) -> Part:
    sent = request.POST
    return Part(sent.get("role", ""), sent.get("team", ""), sent.get("seller_name", ""))


def _people(
    request: ActorRequest, *, refusal: str = "", shown: tuple[str, str] | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "members": Membership.objects.select_related("user", "team").order_by("user__username"),
        "teams": Team.objects.order_by("name"),
        "roles": Role.choices,
        "refusal": refusal,
        "shown": shown,
        "sent": request.POST,
    }
    return render(request, "settings/people.html", context, status=status)
