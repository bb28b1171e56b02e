"""The cards beside what happened in a deal: what is promised and planned, its people, its fields, how it ended."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils import timezone

from notyet.core.clock import now
from notyet.deals.contact_models import DealContact
from notyet.deals.deal_rules import DEAL_FIELDS
from notyet.deals.edit_models import EditedField
from notyet.deals.models import Deal, NextStep, Outcome, Promise
from notyet.deals.values import ATTRIBUTE, shown
from notyet.web import moments, timeline
from notyet.web.deal_filters import label
from notyet.web.deal_process import due_words
from notyet.web.moments import Moment

CLOSING = ("opened_at", "ordered_at", "paid_at", "reopened_from")
"""Fields that are seldom typed: they stand behind the others."""


@dataclass(frozen=True)
class DatedLine:
    """A promise or next step: its text, its day, and how it stands (kept, late, open, missed, left)."""

    text: str
    due: Moment | None
    state: str
    table: str
    row: int

    @property
    def words(self) -> str:
        """By when, as one says it; empty without a day."""
        return due_words(self.due.at, now(), plain=self.due.plain) if self.due else ""

    @property
    def settled(self) -> bool:
        """Whether it is kept or done."""
        return self.state in ("kept", "late")

    @property
    def id(self) -> str:
        """Its element's id."""
        return f"line-{self.table}-{self.row}"


@dataclass(frozen=True)
class Difference:
    """What the source of a deal says otherwise than what a person set here; ``mark`` is the key of its mark."""

    mark: int
    label: str
    here: str
    theirs: str
    settled: bool


def promises(rows: Iterable[Promise], deal: Deal) -> list[DatedLine]:
    """What was promised, what is still owed before what is kept, each the earliest first."""
    lines = []
    for one in rows:
        due, kept = moments.of(one, "promises", "due_at"), one.kept_at
        state = "late" if timeline.is_late(one) else "kept" if kept else _unmet(due, deal)
        lines.append(DatedLine(one.text or "Promise", due, state, "promises", one.pk))
    return _owed_first(lines)


def next_steps(rows: Iterable[NextStep], deal: Deal) -> list[DatedLine]:
    """What is planned, and then what was done."""
    lines = []
    for one in rows:
        due = moments.of(one, "next_steps", "due_at")
        state = "kept" if one.done_at else _unmet(due, deal)
        lines.append(DatedLine(one.text or "Next step", due, state, "next_steps", one.pk))
    return _owed_first(lines)


def _owed_first(lines: list[DatedLine]) -> list[DatedLine]:
    return sorted(lines, key=lambda one: (one.settled, one.due is None, one.due.at if one.due else None, one.row))


def _unmet(due: Moment | None, deal: Deal) -> str:
    """Missed once its time, or where it has none its day, is over; left where the deal ended before."""
    gone = deal.outcome in (Outcome.LOST, Outcome.NO_DECISION, Outcome.DISQUALIFIED)
    if due is None:
        return "left" if gone else "open"
    end = deal.closed_at or now()
    over = timezone.localdate(due.at) < timezone.localdate(end) if due.plain else due.at < end
    return "missed" if over else "left" if gone else "open"


def people(contacts: Iterable[DealContact]) -> list[DealContact]:
    """Who has a part in the deal: who signs comes first."""
    roles = {"signs": 0, "decides": 1, "champion": 2, "user": 3, "against": 4, "": 5}
    return sorted(contacts, key=lambda one: (roles.get(one.role, 5), one.contact.name, one.pk))


def facts(deal: Deal, products: Mapping[str, str]) -> list[tuple[str, str]]:
    """The deal's fields that hold something, the source's own after ours."""
    own = [
        ("Team", deal.team),
        ("Segment", deal.segment),
        ("Region", deal.region),
        ("Product", counted(products, deal.product)),
        ("Campaign", deal.campaign),
        ("Message", deal.message),
        ("Contract", f"{deal.contract_term_months} months" if deal.contract_term_months else ""),
        ("Process version", deal.process_version),
        ("Data source", str(deal.data_source)),
        ("Deal id", deal.deal_id),
    ]
    further = [(str(name), str(value)) for name, value in deal.attributes.items()]
    return [pair for pair in [*own, *further] if pair[1]]


def counted(kept: Mapping[str, str], name: str) -> str:
    """The name that a merged one counts as, and how the source writes it."""
    root = kept.get(name, name)
    return name if root == name else f"{root} (the source says {name})"


def ending(deal: Deal) -> list[tuple[str, str]]:
    """When it began and how it ended, as far as the record says."""
    pairs = [
        ("Opened", moments.of(deal, "deals", "opened_at")),
        ("Closed", moments.of(deal, "deals", "closed_at")),
        ("Ordered", moments.of(deal, "deals", "ordered_at")),
        ("Paid", moments.of(deal, "deals", "paid_at")),
        ("Lost to", deal.lost_to),
        ("Reason given", deal.loss_reason),
    ]
    return [(name, str(value)) for name, value in pairs if value]


def field_names(deal: Deal) -> tuple[str, ...]:
    """Every field of a deal that can be typed, in the order of the form."""
    first = [name for name in DEAL_FIELDS if name not in CLOSING]
    attributes = [f"{ATTRIBUTE}{name}" for name in deal.attributes]
    return (*first, *CLOSING, *attributes)


def differences(deal: Deal, marks: Iterable[EditedField]) -> Iterator[Difference]:
    """Fields of the deal that a person set here and its source says otherwise, the settled ones too."""
    for mark in marks:
        if mark.differs and mark.table == "deals" and mark.field:
            here = shown(deal, mark.field)
            yield Difference(mark.pk, label(mark.field), here or "empty", mark.source_value or "empty", mark.settled)
