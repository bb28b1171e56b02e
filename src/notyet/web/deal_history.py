"""How a deal's record came to be what it is: fields over time, imports, merged names, as one list."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.utils import timezone

from notyet.deals.edit_models import Edit
from notyet.deals.merge_models import Merge
from notyet.deals.models import Deal, FieldChange
from notyet.deals.when import read_exact
from notyet.exchange.touched import Change, Touch, touches
from notyet.web import moments
from notyet.web.deal_form_fields import field_word
from notyet.web.moments import Moment
from notyet.web.timeline import Event, newest_first

EDITS = {
    "create deal": "Deal made",
    "edit deal": "Fields changed",
    "add conversation": "Conversation added",
    "edit conversation": "Conversation changed",
    "remove conversation": "Conversation removed",
    "make promise": "Promise made",
    "keep promise": "Promise kept",
    "edit promise": "Promise changed",
    "remove promise": "Promise removed",
    "plan next step": "Next step planned",
    "finish next step": "Next step done",
    "edit next step": "Next step changed",
    "remove next step": "Next step removed",
    "add contact": "Person added",
    "edit contact": "Person changed",
    "remove contact": "Person removed",
    "enter stage": "Stage entered",
    "do step": "Step of the process done",
    "undo step": "Step of the process opened again",
    "answer question": "Question answered",
    "change answer": "Answer changed",
    "explain deviation": "Note on the process added",
    "close deal": "Deal closed",
    "reopen deal": "Deal opened again",
    "record payment": "Payment noted",
    "part": "Parting agreed",
    "debrief": "Debriefed",
    "add action": "Action noted",
    "finish action": "Action done",
    "drop action": "Action dropped",
    "date check-up": "Check-up dated",
    "move check-up": "Check-up moved",
    "ask again": "Asked again",
    "follow up": "Followed up",
    "said no": "They said no again",
    "came back": "Back at the table",
    "leave be": "Check-up left be",
    "edit stage change": "Stage change mended",
    "remove stage change": "Stage change removed",
}
"""The names of actions -> how the history of a deal tells them."""
SHORT = 160
_TELLING = ("text", "summary", "why", "stage", "name", "contact", "account", "step", "question")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}.*Z( \(day\))?)?")


def deal_history(
    deal: Deal, changed: Iterable[FieldChange], made: Sequence[Edit] = (), questions: Mapping[str, str] | None = None
) -> list[Event]:
    """What changed in the deal's record, the newest first; for the workspace in scope.

    ``questions``: the keys of the deal's process -> what the buyer asks, to tell answers by.
    What an edit tells is not told again by the field's own history.
    """
    merges = Merge.objects.filter(kind__in=("account", "product"))
    told = {row.get("row_id") for edit in made for row in edit.more.get("made", ())}
    rest = [row for row in changed if not row.row_id or row.row_id not in told]
    return newest_first(edits(made, questions), fields(rest), imports(touches(deal)), merged(deal, merges))


def edits(made: Iterable[Edit], questions: Mapping[str, str] | None = None) -> Iterator[Event]:
    """What people changed here, each with its before and after; answers by their ``questions``."""
    for one in made:
        undone = f" · undone by {one.undone_by}, {Moment(one.undone_at)}" if one.undone_at else ""
        lines = [f"by {one.by}{undone}", *_told(one, questions or {})]
        icon = "arrow-back-up" if one.undoes_id else "pencil"
        undoable = 0 if one.undone_at else one.pk
        yield Event(Moment(one.at), icon, edit_words(one.action), "\n".join(lines), edit=undoable)


def edit_words(action: str) -> str:
    """What an action did, as one tells it afterwards."""
    verb, _, rest = action.partition(" ")
    if verb in ("undo", "redo") and (rest in EDITS or rest.partition(" ")[0] in ("undo", "redo")):
        word = edit_words(rest)
        return f"{'Undone' if verb == 'undo' else 'Done again'}: {word[:1].lower()}{word[1:]}"
    return EDITS.get(action, action.capitalize())


def _told(edit: Edit, questions: Mapping[str, str]) -> Iterator[str]:
    before, after = edit.before or {}, edit.after or {}
    if edit.before is not None and edit.after is not None:
        yield from (_changed((field, _read(before.get(field)), _read(after[field]))) for field in after)
        return
    held = after or before
    main = next((held[field] for field in _TELLING if held.get(field)), None)
    if asked := questions.get(held.get("question") or ""):
        yield asked
    if main and not (asked and main == held.get("question")):
        yield main if len(main) <= SHORT else f"{main[:SHORT]}…"


def _read(text: str | None) -> str:
    """A value as a person reads it: moments in the workspace's time."""
    if text is None or not _MOMENT.fullmatch(text):
        return text or ""
    when = read_exact(text, timezone.get_current_timezone_name())
    return str(Moment(when.at, when.plain))


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
                first = f"{field_word(field)}: {row.value or 'empty'}"
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
    return f"{field_word(field)}: {before or 'empty'} → {after or 'emptied'}"
