"""How a deal's record came to be what it is: fields over time, imports, merged names, as one list."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from notyet.deals.merge_models import Merge
from notyet.deals.models import Deal, FieldChange
from notyet.exchange.touched import Change, Touch, touches
from notyet.web import moments
from notyet.web.deal_filters import label
from notyet.web.moments import Moment
from notyet.web.timeline import Event, newest_first


def deal_history(deal: Deal, changed: Iterable[FieldChange]) -> list[Event]:
    """What changed in the deal's record, the newest first; for the workspace in scope."""
    merges = Merge.objects.filter(kind__in=("account", "product"))
    return newest_first(fields(changed), imports(touches(deal)), merged(deal, merges))


def fields(rows: Iterable[FieldChange]) -> Iterator[Event]:
    """What each field held from when on, and what before."""
    by_field: dict[str, list[FieldChange]] = defaultdict(list)
    for row in rows:
        by_field[row.field].append(row)
    for field, changes in by_field.items():
        before: str | None = None
        for row in sorted(changes, key=lambda one: (one.at, one.pk)):
            when = moments.of(row, "field_changes", "at")
            if when and row.value != before:
                first = f"{label(field)}: {row.value or 'empty'}"
                yield Event(when, "pencil", first if before is None else _changed((field, before, row.value)))
            before = row.value


def imports(found: Iterable[Touch]) -> Iterator[Event]:
    """Imports that added the deal or changed it."""
    for one in found:
        files = ", ".join(one.files)
        source = f"Import {one.number} by {one.by}" + (f": {files}" if files else "")
        title = "Came in with an import" if one.added else "Changed by an import"
        lines = [source, *(_changed(change) for change in one.changes)]
        yield Event(Moment(one.at), "database-import", title, "\n".join(lines))


def merged(deal: Deal, merges: Iterable[Merge]) -> Iterator[Event]:
    """Merges of the deal's buyer or product with other names, and their splits."""
    names = {"account": deal.account.name if deal.account else "", "product": deal.product}
    words = {"account": "Buyer", "product": "Product"}
    for one in merges:
        name = names.get(one.kind)
        if not name or name not in (one.keep, *one.others):
            continue
        title = f"{words[one.kind]}: {', '.join(f'“{other}”' for other in one.others)} counted as “{one.keep}”"
        yield Event(Moment(one.merged_at), "arrows-join", title, f"Merged by {one.merged_by}")
        if one.split_at:
            split = f"{words[one.kind]}: “{one.keep}” and {', '.join(f'“{other}”' for other in one.others)} split again"
            yield Event(Moment(one.split_at), "arrow-back-up", split, f"Split by {one.split_by}")


def _changed(change: Change) -> str:
    field, before, after = change
    return f"{label(field)}: {before or 'empty'} → {after or 'emptied'}"
