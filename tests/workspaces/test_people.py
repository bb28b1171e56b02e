"""People, the workspaces they belong to, and the trail of what was done."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser, User

from notyet.workspaces.access import Actor, Denied, actor_of, memberships, operator
from notyet.workspaces.actions import add_person, create_workspace, ensure_workspace
from notyet.workspaces.models import AuditEntry, Membership, Role, Team, Workspace
from notyet.workspaces.scope import within


@pytest.mark.django_db
def test_the_first_workspace_is_made_once() -> None:
    """An import into an empty home needs no other step, and the next one finds it."""
    first = ensure_workspace()
    assert ensure_workspace("Another") == first
    assert Workspace.objects.count() == 1


@pytest.mark.django_db
def test_workspaces_of_one_name_have_different_addresses() -> None:
    """Also where the name has no letter that an address may hold."""
    slugs = [create_workspace(name).slug for name in ("Acme", "ACME", "Acme!", "株式会社", "株式会社")]
    assert slugs == ["acme", "acme-2", "acme-3", "workspace", "workspace-2"]


@pytest.mark.django_db
def test_a_person_is_added_once_and_takes_the_latest_role(workspace: Workspace) -> None:
    """The password of an account that exists stays, unless a new one is given."""
    administrator = operator(workspace)
    add_person(administrator, "ada@example.org", Role.SELLER, "first-password")
    again = add_person(administrator, "ada@example.org", Role.OWNER)
    assert again.role == Role.OWNER
    assert Membership.objects.count() == User.objects.count() == 1
    assert authenticate(username="ada@example.org", password="first-password") is not None


@pytest.mark.django_db
@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_administrators_add_people(acting: Callable[..., Actor], role: Role) -> None:
    """And a refusal leaves nothing behind."""
    with pytest.raises(Denied):
        add_person(acting(role), "eve@example.org", Role.ADMINISTRATOR, "some-password")
    assert User.objects.count() == 0


@pytest.mark.django_db
def test_a_person_is_somebody_in_her_workspaces_only() -> None:
    """In the order she joined them; nobody where she was never added."""
    places = [create_workspace(name) for name in ("One", "Two", "Three")]
    for place, role in ((places[1], Role.OWNER), (places[0], Role.SELLER)):
        add_person(operator(place), "ada@example.org", role)
    found = memberships(User.objects.get())
    assert [(one.workspace.name, one.role) for one in found] == [("Two", Role.OWNER), ("One", Role.SELLER)]
    assert memberships(AnonymousUser()) == []


@pytest.mark.django_db
def test_a_member_acts_as_what_the_membership_says(workspace: Workspace) -> None:
    """With her team and the name that her deals carry."""
    membership = add_person(operator(workspace), "ada@example.org", Role.SELLER)
    membership.team = Team.objects.create(workspace=workspace, name="North")
    membership.seller_name = "Ada L."
    membership.save()
    [found] = memberships(User.objects.get())
    actor = actor_of(found)
    assert (actor.role, actor.team, actor.seller_name, actor.name) == ("seller", "North", "Ada L.", "ada@example.org")


@pytest.mark.django_db
def test_what_is_done_leaves_a_line(workspace: Workspace, clock: Callable[[str], datetime]) -> None:
    """Who, what, whom, when by the one clock; no password."""
    moment = clock("2026-03-02T08:00:00+00:00")
    add_person(operator(workspace), "ada@example.org", Role.SELLER, "secret-password")
    [entry] = AuditEntry.objects.all()
    assert (entry.actor, entry.action, entry.subject, entry.at) == ("operator", "add person", "ada@example.org", moment)
    assert "secret" not in str(entry.detail)
    assert entry.at.tzinfo == UTC


@pytest.mark.django_db
def test_the_trail_of_a_workspace_is_its_own(workspace: Workspace) -> None:
    """Nobody reads what was done next door."""
    add_person(operator(workspace), "ada@example.org", Role.SELLER)
    other = create_workspace("Other")
    with within(other):
        assert AuditEntry.objects.count() == 0
