"""The page of names that may be one."""

import html
import re
from collections.abc import Callable

import pytest
from django.test import Client

from notyet.deals.duplicates import kept
from notyet.deals.merge_models import Apart, Merge
from notyet.deals.models import Account, DataSource, Deal
from notyet.web.name_differences import pieces
from notyet.workspaces.access import operator
from notyet.workspaces.actions import create_workspace
from notyet.workspaces.models import Role, Workspace
from notyet.workspaces.scope import within

SignIn = Callable[[Role], Client]


@pytest.fixture
def names(workspace: Workspace) -> Workspace:
    """Two spellings of a product, two of a buyer."""
    _deals(workspace, ("Halden", "North Pro"), ("Halden", "North Pro"), ("Halden & <Co>", "NorthPro"))
    return workspace


def _deals(workspace: Workspace, *rows: tuple[str, str]) -> None:
    source, _ = DataSource.objects.get_or_create(workspace=workspace, key="crm", defaults={"name": "crm"})
    for number, (account, product) in enumerate(rows, start=Deal.objects.count()):
        buyer, _ = Account.objects.get_or_create(workspace=workspace, name=account)
        Deal.objects.create(
            workspace=workspace, data_source=source, deal_id=str(number), account=buyer, product=product, outcome="won"
        )


def _text(page: bytes) -> str:
    """What is read on a page."""
    inline = re.sub(r"</?mark>", "", page.decode())
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", inline)).split())


def _decide(client: Client, decision: str, keep: str = "North Pro", **more: str) -> str:
    pair = {"kind-3": "product", "first-3": "North Pro", "second-3": "NorthPro", "keep-3": keep}
    form = {**pair, "decision": f"{decision}-3", **more}
    response = client.post("/duplicates/decide/", form)
    assert response.status_code == 302
    return str(response["Location"])


def test_what_looks_alike_is_shown_with_its_deals(names: Workspace, sign_in: SignIn) -> None:
    """Names are text, whatever stands in them."""
    page = sign_in(Role.MANAGER).get("/duplicates/").content
    text = _text(page)
    assert "All 2" in text
    assert "Product: the same but for spaces, capitals or punctuation North Pro 2 deals NorthPro 1 deal" in text
    assert "Buyer: the same but for the legal form Halden 2 deals Halden & <Co> 1 deal" in text
    assert b"<Co>" not in page
    only = _text(sign_in(Role.MANAGER).get("/duplicates/?kind=account").content)
    assert "Halden & <Co>" in only
    assert "NorthPro" not in only


def test_merging_can_be_undone_where_it_is_told(names: Workspace, sign_in: SignIn) -> None:
    """And the undoing too."""
    client = sign_in(Role.OWNER)
    told = client.get(_decide(client, "merge", keep="NorthPro", show="product", page="1"))
    assert kept("product") == {"North Pro": "NorthPro"}
    assert "“North Pro” now counts as “NorthPro”. Undo" in _text(told.content)

    merged = Merge.objects.get()
    split = client.post("/duplicates/split/", {"merge": merged.pk, "show": "product"})
    assert split["Location"] == f"/duplicates/?kind=product&split={merged.pk}"
    assert kept("product") == {}
    again = client.get(split["Location"])
    assert "“North Pro” and “NorthPro” count apart again. Undo" in _text(again.content)
    fields = dict(re.findall(r'name="((?:kind|keep|first|second)-1|decision)" value="([^"]*)"', _banner(again.content)))
    client.post("/duplicates/decide/", fields)
    assert kept("product") == {"North Pro": "NorthPro"}


def _banner(page: bytes) -> str:
    [banner] = re.findall(r'<div class="alert alert-success.*?</div>', page.decode(), re.DOTALL)
    return str(banner)


def test_not_the_same_is_not_asked_again_until_taken_back(names: Workspace, sign_in: SignIn) -> None:
    """It stands among what was decided."""
    client = sign_in(Role.ADMINISTRATOR)
    told = _text(client.get(_decide(client, "apart")).content)
    assert "“North Pro” and “NorthPro” are not the same; you are not asked again. Undo" in told
    assert "All 1" in told
    assert "Not the same North Pro and NorthPro Products · by administrator@example.org" in told
    assert kept("product") == {}
    back = client.post("/duplicates/ask-again/", {"apart": Apart.objects.get().pk}, follow=True)
    assert "All 2" in _text(back.content)


def test_what_cannot_be_done_is_said(names: Workspace, sign_in: SignIn) -> None:
    """Twice pressed, made up, or gone."""
    client = sign_in(Role.OWNER)
    _decide(client, "merge")
    assert "Nothing was changed: “North Pro” and “NorthPro” count as one already." in _text(
        client.get(_decide(client, "merge")).content
    )
    form = {"kind-1": "owner", "first-1": "Ada", "second-1": "ADA", "decision": "merge-1"}
    nowhere = client.post("/duplicates/decide/", form, follow=True)
    assert "Nothing was changed: 'owner' is none of account, contact, product." in _text(nowhere.content)
    for address, field in (("split", "merge"), ("ask-again", "apart")):
        for value in ("999", "x", "9" * 30):
            gone = client.post(f"/duplicates/{address}/", {field: value}, follow=True)
            assert "That has been taken back already." in _text(gone.content)
    for value in ("999", "x", "9" * 30):
        assert client.get(f"/duplicates/?merged={value}&split={value}&page={value}").status_code == 200


