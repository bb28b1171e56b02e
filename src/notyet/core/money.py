"""Amounts in other currencies: dated rates, and how a person reads a sum."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import pycountry
from babel.numbers import format_compact_currency, format_currency


def is_currency(code: str) -> bool:
    """Whether ISO 4217 knows the code, in capitals."""
    return pycountry.currencies.get(alpha_3=code) is not None


@dataclass(frozen=True)
class Rate:
    """One unit of ``currency`` is worth ``rate`` of the workspace's currency from ``day`` on."""

    currency: str
    day: date
    rate: float


@dataclass(frozen=True)
class RateTable:
    """Dated rates to one currency; the rate of a day is the last one set on or before it."""

    currency: str
    days: dict[str, list[date]] = field(default_factory=dict)
    rates: dict[str, list[float]] = field(default_factory=dict)

    @classmethod
    def of(cls, currency: str, rates: Iterable[Rate]) -> "RateTable":
        """Sort the rates by currency and day."""
        days: dict[str, list[date]] = {}
        values: dict[str, list[float]] = {}
        for rate in sorted(rates, key=lambda one: (one.currency, one.day)):
            days.setdefault(rate.currency, []).append(rate.day)
            values.setdefault(rate.currency, []).append(rate.rate)
        return cls(currency, days, values)

    def rate(self, currency: str | None, day: date | None) -> float | None:
        """Units of the workspace's currency for one of ``currency`` on ``day``.

        1 for the workspace's own currency or none given; the first known rate for a day before all
        of them or no day; ``None`` where the currency has no rate at all.
        """
        if currency is None or currency == self.currency:
            return 1.0
        days = self.days.get(currency)
        if not days:
            return None
        at = bisect_right(days, day) - 1 if day else 0
        return self.rates[currency][max(at, 0)]


def readable(value: float, currency: str, *, compact: bool = True) -> str:
    """A sum as a person reads it: ``€1.06M`` compact, ``€1,058,300`` whole."""
    if compact and abs(value) >= 10_000:
        return str(format_compact_currency(value, currency, locale="en", fraction_digits=1 if abs(value) < 1e7 else 0))
    return str(format_currency(value, currency, locale="en", format="¤#,##0", currency_digits=False))
