"""The pipeline's page, the deals behind it, and setting targets on it."""

import html
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse

from notyet.deals.models import Deal
from notyet.pipeline.actions import set_target
from notyet.pipeline.models import Target
from notyet.pipeline.queries import headline
from notyet.pipeline.rules import Wish
from notyet.web.pipeline_headline import headline_view
from notyet.workspaces.access import Actor, operator
from notyet.workspaces.actions import add_person
from notyet.workspaces.models import Role, Workspace

if TYPE_CHECKING:
    from datetime import datetime

SignIn = Callable[[Role], Client]
Clock = Callable[[str], "datetime"]
QUARTER = (date(2025, 10, 1), date(2025, 12, 31))
PAGE = "/pipeline/?with=spent"


def text_of(response: object) -> str:
    """What is read on a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())  # type: ignore[attr-defined]


@pytest.fixture
def record(workspace: Workspace, deals: list[Deal], clock: Clock) -> Workspace:
    """Sixty deals of 2025, frozen on a day of the last quarter."""
    from notyet.history.freeze import refresh

    clock("2025-11-12T10:00:00+00:00")
    refresh(workspace)
    return workspace


@pytest.fixture
def target(record: Workspace) -> Target:
    """Of everybody, for the quarter."""
    return set_target(operator(record), Wish("everybody", "", *QUARTER, Decimal(400_000)))


def seller(workspace: Workspace, name: str, visibility: str) -> Client:
    """A browser of a seller whose deals carry the name."""
    Workspace.objects.filter(pk=workspace.pk).update(visibility=visibility)
    membership = add_person(operator(workspace), "seller@example.org", Role.SELLER)
    membership.seller_name = name
    membership.save()
    client = Client()
    client.force_login(membership.user)
    return client


def test_without_a_history_the_page_leads_on(workspace: Workspace, sign_in: SignIn) -> None:
    """To the import."""
    assert "No history yet" in text_of(sign_in(Role.MANAGER).get("/pipeline/"))


def test_without_a_target_it_is_set_on_the_page_by_who_may(record: Workspace, sign_in: SignIn) -> None:
    """The form is there; others read who sets it."""
    manager = sign_in(Role.MANAGER)
    page = manager.get("/pipeline/")
    assert 'action="/pipeline/targets/"' in page.content.decode()
    answer = manager.post("/pipeline/targets/", {"whose": "everybody", "quarter": "2025-Q4", "amount": "400,000"})
    assert (answer.status_code, answer["Location"]) == (302, "/pipeline/")
    assert "more live prospects" in text_of(manager.get("/pipeline/"))
    leader = text_of(sign_in(Role.LEADERSHIP).get("/pipeline/"))
    assert "Set the target" not in leader


def test_who_may_not_set_a_target_reads_who_does(record: Workspace, sign_in: SignIn) -> None:
    """No form that would be refused."""
    assert "A manager sets it" in text_of(sign_in(Role.LEADERSHIP).get("/pipeline/"))


def test_every_estimate_has_its_interval_and_what_it_rests_on(target: Target, sign_in: SignIn) -> None:
    """The need, the win rate, the end of the quarter, the shares."""
    text = text_of(sign_in(Role.LEADERSHIP).get(PAGE))
    assert re.search(
        r"Together you need [\d,]+ more live prospects \([\d,]+ – [\d,]+\) to reach the quarter at your common", text
    )
    assert re.search(r"win rate \(\d+%, \d+ – \d+\)", text)
    assert re.search(r"with a chance of 80%: it takes [\d,]+ \([\d,]+ – [\d,]+\)", text)
    assert re.search(r"Win rate of closed deals \d+% \d+ – \d+ \d+ of \d+ closed deals", text)
    assert re.search(r"the quarter ends at \d+% of target \(likely \d+ – \d+\)", text)
    assert re.search(r"Given away \d+% \d+ – \d+ \d+ deals, €", text)
    assert re.search(r"All stages \d+ of \d+ deals not won", text)


def test_paid_and_ordered_are_apart(target: Target, sign_in: SignIn) -> None:
    """Never added up; orders that wait for long are listed, the oldest first, and open."""
    page = sign_in(Role.MANAGER).get("/pipeline/").content.decode()
    waiting = Deal.objects.filter(outcome="won", paid_at=None, closed_at__lt="2025-09-13T00:00:00Z").order_by(
        "closed_at"
    )
    assert waiting.count() > 2
    places = [page.find(f'href="/deals/{deal.pk}/"', page.find("Orders to ask about")) for deal in waiting[:5]]
    assert -1 not in places
    assert places == sorted(places)
    assert re.search(r"paid this quarter · \d+ deals?", text_of(sign_in(Role.OWNER).get("/pipeline/")))


def test_every_link_of_the_page_opens_as_many_deals_as_it_says(target: Target, sign_in: SignIn) -> None:
    """Whatever is linked is there, and a count that is linked is the count of the list."""
    client = sign_in(Role.MANAGER)
    page = client.get(PAGE).content.decode()
    links = {html.unescape(link) for link in re.findall(r'href="(/pipeline/deals/[^"]+)"', page)}
    assert len(links) >= 12
    for link in links:
        assert re.search(r"[1-9]\d* deals · Everybody", text_of(client.get(link))), link


def test_who_may_not_see_deals_sees_no_names_and_no_links(target: Target, sign_in: SignIn) -> None:
    """Marketing sees the figures."""
    client = sign_in(Role.MARKETING)
    page = client.get(PAGE).content.decode()
    assert "/pipeline/deals/" not in page
    assert 'href="/deals/' not in page
    assert "Plant maintenance" not in page
    assert "The largest deal" in page
    assert not re.search(r"Buyer \d", page)


def test_a_seller_limited_to_her_own_sees_her_own_figures_only(target: Target) -> None:
    """Whatever the address asks for."""
    client = seller(target.workspace, "Mara Lind", "own")
    own = text_of(client.get(PAGE))
    assert text_of(client.get(PAGE + "&scope=everybody")) == own
    assert text_of(client.get(PAGE + f"&scope=team:South&target={target.pk}")) == own
    listed = text_of(client.get("/pipeline/deals/?figure=closed&scope=everybody"))
    assert "Mara Lind" in listed
    assert "Jo Hart" not in listed


def test_nobody_looks_at_another_person(target: Target, sign_in: SignIn) -> None:
    """Not even who sets her target: no scope names a person."""
    set_target(operator(target.workspace), Wish("person", "Jo Hart", *QUARTER, Decimal(1000)))
    page = sign_in(Role.MANAGER).get(PAGE + "&scope=person:Jo Hart").content.decode()
    assert "Jo Hart" not in page
    assert re.findall(r'<option value="(everybody|own|team:[^"]*|person[^"]*)"', page) == [
        "team:North",
        "team:South",
        "everybody",
    ]


def test_the_chance_and_the_months_can_be_chosen(target: Target, sign_in: SignIn) -> None:
    """More certainty takes more prospects; what cannot be read is as usual."""
    client = sign_in(Role.OWNER)

    def needed(query: str) -> int:
        [number] = re.findall(r"chance of \d+%: it takes ([\d,]+) \(", text_of(client.get("/pipeline/" + query)))
        return int(number.replace(",", ""))

    assert needed("?chance=50") < needed("?chance=80") < needed("?chance=95")
    assert needed("?chance=79&months=x&target=y&scope=z") == needed("")
    assert "last 24 months" in text_of(client.get("/pipeline/?months=24"))


@pytest.mark.parametrize("query", ["figure=nothing", "figure=given&part=nothing", ""])
def test_what_is_no_figure_is_not_there(target: Target, sign_in: SignIn, query: str) -> None:
    """404."""
    assert sign_in(Role.MANAGER).get(f"/pipeline/deals/?{query}").status_code == 404


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"whose": "everybody", "quarter": "2025-Q4", "amount": "plenty"}, "in digits"),
        ({"whose": "person", "person": "Nobody", "quarter": "2025-Q4", "amount": "1"}, "No deal belongs to"),
        (
            {"whose": "everybody", "quarter": "", "since": "2025-12-31", "until": "2025-12-01", "amount": "1"},
            "before the",
        ),
        ({"whose": "everybody", "quarter": "", "since": "", "until": "2025-12-01", "amount": "1"}, "Give the first"),
        ({"whose": "everybody", "quarter": "2025-Q4", "amount": "5"}, "already"),
        ({"whose": "everybody", "quarter": "1871-Q9", "amount": "5"}, "not one of the available"),
        ({}, "mend what is marked"),
    ],
)
def test_a_wrong_target_says_what_is_wrong(target: Target, sign_in: SignIn, form: dict[str, str], said: str) -> None:
    """Beside the field; nothing is lost, nothing is saved."""
    answer = sign_in(Role.MANAGER).post("/pipeline/targets/", form)
    assert answer.status_code == 400
    assert said in text_of(answer)
    assert Target.objects.count() == 1
    for name, value in form.items():
        if name != "quarter":
            assert value in answer.content.decode()


def test_a_target_is_changed_and_removed(target: Target, sign_in: SignIn) -> None:
    """On the page of targets."""
    client = sign_in(Role.OWNER)
    address = reverse("pipeline_target", args=[target.pk])
    assert 'value="400000"' in client.get(address).content.decode()
    assert client.post(address, {"whose": "team:North", "quarter": "2025-Q3", "amount": "5000"}).status_code == 302
    changed = Target.objects.get()
    assert (changed.scope, changed.name, changed.since, changed.amount) == ("team", "North", date(2025, 7, 1), 5000)
    assert "Team North" in text_of(client.get("/pipeline/targets/"))
    assert client.post(reverse("pipeline_target_remove", args=[target.pk])).status_code == 302
    assert not Target.objects.exists()
    assert client.get(address).status_code == 404
    assert client.post(reverse("pipeline_target_remove", args=[target.pk])).status_code == 404


def test_the_page_asks_the_database_little(
    target: Target, sign_in: SignIn, django_assert_max_num_queries: Callable[..., object]
) -> None:
    """Figures come of the history and are kept; what is asked is who one is, the targets and the deals named."""
    client = sign_in(Role.MANAGER)
    client.get(PAGE)
    with django_assert_max_num_queries(16):  # type: ignore[attr-defined]
        client.get(PAGE)


def test_what_was_read_is_kept(target: Target, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the history, the day, the target or the reasons change."""
    from notyet.pipeline import queries

    client = sign_in(Role.MANAGER)
    first = text_of(client.get(PAGE))
    opened: list[object] = []
    kept = queries.History.open
    monkeypatch.setattr(queries.History, "open", lambda folder: opened.append(folder) or kept(folder))
    assert text_of(client.get(PAGE)) == first
    assert opened == []
    Target.objects.update(amount=Decimal(900_000))
    assert text_of(client.get(PAGE)) != first
    assert len(opened) == 1


