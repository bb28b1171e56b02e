"""What stages are, told from their labels."""

import pytest

from notyet.process.rules import stage_kind


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Enquiry", "enquiry"),
        ("Prospecting", "enquiry"),
        ("Engaging", "discovery"),
        ("Discovery", "discovery"),
        ("Needs Analysis", "need"),
        ("Need agreed", "need"),
        ("Proposal/Price Quote", "proposal"),
        ("Negotiation/Review", "proposal"),
        ("O_SENT_BACK", "other"),
        ("Order placed", "order"),
        ("Closed Won", "order"),
        ("closedlost", "other"),
        ("Closed Lost", "lost"),
        ("Paid", "paid"),
        ("", "other"),
    ],
)
def test_usual_labels(label: str, kind: str) -> None:
    assert stage_kind(label) == kind
