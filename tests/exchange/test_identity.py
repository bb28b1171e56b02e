"""Who is who: the same file twice, a later file, several files, several sources."""

import pytest

from notyet.deals.models import Conversation, DataSource, Deal, Promise
from notyet.workspaces.models import Workspace
from tests.exchange.conftest import Bring, Write

DEALS = """deal_id,account,outcome,amount,currency,opened_at,closed_at,Size
A,Acme,won,10.50,EUR,2026-01-01,2026-01-09T10:00:00Z,9
B,Acme,open,,,,,
"""
CONVERSATIONS = "deal_id,at,channel\nA,2026-01-02,call\nA,2026-01-02,call\nB,2026-01-03T10:00:00+01:00,email\n"


def test_the_same_file_twice_changes_nothing(write: Write, bring: Bring, workspace: Workspace) -> None:
    """Also not rows that are there twice."""
    write("deals.csv", DEALS)
    write("conversations.csv", CONVERSATIONS)
    first = bring()
    assert (first.table("deals").added, first.table("conversations").added) == (2, 3)
    before = list(Deal.objects.order_by("pk").values()), list(Conversation.objects.order_by("pk").values())
    again = bring()
    assert (again.table("deals").unchanged, again.table("conversations").unchanged) == (2, 3)
    assert again.table("deals").added == again.table("deals").updated == again.table("conversations").added == 0
    assert (list(Deal.objects.order_by("pk").values()), list(Conversation.objects.order_by("pk").values())) == before


def test_a_later_file_updates(write: Write, bring: Bring) -> None:
    """What changed is changed, what is new is added, what is not mentioned stays."""
    write("deals.csv", DEALS)
    bring()
    write("deals.csv", "deal_id,account,outcome,Size\nB,Bolt,lost,7\nC,,open,\n")
    result = bring()
    assert (result.table("deals").added, result.table("deals").updated) == (1, 1)
    changed = Deal.objects.get(deal_id="B")
    assert (changed.outcome, changed.account and changed.account.name, changed.attributes) == (
        "lost",
        "Bolt",
        {"Size": "7"},
    )
    assert Deal.objects.count() == 3


def test_a_column_that_a_later_file_lacks_keeps_its_values(write: Write, bring: Bring) -> None:
    """A file says nothing about what it has no column for; an empty field says that there is nothing."""
    write("deals.csv", DEALS)
    bring()
    write("deals.csv", "deal_id,outcome,amount\nA,lost,\n")
    bring()
    deal = Deal.objects.get(deal_id="A")
    assert (deal.outcome, deal.amount, deal.currency, deal.attributes) == ("lost", None, "EUR", {"Size": "9"})
    assert deal.opened_at is not None
    assert deal.plain_dates == 1


def test_one_more_of_the_same_row_is_one_more(write: Write, bring: Bring) -> None:
    """A row without an id is its content with its multiplicity."""
    write("deals.csv", DEALS)
    write("conversations.csv", CONVERSATIONS)
    bring()
    write("conversations.csv", CONVERSATIONS + "A,2026-01-02,call\n")
    assert bring().table("conversations").added == 1
    write("conversations.csv", "deal_id,at,channel\nA,2026-01-02,call\n")
    assert bring().table("conversations").added == 0
    assert Conversation.objects.count() == 4


def test_rows_with_an_id_are_updated_by_it(write: Write, bring: Bring) -> None:
    """A promise that is kept later stays one promise."""
    write("deals.csv", DEALS)
    write("promises.csv", "id,deal_id,text,kept_at\n7,A,call back,\n")
    bring()
    write("promises.csv", "id,deal_id,text,kept_at\n7,A,call back,2026-01-05\n8,B,quote,\n")
    result = bring()
    assert (result.table("promises").added, result.table("promises").updated) == (1, 1)
    assert Promise.objects.get(row_id="7").kept_at is not None
    assert bring().table("promises").unchanged == 2


def test_a_second_row_with_the_same_id_in_one_file(write: Write, bring: Bring) -> None:
    """Is refused when it says something else."""
    write("deals.csv", DEALS)
    write("promises.csv", "id,deal_id,text\n7,A,call\n7,A,call\n7,B,call\n")
    result = bring()
    [refusal] = result.refusals
    assert (refusal.line, refusal.column) == (4, "id")
    assert (result.table("promises").added, result.table("promises").repeated) == (1, 1)


def test_of_two_files_the_later_has_the_last_word(write: Write, bring: Bring) -> None:
    """In the order in which they are given."""
    first = write("one/deals.csv", "deal_id,outcome\nA,open\n")
    second = write("two/deals.csv", "deal_id,outcome\nA,won\n")
    bring(first, second)
    assert Deal.objects.get().outcome == "won"


def test_two_sources_keep_apart(write: Write, bring: Bring) -> None:
    """The same id in another source is another deal."""
    path = write("deals.csv", DEALS)
    bring(path, source="crm")
    assert bring(path, source="other").table("deals").added == 2
    assert Deal.objects.filter(deal_id="A").count() == 2
    assert set(DataSource.objects.values_list("key", flat=True)) == {"crm", "other"}


def test_a_folder_of_sources(write: Write, bring: Bring) -> None:
    """Deals in more than one folder: each folder is a source."""
    write("east/deals.csv", "deal_id,outcome\nA,won\n")
    write("west/deals.csv", "deal_id,outcome\nA,lost\n")
    bring()
    assert dict(Deal.objects.values_list("data_source__key", "outcome")) == {"east": "won", "west": "lost"}


def test_a_dry_run_changes_nothing(write: Write, bring: Bring, workspace: Workspace) -> None:
    """But says what would happen."""
    write("deals.csv", DEALS)
    result = bring(dry_run=True)
    assert result.table("deals").added == 2
    assert result.outcomes == {"open": 1, "won": 1}
    assert not Deal.objects.exists()
    assert not DataSource.objects.exists()
    workspace.refresh_from_db()
    assert workspace.record_revision == 0


def test_an_import_is_seen_by_the_history(write: Write, bring: Bring, workspace: Workspace) -> None:
    """The record has a new revision and the audit trail an entry."""
    from notyet.workspaces.models import AuditEntry

    write("deals.csv", DEALS)
    bring()
    workspace.refresh_from_db()
    assert workspace.record_revision == 1
    entry = AuditEntry.objects.get(action="import")
    assert entry.detail == {"deals": 2}


def test_half_an_import_is_none(write: Write, bring: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure after the deals are written leaves not even them."""
    from notyet.exchange import commit

    write("deals.csv", DEALS)

    def fail(*_: object) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(commit, "settle_source", fail)
    monkeypatch.setattr("notyet.exchange.actions.settle_source", fail)
    with pytest.raises(RuntimeError):
        bring()
    assert not Deal.objects.exists()
    assert not DataSource.objects.exists()
