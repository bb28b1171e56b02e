"""Keeping views of the list of deals: each person her own, shared with the workspace by those who may."""

from django.db import transaction
from django.db.models import Q

from notyet.core.clock import now
from notyet.core.texts import NotAText, one_line
from notyet.deals.view_models import LONGEST_QUERY, SavedView
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.audit import note
from notyet.workspaces.scope import within

LONGEST_NAME = 100
MOST_VIEWS = 50


class BadView(ValueError):
    """A view cannot be kept as asked; the text says why."""


def views_of(actor: Actor) -> list[SavedView]:
    """The actor's own views and those that others share, by name. Raises ``Denied`` where the role sees no deals."""
    actor.require(Permission.SEE_DEALS)
    with within(actor.workspace):
        return list(SavedView.objects.filter(Q(user_id=actor.user_id) | Q(shared=True)))


def may_remove(actor: Actor, view: SavedView) -> bool:
    """Whether the view is the actor's own, or shared and the actor is one of those who share."""
    return view.user_id == actor.user_id or (view.shared and actor.may(Permission.SHARE_VIEWS))


@transaction.atomic
def save_view(actor: Actor, name: str, query: str, *, shared: bool = False) -> SavedView:
    """Keep the list's address under a name, in place of the actor's own view of that name.

    Raises ``Denied`` where the role sees no deals or shares no views, ``BadView`` for a name or address that is empty
    or too long, or where the actor keeps too many.
    """
    actor.require(Permission.SEE_DEALS)
    if shared:
        actor.require(Permission.SHARE_VIEWS)
    try:
        name = one_line(name, LONGEST_NAME)
    except NotAText as error:
        raise BadView(f"a view cannot be called that: {error}") from error
    if not name:
        raise BadView(f"a view needs a name of at most {LONGEST_NAME} characters")
    if len(query) > LONGEST_QUERY:
        raise BadView("this view holds more filters and columns than can be kept")
    with within(actor.workspace):
        own = SavedView.objects.filter(user_id=actor.user_id)
        if own.exclude(name=name).count() >= MOST_VIEWS:
            raise BadView(f"you keep {MOST_VIEWS} views already; remove one first")
        values = {"query": query, "shared": shared, "saved_by": actor.name, "saved_at": now()}
        view: SavedView
        view, _ = SavedView.objects.update_or_create(
            workspace=actor.workspace, user_id=actor.user_id, name=name, defaults=values
        )
        note(actor, "save view", name, shared=shared)
    return view


@transaction.atomic
def remove_view(actor: Actor, view_id: int) -> SavedView:
    """Remove a view of one's own, or a shared one where the actor is one of those who share.

    Raises ``SavedView.DoesNotExist`` where the actor has no such view, ``Denied`` where others share it.
    """
    with within(actor.workspace):
        view: SavedView = SavedView.objects.get(Q(user_id=actor.user_id) | Q(shared=True), pk=view_id)
        if not may_remove(actor, view):
            actor.require(Permission.SHARE_VIEWS)
        view.delete()
        note(actor, "remove view", view.name, shared=view.shared)
    return view