def test_what_takes_longer_follows(target: Target, sign_in: SignIn) -> None:
    """The page comes first; once it is known it is on the page."""
    client = sign_in(Role.MANAGER)
    assert b'hx-get="/pipeline/spent/?scope=everybody' in client.get("/pipeline/").content
    part = client.get("/pipeline/spent/?scope=everybody").content
    assert b"<html" not in part
    assert b"Given away" in part
    assert b"hx-get" not in client.get("/pipeline/").content


def test_the_headline_is_of_the_narrowest_scope_with_a_target(target: Target, acting: Callable[..., Actor]) -> None:
    """One's own before the team's, the team's before everybody's; none where one may not see it."""
    workspace = target.workspace
    jo = acting(Role.SELLER, team="South", seller_name="Jo Hart")

    def key() -> str:
        found = headline(jo)
        assert found is not None
        return found.asked.choice.key

    assert key() == "everybody"
    set_target(operator(workspace), Wish("team", "South", *QUARTER, Decimal(100_000)))
    assert key() == "team:South"
    set_target(operator(workspace), Wish("person", "Jo Hart", *QUARTER, Decimal(50_000)))
    assert key() == "own"
    view = headline_view(jo)
    assert view is not None
    assert view.said.begins == "You need"
    assert view.basket is not None
    assert headline(acting(Role.SUPPORT)) is None


def test_without_a_history_there_is_no_headline(workspace: Workspace, acting: Callable[..., Actor]) -> None:
    """Nothing to say yet."""
    assert headline(acting(Role.MANAGER)) is None
