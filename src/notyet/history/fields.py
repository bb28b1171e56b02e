"""What a field of a deal is, told from its name and its values. Pure."""

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["category", "number", "flag", "time", "text"]

_PERSON = re.compile(
    r"\b(owner|manager|rep|agent|seller|sdr|bdr|ae|salesperson|sales ?person|sales ?man|consultant|advisor|assignee"
    r"|user|created by|modified by|assigned to|assigned|handled by|responsible|contact name"
    r"|first name|last name|full name|e ?mail|phone)\b"
)
_NO_PERSON = re.compile(r"\b(type|role|persona|level|department|count|size|do not|agree|opt)\b")


def names_person(header: str) -> bool:
    """Whether a header names people: their values are neither dimensions nor drivers.

    A column *about* a person's kind ("owner type", "manager level") is not one of people.
    """
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    plain = re.sub(r"[\W_]+", " ", plain.casefold()).strip()
    return bool(_PERSON.search(plain)) and not _NO_PERSON.search(plain)


@dataclass(frozen=True)
class Values:
    """What was counted of a column of texts: filled, distinct, and how many read as a number, a flag, a time."""

    filled: int
    distinct: int
    numbers: int
    flags: int
    times: int


def kind_of(values: Values) -> Kind:
    """The kind of a column. Text is what has too many different values to be a group."""
    if values.filled == 0:
        return "text"
    if values.flags == values.filled:
        return "flag"
    if values.numbers == values.filled:
        return "number"
    if values.times == values.filled:
        return "time"
    return "category" if is_group(values.distinct, values.filled) else "text"


def is_group(distinct: int, filled: int) -> bool:
    """Whether a text column groups deals, rather than naming each: few values, or each shared by several deals."""
    return distinct <= 60 or (distinct <= 0.2 * filled and distinct <= 2000)
