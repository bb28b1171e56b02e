"""How a foreign column's dates and amounts are written."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from notyet.exchange.parse_times import TimeRule, read_time
from notyet.exchange.parse_values import NumberRule, known_currency, read_amount
from notyet.exchange.profile import ColumnProfile, share

ENOUGH = 0.95
_LOOKED_AT = 400
_DAYS = ("%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%d.%m.%y", "%m/%d/%y", "%d/%m/%y",
         "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y", "%Y.%m.%d", "%Y-%m-%d",
         "%b %d %Y")  # fmt: skip
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", ", %I:%M %p")
_FORMATS = tuple(day + clock for day in _DAYS for clock in _CLOCKS)
_SIGNS = {
    "€": "EUR",
    "£": "GBP",
    "US$": "USD",
    "$": "USD",
    "₹": "INR",
    "₽": "RUB",
    "₩": "KRW",
    "zł": "PLN",
    "Kč": "CZK",
}


@dataclass(frozen=True)
class TimeForm:
    """How times are written: ``strptime`` formats beside ISO 8601, and whether only the day counts.

    ``doubtful``: day and month could be the other way round. ``naive``: some are times without an offset.
    """

    formats: tuple[str, ...] = ()
    days_only: bool = False
    doubtful: bool = False
    naive: bool = False


def time_form(column: ColumnProfile) -> TimeForm | None:
    """How a column's times are written; ``None`` where it holds no times."""
    values = column.values[:_LOOKED_AT]
    if not values:
        return None
    iso = TimeRule("UTC", "UTC")
    rest = [value for value in values if read_time(value, iso) is None]
    if not rest:
        days_only, strict = _all_midnight(values), TimeRule("UTC")
        return TimeForm(days_only=days_only, naive=not days_only and any(read_time(v, strict) is None for v in values))
    if re.fullmatch(r"\d{10}|\d{13}", rest[0]) and all(re.fullmatch(r"\d{10}|\d{13}", value) for value in rest):
        return TimeForm(("epoch_ms" if len(rest[0]) == 13 else "epoch_s",))
    formats: list[str] = []
    doubtful = False
    while rest and len(formats) < 4:
        fits = Counter({form: sum(_fits(value, form) for value in rest) for form in _FORMATS})
        best, count = max(fits.items(), key=lambda pair: pair[1])
        if not count:
            break
        twin = _twin(best)
        doubtful |= twin is not None and fits[twin] == count
        formats.append(best)
        rest = [value for value in rest if not _fits(value, best)]
    if len(rest) > (1 - ENOUGH) * len(values):
        return None
    return TimeForm(tuple(formats), doubtful=doubtful, naive=any("%H" in form or "%I" in form for form in formats))


def _fits(value: str, form: str) -> bool:
    try:
        moment = datetime.strptime(value.strip(), form)  # noqa: DTZ007 - only whether it can be read
    except ValueError:
        return False
    return 1900 <= moment.year < 2200


def _twin(form: str) -> str | None:
    swaps = {"%d/%m": "%m/%d", "%m/%d": "%d/%m", "%d-%m": "%m-%d", "%m-%d": "%d-%m"}
    for one, other in swaps.items():
        if form.startswith(one):
            return other + form[len(one) :]
    return None


def _all_midnight(values: list[str]) -> bool:
    return all(re.search(r"[T ]00:00(:00(\.0+)?)?( ?(Z|UTC|\+00:?00))?$", value.strip()) for value in values)


@dataclass(frozen=True)
class AmountForm:
    """How amounts are written: the decimal sign, and the currency where header or values name one."""

    comma: bool = False
    currency: str | None = None


def amount_form(column: ColumnProfile) -> AmountForm | None:
    """How a column's amounts are written; ``None`` where it holds none."""
    values = column.values[:_LOOKED_AT]
    for comma in (False, True) if not has_decimal_comma(values) else (True, False):
        rule = NumberRule(loose=True, comma=comma)
        if share(values, lambda value, rule=rule: read_amount(value, rule) is not None) >= ENOUGH:
            return AmountForm(comma, _currency(column.header, values))
    return None


def has_decimal_comma(values: list[str]) -> bool:
    """Whether more of the values are written with a decimal comma than with a point."""
    digits = [re.sub(r"[^\d.,]", "", value) for value in values]
    comma = sum(bool(re.search(r",\d{1,2}$|\.\d{3},|^\d{1,3}(\.\d{3}){2,}$", value)) for value in digits)
    point = sum(bool(re.search(r"\.\d{1,2}$|,\d{3}\.|^\d{1,3}(,\d{3}){2,}$", value)) for value in digits)
    return comma > point


def _currency(header: str, values: list[str]) -> str | None:
    words: list[str] = re.findall(r"[A-Z]{3}", re.sub(r"[\W_]", " ", header))
    for word in words:
        if re.search(rf"(?<![A-Za-z]){word}(?![A-Za-z])", header) and known_currency(word):
            return word
    found = {code for value in values for sign, code in _SIGNS.items() if sign in value}
    found |= {code for value in values for code in re.findall(r"\b[A-Z]{3}\b", value)}
    if len(found) == 1:
        code = str(found.pop())
        return code if known_currency(code) else None
    return None
