"""Reaching you, what was sent, and the link that ends the mail."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse

from notyet.core.clock import now
from notyet.deals.models import DataSource, Deal
from notyet.notices import links
from notyet.notices.chat_address import unseal
from notyet.notices.models import Channel, Delivery, Push, PushState
from notyet.winbacks.parting_models import Letter
from notyet.workspaces.audit import AuditEntry
from notyet.workspaces.models import Membership, Role, Workspace

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

SignIn = Callable[[Role], Client]
SLACK = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
OFF = {"digest_hour": "8"}


@pytest.fixture
def seller(sign_in: SignIn, clock: Callable[[str], datetime]) -> Client:
    """A seller's browser, on a Monday morning."""
    clock("2026-03-02T08:30:00+00:00")
    return sign_in(Role.SELLER)


def delivery() -> Delivery:
    """The only person's switches."""
    found: Delivery = Delivery.objects.get()
    return found


def a_push(member: Membership, state: PushState, day: str = "2026-03-02") -> Push:
    """A message of hers."""
    made: Push = Push.objects.create(
        workspace=member.workspace,
        membership=member,
        channel=Channel.DIGEST,
        day=day,
        state=state,
        planned_at=now(),
        subject="3 things keep your word today",
        reason="the worker ended while the message was on its way",
    )
    return made


def test_everything_is_off_at_first(seller: Client) -> None:
    """And the page says what is missing for mail."""
    page = seller.get(reverse("notices")).content.decode()
    assert "NOTYET_EMAIL_URL" in page
    assert "checked" not in page
    assert (delivery().digest, delivery().chat, delivery().calendar) == (False, False, False)
    assert reverse("notices") in seller.get("/").content.decode()


def test_switches_are_kept(seller: Client, settings: "Settings") -> None:
    """The address sealed and never shown again; an empty one keeps what there is."""
    settings.NOTYET_SENDS_MAIL = True
    form = {"digest": "on", "digest_hour": "7", "chat": "on", "chat_address": f" {SLACK} "}
    assert seller.post(reverse("notices"), form).status_code == 302
    kept = delivery()
    assert (kept.digest, kept.digest_hour, kept.chat, unseal(kept.chat_address)) == (True, 7, True, SLACK)
    page = seller.get(reverse("notices")).content.decode()
    assert "kept for Slack" in page
    assert "TIiajkdn" not in page
    assert "NOTYET_EMAIL_URL" not in page
    seller.post(reverse("notices"), {"digest_hour": "7", "chat": "on"})
    assert (delivery().digest, delivery().chat, delivery().chat_address) == (False, True, kept.chat_address)
    seller.post(reverse("notices"), {"digest_hour": "7", "forget_address": "on"})
    assert (delivery().chat, delivery().chat_address) == (False, "")
    said = list(AuditEntry.objects.filter(action="choose notices").values_list("detail", flat=True))
    assert {"digest": True, "chat": True} in said
    assert "slack" not in str(said)


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({**OFF, "chat": "on"}, "chat needs an address"),
        ({**OFF, "chat": "on", "chat_address": "json://127.0.0.1/x"}, "not among the chat services"),
        ({**OFF, "chat": "on", "chat_address": "mmosts://127.0.0.1/abcdef123456"}, "in a private network"),
        ({"digest_hour": "24"}, "Nothing was saved yet"),
        ({}, "Nothing was saved yet"),
    ],
)
def test_what_cannot_be_taken_changes_nothing(seller: Client, form: dict[str, str], says: str) -> None:
    """And says why beside the field."""
    response = seller.post(reverse("notices"), {**form, "digest": "on"})
    assert response.status_code == 400
    assert says in response.content.decode()
    assert delivery().digest is False


def test_a_calendar_is_opened_and_closed(seller: Client) -> None:
    """Its address is on the page, with its end; a new one is another."""
    seller.post(reverse("notices_calendar"), {"calendar": "open"})
    page = seller.get(reverse("notices")).content.decode()
    first = links.calendar_token(delivery())
    assert f"http://testserver/calendar/{first}.ics" in page
    assert "Works until 2 Mar 2027" in page
    seller.post(reverse("notices_calendar"), {"calendar": "open"})
    assert links.calendar_token(delivery()) != first
    seller.post(reverse("notices_calendar"), {"calendar": "close"})
    assert "/calendar/" not in seller.get(reverse("notices")).content.decode().replace(reverse("notices_calendar"), "")


