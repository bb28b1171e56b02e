"""Merging, splitting, and saying that names are not the same."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from notyet.deals.duplicates import kept, open_proposals, record_mark, search
from notyet.deals.merge_models import Alias, Merge
from notyet.deals.merging import BadMerge, ask_again, merge, not_the_same, split
from notyet.deals.models import Account, Conversation, DataSource, Deal
from notyet.deals.queries import search_deals
from notyet.workspaces.access import Actor, Denied, operator
from notyet.workspaces.actions import create_workspace, touch_record
from notyet.workspaces.models import AuditEntry, Role, Workspace
from notyet.workspaces.scope import within

pytestmark = pytest.mark.django_db
Acting = Callable[..., Actor]


def _deals(workspace: Workspace, *rows: tuple[str, str], contacts: dict[str, tuple[str, ...]] | None = None) -> None:
    source, _ = DataSource.objects.get_or_create(workspace=workspace, key="crm", defaults={"name": "crm"})
    for account, product in rows:
        buyer, _ = Account.objects.get_or_create(workspace=workspace, name=account)
        number = Deal.objects.count()
        deal = Deal.objects.create(
            workspace=workspace, data_source=source, deal_id=f"d{number}", account=buyer, product=product, outcome="won"
        )
        for contact in (contacts or {}).get(account, ()):
            at = datetime(2025, 1, 1, tzinfo=UTC)
            Conversation.objects.create(workspace=workspace, deal=deal, at=at, contact=contact)


def _open(workspace: Workspace) -> list[tuple[str, str, str]]:
    return [(one.kind, one.keep, one.other) for one in open_proposals(operator(workspace)).proposals]


def test_a_merge_is_proposed_made_and_gone(workspace: Workspace) -> None:
    """The more used name is the one to keep; the record's own names stay."""
    _deals(workspace, ("Halden GmbH", "North Pro"), ("Halden", "North Pro"), ("Halden", "NorthPro"))
    assert _open(workspace) == [("product", "North Pro", "NorthPro"), ("account", "Halden", "Halden GmbH")]

    merge(operator(workspace), "product", "North Pro", ["NorthPro"])

    assert _open(workspace) == [("account", "Halden", "Halden GmbH")]
    assert kept("product") == {"NorthPro": "North Pro"}
    assert kept("account") == {}
    assert sorted(Deal.objects.values_list("product", flat=True)) == ["North Pro", "North Pro", "NorthPro"]


def test_contacts_are_alike_only_with_one_buyer(workspace: Workspace) -> None:
    """The same two names with two buyers are two people, as far as anybody knows."""
    people = {"Halden": ("Ida Sommer", "I. Sommer"), "Tyrol Bau": ("Kai Ost",), "Brightford": ("K. Ost",)}
    _deals(workspace, ("Halden", ""), ("Tyrol Bau", ""), ("Brightford", ""), contacts=people)
    [(kind, *names)] = _open(workspace)
    assert kind == "contact"
    assert sorted(names) == ["I. Sommer", "Ida Sommer"]


def test_a_split_leads_back_to_where_it_was(workspace: Workspace) -> None:
    """Names, proposals, and what other merges say."""
    _deals(workspace, ("Halden", "a1"), ("HALDEN", "a1"), ("Halden AG", "a1"))
    before, actor = _open(workspace), operator(workspace)
    first = merge(actor, "account", "Halden", ["HALDEN"])
    second = merge(actor, "account", "Halden AG", ["Halden"])
    assert kept("account") == {"HALDEN": "Halden AG", "Halden": "Halden AG"}

    split(actor, first.pk)
    assert kept("account") == {"Halden": "Halden AG"}
    split(actor, second.pk)

    assert kept("account") == {}
    assert _open(workspace) == before
    assert not Alias.objects.exists()
    assert [(one.split_by, one.others) for one in Merge.objects.all()] == [
        ("operator", ["Halden"]),
        ("operator", ["HALDEN"]),
    ]
    with pytest.raises(BadMerge, match="split by operator already"):
        split(actor, first.pk)


def test_a_merged_name_stands_for_what_it_counts_as(workspace: Workspace) -> None:
    """So that no circle and no chain into nothing can be made."""
    _deals(workspace, ("Halden", ""), ("HALDEN", ""), ("Halden AG", ""))
    actor = operator(workspace)
    merge(actor, "account", "Halden", ["HALDEN"])
    made = merge(actor, "account", "HALDEN", ["Halden AG", "Halden AG"])
    assert (made.keep, made.others) == ("Halden", ["Halden AG"])
    with pytest.raises(BadMerge, match="one already"):
        merge(actor, "account", "Halden AG", ["HALDEN"])


@pytest.mark.parametrize(
    ("kind", "keep", "others", "why"),
    [
        ("owner", "Halden", ["HALDEN"], "none of account, contact, product"),
        ("account", "Halden", [], "two names"),
        ("account", "Halden", ["Nobody"], "no buyer is called “Nobody”"),
        ("product", "Halden", ["HALDEN"], "no product is called “Halden”"),
        ("contact", "Halden", ["HALDEN"], "no contact is called “Halden”"),
        ("account", "", ["HALDEN"], "between 1 and 500"),
        ("account", "Halden", ["Halden"], "one already"),
    ],
)
def test_what_cannot_be_merged_is_refused(
    workspace: Workspace, kind: str, keep: str, others: list[str], why: str
) -> None:
    """With the reason, and nothing is written."""
    _deals(workspace, ("Halden", ""), ("HALDEN", ""))
    revision = workspace.record_revision
    with pytest.raises(BadMerge, match=why):
        merge(operator(workspace), kind, keep, others)
    workspace.refresh_from_db()
    assert not Merge.objects.exists()
    assert workspace.record_revision == revision


