"""What stands here though an import's files say otherwise, and what can still be decided about it."""

from dataclasses import dataclass
from typing import Any

from notyet.deals.edit_models import EditedField
from notyet.exchange.models import Import, ImportState


@dataclass(frozen=True)
class KeptLine:
    """One of them: what the import listed (see ``results.Kept``), under what label, and how it stands since.

    ``deal`` and ``mark`` are keys; ``state`` is ``open`` or ``settled`` while nothing has changed since, else empty.
    """

    listed: dict[str, Any]
    label: str
    deal: int
    mark: int
    state: str


def kept_lines(run: Import, labels: list[str]) -> list[KeptLine]:
    """The first of them, in the order of the import's summary. Only of an import that is in the record is decided."""
    listed = run.summary.get("kept", [])
    keys = [one.get("mark", 0) for one in listed] if run.state == ImportState.DONE else []
    marks = EditedField.objects.in_bulk(keys) if keys else {}
    return [_line(one, label, marks.get(one.get("mark", 0))) for one, label in zip(listed, labels, strict=True)]


def _line(listed: dict[str, Any], label: str, mark: EditedField | None) -> KeptLine:
    if mark is None:
        return KeptLine(listed, label, 0, 0, "")
    same = mark.differs and mark.source_value == listed["source"]
    state = ("settled" if mark.settled else "open") if same else ""
    return KeptLine(listed, label, mark.deal_id, mark.pk, state)