def test_a_trial_is_asked_for(seller: Client, settings: "Settings") -> None:
    """It waits for the worker; a second one does not."""
    settings.NOTYET_SENDS_MAIL = True
    seller.get(reverse("notices"))
    page = seller.post(reverse("notices_try"), {"channel": "digest"}, follow=True).content.decode()
    assert "On its way" in page
    assert [push.slot for push in Push.objects.all()] == ["trial-1"]
    page = seller.post(reverse("notices_try"), {"channel": "digest"}, follow=True).content.decode()
    assert "one is on its way already" in page
    page = seller.post(reverse("notices_try"), {"channel": "chat"}, follow=True).content.decode()
    assert "chat needs an address" in page
    assert seller.post(reverse("notices_try"), {"channel": "pigeon"}).status_code == 404


def test_the_link_in_a_mail_ends_it(seller: Client, client: Client) -> None:
    """By a button, or by the mail program's own POST; following the link changes nothing."""
    seller.post(reverse("notices"), {"digest": "on", "digest_hour": "8"})
    address = reverse("notices_off", args=[links.off_token(delivery())])
    assert "Switch it off" in client.get(address).content.decode()
    assert delivery().digest is True
    strict = Client(enforce_csrf_checks=True)
    response = strict.post(address, {"List-Unsubscribe": "One-Click"})
    assert (response.status_code, delivery().digest) == (200, False)
    assert AuditEntry.objects.filter(action="digest off by its link").exists()
    assert client.get(reverse("notices_off", args=[links.calendar_token(delivery())])).status_code == 404


def test_what_may_have_gone_out_is_listed_and_sent_again_by_a_person(seller: Client, workspace: Workspace) -> None:
    """On its own day only."""
    member = Membership.objects.get()
    today, earlier = a_push(member, PushState.UNKNOWN), a_push(member, PushState.UNKNOWN, "2026-02-27")
    page = seller.get(reverse("notices")).content.decode()
    assert page.count("May or may not have gone out") == 2
    assert reverse("notices_again", args=[today.pk]) in page
    assert reverse("notices_again", args=[earlier.pk]) not in page
    seller.post(reverse("notices_again", args=[today.pk]))
    seller.post(reverse("notices_again", args=[earlier.pk]))
    assert [one.state for one in Push.objects.order_by("pk")] == [PushState.DUE, PushState.UNKNOWN]


def test_anothers_message_is_not_there(seller: Client, sign_in: SignIn) -> None:
    """But for an administrator, who sees and sends them all."""
    push = a_push(Membership.objects.get(), PushState.UNKNOWN)
    manager, administrator = sign_in(Role.MANAGER), sign_in(Role.ADMINISTRATOR)
    assert manager.post(reverse("notices_again", args=[push.pk])).status_code == 404
    page = administrator.get(reverse("notices_sent")).content.decode()
    assert "to seller@example.org" in page
    administrator.post(reverse("notices_again", args=[push.pk]), {"from": "sent"})
    assert Push.objects.get().state == PushState.DUE


def test_what_was_sent_is_listed_by_state(sign_in: SignIn, seller: Client) -> None:
    """With how many there are; pages where there are many."""
    member = Membership.objects.get()
    for number in range(60):
        push = a_push(member, PushState.SENT)
        Push.objects.filter(pk=push.pk).update(slot=str(number))
    a_push(member, PushState.UNKNOWN)
    administrator = sign_in(Role.ADMINISTRATOR)
    page = administrator.get(reverse("notices_sent")).content.decode()
    assert "Sent (60)" in page and "Page 1 of 2" in page
    only = administrator.get(reverse("notices_sent"), {"state": "unknown"}).content.decode()
    assert only.count("3 things keep your word today") == 1
    assert administrator.get(reverse("notices_sent"), {"state": "nonsense", "page": "99"}).status_code == 200


