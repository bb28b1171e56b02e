"""The documentation as these tests read it: its files, sections, links and code."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.architecture.source import DOCS, ROOT

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^(#{1,6}) (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Document:
    """A Markdown file of the project."""

    path: Path
    text: str

    @property
    def prose(self) -> str:
        """The text without its code blocks."""
        return FENCE.sub("", self.text)

    @property
    def anchors(self) -> set[str]:
        """What a link may point to in it: the headings as a code host names them."""
        return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for _, title in HEADING.findall(self.prose)}

    @property
    def links(self) -> list[str]:
        """Where its links and pictures point."""
        return LINK.findall(self.prose)

    def section(self, title: str) -> str | None:
        """The text below a heading of that title, to the next heading of its level; ``None`` without one."""
        found = re.search(rf"^(#+) {re.escape(title)}\n(.*?)(?=^\1 |\Z)", self.text, re.MULTILINE | re.DOTALL)
        return found.group(2) if found else None

    def code(self, language: str) -> list[str]:
        """The code blocks in a language."""
        return [code for name, code in FENCE.findall(self.text) if name == language]


@cache
def read(name: str) -> Document:
    """A document by its path in the project."""
    path = ROOT / name
    return Document(path, path.read_text(encoding="utf-8"))


def documents() -> list[Document]:
    """Everything a reader finds: the files at the top, ``docs/`` and the rooms' own."""
    paths = [
        *ROOT.glob("*.md"),
        *DOCS.rglob("*.md"),
        *(ROOT / "src").rglob("README.md"),
        *(ROOT / "bench").glob("*.md"),
    ]
    return [read(str(path.relative_to(ROOT))) for path in sorted(paths)]
