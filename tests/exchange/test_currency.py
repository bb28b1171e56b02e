"""The workspace's currency follows a first import that is all in another."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from notyet.core.money import Rate
from notyet.exchange.actions import import_history
from notyet.workspaces.access import Actor
from notyet.workspaces.actions import set_rates
from notyet.workspaces.models import Role


def _import(actor: Actor, folder: Path, *currencies: str) -> tuple[str, ...]:
    rows = [f"D{number},10,{currency},won" for number, currency in enumerate(currencies)]
    (folder / "deals.csv").write_text("\n".join(["deal_id,amount,currency,outcome", *rows, ""]), encoding="utf-8")
    return import_history(actor, [folder / "deals.csv"]).warnings


@pytest.mark.parametrize(
    ("currencies", "becomes"),
    [
        (("USD", "USD"), "USD"),
        (("USD", "EUR"), "EUR"),
        (("USD", ""), "EUR"),
        (("USD", "CHF"), "EUR"),
        (("EUR",), "EUR"),
    ],
)
def test_only_where_every_amount_is_in_it(
    acting: Callable[..., Actor], tmp_path: Path, currencies: tuple[str, ...], becomes: str
) -> None:
    actor = acting(Role.ADMINISTRATOR)

    warnings = _import(actor, tmp_path, *currencies)

    actor.workspace.refresh_from_db()
    assert actor.workspace.currency == becomes
    assert any("currency is USD now" in text for text in warnings) == (becomes == "USD")


def test_a_currency_with_rates_was_chosen(acting: Callable[..., Actor], tmp_path: Path) -> None:
    actor = acting(Role.ADMINISTRATOR)
    set_rates(actor, [Rate("USD", date(2025, 1, 1), 0.9)])

    _import(actor, tmp_path, "USD", "USD")

    actor.workspace.refresh_from_db()
    assert actor.workspace.currency == "EUR"