def test_those_that_are_sure_are_merged_together(workspace: Workspace, sign_in: SignIn) -> None:
    """Each under the name used more, each to be split by itself; a guess is not among them."""
    _deals(workspace, ("Halden", "North Pro"), ("HALDEN", "NorthPro"), ("Tyrolia", ""), ("Tyroliq", ""), ("Ost", ""))
    client = sign_in(Role.OWNER)
    page = client.get("/duplicates/").content.decode()
    assert "Merge the 2 above that differ only in spaces, capitals or punctuation" in page
    [together] = re.findall(r'<form class="card-body all".*?</form>', page, re.DOTALL)
    form: dict[str, list[str]] = {"decision": ["merge-sure"]}
    for name, value in re.findall(r'name="((?:kind|first|second|keep)-\d|sure)" value="([^"]*)"', together):
        form.setdefault(name, []).append(value)
    told = client.post("/duplicates/decide/", form, follow=True)
    assert "Merged: 2 pairs. Each can be split below." in _text(told.content)
    assert len(kept("account")) == len(kept("product")) == 1
    assert {one.keep for one in Merge.objects.all()} == {"Halden", "North Pro"}
    assert "Merged: 0 pairs" in _text(client.post("/duplicates/decide/", form, follow=True).content)
    assert Merge.objects.count() == 2


def test_nothing_alike_is_said(workspace: Workspace, sign_in: SignIn) -> None:
    """An empty record, and one in which everything has one name."""
    client = sign_in(Role.OWNER)
    assert "No two names look alike" in _text(client.get("/duplicates/").content)
    _deals(workspace, ("Halden", "North Pro"), ("HALDEN", "North Pro"))
    assert "None of these look alike" in _text(client.get("/duplicates/?kind=product").content)


def test_a_large_record_is_looked_through_by_the_worker(
    names: Workspace, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says so and asks for it, once."""
    from django_tasks_db.models import DBTaskResult

    monkeypatch.setattr("notyet.deals.duplicates.AT_ONCE", 1)
    client = sign_in(Role.OWNER)
    for _ in range(2):
        assert "Looking for names that are alike" in _text(client.get("/duplicates/").content)
    asked = DBTaskResult.objects.filter(task_path__endswith="look_for_duplicates")
    assert asked.count() == 1


def test_pages_lead_through_all_of_them(workspace: Workspace, sign_in: SignIn) -> None:
    """Twenty at a time."""
    _deals(workspace, *((f"Halden{letter}ow", "") for letter in "abcdefghijklmnopqrstuvwxyz"))
    _deals(workspace, *((f"HALDEN{letter}OW", "") for letter in "abcdefghijklmnopqrstuvwxyz".upper()))
    text = _text(sign_in(Role.OWNER).get("/duplicates/?kind=account&page=2").content)
    assert re.search(r"21 – 40 of \d+", text)


def test_every_merge_that_stands_can_be_split(workspace: Workspace, sign_in: SignIn) -> None:
    """However many came later; what was split again comes last."""
    from notyet.deals.merging import merge, split

    actor = operator(workspace)
    pairs = [(f"Halden{letter}", f"HALDEN{letter.upper()}") for letter in "abcdefghijklmnopqrstuvwxyz"]
    _deals(workspace, *((name, "") for pair in pairs for name in pair))
    made = [merge(actor, "account", keep, [other]) for keep, other in pairs]
    split(actor, made[-1].pk)
    client = sign_in(Role.OWNER)
    first, second = (client.get(f"/duplicates/?merges={number}").content.decode() for number in (1, 2))
    assert [page.count('name="merge"') for page in (first, second)] == [20, 5]
    assert f'name="merge" value="{made[0].pk}"' in second
    assert "Split again: HALDENZ" in _text(second.encode())


def test_other_workspaces_decisions_are_not_told(names: Workspace, sign_in: SignIn) -> None:
    """By their number in the address."""
    from notyet.deals.merging import merge

    other = create_workspace("Other")
    with within(other):
        _deals(other, ("Secret", ""), ("SECRET", ""))
        made = merge(operator(other), "account", "Secret", ["SECRET"])
    client = sign_in(Role.OWNER)
    assert "SECRET" not in _text(client.get(f"/duplicates/?merged={made.pk}").content)
    client.post("/duplicates/split/", {"merge": made.pk})
    with within(other):
        assert Merge.objects.get().split_at is None


@pytest.mark.parametrize(
    ("name", "other"), [("North Pro", "NorthPro"), ("HALDEN", "Halden"), ("İzmir", "izmir"), ("a", "")]
)
def test_a_name_is_the_sum_of_its_pieces(name: str, other: str) -> None:
    """Whatever differs; capitals are not marked."""
    cut = pieces(name, other)
    assert "".join(piece.text for piece in cut) == name
    if name == "North Pro":
        assert [piece.text for piece in cut if piece.own] == [" "]
    if name == "HALDEN":
        assert not any(piece.own for piece in cut)
