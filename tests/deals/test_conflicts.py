"""What two people see decides who must be told: one after the other here, at the same moment in ``test_together``."""

from datetime import timedelta

import pytest

from notyet.deals.actions import edit_deal
from notyet.deals.conflicts import EditConflict
from notyet.deals.edit_models import Edit, EditedField
from notyet.deals.models import Deal, FieldChange
from notyet.deals.talk_actions import edit_row
from notyet.deals.values import BadValue, Change
from notyet.workspaces.access import Actor, operator
from notyet.workspaces.models import AuditEntry, Role, Workspace
from tests.deals.worked import AT, changed, imported_deal

pytestmark = pytest.mark.django_db


def test_untouched_fields_never_conflict(workspace: Workspace) -> None:
    """A form posts all its fields; only those that were changed in it count."""
    actor, deal = operator(workspace), imported_deal(workspace)
    form = {field: Change(change.seen, change.seen) for field, change in changed(deal, name="", region="").items()}
    edit_deal(actor, deal.pk, changed(deal, name="Line 4", region="DACH"))
    assert edit_deal(actor, deal.pk, form) is None
    assert Deal.objects.get().name == "Line 4"
    assert Edit.objects.count() == 1


def test_who_wants_what_stands_already_is_not_told(workspace: Workspace) -> None:
    """Two people who agree need no question."""
    actor, deal = operator(workspace), imported_deal(workspace)
    stale = changed(deal, amount="2.000,00")
    edit_deal(actor, deal.pk, changed(deal, amount="2000"))
    assert edit_deal(actor, deal.pk, stale) is None


def test_an_import_is_named_as_what_it_is(workspace: Workspace) -> None:
    """Also where a person had set the field before it."""
    actor, deal = operator(workspace), imported_deal(workspace)
    stale = changed(deal, name="mine")
    edit_deal(actor, deal.pk, changed(deal, name="theirs"))
    Deal.objects.update(name="from the file")
    with pytest.raises(EditConflict, match="changed by an import in the meantime: name") as told:
        edit_deal(actor, deal.pk, stale)
    [conflict] = told.value.conflicts
    assert (conflict.theirs, conflict.by, conflict.at) == ("from the file", "an import", None)


def test_the_second_may_insist(workspace: Workspace) -> None:
    """Having seen what the first wrote."""
    ada, ben = (Actor(workspace, Role.SELLER, name) for name in ("Ada", "Ben"))
    deal = imported_deal(workspace)
    stale = changed(deal, name="Ben's")
    edit_deal(ada, deal.pk, changed(deal, name="Ada's"))
    with pytest.raises(EditConflict) as told:
        edit_deal(ben, deal.pk, stale)
    [conflict] = told.value.conflicts
    edit_deal(ben, deal.pk, {"name": Change(conflict.theirs, conflict.mine)})
    assert Deal.objects.get().name == "Ben's"


def test_rows_conflict_like_deals(workspace: Workspace) -> None:
    """Field by field."""
    ada, ben = (Actor(workspace, Role.SELLER, name) for name in ("Ada", "Ben"))
    talk = imported_deal(workspace).conversations.get()
    edit_row(ada, "conversations", talk.pk, {"summary": Change("first", "Ada's")})
    edit_row(ben, "conversations", talk.pk, {"contact": Change("", "Tom")})
    with pytest.raises(EditConflict, match="changed by Ada in the meantime: summary"):
        edit_row(ben, "conversations", talk.pk, {"summary": Change("first", "Ben's"), "minutes": Change("", "5")})
    talk.refresh_from_db()
    assert (talk.summary, talk.contact, talk.minutes) == ("Ada's", "Tom", None)


def test_what_a_browser_does_to_a_value_is_no_change(workspace: Workspace) -> None:
    """Line ends, and the T between day and time; what the form does not show is not lost either."""
    at = AT + timedelta(seconds=5, microseconds=7)
    deal = imported_deal(workspace, ordered_at=at, attributes={"Notes": "a\nb"})
    form = {"ordered_at": Change("2026-02-02 09:00", "2026-02-02T09:00"), "attr.Notes": Change("a\r\nb", "a\r\nb")}
    assert edit_deal(operator(workspace), deal.pk, form) is None
    assert Deal.objects.get().ordered_at == at


def test_a_plain_date_becomes_a_time_and_a_time_a_plain_date(workspace: Workspace) -> None:
    """The bit of the column says which."""
    actor, deal = operator(workspace), imported_deal(workspace, plain_dates=1, ordered_at=AT)
    edit_deal(actor, deal.pk, changed(deal, opened_at="2026-02-01 08:00", ordered_at="2026-02-05"))
    deal = Deal.objects.get()
    assert deal.plain_dates == 4
    assert f"{deal.opened_at:%d %H}, {deal.ordered_at:%d %H}" == "01 08, 05 00"
    edit_deal(actor, deal.pk, changed(deal, ordered_at=""))
    assert Deal.objects.values_list("plain_dates", "ordered_at").get() == (0, None)


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("outcome", "won", "cannot be set here"),
        ("closed_at", "2026-02-01", "cannot be set here"),
        ("attr.", "x", "cannot be set here"),
        ("opened_at", "2026-02-20", "was closed before that"),
        ("opened_at", "2199-01-01", "yet to come"),
        ("reopened_from", "d1", "no other deal d1"),
        ("reopened_from", "d7", "no other deal d7"),
        ("amount", "1.200", "two ways"),
    ],
)
def test_a_bad_value_changes_nothing(workspace: Workspace, field: str, text: str, says: str) -> None:
    """Not the good ones beside it either."""
    deal = imported_deal(workspace, outcome="lost", closed_at=AT + timedelta(days=9))
    form = {"name": Change("Line 3", "Line 4"), field: Change("", text)}
    if field == "opened_at":
        form[field] = Change("2026-02-02 09:00", text)
    if field == "amount":
        form[field] = Change("1000", text)
    with pytest.raises(BadValue, match=says) as refused:
        edit_deal(operator(workspace), deal.pk, form)
    assert refused.value.field == field
    assert Deal.objects.get().name == "Line 3"


def test_a_close_on_the_day_of_the_opening_is_fine(workspace: Workspace) -> None:
    """Where one of the two is a plain date the day decides."""
    deal = imported_deal(workspace, outcome="lost", closed_at=AT.replace(hour=0) + timedelta(days=9), plain_dates=2)
    edit_deal(operator(workspace), deal.pk, changed(deal, opened_at="2026-02-11 15:00"))
    assert f"{Deal.objects.get().opened_at:%d %H}" == "11 15"


def test_an_edit_of_nothing_leaves_nothing(workspace: Workspace) -> None:
    """No edit, no line in the audit trail, no new history."""
    actor, deal = operator(workspace), imported_deal(workspace)
    revision = Workspace.objects.get(pk=workspace.pk).record_revision
    assert edit_deal(actor, deal.pk, changed(deal, amount="1,000.00", name="  Line 3 ")) is None
    assert edit_deal(actor, deal.pk, {}) is None
    assert Workspace.objects.get(pk=workspace.pk).record_revision == revision
    for model in (Edit, EditedField, FieldChange, AuditEntry):
        assert not model.objects.exists()
