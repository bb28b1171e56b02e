"""Reasons side by side."""

from notyet.analysis.results import Agreement, ConfusionCell
from notyet.web.figure_view import no_link
from notyet.web.reason_view import matrix, reason_bars
from tests.web.reports import REASONS, REPORT


def test_wordings_of_one_label_are_one_bar() -> None:
    bars = reason_bars(REASONS, "count", "EUR", no_link).bars
    assert [(bar.label, bar.text) for bar in bars][:2] == [("Price above value", "410"), ("Slow follow-up", "120")]
    assert bars[0].wordings == ("Price too high", "too pricey")


def test_a_buyers_side_below_five_is_not_drawn() -> None:
    bars = {bar.label: bar for bar in reason_bars(REASONS, "value", "EUR", no_link).bars}
    assert bars["weird"].buyer == ""
    assert bars["Slow follow-up"].buyer_text == "€1.8M"


def test_the_matrix_withholds_below_five() -> None:
    found = matrix(REPORT.agreement)
    assert found is not None
    cells = {
        (row, column): cell.text for row, line in found.rows for column, cell in zip(found.columns, line, strict=True)
    }
    assert cells["Slow follow-up", "Price above value"] == "<5"
    assert cells["Price above value", "Slow follow-up"] == "31"


def test_a_matrix_of_nothing_but_small_cells_is_none() -> None:
    assert matrix(Agreement(None, None, None, None, 3, matrix=(ConfusionCell("A", "B", None),))) is None
