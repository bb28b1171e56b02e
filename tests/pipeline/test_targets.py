"""Setting targets, and who looks at whose pipeline."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from notyet.analysis.pipeline_book import Scope
from notyet.deals.models import DataSource, Deal
from notyet.pipeline.actions import remove_target, set_target
from notyet.pipeline.models import Target
from notyet.pipeline.queries import targets_of
from notyet.pipeline.rules import BadTarget, Wish
from notyet.pipeline.scopes import choices, usual
from notyet.workspaces.access import NOBODY, Actor, Denied, operator
from notyet.workspaces.actions import create_workspace
from notyet.workspaces.models import AuditEntry, Role, Visibility, Workspace
from notyet.workspaces.scope import within

Acting = Callable[..., Actor]
WISH = Wish("everybody", "", date(2026, 1, 1), date(2026, 3, 31), Decimal("1000.50"))


@pytest.fixture
def one_deal(workspace: Workspace) -> Deal:
    """A deal of Ada's in the team North."""
    source = DataSource.objects.create(workspace=workspace, key="crm", name="CRM")
    made: Deal = Deal.objects.create(
        workspace=workspace, data_source=source, deal_id="1", outcome="open", owner="Ada", team="North"
    )
    return made


def test_a_target_is_set_changed_and_removed_and_each_is_noted(acting: Acting) -> None:
    """With the amount before and after."""
    manager = acting(Role.MANAGER)
    target = set_target(manager, WISH)
    set_target(manager, replace(WISH, amount=Decimal(2000)), target.pk)
    assert Target.objects.get().amount == Decimal(2000)
    remove_target(manager, target.pk)
    assert not Target.objects.exists()
    noted = AuditEntry.objects.order_by("pk").values_list("action", "detail")
    assert list(noted) == [
        ("set target", {"amount": "1000.5"}),
        ("change target", {"amount": "2000", "before": "1000.5"}),
        ("remove target", {"amount": "2000"}),
    ]


@pytest.mark.parametrize("role", [Role.SELLER, Role.MARKETING, Role.SUPPORT, Role.LEADERSHIP, Role.INTERVIEWER])
def test_who_may_not_set_targets_is_refused(acting: Acting, role: Role) -> None:
    """Neither setting nor removing."""
    target = set_target(acting(Role.ADMINISTRATOR), WISH)
    for act in (lambda: set_target(acting(role), WISH), lambda: remove_target(acting(role), target.pk)):
        with pytest.raises(Denied):
            act()


def test_a_period_has_one_target(acting: Acting) -> None:
    """Of the same scope; the one that is changed is no other."""
    manager = acting(Role.MANAGER)
    target = set_target(manager, WISH)
    with pytest.raises(BadTarget, match="already"):
        set_target(manager, WISH)
    assert set_target(manager, WISH, target.pk).pk == target.pk
    set_target(manager, replace(WISH, until=date(2026, 12, 31)))


def test_a_target_is_for_a_team_or_person_that_has_deals(acting: Acting, one_deal: Deal) -> None:
    """A name that is misspelt would be a target that nothing counts towards."""
    manager = acting(Role.MANAGER)
    set_target(manager, replace(WISH, scope="team", name="North"))
    set_target(manager, replace(WISH, scope="person", name="Ada"))
    for scope, name in (("team", "Nord"), ("person", "Eda")):
        with pytest.raises(BadTarget, match=name) as refused:
            set_target(manager, replace(WISH, scope=scope, name=name))  # type: ignore[arg-type]
        assert refused.value.field == "name"


def test_another_workspaces_target_is_not_there(acting: Acting) -> None:
    """Neither to change nor to remove."""
    other = create_workspace("Other")
    with within(other):
        theirs = set_target(operator(other), WISH)
    for act in (
        lambda: set_target(acting(Role.MANAGER), WISH, theirs.pk),
        lambda: remove_target(acting(Role.MANAGER), theirs.pk),
    ):
        with pytest.raises(Target.DoesNotExist):
            act()


TEAMS = ("South", "North")


@pytest.mark.parametrize(
    ("role", "visibility", "team", "keys", "first"),
    [
        (Role.SELLER, Visibility.ALL, "North", ["own", "team:North", "team:South", "everybody"], "own"),
        (Role.SELLER, Visibility.TEAM, "North", ["own", "team:North"], "own"),
        (Role.SELLER, Visibility.TEAM, None, ["own"], "own"),
        (Role.SELLER, Visibility.OWN, "North", ["own"], "own"),
        (Role.MANAGER, Visibility.OWN, "North", ["own", "team:North", "team:South", "everybody"], "everybody"),
        (Role.LEADERSHIP, Visibility.OWN, None, ["own", "team:North", "team:South", "everybody"], "everybody"),
    ],
)
def test_one_looks_at_what_one_sees(
    acting: Acting, workspace: Workspace, role: Role, visibility: str, team: str | None, keys: list[str], first: str
) -> None:
    """The narrowest first; never another person."""
    workspace.visibility = visibility
    actor = acting(role, team=team, seller_name="Ada")
    found = choices(actor, TEAMS)
    assert [one.key for one in found] == keys
    assert {one.scope for one in found if one.scope.column == "owner"} == {Scope("owner", "Ada")}
    assert usual(actor, found).key == first


def test_a_seller_without_a_name_looks_at_nothing_of_others(acting: Acting, workspace: Workspace) -> None:
    """Her own deals are none."""
    workspace.visibility = Visibility.OWN
    [only] = choices(acting(Role.SELLER), TEAMS)
    assert only.scope.column == "owner"
    assert only.scope.name == NOBODY


def test_targets_of_a_scope_are_its_own(acting: Acting, one_deal: Deal) -> None:
    """Everybody's, a team's, one's own."""
    manager = acting(Role.MANAGER, seller_name="Ada")
    made = {
        "everybody": set_target(manager, WISH),
        "team:North": set_target(manager, replace(WISH, scope="team", name="North")),
        "own": set_target(manager, replace(WISH, scope="person", name="Ada")),
    }
    for one in choices(manager, ("North",)):
        assert targets_of(manager, one) == (made[one.key],)
