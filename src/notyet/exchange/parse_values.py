"""Reading amounts, numbers, flags and choices: columns at once, odd values one by one."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from notyet.analysis.tables import ARROW_TYPES
from notyet.core.money import is_currency

_PLAIN_AMOUNT = r"^-?\d{1,15}(?:\.\d{1,4})?$"
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_SYMBOLS = re.compile(r"[\s\u00a0\u202f'’]|[$€£¥₹₩₽₺₫₪฿₴]|\b[A-Z]{3}\b|\b(?:kr|Kč|zł|Fr\.?|R\$|US|CA|AU)\b")
MAX_MONTHS = 2**31 - 1

TRUE_WORDS = frozenset({"true", "1", "yes", "y", "t", "ja", "oui", "si", "sí", "x", "wahr", "vrai"})
FALSE_WORDS = frozenset({"false", "0", "no", "n", "f", "nein", "non", "falsch", "faux"})


@dataclass(frozen=True)
class Values:
    """A typed column and which of its values could not be read (those are null)."""

    array: pa.Array
    bad: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class NumberRule:
    """How numbers are written. ``loose``: currency signs and thousands separators are taken off.

    ``comma``: the decimal sign is a comma.
    """

    loose: bool = False
    comma: bool = False


STRICT = NumberRule()


def plain_number(text: str, rule: NumberRule = STRICT) -> Decimal | None:
    """The finite decimal that a text means, else ``None``."""
    text = text.strip()
    if rule.loose:
        negative = text.startswith("(") and text.endswith(")")
        text = _SYMBOLS.sub("", text.strip("()"))
        text = text.replace(".", "").replace(",", ".") if rule.comma else text.replace(",", "")
        text = "-" + text if negative else text
    return Decimal(text) if _DECIMAL.fullmatch(text) and len(text) <= 400 else None


def read_amount(text: str, rule: NumberRule = STRICT) -> Decimal | None:
    """An amount of at most 15 digits before and 4 after the point, else ``None``."""
    value = plain_number(text, rule)
    if value is None or abs(value) >= Decimal(10) ** 15:
        return None
    short = value.normalize()
    exponent = short.as_tuple().exponent
    if short and (not isinstance(exponent, int) or exponent < -4):
        return None
    return short or Decimal(0)


def parse_amounts(texts: pa.StringArray, rule: NumberRule = STRICT) -> Values:
    """A column of amounts as ``decimal128(19, 4)``."""
    plain = pc.match_substring_regex(texts, _PLAIN_AMOUNT)
    if not rule.loose and pc.all(plain, min_count=0).as_py():
        return Values(texts.cast(ARROW_TYPES["amount"]), np.zeros(len(texts), dtype=bool))
    return _one_by_one(texts, lambda text: read_amount(text, rule), ARROW_TYPES["amount"])


def parse_numbers(texts: pa.StringArray, rule: NumberRule = STRICT, *, top: float | None = None) -> Values:
    """A column of finite numbers from 0 on (to ``top``) as doubles."""

    def read(text: str) -> float | None:
        value = plain_number(text, rule)
        number = None if value is None else float(value)
        if number is None or not 0 <= number < float("inf") or (top is not None and number > top):
            return None
        return number

    return _distinct(texts, read, pa.float64())


def parse_integers(texts: pa.StringArray, rule: NumberRule = STRICT) -> Values:
    """A column of whole numbers from 0 on as 64-bit integers that also fit 32 bits."""

    def read(text: str) -> int | None:
        value = plain_number(text, rule)
        whole = value is not None and 0 <= value <= MAX_MONTHS and value == value.to_integral_value()
        return int(value) if whole and value is not None else None

    return _distinct(texts, read, pa.int64())


def parse_flags(texts: pa.StringArray, *, loose: bool = False) -> Values:
    """A column of flags: ``true`` and ``false``; where ``loose``, the usual other words too."""

    def read(text: str) -> bool | None:
        word = text.strip().lower()
        if word in ("true", "false"):
            return word == "true"
        return (True if word in TRUE_WORDS else False if word in FALSE_WORDS else None) if loose else None

    return _distinct(texts, read, pa.bool_())


def parse_choices(texts: pa.StringArray, choices: Sequence[str]) -> Values:
    """A column of which each value is one of ``choices``."""
    return _distinct(texts, lambda text: text.strip() if text.strip() in choices else None, pa.string())


def parse_currencies(texts: pa.StringArray, *, loose: bool = False) -> Values:
    """A column of ISO 4217 codes (in small letters too where ``loose``)."""

    def read(text: str) -> str | None:
        code = text.strip().upper() if loose else text.strip()
        return code if known_currency(code) else None

    return _distinct(texts, read, pa.string())


@lru_cache(maxsize=2_000)
def known_currency(code: str) -> bool:
    """Whether ISO 4217 knows the code, in capitals."""
    return len(code) == 3 and code.isascii() and code.isupper() and is_currency(code)


def _distinct(texts: pa.StringArray, read: Callable[[str], Any], kind: pa.DataType) -> Values:
    """Read each distinct value once."""
    coded = texts.dictionary_encode()
    values = [read(text) for text in coded.dictionary.to_pylist()]
    known = pa.array(values, kind)
    wrong = pa.array([value is None for value in values], pa.bool_())
    array = known.take(coded.indices)
    bad = wrong.take(coded.indices).fill_null(False)
    return Values(array, np.asarray(bad))


_one_by_one = _distinct


def shortest(number: float) -> str:
    """A double as the shortest plain decimal that reads back as the same: never an exponent."""
    text = format(Decimal(repr(float(number))), "f")
    return text[:-2] if text.endswith(".0") else text
