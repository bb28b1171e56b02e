"""Facts made of conversations: replies, contacts, meetings, missed calls.

The conversations are the longest table of a history, so they are read twice and once more for the few missed
calls, and never sorted: each pass joins them to the lives of their deals and takes minima and counts.
"""

import ibis
import ibis.expr.types as ir

from notyet.analysis.history import History
from notyet.analysis.moments import (
    DAY,
    epoch_us,
    from_zero,
    hours,
    is_plain,
    make_timestamptz,
    text_at_first,
)


def conversations(history: History, lives: ir.Table) -> ir.Table:
    """By deal: the enquiry and its first reply, the second contact, the first meeting, how many talks by when."""
    first = history.keep("first_talks", _first_pass(_spoken(history, lives)))
    lived = first.inner_join(lives, "deal")
    return _named(lived.left_join(_second_contact(history, lived), "deal", rname="_{name}").drop("_deal"))


def _spoken(history: History, lives: ir.Table) -> ir.Table:
    """Conversations until the deal's end; ``since`` is microseconds since its opening.

    Conditions are made of ``identical_to``, which is never missing and takes the database one step.
    """
    joined = history.table("conversations").inner_join(lives, "deal")
    at, plain = epoch_us(joined["at"]), _plain(history, joined)
    raw = at - joined.opened_us
    # A plain date on the day of the opening is no earlier than the opening.
    since = raw if plain is None else ibis.cases((plain & raw.between(-DAY + 1, 0), 0), else_=raw)
    said, missed = ~joined.channel.identical_to("note"), joined.missed.identical_to(True)
    return joined.filter(at <= joined.end_us).select(
        "deal",
        "contact",
        "opened_us",
        "end_us",
        at_us=at,
        since=since,
        plain=ibis.literal(False) if plain is None else plain,
        came_in=joined.direction.identical_to("in") & said,
        talked=said & ~missed,
        replied=joined.direction.identical_to("out") & said & ~missed,
        met=joined.channel.identical_to("meeting") & ~missed,
        missed_in=missed & said & joined.direction.identical_to("in"),
    )


def _plain(history: History, rows: ir.Table) -> ir.BooleanValue | None:
    """Whether each conversation came as a plain date; ``None`` where the whole history has none that did."""
    return is_plain(rows, "conversations", "at") if any_plain(history) else None


def any_plain(history: History) -> bool:
    """Whether any conversation of the whole history came as a plain date."""
    return bool(history.con.to_pyarrow(history.con.table("conversations").plain_dates.max()).as_py())


def _first_pass(spoken: ir.Table) -> ir.Table:
    since, after = spoken.since, spoken.since >= 0
    near = since >= -DAY
    return spoken.group_by("deal").aggregate(
        enquired=since.min(where=spoken.came_in & near),
        wrote=since.min(where=spoken.replied & near),
        wrote_after=since.min(where=spoken.replied & after),
        met=since.min(where=spoken.met & after),
        conversations_7d=spoken.count(where=spoken.talked & after & (since <= 7 * DAY)),
        conversations_14d=spoken.count(where=spoken.talked & after & (since <= 14 * DAY)),
        conversations=spoken.count(where=spoken.talked),
        missed_calls=spoken.count(where=spoken.missed_in),
        first_contact=text_at_first(spoken.contact, spoken.at_us, where=spoken.talked),
    )


def _second_contact(history: History, lived: ir.Table) -> ir.Table:
    """By deal: when someone else than its first contact first took part."""
    known = lived.filter(lived.first_contact.notnull()).select("deal", "first_contact", "opened_us", "end_us")
    joined = history.table("conversations").inner_join(known, "deal")
    at = epoch_us(joined["at"])
    talked = joined.filter(
        joined.contact != joined.first_contact,
        ~joined.channel.identical_to("note"),
        ~joined.missed.identical_to(True),
        at <= joined.end_us,
    )
    return talked.group_by("deal").aggregate(second_us=(epoch_us(talked["at"]) - talked.opened_us).min())


def _named(raw: ir.Table) -> ir.Table:
    buyer_first = raw.enquired.notnull() & (raw.wrote.isnull() | (raw.enquired < raw.wrote))
    enquired = ibis.cases((buyer_first, raw.enquired), else_=0)
    replied = ibis.cases((buyer_first, raw.wrote), else_=raw.wrote_after)
    return raw.select(
        "deal",
        enquired_us=raw.opened_us + enquired,
        first_reply_hours=hours(replied - enquired),
        second_contact_hours=hours(from_zero(raw.second_us)),
        first_meeting_hours=hours(raw.met),
        conversations_7d=_where_opened(raw, raw.conversations_7d),
        conversations_14d=_where_opened(raw, raw.conversations_14d),
        conversations=raw.conversations,
        missed_calls=raw.missed_calls,
    )


def _where_opened(raw: ir.Table, count: ir.Value) -> ir.Value:
    return ibis.cases((raw.opened_us.notnull(), count.fill_null(0)), else_=ibis.null("int64"))


def missed_calls(history: History, lives: ir.Table) -> ir.Table:
    """By deal: its missed calls that were returned within 24 hours, those that were not, and how long a return took."""
    spoken = _spoken(history, lives)
    calls = spoken.filter(spoken.missed_in).select("deal", "opened_us", "end_us", "plain", called="at_us")
    calls = history.keep("missed_talks", calls)
    returns = _returns(history, calls)
    judged = calls.left_join(returns, ["deal", "called"], rname="_{name}")
    took = judged.returned - judged.called
    in_time = (took <= DAY).fill_null(False)
    overdue = ~in_time & (judged.called + DAY <= judged.end_us)
    return judged.group_by("deal").aggregate(
        first_missed_hours=hours((judged.called - judged.opened_us).min()),
        missed_returned=judged.count(where=in_time),
        missed_unreturned=judged.count(where=overdue),
        first_unreturned_hours=hours((judged.called + DAY - judged.opened_us).min(where=overdue)),
        return_hours_median=hours(took.median()),
    )


def _returns(history: History, calls: ir.Table) -> ir.Table:
    """The first reply after each missed call, until the deal's end; between plain dates the same day will do."""
    called = calls.select("deal", "called", "end_us", call_plain="plain").distinct()
    joined = history.table("conversations").inner_join(called, "deal")
    at, plain = epoch_us(joined["at"]), _plain(history, joined)
    after = at > joined.called
    if plain is not None:
        after |= (at == joined.called) & plain & joined.call_plain
    said = ~joined.channel.identical_to("note") & ~joined.missed.identical_to(True)
    later = joined.filter(after, joined.direction.identical_to("out"), said, at <= joined.end_us)
    return later.group_by("deal", "called").aggregate(returned=epoch_us(later["at"]).min())


def enquiry_at(joined: ir.Table) -> ir.Value:
    """When the buyer's first approach came; the opening where no conversation tells."""
    return ibis.coalesce(make_timestamptz(joined.enquired_us), joined.opened_at)
