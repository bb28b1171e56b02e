"""What a field of a deal held from when on: the analysis asks what was known at the opening."""

from zoneinfo import ZoneInfo

from notyet.deals.deal_rules import TRACKED, is_attribute
from notyet.deals.editing import Work, new_row_id
from notyet.deals.models import Deal, FieldChange, Outcome
from notyet.deals.values import ATTRIBUTE, bit


def note_field(work: Work, deal: Deal, field: str, before: str | None, after: str | None) -> None:
    """Note what a field held until now, where nothing tells that yet, and what it holds from now on.

    A field without any change counts as known at the opening, so the first change must say what it was then.
    On the day of its opening an open deal is still being filled in: what it says by the day's end was known then.
    """
    if field not in TRACKED and not is_attribute(field):
        return
    name = field.removeprefix(ATTRIBUTE)
    told = deal.field_changes.filter(field__in={name, deal.data_source.columns.get(name, name)}).exists()
    if not told and _opened_today(work, deal):
        return
    if not told and before and deal.opened_at and deal.opened_at < work.at:
        first = FieldChange(workspace=work.actor.workspace, deal=deal, row_id=new_row_id(), field=name, value=before)
        first.at = deal.opened_at
        first.plain_dates = int(bool(deal.plain_dates & bit(deal, "opened_at")))
        work.make(first)
    row = FieldChange(workspace=work.actor.workspace, deal=deal, row_id=new_row_id(), field=name, value=after or "")
    row.at = work.at
    work.make(row)


def _opened_today(work: Work, deal: Deal) -> bool:
    zone = ZoneInfo(work.zone)
    opened = deal.opened_at
    return bool(
        opened and deal.outcome == Outcome.OPEN and opened.astimezone(zone).date() == work.at.astimezone(zone).date()
    )
