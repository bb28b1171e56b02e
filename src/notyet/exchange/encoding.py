"""How the bytes of a text file are to be read: its encoding and its delimiter."""

import codecs
import csv
from collections import Counter
from dataclasses import dataclass

import charset_normalizer

from notyet.exchange.errors import FileRefused
from notyet.exchange.sources import InputFile

DELIMITERS = (",", ";", "\t", "|")
_BLOCK = 1 << 20
_SAMPLE = 1 << 18


@dataclass(frozen=True)
class TextForm:
    """What ``open`` needs, and whether the encoding is a guess."""

    encoding: str
    delimiter: str
    skip_lines: int = 0
    guessed: bool = False


def text_form(file: InputFile) -> TextForm:
    """Read the whole file once to tell its encoding, and its first lines to tell its delimiter.

    Raises ``FileRefused`` for a file that is empty or no text.
    """
    encoding, guessed = _encoding(file)
    with file.open() as handle:
        text = handle.read(_SAMPLE).decode(encoding, errors="replace")
    if not text.strip():
        raise FileRefused(f"{file.name} is empty", 1)
    lines = text.splitlines()
    if lines[0].lower().startswith("sep=") and len(lines[0].strip()) == 5:
        return TextForm(encoding, lines[0].strip()[4], 1, guessed)
    return TextForm(encoding, _delimiter(lines), 0, guessed)


def _encoding(file: InputFile) -> tuple[str, bool]:
    with file.open() as handle:
        start = handle.read(4)
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if start.startswith(mark):
            return name, False
    survey = _survey(file)
    if survey.zeros * 50 > survey.total:
        raise FileRefused(f"{file.name} is no text file: it is full of zero bytes", 1)
    if survey.bad == 0 or survey.good > survey.bad:
        # A few stray bytes in UTF-8: their rows are refused one by one.
        return "utf-8", False
    best = charset_normalizer.from_bytes(survey.sample).best()
    if best is None:
        raise FileRefused(f"{file.name} is no text in any encoding that is known; save it as UTF-8", 1)
    return best.encoding, True


@dataclass
class _Survey:
    total: int = 0
    zeros: int = 0
    good: int = 0
    bad: int = 0
    sample: bytes = b""


def _survey(file: InputFile) -> _Survey:
    """Count UTF-8 sequences of more than one byte, good and broken, and keep the lines around the first of them."""
    seen = _Survey()
    tail = b""
    with file.open() as handle:
        while block := handle.read(_BLOCK):
            seen.total += len(block)
            seen.zeros += block.count(0)
            data, tail = _whole_lines(tail + block)
            _count(seen, data)
    _count(seen, tail)
    return seen


def _whole_lines(data: bytes) -> tuple[bytes, bytes]:
    at = data.rfind(b"\n") + 1
    return data[:at], data[at:]


def _count(seen: _Survey, data: bytes) -> None:
    if data.isascii():
        return
    try:
        text = data.decode("utf-8")
        seen.good += len(text) - len(text.encode("ascii", "ignore"))
    except UnicodeDecodeError as error:
        text = data.decode("utf-8", errors="surrogateescape")
        seen.bad += sum(1 for char in text if "\udc80" <= char <= "\udcff")
        seen.good += sum(1 for char in text if char > "\x7f" and not "\udc80" <= char <= "\udcff")
        if len(seen.sample) < _SAMPLE:
            seen.sample += data[max(0, error.start - _SAMPLE // 8) : error.start + _SAMPLE // 8]


def _delimiter(lines: list[str]) -> str:
    """The delimiter by which the first lines have the most columns in the steadiest way; a comma where none has two."""
    sample = [line for line in lines[:60] if line.strip()]
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(sample, delimiter=delimiter) if row]
        except csv.Error:
            continue
        if not widths or widths[0] < 2:
            continue
        usual, count = Counter(widths).most_common(1)[0]
        steadiness = count / len(widths) if usual == widths[0] else 0.3 * count / len(widths)
        score = steadiness * min(widths[0], 50) ** 0.25
        if score > best_score:
            best, best_score = delimiter, score
    return best
