"""Whose pipeline somebody may look at: everybody's, a team's, her own. Never another person's."""

from collections.abc import Iterable
from dataclasses import dataclass

from notyet.analysis.pipeline_book import Scope
from notyet.pipeline.models import TargetScope
from notyet.workspaces.access import Actor, visible_owner_filter

EVERYBODY, OWN, TEAM = "everybody", "own", "team:"


@dataclass(frozen=True)
class Choice:
    """A scope as an address names it (``everybody``, ``own``, ``team:North``) and as a person reads it."""

    key: str
    label: str
    scope: Scope

    @property
    def target_scope(self) -> tuple[str, str]:
        """Whose targets are those of this scope: the kind and the name that a target has."""
        kinds = {"": TargetScope.EVERYBODY, "team": TargetScope.TEAM, "owner": TargetScope.PERSON}
        return str(kinds[self.scope.column]), self.scope.name


def choices(actor: Actor, teams: Iterable[str]) -> tuple[Choice, ...]:
    """The scopes that the actor may look at, the narrowest first; ``teams``: those that the record has."""
    limit = visible_owner_filter(actor)
    found = []
    if actor.seller_name or (limit is not None and "owner" in limit):
        name = limit["owner"] if limit and "owner" in limit else actor.seller_name
        found.append(Choice(OWN, "Your own deals", Scope("owner", name)))
    if limit is None or "team" in limit:
        wanted = teams if limit is None else [limit["team"]]
        mine = [name for name in wanted if name == actor.team]
        found += [_team(name) for name in (*mine, *sorted(name for name in wanted if name and name != actor.team))]
    if limit is None:
        found.append(Choice(EVERYBODY, "Everybody", Scope()))
    return tuple(found)


def _team(name: str) -> Choice:
    return Choice(TEAM + name, name, Scope("team", name))


def usual(actor: Actor, found: tuple[Choice, ...]) -> Choice:
    """The scope that is shown first: one's own where one sells, else the widest."""
    own = next((one for one in found if one.key == OWN), None)
    return own if own is not None and actor.role == "seller" else found[-1]
