"""What was known of a deal at its opening, once people edit it here: the analysis is asked."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pyarrow.parquet as pq
import pytest

from notyet.deals.actions import create_deal, edit_deal
from notyet.deals.edit_queries import last_edit
from notyet.deals.models import Deal, FieldChange
from notyet.deals.undoing import undo
from notyet.deals.values import Change
from notyet.history.freeze import freeze
from notyet.workspaces.access import operator
from notyet.workspaces.models import Workspace
from tests.deals.worked import AT, changed, imported_deal

pytestmark = pytest.mark.django_db
Clock = Callable[[str], datetime]


def _facts(workspace: Workspace) -> dict[str, Any]:
    workspace.refresh_from_db()
    [row] = pq.read_table(freeze(workspace) / "facts.parquet").to_pylist()
    return dict(row)


def test_what_is_learned_later_was_not_known_at_the_opening(workspace: Workspace, clock: Clock) -> None:
    """What it was then is kept beside what it is, also where it was nothing."""
    clock("2026-03-02T08:00:00+00:00")
    actor = operator(workspace)
    deal = create_deal(actor, {"account": "Corwin", "amount": "1000", "source": "fair", "currency": workspace.currency})
    clock("2026-03-09T08:00:00+00:00")
    edit_deal(actor, deal.pk, changed(Deal.objects.get(), amount="2500.50", persona="Founder", source="referral"))
    facts = _facts(workspace)
    assert (facts["value"], facts["value_final"], facts["persona"], facts["source"]) == (1000, 2500.5, None, "fair")
    assert list(FieldChange.objects.order_by("at", "field").values_list("field", "value")) == [
        ("amount", "1000"),
        ("source", "fair"),
        ("amount", "2500.5"),
        ("persona", "Founder"),
        ("source", "referral"),
    ]


def test_what_is_filled_in_on_the_day_of_the_opening_was_known_then(workspace: Workspace, clock: Clock) -> None:
    """A deal is opened in a minute and described in the next."""
    clock("2026-03-02T08:00:00+00:00")
    actor = operator(workspace)
    deal = create_deal(actor, {"account": "Corwin"})
    clock("2026-03-02T17:00:00+00:00")
    edit_deal(actor, deal.pk, changed(Deal.objects.get(), persona="Founder"))
    assert not FieldChange.objects.exists()
    assert _facts(workspace)["persona"] == "Founder"


def test_an_imported_deal_keeps_its_own_history(workspace: Workspace, clock: Clock) -> None:
    """Where its source told what a field held when, only the change is added, under the name that the source uses."""
    clock("2026-03-02T08:00:00+00:00")
    deal = imported_deal(workspace, persona="Owner", segment="small", plain_dates=1, attributes={"Lead": "cold"})
    deal.data_source.columns = {"persona": "Persona (from CRM)"}
    deal.data_source.save()
    FieldChange.objects.create(workspace=workspace, deal=deal, field="Persona (from CRM)", value="Clerk", at=AT)
    fields = {"persona": "Founder", "segment": "large", "name": "Line 4", "attr.Lead": "warm"}
    edit_deal(operator(workspace), deal.pk, changed(deal, **fields))
    rows = FieldChange.objects.order_by("field", "at").values_list("field", "value", "at", "plain_dates")
    assert [(field, value, at == AT, plain) for field, value, at, plain in rows] == [
        ("Lead", "cold", True, 1),
        ("Lead", "warm", False, 0),
        ("Persona (from CRM)", "Clerk", True, 0),
        ("persona", "Founder", False, 0),
        ("segment", "small", True, 1),
        ("segment", "large", False, 0),
    ]
    facts = _facts(workspace)
    assert (facts["persona"], facts["segment"], facts["attr.Lead"]) == ("Clerk", "small", "cold")
    assert facts["name"] == "Line 4"


def test_an_undone_edit_leaves_no_history(workspace: Workspace, clock: Clock) -> None:
    """A slip of the hand was never what the deal held."""
    clock("2026-03-02T08:00:00+00:00")
    actor, deal = operator(workspace), imported_deal(workspace, persona="Owner")
    edit_deal(actor, deal.pk, {"persona": Change("Owner", "Onwer")})
    edit = last_edit(deal)
    assert edit is not None
    assert FieldChange.objects.count() == 2
    undo(actor, edit.pk)
    assert not FieldChange.objects.exists()
    assert _facts(workspace)["persona"] == "Owner"
