"""Amounts of money as people type them. Pure."""

import re
from decimal import Decimal

WHOLE_DIGITS, PLACES = 15, 4
_SPACES = re.compile(r"[\s'’]")
_DIGITS = re.compile(r"-?[0-9][0-9.,]*")


class NotAnAmount(ValueError):
    """A text cannot be read as an amount, or in two ways; the message says what would be read."""


def read_amount(text: str) -> Decimal:
    """An amount with a point or a comma before the cents, and thousands set apart or not: ``1,200.50``, ``1.200,50``.

    Raises ``NotAnAmount``, also for ``1.200`` and ``1,200``: one country's thousand is another's one and a fifth.
    """
    plain = _SPACES.sub("", text).replace("−", "-")
    if not _DIGITS.fullmatch(plain):
        raise NotAnAmount(f"“{text}” is no amount: write a number like 1200.50, the currency beside it")
    whole, cents = _parts(plain)
    groups = re.split(r"[.,]", whole)
    marks = set(re.findall(r"[.,]", whole))
    if len(groups) > 1 and (
        len(marks) > 1 or not 1 <= len(groups[0].lstrip("-")) <= 3 or set(map(len, groups[1:])) != {3}
    ):
        raise NotAnAmount(f"“{text}” is no amount: write it without thousands, like 1200.50")
    number = Decimal("".join(groups) + "." + (cents.rstrip("0") or "0"))
    if len(str(int(abs(number)))) > WHOLE_DIGITS or len(cents.rstrip("0")) > PLACES:
        raise NotAnAmount(f"an amount has at most {WHOLE_DIGITS} digits before the point and {PLACES} after it")
    return number


def _parts(plain: str) -> tuple[str, str]:
    """What stands before and after the mark of the decimals."""
    marks = re.findall(r"[.,]", plain)
    if not marks or (len(marks) > 1 and len(set(marks)) == 1):
        return plain, ""
    whole, _, cents = plain.rpartition(marks[-1])
    if len(marks) == 1 and len(cents) == 3 and re.fullmatch(r"-?[1-9][0-9]{0,2}", whole):
        raise NotAnAmount(f"“{plain}” can be read in two ways: write {whole}{cents} or {whole}.{cents}0")
    return whole, cents


def plain_amount(amount: Decimal) -> str:
    """An amount as plain digits with a point: neither zeros at its end nor an exponent."""
    return f"{amount.normalize():f}" if amount else "0"


def shown_amount(amount: Decimal) -> str:
    """An amount as ``read_amount`` reads it: cents are two digits, or four where two do not hold them."""
    whole, point, cents = plain_amount(amount).partition(".")
    return f"{whole}.{cents:0<{2 if len(cents) < 3 else 4}}" if point else whole
