"""An administrator's changes to who belongs to a workspace, and as what."""

import secrets
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from notyet.core.texts import NotAText, one_line
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.access import memberships as memberships_of
from notyet.workspaces.actions import add_person
from notyet.workspaces.audit import note
from notyet.workspaces.models import Membership, Role, Team, Workspace
from notyet.workspaces.scope import within

_PASSWORD_BYTES = 12


class BadPerson(ValueError):
    """A person cannot be added, changed or removed as asked; the text says why."""


@dataclass(frozen=True)
class Part:
    """What a person is in a workspace. ``team`` and ``seller_name`` are the names that deals carry."""

    role: str
    team: str = ""
    seller_name: str = ""

    def check(self) -> None:
        """Raise ``BadPerson`` where the role is unknown or a name too long."""
        if self.role not in Role.values:
            raise BadPerson(f"“{self.role[:40]}” is no role; choose one of the list.")
        for what, name, longest in (("team", self.team, 200), ("seller", self.seller_name, 300)):
            try:
                one_line(name, longest)
            except NotAText as error:
                raise BadPerson(f"The {what}'s name cannot be kept: {error}.") from error


@dataclass(frozen=True)
class Added:
    """A person who was added, and her first password where she had no account before."""

    membership: Membership
    password: str | None


@transaction.atomic
def invite(actor: Actor, email: str, part: Part) -> Added:
    """Add a person by her e-mail address; an account that exists keeps its password.

    Raises ``Denied``, or ``BadPerson`` for an address that is none or belongs to the workspace already.
    """
    actor.require(Permission.SET_UP)
    part.check()
    address = email.strip().lower()
    try:
        validate_email(address)
        User._meta.get_field("username").run_validators(address)
    except ValidationError:
        raise BadPerson(f"“{email[:80]}” is not an e-mail address like ada@example.org.") from None
    known = User.objects.filter(username__iexact=address).first()
    if known and any(one.workspace_id == actor.workspace.pk for one in memberships_of(known)):
        raise BadPerson(f"{address} belongs to this workspace already; change the line below instead.")
    password = None if known else secrets.token_urlsafe(_PASSWORD_BYTES)
    name = known.get_username() if known else address
    made = add_person(
        actor, name, Role(part.role), password, team=part.team.strip() or None, seller_name=part.seller_name.strip()
    )
    return Added(made, password)


@transaction.atomic
def change_person(actor: Actor, member: int, part: Part) -> Membership:
    """Give a member another role, team or seller's name.

    Raises ``Denied``, ``Membership.DoesNotExist``, or ``BadPerson``, also where nobody would be left who may do this.
    """
    actor.require(Permission.SET_UP)
    part.check()
    with within(actor.workspace):
        _one_at_a_time(actor.workspace)
        found: Membership = Membership.objects.select_related("user").get(pk=member)
        if part.role != Role.ADMINISTRATOR:
            _check_another_administrator(found)
        team = part.team.strip()
        found.role = Role(part.role)
        found.team = Team.objects.get_or_create(workspace=actor.workspace, name=team)[0] if team else None
        found.seller_name = part.seller_name.strip()
        found.save(update_fields=["role", "team", "seller_name"])
        note(actor, "change person", found.user.get_username(), role=part.role)
    return found


@transaction.atomic
def remove_person(actor: Actor, member: int) -> str:
    """Take a person out of the workspace; her account, and what she recorded, stay. Returns her address.

    Raises ``Denied``, ``Membership.DoesNotExist``, or ``BadPerson`` for the last administrator.
    """
    actor.require(Permission.SET_UP)
    with within(actor.workspace):
        _one_at_a_time(actor.workspace)
        found: Membership = Membership.objects.select_related("user").get(pk=member)
        _check_another_administrator(found)
        address = found.user.get_username()
        found.delete()
        note(actor, "remove person", address)
    return address


@transaction.atomic
def new_password(actor: Actor, member: int) -> str:
    """Give a member a new first password, which ends her sessions; returns it, to be passed on once.

    Raises ``Denied``, ``Membership.DoesNotExist``, or ``BadPerson`` where the account belongs to other workspaces
    too: an administrator of one has no say over the others.
    """
    actor.require(Permission.SET_UP)
    with within(actor.workspace):
        found: Membership = Membership.objects.select_related("user").get(pk=member)
        user = found.user
        if len(memberships_of(user)) > 1:
            raise BadPerson(f"{user.get_username()} belongs to other workspaces too and changes the password herself.")
        password = secrets.token_urlsafe(_PASSWORD_BYTES)
        user.set_password(password)
        user.save(update_fields=["password"])
        note(actor, "new password", user.get_username())
    return password


def _one_at_a_time(workspace: Workspace) -> None:
    """Two administrators who remove each other at once would leave nobody."""
    Workspace.objects.select_for_update().get(pk=workspace.pk)


def _check_another_administrator(member: Membership) -> None:
    if member.role != Role.ADMINISTRATOR:
        return
    if not Membership.objects.filter(role=Role.ADMINISTRATOR).exclude(pk=member.pk).exists():
        raise BadPerson("This is the last administrator; make somebody else one first.")
