"""Every figure has its page, which says what the code computes, and nothing else is documented as one."""

import pytest

from notyet.analysis.metrics import Metric
from notyet.analysis.registry import METRICS
from tests.architecture.metric_pages import FOLDER, INDEX, READING, definition, index, page

RENEW = "run python -m tests.architecture.metric_pages"


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_a_page_says_what_is_computed(metric: Metric) -> None:
    """To the letter; and a person has written how to read it."""
    text = page(metric).read_text(encoding="utf-8")
    assert text.startswith(definition(metric)), RENEW
    assert len(text.partition(READING)[2].split()) >= 25, "say how to read it"


def test_the_index_is_whole() -> None:
    """All of them, in the order of the page."""
    assert INDEX.read_text(encoding="utf-8") == index(), RENEW


def test_no_page_is_left_over() -> None:
    """A page of a figure that is gone misleads."""
    assert {path.stem for path in FOLDER.glob("*.md")} == {metric.key for metric in METRICS} | {"README"}


def test_definitions_fit_a_table() -> None:
    """A bar in a text would break its row."""
    texts = [(m.key, text) for m in METRICS for text in (m.population, m.window, m.exclusions, m.method, m.rejected)]
    assert [key for key, text in texts if "|" in text or "\n" in text] == []
