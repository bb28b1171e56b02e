"""Before the first history is there: how to begin, or that it is being made, and then the page itself."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django_tasks_db.models import DBTaskResult

from notyet.deals.actions import create_deal
from notyet.history.jobs import last_refresh, refresh_history
from notyet.web import history_making
from notyet.web.winloss_page import REFRESH_SECONDS
from notyet.workspaces.access import operator
from notyet.workspaces.models import Role, Workspace

SignIn = Callable[[Role], Client]
BEING_MADE = "The first figures are being made"


@pytest.fixture
def client(workspace: Workspace, sign_in: SignIn) -> Client:
    """Somebody who sees figures, in a house where nothing was asked for yet."""
    cache.clear()
    return sign_in(Role.SELLER)


@pytest.fixture
def dealt(workspace: Workspace, client: Client) -> Client:
    """The same, with a deal in the record."""
    create_deal(operator(workspace), {"account": "Falk"})
    DBTaskResult.objects.all().delete()
    return client


def text(client: Client, address: str = "/") -> str:
    """What a page says."""
    found: str = client.get(address).content.decode()
    return found


def test_an_empty_record_says_how_to_begin(client: Client) -> None:
    """And asks nobody for anything."""
    page = text(client)
    assert "No history yet" in page and BEING_MADE not in page and "hx-get" not in page
    assert "/deals/new/" in page and "/imports/new/" not in page
    assert not DBTaskResult.objects.exists()


@pytest.mark.parametrize(("role", "begins"), [(Role.OWNER, True), (Role.LEADERSHIP, False)])
def test_whoever_may_begins_from_there(sign_in: SignIn, role: Role, begins: bool) -> None:
    """With a deal or an import; whoever may do neither is told who may."""
    page = text(sign_in(role))
    assert [one in page for one in ("/deals/new/", "/imports/new/")] == [begins, begins]
    assert ("an administrator can import" in page) is not begins


@pytest.mark.parametrize("address", ["/", "/report/", "/pipeline/", "/health/"])
def test_it_is_being_made(dealt: Client, address: str) -> None:
    """Every page that stands on it says so, asks for it if nobody did, and looks again by itself."""
    page = text(dealt, address)
    assert BEING_MADE in page and "No history yet" not in page and "notyet work" not in page
    assert 'hx-get="/win-loss/being-made/" hx-trigger="every 2s"' in page and "htmx-2.min.js" in page
    assert DBTaskResult.objects.filter(status="READY").count() == 1
    text(dealt, address)
    assert DBTaskResult.objects.count() == 1


def test_then_the_page_is_there(dealt: Client, workspace: Workspace) -> None:
    """It is loaded anew as soon as there is something to show."""
    part = dealt.get("/win-loss/being-made/")
    assert BEING_MADE in part.content.decode() and "<html" not in part.content.decode()
    assert "HX-Refresh" not in part
    refresh_history.call(workspace.pk)
    assert dealt.get("/win-loss/being-made/")["HX-Refresh"] == "true"
    assert BEING_MADE not in text(dealt)


def test_without_a_worker_it_says_how_one_is_started(dealt: Client, workspace: Workspace) -> None:
    """After a while; not while one is at it."""
    text(dealt)
    patience = timedelta(seconds=history_making.PATIENCE_SECONDS + 1)
    asked = DBTaskResult.objects.get()
    DBTaskResult.objects.update(enqueued_at=asked.enqueued_at - patience)
    assert "starts one with <code>notyet work</code>" in text(dealt, "/win-loss/being-made/")
    DBTaskResult.objects.update(status="RUNNING")
    assert "notyet work" not in text(dealt, "/win-loss/being-made/")


def test_one_that_failed_or_was_left_is_asked_for_again(dealt: Client, workspace: Workspace) -> None:
    """At once where it failed, later where its worker may still be at it; once in a while, and it is said."""
    refresh_history.enqueue(workspace.pk)
    DBTaskResult.objects.update(status="RUNNING")
    assert "could not be made" not in text(dealt)
    assert DBTaskResult.objects.count() == 1
    left = timedelta(seconds=REFRESH_SECONDS + 1)
    DBTaskResult.objects.update(enqueued_at=DBTaskResult.objects.get().enqueued_at - left)
    text(dealt)
    assert DBTaskResult.objects.filter(status="READY").count() == 1
    DBTaskResult.objects.filter(status="READY").update(status="FAILED")
    assert "could not be made; it is tried again" in text(dealt)
    cache.clear()
    text(dealt)
    assert DBTaskResult.objects.filter(status="READY").count() == 1


def test_another_workspace_has_its_own(dealt: Client, workspace: Workspace) -> None:
    """Its jobs say nothing of this one's."""
    refresh_history.enqueue(workspace.pk + 1)
    assert last_refresh(workspace) is None
