"""Reading XML piece by piece: no document type, no entities, nothing nested or long without end."""

from collections.abc import Callable, Iterator
from typing import IO, Any
from xml.parsers import expat

from notyet.exchange.errors import FileRefused

MAX_DEPTH = 200
MAX_TOKEN = 16 * 2**20
"""Bytes of one tag or text that may be held before it is known where it ends."""
_BLOCK = 1 << 18

Start = Callable[[str, dict[str, str]], Any]
End = Callable[[str], Any]


def parse_xml(source: IO[bytes], name: str, start: Start, end: End | None = None) -> Iterator[None]:
    """Feed an XML document to ``start(tag, attributes)`` and ``end(tag)``; gives way after every piece of it.

    Tags are as written, with their prefixes. Raises ``FileRefused`` where the document is no XML, or declares a
    document type (which is where entities come from), or is nested deeper than any table needs.
    """
    parser, depth = expat.ParserCreate(), 0

    def opened(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise FileRefused(f"{name} is nested more than {MAX_DEPTH} deep; is it a table?", parser.CurrentLineNumber)
        start(tag, attributes)

    def closed(tag: str) -> None:
        nonlocal depth
        depth -= 1
        if end is not None:
            end(tag)

    def refused(*_: object) -> None:
        raise FileRefused(
            f"{name} declares a document type or entities, which are not read: export it anew, without them",
            parser.CurrentLineNumber,
        )

    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refused
    fed = 0
    try:
        while block := source.read(_BLOCK):
            fed += len(block)
            parser.Parse(block, False)
            if fed - parser.CurrentByteIndex > MAX_TOKEN:
                raise FileRefused(f"{name} has a text of more than {MAX_TOKEN >> 20} MiB; is it a table?")
            yield
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise FileRefused(
            f"{name} is damaged or cut short, no XML ({error}); export it anew", parser.CurrentLineNumber
        ) from error
    yield


def local_name(tag: str) -> str:
    """A tag without its prefix."""
    return tag.rpartition(":")[2]
