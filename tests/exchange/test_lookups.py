"""Tables beside the deals: what is written in another way is proposed, and joined only when somebody says so."""

from pathlib import Path

import pytest

from notyet.deals.models import Deal
from notyet.exchange.errors import ImportFailed
from notyet.exchange.look import look_at, saved
from notyet.exchange.lookups import Near, near_keys
from notyet.exchange.mapping_edit import Choices, LookupChoice, mended, read, written
from notyet.exchange.mapping_file import parse_mapping
from tests.exchange.conftest import Bring, Write

PRODUCTS = "product,series,price\nGate Pro,Gate,9\nGate 500,Gate,8\nRail Plus,Rail,7\nRail Basic,Rail,6\nMast,Mast,5\n"


@pytest.fixture
def two_files(write: Write, tmp_path: Path) -> Path:
    """Deals whose products are mostly those of a price list."""
    names = ("GatePro", "Gate 500", "Rail Plus", "Rail Basic", "Mast")
    rows = [f"{n},{'Won' if n % 2 else 'Lost'},{names[n % 5]}\n" for n in range(20)]
    write("deals_2026.csv", "Deal ID,Stage,Product\n" + "".join(rows))
    write("products.csv", PRODUCTS)
    return tmp_path / "history"


def test_another_spelling_is_said_and_not_joined(two_files: Path, bring: Bring) -> None:
    """With what a mapping file would say to join it."""
    said = "\n".join(bring().warnings)
    assert "Product: products.csv does not know GatePro (4 rows)" in said
    assert 'same = { "GatePro" = "Gate Pro" }' in said
    assert Deal.objects.filter(attributes__has_key="series").count() == 16


def test_joined_when_somebody_says_so(two_files: Path, bring: Bring, tmp_path: Path) -> None:
    """The deal's own product stays as its source calls it."""
    look = look_at([two_files], "crm", "UTC", lambda done, total, label: None)
    assert look.near == [Near("products.csv", "GatePro", 4, "Gate Pro")]
    look.save(tmp_path)
    kept = saved(tmp_path)
    assert kept is not None and (kept.near, kept.headers()) == (look.near, look.headers())
    mapping = read(look, look.mapping)
    becomes = {"Deal ID": "deal_id", "Stage": "outcome", "Product": "product"}
    lookup = LookupChoice("products.csv", "Product", "product", {"GatePro": "Gate Pro"})
    text = written(look, mended(look, mapping, Choices(becomes, lookups=[lookup])))
    assert 'same = { GatePro = "Gate Pro" }' in text
    result = bring(mapping=parse_mapping(text))
    assert not [one for one in result.warnings if "does not know" in one]
    deal = Deal.objects.get(deal_id="5")
    assert (deal.product, deal.attributes) == ("GatePro", {"series": "Gate", "price": "9"})


def test_a_file_that_is_left_aside_or_looked_up_otherwise(two_files: Path, bring: Bring) -> None:
    """By another column of it, if somebody wants that; names that are taken come after the file's."""
    look = look_at([two_files], "crm", "UTC", lambda done, total, label: None)
    mapping = read(look, look.mapping)
    assert mended(look, mapping, Choices({})).lookups == ()
    [other] = mended(look, mapping, Choices({}, lookups=[LookupChoice("products.csv", "Product", "series")])).lookups
    assert (other.key, set(other.columns.values())) == ("series", {"products.product", "price"})
    with pytest.raises(ImportFailed, match="no such column"):
        mended(look, mapping, Choices({}, lookups=[LookupChoice("products.csv", "Colour", "series")]))


def test_a_mapping_that_looks_up_by_a_column_that_is_not_there(two_files: Path, bring: Bring) -> None:
    """Is refused with a sentence."""
    text = (
        '[deals]\nfile = "deals*"\n[deals.columns]\ndeal_id = "Deal ID"\n[deals.outcome]\ncolumn = "Stage"\n'
        'default = "lost"\n[[lookups]]\nfile = "products.csv"\nkey = "product"\non = "Thing"\n'
    )
    with pytest.raises(ImportFailed, match="has no column 'Thing'"):
        bring(mapping=parse_mapping(text))


def test_only_what_is_like_one_key_is_proposed() -> None:
    """What is like two, or like none, is for nobody to guess."""
    keys = ["Gate Pro", "gate pro", "Rail Plus", "Mast 1"]
    found = near_keys("p.csv", {"GatePro": 3, "railplus": 2, "Mast 2": 1, "Other": 1}, keys, "product")
    assert found == [Near("p.csv", "railplus", 2, "Rail Plus")]