def test_the_pages_ask_little(
    seller: Client, sign_in: SignIn, django_assert_max_num_queries: Callable[..., object]
) -> None:
    """However much was sent. Two of a person’s own let the list follow the clock; each kind that is due adds one."""
    member = Membership.objects.get()
    for number in range(40):
        push = a_push(member, PushState.SENT)
        Push.objects.filter(pk=push.pk).update(slot=str(number))
    administrator = sign_in(Role.ADMINISTRATOR)
    for client, name, most in ((seller, "notices", 15), (administrator, "notices_sent", 10)):
        client.get(reverse(name))
        with django_assert_max_num_queries(most):  # type: ignore[attr-defined]
            client.get(reverse(name))


def test_an_address_that_cannot_be_read_any_more_is_said_so(seller: Client) -> None:
    """The secret key was changed; a new address mends it."""
    seller.get(reverse("notices"))
    Delivery.objects.update(chat=True, chat_address="kept:with:another-key")
    page = seller.get(reverse("notices")).content.decode()
    assert "Chat cannot be sent: the address was kept with another secret key: enter it again." in page
    assert "kept:with" not in page


def test_messages_lead_to_the_pages(seller: Client) -> None:
    """What the room of the messages calls them is where they are."""
    seller.get(reverse("notices"))
    made, base = delivery(), "http://127.0.0.1:8000"
    assert links.notices_url() == base + reverse("notices")
    assert links.group_url("promise") == base + reverse("today_group", args=["promise"]) + "?whose=mine"
    assert links.deal_url(7) == base + reverse("deal", kwargs={"pk": 7})
    assert links.off_url(made) == base + reverse("notices_off", args=[links.off_token(made)])
    assert links.calendar_url(made, base) == base + reverse("calendar", args=[links.calendar_token(made)])


def test_a_buyers_name_is_text_on_the_page_and_in_the_mail(
    seller: Client, settings: "Settings", deals: list[Any]
) -> None:
    """Whatever it holds."""
    from notyet.deals.models import Account, Promise
    from notyet.deals.touching import touch
    from notyet.notices import digest, things

    member = Membership.objects.get(user__username="seller@example.org")
    Membership.objects.filter(pk=member.pk).update(seller_name="Mara Lind")
    member.refresh_from_db()
    deal = next(one for one in deals if one.outcome == "open")
    deal.owner = "Mara Lind"
    deal.account = Account.objects.create(workspace=member.workspace, name="<script>alert(1)</script>")
    deal.save()
    due = datetime.fromisoformat("2026-03-01T00:00:00+00:00")
    Promise.objects.create(workspace=member.workspace, deal=deal, text="the <b>offer</b>", due_at=due)
    touch(member.workspace, [deal.pk])
    seller.get("/today/")
    page = seller.get(reverse("notices")).content.decode()
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page
    found = [one for one in things.pushable(member, now()) if one.deal == deal.pk and one.kind == "promise"]
    letter = digest.compose(delivery(), found, 0, now(), "<a@b>", trial=False)
    assert "<script>alert" not in letter.html and "&lt;b&gt;offer" in letter.html
    assert "<script>alert(1)</script> the <b>offer</b>" in letter.text
    assert not hasattr(letter.text, "__html__")


def test_letters_that_may_not_have_arrived_are_listed_without_address_and_text(
    sign_in: SignIn, seller: Client, workspace: Workspace
) -> None:
    """Among what was sent, for administrators."""
    source = DataSource.objects.create(workspace=workspace, key="crm", name="crm")
    deal = Deal.objects.create(workspace=workspace, data_source=source, deal_id="D1", outcome="lost", opened_at=now())
    for state, problem in (("unknown", "the worker ended"), ("failed", "refused (550)"), ("sent", "never shown")):
        Letter.objects.create(
            workspace=workspace,
            deal=deal,
            to="ana@helvia.example",
            subject="the subject",
            body="the text",
            state=state,
            reason=problem,
            written_at=now(),
            written_by="mara",
            settled_at=now(),
        )
    page = sign_in(Role.ADMINISTRATOR).get(reverse("notices_sent")).content.decode()
    assert page.count("Letter about D1") == 2
    assert "May or may not have gone out" in page
    assert "Refused (550)." in page
    assert not any(text in page for text in ("never shown", "ana@helvia", "the subject", "the text"))
    assert seller.get(reverse("notices_sent")).status_code == 403
