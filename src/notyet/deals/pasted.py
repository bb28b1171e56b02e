"""Conversations out of what people paste. Pure."""

import re
from collections.abc import Collection
from datetime import UTC, datetime
from email.utils import getaddresses
from zoneinfo import ZoneInfo

from notyet.core.texts import cleaned
from notyet.deals.mail_text import without_quotes
from notyet.deals.quick_line import read_line
from notyet.deals.talk import LONGEST_SUMMARY, Talk
from notyet.deals.values import BadValue
from notyet.deals.when import FIRST_YEAR, LAST_YEAR

_HEADERS = {
    **dict.fromkeys(("from", "von", "de"), "from"),
    **dict.fromkeys(("to", "an"), "to"),
    **dict.fromkeys(("date", "sent", "datum", "gesendet", "gesendet am"), "date"),
    **dict.fromkeys(("subject", "betreff"), "subject"),
    **dict.fromkeys(("cc", "bcc", "kopie", "reply-to", "antwort an", "importance", "priorität", "attachments"), ""),
}
_HEADER = re.compile(r"\*?([A-Za-zä -]{2,12}?)\*?[ \t]?:\*?[ \t]*(.*)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_GERMAN = {"mär": 3, "mrz": 3, "mai": 5, "okt": 10, "dez": 12}
_CLOCK = re.compile(r"\b(\d{1,2}):(\d{2})(?::\d{2})?(?:\s?([AaPp])\.?[Mm]\b)?")


def read_pasted(text: str, zone: str = "UTC", own: Collection[str] = ()) -> Talk:
    """An e-mail pasted with its ``From:``, ``Sent:``, ``Subject:`` lines (English or German), or a line of one's own.

    ``zone``: of times without an offset; ``own``: addresses (in small letters) of our own people. Raises ``BadValue``
    where nothing is pasted.
    """
    text = cleaned(text, 10 * LONGEST_SUMMARY)
    if not text:
        raise BadValue("summary", "paste an e-mail, or say in a line what was said")
    return _pasted_mail(text, zone, own) or read_line(text)


def _pasted_mail(text: str, zone: str, own: Collection[str]) -> Talk | None:
    lines, found, at = text.split("\n"), dict[str, str](), 0
    for at, line in enumerate(lines):  # noqa: B007 - where the letter begins is asked below
        header = _HEADER.fullmatch(line.strip())
        name = _HEADERS.get(header[1].strip().lower()) if header else None
        if header is None or name is None:
            break
        found.setdefault(name, header[2].strip())
    else:
        at = len(lines)
    if "from" not in found or not {"date", "subject"} & found.keys():
        return None
    senders, receivers = _people(found["from"]), _people(found.get("to", ""))
    out = any(address in own for _, address in senders)
    others = [person for person in receivers if person[1] not in own] if out else senders
    parts = [found.get("subject", ""), without_quotes("\n".join(lines[at:]))]
    return Talk(
        at=read_date(found.get("date", ""), zone),
        channel="email",
        direction="out" if out else "in",
        contact=cleaned(others[0][0] or others[0][1], 500) if others else "",
        summary=cleaned("\n\n".join(part for part in parts if part), LONGEST_SUMMARY),
    )


def _people(text: str) -> list[tuple[str, str]]:
    plain = text[:2_000].replace("[mailto:", "<").replace("]", ">").replace("<mailto:", "<")
    found = [(name.strip(), address.lower()) for name, address in getaddresses([plain.replace(";", ",")])]
    named = [(name, address) for name, address in found if "@" in address]
    return named or [(plain.strip().strip('"'), "")]


def read_date(text: str, zone: str) -> datetime | None:
    """A date as mail programs write it above an answer, in English or German; ``None`` where it is not understood."""
    year = re.search(r"\b((?:19|20|21)\d\d)\b", text)
    if year is None:
        return None
    try:
        month, day = _month_and_day(text)
        hour, minute = _hour_and_minute(text)
        offset = re.search(r"\s([+-]\d\d):?(\d\d)\b", text)
        at = datetime(int(year[1]), month, day, hour, minute, tzinfo=ZoneInfo(zone))
        if offset:
            at = datetime.fromisoformat(f"{at.replace(tzinfo=None).isoformat()}{offset[1]}:{offset[2]}")
        return at.astimezone(UTC) if FIRST_YEAR < at.year < LAST_YEAR else None
    except (ValueError, OverflowError):
        return None


def _month_and_day(text: str) -> tuple[int, int]:
    """Raises ``ValueError``; ``3/4/2026`` is the fourth of March, as the programs that write slashes mean it."""
    if iso := re.search(r"\b\d{4}-(\d\d)-(\d\d)\b", text):
        return int(iso[1]), int(iso[2])
    if dotted := re.search(r"\b(\d{1,2})\.\s?(\d{1,2})\.\s?\d{4}\b", text):
        return int(dotted[2]), int(dotted[1])
    if slashed := re.search(r"\b(\d{1,2})/(\d{1,2})/\d{4}\b", text):
        first, second = int(slashed[1]), int(slashed[2])
        return (second, first) if first > 12 else (first, second)
    months = [_month(word) for word in re.findall(r"[^\W\d_]{3,}", text)]
    day = re.search(r"(?<![\d:])(\d{1,2})(?:st|nd|rd|th|\.)?(?![\d:])", text)
    found = [month for month in months if month]
    if not found or day is None:
        raise ValueError(text)
    return found[0], int(day[1])


def _month(word: str) -> int:
    """The month that a word names, else 0."""
    start = word.lower()[:3]
    return _GERMAN.get(start, _MONTHS.index(start) + 1 if start in _MONTHS else 0)


def _hour_and_minute(text: str) -> tuple[int, int]:
    clock = _CLOCK.search(text)
    if clock is None:
        return 0, 0
    hour, half = int(clock[1]), (clock[3] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour, int(clock[2])
