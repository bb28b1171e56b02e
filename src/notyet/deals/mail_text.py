"""The words of an e-mail without the markup around them and the letters below them. Pure."""

import re
from html.parser import HTMLParser

MOST_READ = 200_000
"""Characters of a mail's text or markup that are looked at: what is kept of it is far less."""
_BLOCKS = frozenset(
    {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "table", "ul", "ol", "hr", "pre", "blockquote"}
)
_UNSEEN = frozenset({"script", "style", "head", "title", "template"})
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "wbr"})

_BELOW = re.compile(
    r"^(?:"
    r"(?:On|Am|Le) [^\n]{4,200}(?:\n[^\n]{1,100})?(?:wrote|schrieb[^\n]{0,100}|a écrit) ?:[ \t]*$"
    r"|-{2,} ?(?:Original Message|Original-Nachricht|Ursprüngliche Nachricht|Forwarded message)"
    r"|-{2,} ?Weitergeleitete Nachricht"
    r"|(?:From|Von): ?[^\n]+\n(?:(?:To|An|Cc): ?[^\n]+\n){0,2}(?:Sent|Date|Gesendet|Datum): "
    r"|-- ?$"
    r")",
    re.MULTILINE | re.IGNORECASE,
)
_QUOTED = re.compile(r"^>.*(?:\n|$)", re.MULTILINE)


def without_quotes(text: str) -> str:
    """What its writer wrote: without the mail it answers and what stands below ``--``.

    Where that leaves nothing (an answer below or between what it answers) only the quoted lines go.
    """
    text = text[:MOST_READ].replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")
    found = _BELOW.search(text)
    above = _tidy(_QUOTED.sub("", text[: found.start()])) if found else ""
    return above or _tidy(_QUOTED.sub("", text)) or _tidy(text)


def _tidy(text: str) -> str:
    """Without spaces at the ends of lines and more than one empty line in a row."""
    lines = [line.rstrip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def html_to_text(markup: str) -> str:
    """The words of HTML, a block a line; mails quoted as Gmail and others mark them are left out."""
    reader = _Words()
    reader.feed(markup[:MOST_READ])
    # Not closed: looking for the end of what never ends takes Python's reader minutes.
    if "<" not in reader.rawdata:
        reader.words.append(reader.rawdata)
    return _tidy("".join(reader.words))


class _Words(HTMLParser):
    """Collects text, but for elements that are not shown or hold the mail that is answered."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._unseen = ""
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line, or an element that is left out."""
        if self._unseen:
            self._depth += tag == self._unseen
            if tag == "body" and self._unseen == "head":
                self._unseen = ""
            return
        said = dict(attrs)
        quoted = "gmail_quote" in (said.get("class") or "") or (tag == "blockquote" and said.get("type") == "cite")
        if (tag in _UNSEEN or quoted) and tag not in _VOID:
            self._unseen, self._depth = tag, 1
        elif tag in _BLOCKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End a line, or the element that is left out."""
        if self._unseen:
            self._depth -= tag == self._unseen
            if self._depth == 0:
                self._unseen = ""
        elif tag in _BLOCKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep the words."""
        if not self._unseen:
            self.words.append(re.sub(r"\s+", " ", data))
