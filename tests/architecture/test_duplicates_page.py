"""The examples of ``docs/duplicates.md`` are found, for the reason that the page gives."""

from notyet.deals.likeness import WHYS, alike
from tests.architecture.documents import read


def test_each_example_is_proposed_for_its_reason() -> None:
    """The table has every reason there is, in order."""
    rows = [line.strip("| ").split(" | ") for line in read("docs/duplicates.md").text.splitlines() if line[:2] == "| "]
    told = {why.strip(): example.strip(" |").split(", ") for why, example in rows[1:]}
    assert list(told) == list(WHYS.values())
    for why, (first, second) in told.items():
        found = [one.why for one in alike({first: 2, second: 1}, "contact" if "initial" in why else "account")]
        assert [WHYS[one] for one in found] == [why], (first, second)
