"""Which fields may be named as drivers."""

import numpy as np
import pytest

from notyet.analysis.candidates import attributes, is_person, words
from notyet.analysis.factors import Factor
from notyet.analysis.meta import Field
from notyet.analysis.population import closed_deals
from notyet.analysis.settings import Settings
from tests.analysis.planted import Drawn, draw


def _attributes(drawn: Drawn, left_out: frozenset[str] = frozenset()) -> dict[str, Factor]:
    population = closed_deals(drawn.facts)
    return {f.name: f for f in attributes(population, drawn.meta, Settings(), left_out, 30).factors}


@pytest.mark.parametrize(
    "header", ["Owner", "sales_agent", "Account Executive", "createdBy", "Regional Manager", "SDR"]
)
def test_people_are_known_by_the_header(header: str) -> None:
    """Even where nobody said so."""
    assert is_person(Field(header, f"attr.{header}", header, "category"))


@pytest.mark.parametrize("header", ["Industry", "Representation", "Managed service", "Persona", "Ownership model"])
def test_other_headers_are_no_people(header: str) -> None:
    """Words that only begin alike."""
    assert not is_person(Field(header, f"attr.{header}", header, "category"))


def test_headers_are_read_as_words() -> None:
    """Whatever the convention."""
    assert words("LastNotableActivity") == words("last_notable_activity") == words("Last Notable-Activity")


def test_people_sizes_times_and_identifiers_are_not_named() -> None:
    """They are adjusted for or left alone."""
    drawn = draw(1)
    n = drawn.facts.num_rows
    value = drawn.facts["value"].to_numpy()
    drawn = drawn.with_column(
        "Deal Size Category", np.digitize(value, np.quantile(value, [0.2, 0.4, 0.6, 0.8])), "number"
    )
    drawn = drawn.with_column("Lead Number", np.arange(n) * 3.0, "number")
    drawn = drawn.with_column("Remark", np.char.add("remark ", np.arange(n).astype(str)), "text")
    drawn = drawn.with_column("Employees", np.random.default_rng(1).integers(1, 900, n).astype(float), "number")
    assert set(_attributes(drawn)) == {"Persona", "Source", "Region", "Segment", "Competitor", "Product", "Employees"}
    population = closed_deals(drawn.facts)
    known = attributes(population, drawn.meta, Settings(), frozenset(), 30)
    assert known.people == ("owner",)
    assert len(known.sizes) == 2
    assert len(attributes(population, drawn.meta, Settings(), frozenset({"value"}), 30).sizes) == 0


def test_a_field_that_says_the_same_again_is_said_once() -> None:
    """A copy is dropped; what only splits another field is compared within it."""
    drawn = draw(2)
    segment, source = drawn.facts["segment"].to_numpy(), drawn.facts["source"].to_numpy()
    campaign = np.char.add(source.astype(str), np.random.default_rng(1).choice([" 1", " 2"], len(source)))
    drawn = drawn.with_column("Company size", np.where(segment == "Small", "S", "L"), "category")
    drawn = drawn.with_column("Advert", campaign, "category")
    found = _attributes(drawn)
    assert "Company size" not in found
    assert found["Source"].within is None
    assert found["Advert"].within is not None
    assert len(set(found["Advert"].within)) == 5


def test_a_win_back_is_a_candidate() -> None:
    """Deals that were asked again after a loss."""
    drawn = draw(3)
    again = np.where(np.arange(drawn.facts.num_rows) % 5 == 0, "d1", None)
    facts = drawn.facts.append_column("reopened_from", [again.tolist()])
    found = _attributes(Drawn(facts, drawn.meta, {}))
    assert found["Asked again after a loss"].single
