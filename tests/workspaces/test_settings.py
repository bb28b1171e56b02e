"""An administrator's settings and people: what is refused, what stands afterwards, who may."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User

from notyet.workspaces.access import Actor, Denied, operator
from notyet.workspaces.actions import add_person, create_workspace
from notyet.workspaces.models import AuditEntry, Membership, Role, Workspace
from notyet.workspaces.people_actions import BadPerson, Part, change_person, invite, new_password, remove_person
from notyet.workspaces.scope import within
from notyet.workspaces.settings_actions import change_settings, settings_of
from notyet.workspaces.settings_rules import BadSettings, ClosedDay, read_closed_days, write_closed_days

pytestmark = pytest.mark.django_db
Acting = Callable[..., Actor]

WRONG: dict[str, Any] = {
    "name": "",
    "time_zone": "Mars/Olympus",
    "visibility": "some",
    "country": "XX",
    "subdivision": "BY",
    "working_days": (),
    "day_ends": time(8),
    "reply_hours": 0,
    "stalled_factor": 0.5,
    "unpaid_days": 0,
    "big_sale": Decimal(-1),
    "term_rule": "half",
    "budget_month": 13,
}


@pytest.mark.parametrize(("field", "value"), WRONG.items())
def test_a_wrong_value_is_named_and_nothing_is_saved(workspace: Workspace, field: str, value: Any) -> None:
    was = settings_of(workspace)
    with pytest.raises(BadSettings) as caught:
        change_settings(operator(workspace), replace(was, **{"stalled_factor": 2.5, field: value}))
    assert set(caught.value.problems) == {field}
    workspace.refresh_from_db()
    assert settings_of(workspace) == was


def test_what_is_set_stands_and_the_history_is_made_again(workspace: Workspace) -> None:
    wanted = replace(
        settings_of(workspace),
        country="DE",
        subdivision="BY",
        working_days=(0, 1, 2, 3),
        closed_days=(ClosedDay(date(2026, 12, 24), "Christmas Eve"),),
        big_sale=Decimal("50000"),
    )
    changed = change_settings(operator(workspace), wanted)
    assert set(changed) == {"country", "subdivision", "working_days", "closed_days", "big_sale"}
    again = Workspace.objects.get(pk=workspace.pk)
    assert settings_of(again) == wanted
    assert again.record_revision == 1
    assert change_settings(operator(again), wanted) == ()
    assert Workspace.objects.get(pk=workspace.pk).record_revision == 1


def test_closed_days_are_read_as_they_are_written() -> None:
    text = "2026-12-31 New Year's Eve\n\n2026-12-24\n"
    days = read_closed_days(text)
    assert [one.day.day for one in days] == [24, 31]
    assert read_closed_days(write_closed_days(days)) == days
    with pytest.raises(BadSettings, match=r"Line 2: “24\.12\.”"):
        read_closed_days("2026-12-24\n24.12. Christmas")


def test_an_invited_person_signs_in_with_the_password_shown(workspace: Workspace) -> None:
    added = invite(operator(workspace), " Ada@Example.org ", Part(Role.SELLER, "North", "Ada L."))
    assert authenticate(username="ada@example.org", password=added.password) == added.membership.user
    with within(workspace):
        assert added.membership.team is not None
        assert added.membership.team.name == "North"
        assert not AuditEntry.objects.filter(detail__icontains=added.password).exists()
    with pytest.raises(BadPerson, match="belongs to this workspace already"):
        invite(operator(workspace), "ADA@example.org", Part(Role.OWNER))


def test_an_account_of_another_workspace_keeps_its_password(workspace: Workspace) -> None:
    """An administrator of one workspace has no say over the others."""
    other = create_workspace("Other")
    add_person(operator(other), "ada@example.org", Role.SELLER, "her-own-password")
    added = invite(operator(workspace), "ada@example.org", Part(Role.SELLER))
    assert added.password is None
    with pytest.raises(BadPerson, match="other workspaces too"):
        new_password(operator(workspace), added.membership.pk)
    assert authenticate(username="ada@example.org", password="her-own-password") is not None


def test_a_new_password_replaces_the_old(workspace: Workspace) -> None:
    added = invite(operator(workspace), "ada@example.org", Part(Role.SELLER))
    password = new_password(operator(workspace), added.membership.pk)
    assert authenticate(username="ada@example.org", password=added.password) is None
    assert authenticate(username="ada@example.org", password=password) is not None


@pytest.mark.parametrize("act", [remove_person, lambda a, m: change_person(a, m, Part("seller"))])
def test_the_last_administrator_stays(workspace: Workspace, act: Callable[[Actor, int], object]) -> None:
    only = invite(operator(workspace), "ada@example.org", Part(Role.ADMINISTRATOR)).membership
    with pytest.raises(BadPerson, match="last administrator"):
        act(operator(workspace), only.pk)
    invite(operator(workspace), "bea@example.org", Part(Role.ADMINISTRATOR))
    act(operator(workspace), only.pk)


def test_a_removed_person_keeps_the_account_and_sees_nothing(workspace: Workspace) -> None:
    added = invite(operator(workspace), "ada@example.org", Part(Role.SELLER))
    assert remove_person(operator(workspace), added.membership.pk) == "ada@example.org"
    assert User.objects.filter(username="ada@example.org").exists()
    with within(workspace):
        assert not Membership.objects.exists()


@pytest.mark.parametrize("email", ["", "ada", "ada@", "a" * 300 + "@example.org", "ada@example.org\nbcc:x@y.z"])
def test_what_is_no_address_is_refused(workspace: Workspace, email: str) -> None:
    with pytest.raises(BadPerson, match="not an e-mail address"):
        invite(operator(workspace), email, Part(Role.SELLER))


def test_another_workspaces_member_is_not_there(workspace: Workspace) -> None:
    theirs = invite(operator(create_workspace("Other")), "ada@example.org", Part(Role.SELLER)).membership
    for act in (remove_person, new_password):
        with pytest.raises(Membership.DoesNotExist):
            act(operator(workspace), theirs.pk)
    with pytest.raises(Membership.DoesNotExist):
        change_person(operator(workspace), theirs.pk, Part(Role.OWNER))


def test_only_an_administrator_may(workspace: Workspace, acting: Acting) -> None:
    for role in set(Role) - {Role.ADMINISTRATOR}:
        for act in (
            lambda actor: change_settings(actor, settings_of(workspace)),
            lambda actor: invite(actor, "eve@example.org", Part(Role.ADMINISTRATOR)),
            lambda actor: remove_person(actor, 1),
            lambda actor: new_password(actor, 1),
            lambda actor: change_person(actor, 1, Part(Role.ADMINISTRATOR)),
        ):
            with pytest.raises(Denied):
                act(acting(role))
