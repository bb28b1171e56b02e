"""Whose list it is: one's own, the team's or everybody's, as far as one may see deals."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from notyet.deals.models import Deal
from notyet.today.models import LONGEST_NAME
from notyet.workspaces.access import Actor, visible_owner_filter
from notyet.workspaces.models import Membership, Role


class Whose(StrEnum):
    """A part of the list."""

    MINE = "mine"
    TEAM = "team"
    ALL = "all"


class UnknownPerson(LookupError):
    """Nobody of this name belongs to the workspace or owns a deal in it."""


@dataclass(frozen=True)
class Person:
    """Somebody whose items are asked for, by the name that her deals carry."""

    owner: str
    shown: str


def name_of(actor: Actor) -> str:
    """The owner's name that the actor's deals carry."""
    return actor.seller_name or actor.name


def choices(actor: Actor) -> tuple[Whose, ...]:
    """What the actor can choose among: nothing wider than she may see, nothing that says the same twice."""
    limit = visible_owner_filter(actor)
    if limit is not None:
        return (Whose.MINE, Whose.TEAM) if "team" in limit else (Whose.MINE,)
    return (Whose.MINE, Whose.TEAM, Whose.ALL) if actor.team else (Whose.MINE, Whose.ALL)


def usual(actor: Actor) -> Whose:
    """A seller sees her own; others as well where deals carry their name, else everybody's."""
    return Whose.MINE if actor.role == Role.SELLER or actor.seller_name else Whose.ALL


def chosen(actor: Actor, text: str) -> Whose:
    """What was asked for where the actor may choose it, else the usual."""
    return next((one for one in choices(actor) if one == text), usual(actor))


def limits(actor: Actor, whose: Whose) -> dict[str, str]:
    """Conditions on items: what the actor may see, and of that the part asked for."""
    seen = dict(visible_owner_filter(actor) or {})
    if whose == Whose.MINE and "owner" not in seen:
        seen["owner"] = name_of(actor)
    if whose == Whose.TEAM and actor.team and "owner" not in seen:
        seen["team"] = actor.team
    return {field: value[:LONGEST_NAME] for field, value in seen.items()}


def find_person(text: str) -> Person:
    """The member with this e-mail address, else the owner of deals by this name. Raises ``UnknownPerson``."""
    wanted = text.strip().casefold()
    for member in _members():
        if wanted in (member.user.email.casefold(), member.user.get_username().casefold()):
            return Person(member.seller_name or member.user.get_username(), member.user.get_username())
    if text and Deal.objects.filter(owner=text).exists():
        return Person(text, text)
    raise UnknownPerson(text)


def addresses() -> Mapping[str, str]:
    """The e-mail addresses of the members, by the owners' names that their deals carry."""
    found: dict[str, str] = {}
    for member in _members():
        address = member.user.email or member.user.get_username()
        for name in (member.seller_name, member.user.get_username(), member.user.email):
            if name:
                found.setdefault(name, address)
    return found


def _members() -> list[Membership]:
    return list(Membership.objects.select_related("user").order_by("pk"))
