"""Who may do what with a deal: every action, every role, every deal that is not hers."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ObjectDoesNotExist

from notyet.deals.actions import edit_deal
from notyet.deals.conflicts import EditConflict
from notyet.deals.models import Deal
from notyet.deals.undoing import undo
from notyet.workspaces.access import GRANTS, Actor, Denied, Permission, operator
from notyet.workspaces.actions import create_workspace
from notyet.workspaces.models import Role, Visibility, Workspace
from tests.deals.worked import changed, everything, imported_deal, worked_deal

pytestmark = pytest.mark.django_db
Acting = Callable[..., Actor]
ON_A_DEAL = (
    *(
        "edit deal",
        "add conversation",
        "make promise",
        "keep promise",
        "plan next step",
        "finish next step",
        "edit row",
    ),
    *("remove row", "add contact", "edit contact", "remove contact", "undo an edit", "undo an addition"),
    *("undo a removal", "redo"),
)


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("name", ["create deal", *ON_A_DEAL])
def test_only_who_works_on_deals_does(workspace: Workspace, acting: Acting, name: str, role: str) -> None:
    """And who may not changes nothing."""
    act = worked_deal(operator(workspace), imported_deal(workspace))[name]
    before = everything()
    if Permission.WORK_DEALS in GRANTS[role]:
        act(acting(role, seller_name="Ada"))
        assert everything() != before
    else:
        with pytest.raises(Denied):
            act(acting(role, seller_name="Ada"))
        assert everything() == before


@pytest.mark.parametrize("whose", ["another seller's", "another team's", "another workspace's"])
@pytest.mark.parametrize("name", ON_A_DEAL)
def test_what_is_not_seen_is_not_there(workspace: Workspace, acting: Acting, name: str, whose: str) -> None:
    """A deal out of sight is no deal: nothing tells that it exists, nothing changes."""
    act = worked_deal(operator(workspace), imported_deal(workspace))[name]
    workspace.visibility = Visibility.TEAM if whose == "another team's" else Visibility.OWN
    workspace.save()
    actor = acting(Role.SELLER, seller_name="Ben", team="South")
    if whose == "another workspace's":
        actor = operator(create_workspace("Other"))
    before = everything()
    with pytest.raises(ObjectDoesNotExist):
        act(actor)
    assert everything() == before


def test_a_deal_is_handed_on_and_taken_back(workspace: Workspace, acting: Acting) -> None:
    """Who sees only her own deals may give one away; what she did herself she may undo, others' work she may not."""
    workspace.visibility = Visibility.OWN
    workspace.save()
    ada = acting(Role.SELLER, seller_name="Ada", user_id=1)
    deal = imported_deal(workspace)
    handed = edit_deal(ada, deal.pk, changed(deal, owner="Ben"))
    assert handed is not None
    with pytest.raises(Deal.DoesNotExist):
        edit_deal(ada, deal.pk, changed(deal, name="x"))
    with pytest.raises(Deal.DoesNotExist):
        undo(acting(Role.SELLER, seller_name="Ada", user_id=2), handed.pk)

    undo(ada, handed.pk)

    assert Deal.objects.get().owner == "Ada"


def test_a_conflict_is_told_only_to_who_sees_the_deal(workspace: Workspace, acting: Acting) -> None:
    """A stale form of a deal that was given away finds no deal, not what others wrote."""
    workspace.visibility = Visibility.OWN
    workspace.save()
    deal = imported_deal(workspace)
    stale = changed(deal, name="mine")
    edit_deal(operator(workspace), deal.pk, changed(deal, name="theirs"))
    with pytest.raises(EditConflict):
        edit_deal(acting(Role.SELLER, seller_name="Ada"), deal.pk, stale)
    with pytest.raises(Deal.DoesNotExist):
        edit_deal(acting(Role.SELLER, seller_name="Ben"), deal.pk, stale)
