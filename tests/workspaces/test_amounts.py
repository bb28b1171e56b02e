"""Money comes out of the database as it went in, on each of them."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from notyet.deals.models import DataSource, Deal, Outcome
from notyet.workspaces.models import Workspace

LARGEST = Decimal("999999999999999.9999")
amounts = st.decimals(-LARGEST, LARGEST, allow_nan=False, allow_infinity=False, places=4)


def kept(workspace: Workspace, amount: Decimal | None) -> Decimal | None:
    """The amount after a way through the database."""
    source, _ = DataSource.objects.get_or_create(workspace=workspace, key="default", defaults={"name": "Default"})
    deal = Deal.objects.create(
        workspace=workspace, data_source=source, deal_id="1", outcome=Outcome.OPEN, amount=amount, currency="EUR"
    )
    read: Decimal | None = Deal.objects.get(pk=deal.pk).amount
    deal.delete()
    return read


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amount=amounts)
@example(amount=LARGEST)
@example(amount=-LARGEST)
@example(amount=Decimal("123456789012345.6789"))
@example(amount=Decimal("0.0001"))
@example(amount=Decimal("1E+3"))
@example(amount=Decimal("0"))
def test_fifteen_digits_before_the_point_and_four_after_are_exact(workspace: Workspace, amount: Decimal) -> None:
    """A float holds some sixteen digits, these have nineteen."""
    assert kept(workspace, amount) == amount


@pytest.mark.django_db
def test_no_amount_is_no_zero(workspace: Workspace) -> None:
    """What is missing stays missing."""
    assert kept(workspace, None) is None


@pytest.mark.django_db
@pytest.mark.parametrize("lookup", ["amount", "amount__in"])
def test_an_amount_is_found_by_its_value(workspace: Workspace, lookup: str) -> None:
    """However it is written."""
    source = DataSource.objects.create(workspace=workspace, key="default", name="Default")
    Deal.objects.create(
        workspace=workspace, data_source=source, deal_id="1", outcome=Outcome.OPEN, amount=Decimal("1250.50")
    )
    wanted = Decimal("1250.5000")
    assert Deal.objects.filter(**{lookup: [wanted] if lookup.endswith("in") else wanted}).count() == 1
