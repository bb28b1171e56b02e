"""Files of currency rates, and the sums made with them."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from notyet.core.money import Rate, RateTable
from notyet.workspaces.access import Actor, Denied, operator
from notyet.workspaces.actions import BadRates, read_rates, set_rates
from notyet.workspaces.models import CurrencyRate, Role, Workspace


@pytest.fixture
def rates_file(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a file of rates."""

    def write(text: str) -> Path:
        path = tmp_path / "rates.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_rates_are_read_whatever_the_order_of_the_columns(rates_file: Callable[[str], Path]) -> None:
    """A byte order mark and small letters are what spreadsheets and people write."""
    path = rates_file("\ufeffrate,currency,date,comment\n0.92,usd,2026-01-01,new year\n1.17,GBP,2026-01-01,\n")
    assert read_rates(path) == [Rate("USD", date(2026, 1, 1), 0.92), Rate("GBP", date(2026, 1, 1), 1.17)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("currency,rate\nUSD,1\n", "missing column date"),
        ("", "missing column currency, date, rate"),
        ("date,currency,rate\n2026-01-01,USD,0.9\n2026-13-01,USD,1\n", "line 3.*month"),
        ("date,currency,rate\n2026-01-01,USD,one\n", "line 2.*one.*wanted"),
        ("date,currency,rate\n2026-01-01,XYZ,1\n", "line 2.*XYZ.*ISO 4217"),
        ("date,currency,rate\n2026-01-01,USD,0\n", "line 2.*above zero"),
        ("date,currency,rate\n2026-01-01,USD,-1\n", "line 2.*above zero"),
        ("date,currency,rate\n2026-01-01,USD,nan\n", "line 2.*above zero"),
        ("date,currency,rate\n2026-01-01,USD,inf\n", "line 2.*above zero"),
        ("date,currency,rate\n2026-01-01,USD\n", "line 2"),
    ],
)
def test_a_rate_that_is_none_is_refused(rates_file: Callable[[str], Path], text: str, said: str) -> None:
    """With its line, and what would be accepted."""
    with pytest.raises(BadRates, match=rf"rates\.csv.*{said}"):
        read_rates(rates_file(text))


@pytest.mark.parametrize(
    ("currency", "day", "wanted"),
    [
        ("EUR", date(2026, 1, 1), 1.0),
        (None, None, 1.0),
        ("USD", date(2025, 12, 31), 0.9),
        ("USD", date(2026, 1, 1), 0.9),
        ("USD", date(2026, 2, 28), 0.9),
        ("USD", date(2026, 3, 1), 0.8),
        ("USD", None, 0.9),
        ("CHF", date(2026, 3, 1), None),
    ],
)
def test_the_rate_of_a_day_is_the_last_one_set(currency: str | None, day: date | None, wanted: float | None) -> None:
    """A day before all of them takes the first; a currency without rates has none."""
    table = RateTable.of("EUR", [Rate("USD", date(2026, 3, 1), 0.8), Rate("USD", date(2026, 1, 1), 0.9)])
    assert table.rate(currency, day) == wanted


@pytest.mark.django_db
def test_rates_of_the_same_day_are_replaced_and_the_history_is_stale(workspace: Workspace) -> None:
    """Every value in another currency changes with them."""
    before = workspace.record_revision
    assert set_rates(operator(workspace), [Rate("USD", date(2026, 1, 1), 0.9)]) == 1
    assert set_rates(operator(workspace), [Rate("USD", date(2026, 1, 1), 0.8), Rate("GBP", date(2026, 1, 1), 1.1)]) == 2
    assert sorted(CurrencyRate.objects.values_list("currency", "rate")) == [("GBP", 1.1), ("USD", 0.8)]
    assert workspace.record_revision > before


@pytest.mark.django_db
def test_only_administrators_set_rates(acting: Callable[..., Actor]) -> None:
    """They change every figure."""
    with pytest.raises(Denied):
        set_rates(acting(Role.OWNER), [Rate("USD", date(2026, 1, 1), 0.9)])
    assert CurrencyRate.objects.count() == 0
