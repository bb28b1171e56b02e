"""Times as whole microseconds, at the precision they came with: what DuckDB compares fastest.

A time that came as a plain date stands at the local midnight that begins the day; bit *i* of ``plain_dates``
says so for the *i*-th time column of its table (``Table.times``).
"""

from datetime import UTC, datetime

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from notyet.analysis.tables import TABLES

HOUR = 3_600_000_000
DAY = 24 * HOUR
_UTC = dt.Timestamp("UTC")
_LOCAL = dt.Timestamp()


def _of_one(value: ir.Value) -> ir.Value:
    """A function that DuckDB has, of one argument."""


def _of_two(first: ir.Value, second: ir.Value) -> ir.Value:
    """A function that DuckDB has, of two arguments."""


epoch_us = ibis.udf.scalar.builtin(_of_one, name="epoch_us", signature=((_UTC,), dt.int64))
"""Microseconds since 1970 of a moment."""
make_timestamptz = ibis.udf.scalar.builtin(_of_one, name="make_timestamptz", signature=((dt.int64,), _UTC))
"""The moment so many microseconds after 1970."""
_to_local = ibis.udf.scalar.builtin(_of_two, name="timezone", signature=((dt.string, _UTC), _LOCAL))
_from_local = ibis.udf.scalar.builtin(_of_two, name="timezone", signature=((dt.string, _LOCAL), _UTC))
text_at_first = ibis.udf.agg.builtin(_of_two, name="arg_min", signature=((dt.string, dt.int64), dt.string))
"""The text at the smallest order; like the following, it passes over what is missing."""
text_at_last = ibis.udf.agg.builtin(_of_two, name="arg_max", signature=((dt.string, dt.int64), dt.string))
number_at_last = ibis.udf.agg.builtin(_of_two, name="arg_max", signature=((dt.float64, dt.int64), dt.float64))
flag_at_last = ibis.udf.agg.builtin(_of_two, name="arg_max", signature=((dt.boolean, dt.int64), dt.boolean))


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970 of a moment, exactly."""
    span = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds


def is_plain(table: ir.Table, name: str, column: str) -> ir.BooleanValue:
    """Whether the time ``column`` of the table called ``name`` came as a plain date."""
    bit = 1 << TABLES[name].times.index(column)
    return (table.plain_dates & bit) != 0


def local_date(moment: ir.Value, zone: str) -> ir.Value:
    """The day that a moment falls on in a zone."""
    return _to_local(zone, moment).date()


def last_of_day(moment: ir.Value, zone: str) -> ir.Value:
    """The last microsecond of the local day that a moment falls on; days are 23 to 25 hours long."""
    midnight = _to_local(zone, moment).truncate("D") + ibis.interval(days=1)
    return epoch_us(_from_local(zone, midnight)) - 1


def end_of(table: ir.Table, name: str, column: str, zone: str) -> ir.Value:
    """The latest microsecond that a time column may mean: the end of the day where it came as a plain date."""
    moment = table[column]
    return ibis.cases((is_plain(table, name, column), last_of_day(moment, zone)), else_=epoch_us(moment))


def hours(microseconds_: ir.Value) -> ir.Value:
    """Elapsed hours of a number of microseconds."""
    return microseconds_ / float(HOUR)


def from_zero(value: ir.Value) -> ir.Value:
    """A value, 0 where it is below; missing stays missing (DuckDB's ``greatest`` would make it 0)."""
    return ibis.cases((value < 0, ibis.literal(0, value.type())), else_=value)