def test_each_write_is_on_record_and_has_the_history_frozen_again(workspace: Workspace) -> None:
    """What is not the same changes no figure, and freezes nothing."""
    _deals(workspace, ("Halden", ""), ("HALDEN", ""), ("Tyrol", ""))
    actor, revision = operator(workspace), workspace.record_revision
    mark = record_mark(workspace)
    made = merge(actor, "account", "Halden", ["HALDEN"])
    assert workspace.record_revision == revision + 1
    split(actor, made.pk)
    assert workspace.record_revision == revision + 2
    said = not_the_same(actor, "account", "Tyrol", "Halden")
    assert not_the_same(actor, "account", "Halden", "Tyrol").pk == said.pk
    ask_again(actor, said.pk)
    assert workspace.record_revision == revision + 2
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", "subject"))
    assert actions == [
        ("merge", "Halden"),
        ("split", "Halden"),
        ("not the same", "Halden"),
        ("ask again whether the same", "Halden"),
    ]
    assert record_mark(workspace) == mark
    touch_record(workspace)
    assert record_mark(workspace) == mark + 1


def test_not_the_same_is_remembered_until_asked_again(workspace: Workspace) -> None:
    """Through new searches too."""
    _deals(workspace, ("Halden", ""), ("HALDEN", ""))
    [(_, keep, other)] = _open(workspace)
    said = not_the_same(operator(workspace), "account", keep, other)
    assert _open(workspace) == []
    touch_record(workspace)
    assert _open(workspace) == []
    ask_again(operator(workspace), said.pk)
    assert _open(workspace) == [("account", keep, other)]
    with pytest.raises(BadMerge, match="same name"):
        not_the_same(operator(workspace), "account", "Halden", "Halden")


@pytest.mark.parametrize("role", [Role.SELLER, Role.MARKETING, Role.SUPPORT, Role.LEADERSHIP, Role.INTERVIEWER])
def test_who_may_not_merge_changes_nothing(workspace: Workspace, acting: Acting, role: Role) -> None:
    """Nor sees the proposals."""
    _deals(workspace, ("Halden", ""), ("HALDEN", ""))
    made = merge(operator(workspace), "account", "Halden", ["HALDEN"])
    said = not_the_same(operator(workspace), "account", "Halden", "Tyrol")
    actor = acting(role)
    for attempt in (
        lambda: merge(actor, "account", "Halden", ["HALDEN"]),
        lambda: split(actor, made.pk),
        lambda: not_the_same(actor, "account", "Halden", "HALDEN"),
        lambda: ask_again(actor, said.pk),
        lambda: open_proposals(actor),
    ):
        with pytest.raises(Denied):
            attempt()
    assert Merge.objects.get().split_at is None


def test_another_workspace_is_out_of_reach(workspace: Workspace) -> None:
    """Its names, its merges, its proposals."""
    _deals(workspace, ("Halden", ""), ("HALDEN", ""))
    made = merge(operator(workspace), "account", "Halden", ["HALDEN"])
    other = create_workspace("Other")
    with within(other):
        _deals(other, ("Halden", ""))
        assert kept("account") == {}
        assert _open(other) == []
        with pytest.raises(Merge.DoesNotExist):
            split(operator(other), made.pk)
        with pytest.raises(BadMerge, match="no buyer"):
            merge(operator(other), "account", "Halden", ["HALDEN"])


def test_a_large_record_is_searched_by_the_worker(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until then the last search is shown, or none, and the page says that a search is on its way."""
    _deals(workspace, ("Halden", ""), ("HALDEN", ""))
    monkeypatch.setattr("notyet.deals.duplicates.AT_ONCE", 1)
    state = open_proposals(operator(workspace))
    assert (state.searched, state.searching, state.proposals) == (False, True, [])

    search(workspace)

    state = open_proposals(operator(workspace))
    assert (state.searched, state.searching, len(state.proposals)) == (True, False, 1)
    touch_record(workspace)
    state = open_proposals(operator(workspace))
    assert (state.searched, state.searching, len(state.proposals)) == (True, True, 1)


def test_the_worker_is_asked_once(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often the page is looked at; and asked again when it is done."""
    from notyet.deals import jobs

    asked: list[int] = []
    monkeypatch.setattr(type(jobs.look_for_duplicates), "enqueue", lambda self, pk: asked.append(pk))
    _deals(workspace, ("Halden", ""), ("HALDEN", ""))
    jobs.ask_for_search(workspace)
    jobs.ask_for_search(workspace)
    assert asked == [workspace.pk]
    assert jobs.look_for_duplicates.func(workspace.pk) == 1
    jobs.ask_for_search(workspace)
    assert asked == [workspace.pk, workspace.pk]


def test_a_merged_buyer_is_found_by_both_names(workspace: Workspace) -> None:
    """By what the source writes, and by the name that counts."""
    _deals(workspace, ("Halden", ""), ("Nordrand", ""), ("Tyrol", ""))
    merge(operator(workspace), "account", "Nordrand", ["Halden"])
    found = {text: search_deals(Deal.objects.all(), text, "").count() for text in ("hald", "NORD", "tyr", "x")}
    assert found == {"hald": 1, "NORD": 2, "tyr": 1, "x": 0}
