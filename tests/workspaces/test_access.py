"""Who may do what: one table, written out here by hand and held against the one in the code."""

from collections.abc import Callable

import pytest

from notyet.workspaces.access import GRANTS, Actor, Denied, Permission, operator, visible_owner_filter
from notyet.workspaces.models import Role, Visibility, Workspace

# seller, manager, owner, marKeting, sUpport, leadership, interviewer, administrator: a letter grants, a dot does not
TABLE: dict[Permission, str] = {
    Permission.SEE_DEALS: "smo..l.a",
    Permission.SEE_ANALYSIS: "smokul.a",
    Permission.WORK_DEALS: "smo....a",
    Permission.SEE_PIPELINE: "smok.l.a",
    Permission.SET_TARGETS: ".mo....a",
    Permission.EDIT_PROCESS: "..o....a",
    Permission.WAKE_LOSSES: ".mo....a",
    Permission.DECIDE_LEAKS: "..o....a",
    Permission.EDIT_REASONS: "..o....a",
    Permission.SHARE_VIEWS: ".mo....a",
    Permission.MERGE: ".mo....a",
    Permission.IMPORT: "..o....a",
    Permission.EXPORT: ".mo....a",
    Permission.EXPORT_ANSWERS: ".......a",
    Permission.SET_UP: ".......a",
}
ROLES = (
    Role.SELLER,
    Role.MANAGER,
    Role.OWNER,
    Role.MARKETING,
    Role.SUPPORT,
    Role.LEADERSHIP,
    Role.INTERVIEWER,
    Role.ADMINISTRATOR,
)
CASES = [(role, permission, row[at] != ".") for permission, row in TABLE.items() for at, role in enumerate(ROLES)]
Acting = Callable[..., Actor]


def test_the_table_is_whole() -> None:
    """A new role or permission has to be decided here as well."""
    assert set(TABLE) == set(Permission)
    assert set(ROLES) == set(Role) == set(GRANTS)


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "permission", "granted"), CASES)
def test_a_role_may_what_the_table_says(acting: Acting, role: Role, permission: Permission, granted: bool) -> None:
    """``may`` answers, ``require`` refuses."""
    actor = acting(role)
    assert actor.may(permission) is granted
    if granted:
        actor.require(permission)
    else:
        with pytest.raises(Denied, match=permission.value):
            actor.require(permission)


@pytest.mark.django_db
def test_an_unknown_role_may_nothing(acting: Acting) -> None:
    """A row from a later version opens no door."""
    assert not any(acting("chief of everything").may(permission) for permission in Permission)


@pytest.mark.django_db
def test_who_runs_commands_on_the_server_may_everything(workspace: Workspace) -> None:
    """There is no account to ask."""
    assert all(operator(workspace).may(permission) for permission in Permission)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("visibility", "team", "seller_name", "wanted"),
    [
        (Visibility.ALL, "North", "Ada", None),
        (Visibility.TEAM, "North", "Ada", {"team": "North"}),
        (Visibility.TEAM, None, "Ada", {"owner": "Ada"}),
        (Visibility.OWN, "North", "Ada", {"owner": "Ada"}),
    ],
)
def test_a_seller_sees_what_the_workspace_allows(
    acting: Acting, workspace: Workspace, visibility: Visibility, team: str | None, seller_name: str, wanted: object
) -> None:
    """Everybody's, the team's, or the own deals."""
    workspace.visibility = visibility
    assert visible_owner_filter(acting(Role.SELLER, team=team, seller_name=seller_name)) == wanted


@pytest.mark.django_db
def test_a_seller_without_a_name_sees_no_deal(acting: Acting, workspace: Workspace) -> None:
    """An empty name must not match the deals that have no owner."""
    workspace.visibility = Visibility.OWN
    condition = visible_owner_filter(acting(Role.SELLER))
    assert condition is not None
    assert condition["owner"].strip() not in ("", "nobody")


@pytest.mark.django_db
@pytest.mark.parametrize("role", [role for role in ROLES if role != Role.SELLER])
def test_the_limit_is_for_sellers(acting: Acting, workspace: Workspace, role: Role) -> None:
    """Who may see deals at all and sells none of them sees them all."""
    workspace.visibility = Visibility.OWN
    assert visible_owner_filter(acting(role)) is None
