"""Workbooks and event logs for tests, put together by hand so that they can also be wrong."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'

DAY, MOMENT = 1, 2
"""Styles of cells: a date, and a date with a time."""


def cell(value: object, style: int = 0) -> str:
    """A cell as XML: a number, a flag or a text."""
    styled = f' s="{style}"' if style else ""
    if isinstance(value, bool):
        return f'<c t="b"{styled}><v>{int(value)}</v></c>'
    if isinstance(value, (int, float)):
        return f"<c{styled}><v>{value!r}</v></c>"
    if value is None:
        return f"<c{styled}/>"
    return f'<c t="inlineStr"{styled}><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'


def sheet_xml(rows: Sequence[Sequence[object]]) -> str:
    """Rows of values (or of cells as XML, beginning with ``<c``) as a sheet's content."""
    texts = []
    for row in rows:
        cells = (one if isinstance(one, str) and one.startswith("<c") else cell(one) for one in row)
        texts.append(f"<row>{''.join(cells)}</row>")
    return "".join(texts)


def parts_of(sheets: Mapping[str, str], before: str = "") -> dict[str, str]:
    """The members of a workbook whose sheets have these contents; ``before`` stands before each root element."""
    numbered = list(enumerate(sheets.items(), 1))
    names = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, (name, _) in numbered)
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{_REL}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n, _ in numbered
    )
    styles = '<xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/>'
    parts = {
        "[Content_Types].xml": (
            f'{_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="xml" ContentType="application/xml"/></Types>'
        ),
        "_rels/.rels": (
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}">'
            f'<Relationship Id="rId1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": (
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}">{relations}'
            f'<Relationship Id="rId99" Type="{_REL}/styles" Target="styles.xml"/></Relationships>'
        ),
        "xl/styles.xml": f'{_HEAD}<styleSheet xmlns="{_MAIN}"><cellXfs count="3">{styles}</cellXfs></styleSheet>',
    }
    for n, (_, content) in numbered:
        parts[f"xl/worksheets/sheet{n}.xml"] = (
            f'{_HEAD}{before}<worksheet xmlns="{_MAIN}"><sheetData>{content}</sheetData></worksheet>'
        )
    return parts


def write_parts(path: Path, parts: Mapping[str, str | bytes]) -> Path:
    """A zip archive of these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def write_book(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    """A workbook with these rows in its sheets."""
    return write_parts(path, parts_of({name: sheet_xml(rows) for name, rows in sheets.items()}))


def attribute(kind: str, key: str, value: str) -> str:
    """An attribute as XES writes it."""
    return f'<{kind} key="{escape(key)}" value="{escape(value)}"/>'


def xes(traces: Mapping[str, Sequence[tuple[str, str]]], extra: str = "", before: str = "") -> str:
    """A log of traces by name, each a list of activities and their times; ``extra`` stands in each trace."""
    texts = []
    for name, events in traces.items():
        inner = "".join(
            f"<event>{attribute('string', 'concept:name', activity)}{attribute('date', 'time:timestamp', at)}</event>"
            for activity, at in events
        )
        texts.append(f"<trace>{attribute('string', 'concept:name', name)}{extra}{inner}</trace>")
    head = '<global scope="event"><string key="concept:name" value="UNKNOWN"/></global>'
    return f'{_HEAD}{before}<log xes.version="1.0" xmlns="http://www.xes-standard.org/">{head}{"".join(texts)}</log>'
