"""The examples of ``docs/importing.md`` do what the page says."""

from decimal import Decimal
from pathlib import Path

import pytest

from notyet.deals.models import Deal
from notyet.workspaces.access import operator
from notyet.workspaces.models import Workspace
from tests.architecture.documents import read

LOG = """case:concept:name,concept:name,time:timestamp,case:AMOUNT_REQ
1,Applied,2025-01-01T10:00:00Z,5000
1,Offer declined,2025-01-02T10:00:00Z,5000
1,Offer accepted,2025-01-03T10:00:00Z,5000
1,Payment received,2025-01-09T10:00:00Z,5000
2,Applied,2025-01-05T10:00:00Z,700
"""


def example(language: str, number: int) -> str:
    """A code block of the page."""
    return read("docs/importing.md").code(language)[number]


@pytest.mark.django_db
def test_the_foreign_file_is_read_by_its_mapping(tmp_path: Path, workspace: Workspace) -> None:
    """All three rows, with amounts, days, outcome and the renamed attribute."""
    from notyet.exchange.actions import import_history

    (tmp_path / "opps-2025.csv").write_text(example("csv", 0), encoding="utf-8")
    (tmp_path / "map.toml").write_text(example("toml", 0), encoding="utf-8")
    result = import_history(operator(workspace), [tmp_path / "opps-2025.csv"], mapping=tmp_path / "map.toml")
    assert result.refused == 0
    assert list(Deal.objects.order_by("deal_id").values_list("deal_id", "outcome", "amount")) == [
        ("1001", "won", Decimal("12500")),
        ("1002", "lost", Decimal("8200.5")),
        ("1003", "open", Decimal("4000")),
    ]
    lost, still_open = Deal.objects.get(deal_id="1002"), Deal.objects.get(deal_id="1003")
    assert (lost.loss_reason, lost.currency, lost.attributes) == ("Too dear", "EUR", {"Industry": "Retail"})
    assert lost.opened_at is not None and lost.opened_at.isoformat() == "2025-02-11T00:00:00+00:00"
    assert still_open.closed_at is None


@pytest.mark.django_db
def test_the_event_log_is_read_by_its_mapping(tmp_path: Path, workspace: Workspace) -> None:
    """The last activity that ends a case decides; a case without one is open."""
    from notyet.exchange.actions import import_history

    (tmp_path / "log.csv").write_text(LOG, encoding="utf-8")
    (tmp_path / "map.toml").write_text(example("toml", 1), encoding="utf-8")
    import_history(operator(workspace), [tmp_path / "log.csv"], mapping=tmp_path / "map.toml")
    first, second = Deal.objects.order_by("deal_id")
    assert (first.outcome, first.amount, second.outcome) == ("won", Decimal(5000), "open")
    assert first.paid_at is not None
