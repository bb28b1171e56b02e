"""Facts made of the deals themselves: what was known of them when, and how they ended."""

import ibis
import ibis.expr.types as ir

from notyet.analysis.facts_record import STAGE_PREFIX, stage_summary
from notyet.analysis.facts_talk import enquiry_at
from notyet.analysis.history import History
from notyet.analysis.meta import Field, Stage
from notyet.analysis.moments import end_of, epoch_us, is_plain, local_date, microseconds, text_at_last
from notyet.analysis.tables import ATTRIBUTE_PREFIX

KNOWN_AT_THE_CLOSE = ("closed_at", "lost_to", "loss_reason", "ordered_at")
COUNTED = (
    *("conversations_7d", "conversations_14d", "conversations", "missed_calls", "missed_returned"),
    *("missed_unreturned", "promises", "promises_due", "promises_kept", "debriefs"),
)
OWN = (
    *("deal", "data_source", "deal_id", "account", "name", "owner", "team", "value", "value_final", "currency"),
    *("contract_term_months", "source", "campaign", "message", "persona", "segment", "region", "product"),
    *("competitor", "lost_to", "process_version", "reopened_from", "opened_at", "closed_at", "ordered_at"),
    *("paid_at", "plain_dates", "outcome", "cycle_days", "unrated"),
)
MADE = (
    *("invited_at", "answered_at", "buyer_reason", "signed", "debriefed_at", "preparation", "first_reply_hours"),
    *(
        "second_contact_hours",
        "first_meeting_hours",
        "first_missed_hours",
        "first_unreturned_hours",
        "return_hours_median",
    ),
    *("first_promise_due_hours", "first_broken_hours", "next_step_hours"),
)


def as_known(history: History, *, then: bool = False) -> ir.Table:
    """The deals, with the outcome that counts; with ``then`` as known at the history's horizon.

    Won means paid: from the moment on at which a deal's source knows payments, one that is won and not paid is
    ``ordered_unpaid``.
    """
    deals, zone = history.table("deals"), history.meta.timezone
    if then:
        now = history.horizon
        deals = deals.filter(deals.opened_at.isnull() | (epoch_us(deals.opened_at) <= now))
        later = (epoch_us(deals.closed_at) > now).fill_null(False)
        hidden = {c: ibis.cases((later, ibis.null(deals[c].type())), else_=deals[c]) for c in KNOWN_AT_THE_CLOSE}
        unpaid = (epoch_us(deals.paid_at) > now).fill_null(False)
        deals = deals.mutate(
            **hidden,
            outcome=ibis.cases((later, "open"), else_=deals.outcome),
            paid_at=ibis.cases((unpaid, ibis.null(deals.paid_at.type())), else_=deals.paid_at),
        )
    closed_us = end_of(deals, "deals", "closed_at", zone)
    pending = (deals.outcome == "won") & deals.paid_at.isnull() & (closed_us >= _payments_from(history, deals))
    return deals.mutate(
        outcome=ibis.cases((pending.fill_null(False), "ordered_unpaid"), else_=deals.outcome),
        closed_us=closed_us,
        value_final=deals.value,
        unrated=deals.amount.notnull() & deals.value.isnull(),
        cycle_days=_cycle_days(deals, zone),
    )


def _payments_from(history: History, deals: ir.Table) -> ir.Value:
    never = ibis.null("int64")
    known = [(s.key, microseconds(s.payments_from)) for s in history.meta.sources if s.payments_from is not None]
    if not known:
        return never
    return ibis.cases(*((deals.data_source == key, since) for key, since in known), else_=never)


def _cycle_days(deals: ir.Table, zone: str) -> ir.Value:
    by_day = is_plain(deals, "deals", "opened_at") | is_plain(deals, "deals", "closed_at")
    days = local_date(deals.closed_at, zone).delta(local_date(deals.opened_at, zone), unit="D")
    elapsed = (epoch_us(deals.closed_at) - epoch_us(deals.opened_at)) / 86_400_000_000.0
    return ibis.cases((by_day, days.cast("float64")), else_=elapsed)


def lives(history: History, deals: ir.Table) -> ir.Table:
    """From when to when each deal was worked, in microseconds; open deals until the moment that is looked from."""
    end = ibis.coalesce(deals.closed_us, history.horizon)
    spans = deals.select("deal", opened_us=epoch_us(deals.opened_at), end_us=end)
    return history.keep("lives", spans)


def with_opening_values(history: History, deals: ir.Table) -> ir.Table:
    """The deals with every field that has a record of its changes as it was at the opening."""
    changed = [f for f in history.meta.fields if f.changes and (f.column in deals.columns or f.column == "amount")]
    if not changed:
        return deals
    rows, zone = history.table("field_changes"), history.meta.timezone
    spans = deals.select("deal", known_us=end_of(deals, "deals", "opened_at", zone))
    joined = rows.inner_join(spans, "deal")
    at = epoch_us(joined["at"])
    sums: dict[str, ir.Value] = {}
    for number, field in enumerate(changed):
        mine = joined.field.isin(sorted({field.name, field.column, field.source_column}))
        sums[f"was_{number}"] = text_at_last(joined.value, at, where=mine & (at <= joined.known_us))
        sums[f"had_{number}"] = joined.count(where=mine)
    opening = joined.group_by("deal").aggregate(**sums)
    both = deals.left_join(opening, "deal", rname="_{name}").drop("_deal")
    values: dict[str, ir.Value] = {}
    for number, field in enumerate(changed):
        values.update(_at_opening(both, field, number, history.meta.currency))
    return both.mutate(**values).drop(*sums)


def _at_opening(both: ir.Table, field: Field, number: int, currency: str) -> dict[str, ir.Value]:
    had, was = both[f"had_{number}"].fill_null(0) > 0, both[f"was_{number}"]
    if field.column in ("amount", "value"):
        own = ibis.coalesce(both.currency, currency) == currency
        amount = both.amount.cast("float64")
        rate = ibis.cases((own, 1.0), (amount != 0, both.value / amount), else_=ibis.null("float64"))
        return {"value": ibis.cases((had, was.try_cast("float64") * rate), else_=both.value)}
    now = both[field.column]
    return {field.column: ibis.cases((had, was.try_cast(now.type())), else_=now)}


def finished(joined: ir.Table, known: tuple[Stage, ...]) -> ir.Table:
    """The facts' columns, in order, from the deals with everything that was joined to them."""
    attributes = [c for c in joined.columns if c.startswith((ATTRIBUTE_PREFIX, STAGE_PREFIX))]
    return joined.select(
        *OWN,
        *MADE,
        seller_reason=ibis.coalesce(
            ibis.cases((joined.outcome == "open", ibis.null("string")), else_=joined.debrief_reason),
            joined.loss_reason,
        ),
        enquiry_at=enquiry_at(joined),
        **stage_summary(joined, known),
        **{name: joined[name].fill_null(0).cast("int64") for name in COUNTED},
        **{name: joined[name] for name in attributes},
    )
