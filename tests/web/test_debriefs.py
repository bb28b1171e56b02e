"""The debrief's pages: five steps, each field kept as typed, what is owed, letters and actions."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from notyet.core.clock import now
from notyet.deals.actions import create_deal
from notyet.deals.closing import Ending, close_deal, record_payment
from notyet.deals.models import Deal, Promise
from notyet.debriefs.content import Content
from notyet.debriefs.models import Debrief
from notyet.debriefs.preparation import USUAL
from notyet.debriefs.work_models import Action, DebriefWork
from notyet.debriefs.writing import finish, save_field
from notyet.winbacks.parting_models import Letter
from notyet.winbacks.partings import Farewell, close_and_part
from notyet.workspaces.access import operator
from notyet.workspaces.models import Role, Workspace
from notyet.workspaces.scope import within

SignIn = Callable[[Role], Client]


@pytest.fixture
def lost(workspace: Workspace, clock: Callable[[str], datetime]) -> Deal:
    clock("2026-03-02T08:00:00+00:00")
    boss = operator(workspace)
    deal = create_deal(boss, {"account": "Okapi", "opened_at": "2026-02-01", "amount": "5000"})
    close_and_part(boss, deal.pk, Ending("lost", lost_to="Northwind", reason="Slow follow-up"), Farewell("email"))
    return Deal.objects.get(pk=deal.pk)


def page(client: Client, deal: Deal, step: str = "", **more: str) -> str:
    return client.get(reverse("debrief", args=[deal.pk]), {"step": step, **more}).content.decode()


def test_every_step_is_there_and_leads_on(workspace: Workspace, lost: Deal, sign_in: SignIn) -> None:
    client = sign_in(Role.SELLER)
    assert "How does it feel?" in page(client, lost)
    assert "The record holds nothing of this deal" in page(client, lost, "happened")
    why = page(client, lost, "why")
    assert 'value="Slow follow-up" data-field="deciding" data-seen="Slow follow-up"' in why
    assert "Planned before the first call" in why
    friends = page(client, lost, "friends")
    assert "thank you for letting us be part of your choice" in friends
    assert "2 December 2026" in friends, "the day to be asked again"
    assert "vielen Dank" in page(client, lost, "friends", language="de")
    assert "Finish, and clear the desk" in page(client, lost, "next")
    assert 'name="parked"' not in page(client, lost, "park"), "what is parked has no name, so no form sends it"


def test_a_small_deal_takes_two_minutes(workspace: Workspace, lost: Deal, sign_in: SignIn) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(big_sale=10_000)
    client = sign_in(Role.SELLER)
    short = page(client, lost)
    assert "Two minutes." in short
    assert "How was it prepared?" not in short
    assert "How does it feel?" in page(client, lost, "park", all="1")


def test_a_field_is_kept_as_it_is_typed(workspace: Workspace, lost: Deal, sign_in: SignIn) -> None:
    client = sign_in(Role.SELLER)
    address = reverse("debrief_field", args=[lost.pk])
    kept = client.post(address, {"field": "same_again", "seen": "", "text": "The site visit"})
    assert kept.json()["seen"] == "The site visit"
    clash = client.post(address, {"field": "same_again", "seen": "", "text": "Nothing"})
    assert (clash.status_code, clash.json()["theirs"]) == (409, "The site visit")
    assert client.post(address, {"field": "mood", "seen": "", "text": "x"}).status_code == 400
    assert "The site visit" in page(client, lost, "why")


def test_without_a_script_the_form_saves_and_goes_on(workspace: Workspace, lost: Deal, sign_in: SignIn) -> None:
    client = sign_in(Role.SELLER)
    sent = {
        "seen.deciding": "Slow follow-up",
        "deciding": "Price above value",
        "seen.contributing": "",
        "contributing": ["Slow follow-up", "Promise broken"],
        "seen.prepared.rehearsed": "",
        "prepared.rehearsed": "yes",
        "go": "friends",
    }
    response = client.post(reverse("debrief", args=[lost.pk]) + "?step=why", sent)
    assert response["Location"].endswith("?step=friends")
    with within(workspace):
        content = Content.from_json(DebriefWork.objects.get().content)
    assert content.contributing == ("Slow follow-up", "Promise broken")
    assert content.prepared == {"rehearsed": True}
    again = client.post(reverse("debrief", args=[lost.pk]) + "?step=why", {**sent, "deciding": "Unknown"})
    assert again.status_code == 400
    assert "wrote “Price above value” meanwhile" in again.content.decode()


def test_finished_the_desk_is_clear(workspace: Workspace, lost: Deal, sign_in: SignIn) -> None:
    client = sign_in(Role.SELLER)
    assert "Okapi" in client.get(reverse("debriefs")).content.decode()
    done = client.post(reverse("debrief_finish", args=[lost.pk]), follow=True).content.decode()
    assert "The desk is clear." in done
    assert "1 of 1 deal that was closed here is debriefed" in done
    with within(workspace):
        assert Debrief.objects.get().deciding_reason == "Slow follow-up"


def test_an_open_deal_is_not_debriefed(workspace: Workspace, lost: Deal, sign_in: SignIn) -> None:
    deal = create_deal(operator(workspace), {"account": "Open", "opened_at": "2026-02-01"})
    client = sign_in(Role.SELLER)
    assert client.get(reverse("debrief", args=[deal.pk])).status_code == 302
    assert client.post(reverse("debrief_field", args=[deal.pk]), {"field": "lesson", "text": "x"}).status_code == 409


def test_a_letter_is_sent_stopped_and_copied(workspace: Workspace, lost: Deal, sign_in: SignIn) -> None:
    client = sign_in(Role.SELLER)
    address = reverse("letter", args=[lost.pk])
    text = {"to": "ana@example.org", "subject": "Thank you", "body": "Hello", "language": "en"}
    assert "Nothing was sent" in client.post(address, {**text, "to": "ana"}, follow=True).content.decode()
    assert "To be sent" in client.post(address, {**text, "do": "send"}, follow=True).content.decode()
    with within(workspace):
        letter = Letter.objects.get()
    assert "it was not sent" in client.post(reverse("letter_stop", args=[letter.pk]), follow=True).content.decode()
    assert "Noted as sent by hand." in client.post(address, {**text, "do": "copied"}, follow=True).content.decode()


def test_never_leaves_no_letter(workspace: Workspace, lost: Deal, sign_in: SignIn) -> None:
    client = sign_in(Role.SELLER)
    client.post(reverse("debrief_part", args=[lost.pk]), {"channel": "never"})
    found = page(client, lost, "friends")
    assert "asked never to be approached again" in found
    assert "To be asked again" not in found


def test_an_action_is_noted_done_and_dropped(workspace: Workspace, lost: Deal, sign_in: SignIn) -> None:
    client = sign_in(Role.SELLER)
    address = reverse("action", args=[lost.pk])
    assert "say by when" in client.post(address, {"text": "Rota", "owner": "Ada"}, follow=True).content.decode()
    step = {"text": "Set up a rota", "owner": "Ada", "due_on": "2026-03-09", "scope": "organisation"}
    assert "Set up a rota" in client.post(address, step, follow=True).content.decode()
    with within(workspace):
        made = Action.objects.get()
    settle = reverse("action_settle", args=[made.pk])
    assert "in a word why" in client.post(settle, {"do": "drop"}, follow=True).content.decode()
    client.post(settle, {"do": "done", "word": "It runs"})
    with within(workspace):
        assert Action.objects.get().word == "It runs"


def test_the_ticks_are_chosen(workspace: Workspace, lost: Deal, sign_in: SignIn) -> None:
    client = sign_in(Role.OWNER)
    assert "two of them are the same" in client.post(reverse("preparation"), {"ticks": "a\nA"}).content.decode()
    client.post(reverse("preparation"), {"ticks": "Knew the budget"})
    assert "Knew the budget" in page(client, lost, "why")


def test_the_ticks_stand_beside_won_deals_like_it(workspace: Workspace, lost: Deal, sign_in: SignIn) -> None:
    client, boss, tick = sign_in(Role.SELLER), operator(workspace), USUAL[0].key
    assert "won deals like this one" not in page(client, lost, "why")
    for number in range(6):
        deal = create_deal(boss, {"account": f"Buyer {number}", "opened_at": "2026-02-01", "amount": "6000"})
        close_deal(boss, deal.pk, Ending("ordered"))
        record_payment(boss, deal.pk)
        with within(workspace):
            Promise.objects.create(workspace=workspace, deal=deal, text="The sheet", due_at=now(), kept_at=now())
        if number < 5:
            save_field(boss, deal.pk, f"prepared.{tick}", "", "yes" if number < 4 else "no")
            save_field(boss, deal.pk, "deciding", "", "Value shown")
            finish(boss, deal.pk)
    why = page(client, lost, "why")
    assert "Beside each: won deals with a like size. 5 of 6 (83.3%) were debriefed on it." in why
    assert "4 of 5 won deals like this one (38–96%)" in why
    assert why.count("too few won deals like this one say") == len(USUAL) - 1
    assert "6 won deals with a like size" in why
    assert "<dt>Every promise kept</dt><dd>6 of 6 (61–100%)</dd>" in why
    assert "Every reply within 24 hours" not in why, "nobody wrote"
    assert "Beside each" not in page(client, lost, "next")
