"""Working a deal on its page: what is kept, what is said, what is undone, and what two people do to each other."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from notyet.core.clock import now
from notyet.deals.edit_models import Edit, EditedField
from notyet.deals.models import Conversation, Deal, Promise
from notyet.process.models import DeviationNote, QuestionAnswer
from notyet.web.mail_uploads import MOST_BYTES
from notyet.workspaces.access import operator
from notyet.workspaces.actions import add_person, create_workspace
from notyet.workspaces.models import Role, Workspace
from notyet.workspaces.scope import within
from tests.web.records import fill

SignIn = Callable[[Role], Client]
MOST_QUERIES = 32
"""How often a deal's page asks the database, with who asks and what is due. More is a decision, not an accident."""

MAIL = (
    b"From: Tom Corwin <tom@corwin.example>\r\nTo: mara@example.org\r\nDate: Mon, 02 Mar 2026 09:12:00 +0000\r\n"
    b"Subject: Three-year cost\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    b"What does it cost over three years?\r\n"
)


@pytest.fixture
def seller(workspace: Workspace, deals: list[Deal], clock: Callable[[str], Any], sign_in: SignIn) -> Client:
    """A seller on a Monday morning."""
    clock("2026-03-02T10:00:00+00:00")
    return sign_in(Role.SELLER)


@pytest.fixture
def deal(seller: Client) -> Deal:
    """A deal that she made for Corwin & Sons."""
    seller.post(reverse("deal_new"), {"account": "Corwin & Sons"})
    made: Deal = Deal.objects.get(account__name="Corwin & Sons")
    return made


def do(client: Client, name: str, deal: Deal, data: dict[str, Any] | None = None, **more: Any) -> Any:
    return client.post(reverse(name, kwargs={"pk": deal.pk, **more}), data or {})


def page(client: Client, deal: Deal, query: str = "") -> str:
    text: str = client.get(reverse("deal", args=[deal.pk]) + query).content.decode()
    return text


def test_a_deal_is_made_of_a_buyer_alone_and_of_everything(seller: Client, deal: Deal) -> None:
    assert (deal.deal_id, deal.outcome, deal.currency) == ("N-1001", "open", deal.workspace.currency)
    assert [one.stage for one in deal.stage_changes.all()] == ["Enquiry"]
    whole = {
        "account": "Ravel Ltd",
        "title": "Plant care",
        "amount": "48,000.50",
        "currency": "usd",
        "text": "Ring Tom",
    }
    more = {"persona": "Founder", "source": "referral", "product": "Care", "contact": "Tom Corwin", "due": "2026-03-05"}
    made = seller.post(reverse("deal_new"), whole | more)
    second = Deal.objects.get(account__name="Ravel Ltd")
    assert made["Location"] == reverse("deal", args=[second.pk])
    assert (second.name, float(second.amount), second.currency) == ("Plant care", 48000.5, "USD")
    assert [part.contact.name for part in second.deal_contacts.all()] == ["Tom Corwin"]
    assert [(step.text, f"{step.due_at:%Y-%m-%d}") for step in second.next_steps.all()] == [("Ring Tom", "2026-03-05")]


def test_a_deal_that_cannot_be_kept_comes_back_as_it_was_typed(seller: Client) -> None:
    before = Deal.objects.count()
    said = seller.post(reverse("deal_new"), {"account": "Ravel", "amount": "1.200", "contact": "Tom"})
    text = said.content.decode()
    assert said.status_code == 400
    assert "can be read in two ways" in text
    assert 'value="1.200"' in text
    assert 'value="Ravel"' in text
    assert seller.post(reverse("deal_new"), {"account": " "}).status_code == 400
    dated = seller.post(reverse("deal_new"), {"account": "Ravel", "day": "2031-03-05"})
    assert dated.status_code == 400 and "Say what is to be done on that day" in dated.content.decode()
    assert Deal.objects.count() == before


def test_a_buyer_who_is_known_already_is_offered(seller: Client, deal: Deal) -> None:
    text = seller.get(reverse("deal_buyers"), {"account": "corwin and sons"}).content.decode()
    assert "There is already <b>Corwin &amp; Sons</b>" in text
    assert (
        '<option value="Corwin &amp; Sons">' in seller.get(reverse("deal_buyers"), {"account": "cor"}).content.decode()
    )
    assert "already" not in seller.get(reverse("deal_buyers"), {"account": "Corwin & Sons"}).content.decode()


DAYS = ("2026-02-24", "2026-02-19")


@pytest.mark.parametrize("name", ["deal_promise", "deal_step"])
def test_nothing_is_due_on_a_day_that_is_over(seller: Client, deal: Deal, name: str) -> None:
    """A slip of the keyboard; but what was promised in a conversation may have been due since."""
    response = do(seller, name, deal, {"text": "Send it", "day": "2020-03-05"})
    assert response.status_code == 400
    assert "2020-03-05 was over already. Choose a later day." in response.content.decode()
    assert (deal.promises.count(), deal.next_steps.count()) == (0, 0)
    do(
        seller,
        "deal_talk",
        deal,
        {"text": "Wants a plan", "channel": "call", "direction": "in", "at": "2026-02-20T09:00"},
    )
    talk = deal.conversations.get().pk
    promised = do(seller, "deal_promise", deal, {"text": "A plan", "day": "2026-02-24", "talk": str(talk)})
    assert promised.status_code == 302
    assert (
        do(seller, "deal_promise", deal, {"text": "A plan", "day": "2026-02-19", "talk": str(talk)}).status_code == 400
    )


def test_what_was_open_when_a_deal_was_lost_is_not_asked_for_any_more(seller: Client, deal: Deal) -> None:
    """Its page says so; a promise that was broken before stays broken."""
    do(seller, "deal_step", deal, {"text": "Send the plan", "day": "2026-03-09"})
    assert "due Monday" in page(seller, deal) or "due 9 Mar" in page(seller, deal)
    Deal.objects.filter(pk=deal.pk).update(outcome="lost", closed_at=now())
    text = page(seller, deal)
    assert "open when the deal was closed" in text and "due 9 Mar" not in text


def test_an_amount_below_nothing_is_refused(seller: Client, deal: Deal) -> None:
    made = seller.post(reverse("deal_new"), {"account": "Ravel", "amount": "-500"})
    assert made.status_code == 400 and "not worth less than nothing" in made.content.decode()


SHORT = [
    ("call Tom Corwin 12m missed: asked about price", ("call", "in", True, "Tom Corwin", 12.0, "asked about price")),
    ("met Ines: the plan\nand who signs", ("meeting", "out", None, "Ines", None, "the plan\nand who signs")),
    ("← mail: wants a reference", ("email", "in", None, "", None, "wants a reference")),
    ("note: has a new chef", ("note", "", None, "", None, "has a new chef")),
    ("Call back on Tuesday", ("call", "out", None, "", None, "Call back on Tuesday")),
    ("Met the whole team: fine", ("call", "out", None, "", None, "Met the whole team: fine")),
    ("Visit Berlin", ("call", "out", None, "", None, "Visit Berlin")),
    ("meeting Ines 50m", ("meeting", "out", None, "Ines", 50.0, "")),
    ("Called", ("call", "out", None, "", None, "Called")),
]


@pytest.mark.parametrize(("text", "kept"), SHORT)
def test_a_line_in_short_says_what_it_was(seller: Client, deal: Deal, text: str, kept: tuple[Any, ...]) -> None:
    """Only where nothing in it could be what was said."""
    do(seller, "deal_talk", deal, {"text": text, "channel": "call", "direction": "out", "at": "2026-03-02T08:15"})
    talk = deal.conversations.get()
    assert (talk.channel, talk.direction, talk.missed, talk.contact, talk.minutes, talk.summary) == kept
    assert f"{talk.at:%H:%M}" == "08:15"


def test_a_line_in_short_beside_a_field_that_was_filled_in_stays_as_typed(seller: Client, deal: Deal) -> None:
    filled = {"text": "call Tom: asked", "channel": "email", "direction": "in"}
    do(seller, "deal_talk", deal, filled)
    assert (deal.conversations.get().channel, deal.conversations.get().summary) == ("email", "call Tom: asked")


def test_a_conversation_is_one_line_and_a_missed_call_one_tick(seller: Client, deal: Deal) -> None:
    said = do(seller, "deal_talk", deal, {"text": "Asked for references", "channel": "email", "direction": "in"})
    talk = deal.conversations.get()
    assert said["Location"].endswith(f"#conversations-{talk.pk}")
    assert (talk.channel, talk.direction, talk.missed, talk.summary) == ("email", "in", None, "Asked for references")
    do(seller, "deal_talk", deal, {"missed": "on", "channel": "email", "direction": "in", "contact": "Tom"})
    assert (deal.conversations.latest("pk").channel, deal.conversations.latest("pk").missed) == ("call", True)
    text = page(seller, deal)
    assert "Missed call from Tom" in text
    assert "Nobody has rung back yet" in text


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({"text": ""}, "Say in a few words"),
        ({"text": "Visit", "at": "2026-04-02T10:00"}, "this is yet to come"),
        ({"text": "x", "channel": "smoke"}, "Select a valid choice"),
    ],
)
def test_a_conversation_that_cannot_be_kept_comes_back(
    seller: Client, deal: Deal, sent: dict[str, str], why: str
) -> None:
    response = do(seller, "deal_talk", deal, {"channel": "call", "direction": "out"} | sent)
    assert response.status_code == 400
    assert why in response.content.decode()
    assert not deal.conversations.exists()


def test_an_email_is_read_into_the_form_and_kept_only_when_saved(seller: Client, deal: Deal) -> None:
    file = SimpleUploadedFile("mail.eml", MAIL, "message/rfc822")
    for sent in ({"mail": file}, {"pasted": MAIL.decode()}):
        response = do(seller, "deal_mail", deal, sent)
        text = response.content.decode()
        assert response.status_code == 200
        assert "Look it over, then save it" in text
        assert "What does it cost over three years?" in text
        assert 'value="Tom Corwin"' in text
        assert 'value="2026-03-02T09:12"' in text
    assert not deal.conversations.exists()


@pytest.mark.parametrize("way", ["mail", "pasted"])
def test_an_email_that_the_seller_sent_went_out(seller: Client, deal: Deal, workspace: Workspace, way: str) -> None:
    """Known by the addresses of the workspace's own people; a pasted time is of the workspace's zone."""
    workspace.time_zone = "Europe/Berlin"
    workspace.save(update_fields=["time_zone"])
    User.objects.filter(pk=seller.session["_auth_user_id"]).update(email="Ada@Acme.example")
    lines = "From: Ada Jones <ada@acme.example>\r\nTo: Tom Corwin <tom@corwin.example>\r\nSubject: Three years\r\n"
    if way == "mail":
        data = f"{lines}Date: Mon, 02 Mar 2026 08:12:00 +0000\r\n\r\nAs you asked.\r\n".encode()
        sent: Any = SimpleUploadedFile("mail.eml", data, "message/rfc822")
    else:
        sent = f"{lines}Sent: Monday, 2 March 2026 09:12\r\n\r\nAs you asked.\r\n"
    form = do(seller, "deal_mail", deal, {way: sent}).context["page"].forms.talk
    assert (form.initial["direction"], form.initial["contact"]) == ("out", "Tom Corwin")
    assert form.initial["at"] == datetime(2026, 3, 2, 8, 12, tzinfo=UTC)


def test_a_file_that_is_too_large_for_an_email_is_refused(seller: Client, deal: Deal) -> None:
    response = do(seller, "deal_mail", deal, {"mail": SimpleUploadedFile("big.eml", b"x" * (MOST_BYTES + 1))})
    assert response.status_code == 400
    assert "larger than 25 MB" in response.content.decode()


def test_the_form_of_emails_is_guarded_against_forgery(workspace: Workspace, seller: Client, deal: Deal) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = seller.cookies
    assert do(strict, "deal_mail", deal, {"pasted": "From: a\nSubject: b"}).status_code == 403


def test_a_promise_made_in_a_conversation_was_made_then(seller: Client, deal: Deal) -> None:
    do(seller, "deal_talk", deal, {"text": "x", "channel": "call", "direction": "out", "at": "2026-03-02T08:15"})
    talk = deal.conversations.get()
    assert 'name="talk"' in page(seller, deal, f"?promise={talk.pk}")
    do(seller, "deal_promise", deal, {"text": "Site reference", "due": "2026-03-05", "talk": str(talk.pk)})
    promise = deal.promises.get()
    assert promise.made_at == talk.at
    assert f"{promise.due_at:%Y-%m-%d}" == "2026-03-05"
    assert "due Thursday" in page(seller, deal)


def test_a_day_of_ones_own_wins_over_the_one_that_was_offered(seller: Client, deal: Deal) -> None:
    do(seller, "deal_step", deal, {"text": "Visit", "due": "2026-03-03", "day": "2026-04-01"})
    assert f"{deal.next_steps.get().due_at:%Y-%m-%d}" == "2026-04-01"
    response = do(seller, "deal_step", deal, {"text": "Visit"})
    assert response.status_code == 400
    assert "Choose a day" in response.content.decode()


def test_the_days_offered_are_worked(
    workspace: Workspace, seller: Client, clock: Callable[[str], Any], deal: Deal
) -> None:
    clock("2026-03-06T10:00:00+00:00")
    text = page(seller, deal)
    assert 'value="2026-03-09"' in text
    assert "Mon 9 Mar" in text
    assert "Tomorrow" not in text


def test_a_promise_is_kept_opened_again_and_all_of_it_undone(seller: Client, deal: Deal) -> None:
    do(seller, "deal_promise", deal, {"text": "Site reference", "due": "2026-03-05"})
    promise = deal.promises.get()
    row = {"table": "promises", "key": promise.pk}
    kept = seller.post(reverse("deal_row", kwargs={"pk": deal.pk, **row}), {"do": "settle"}, follow=True)
    edit = Edit.objects.latest("pk")
    assert "Promise kept." in kept.content.decode()
    assert f'action="{reverse("edit_undo", args=[edit.pk])}"' in kept.content.decode()
    do(seller, "deal_row", deal, {"do": "unsettle"}, **row)
    assert deal.promises.get().kept_at is None
    undone = seller.post(reverse("edit_undo", args=[Edit.objects.latest("pk").pk]), follow=True)
    assert "Do it again" in undone.content.decode()
    assert deal.promises.get().kept_at is not None


def test_a_row_is_mended_and_removed(seller: Client, deal: Deal) -> None:
    do(seller, "deal_talk", deal, {"text": "Called", "channel": "call", "direction": "out"})
    talk = deal.conversations.get()
    row = {"table": "conversations", "key": talk.pk}
    assert 'name="seen.summary"' in page(seller, deal, f"?edit=conversations-{talk.pk}")
    do(seller, "deal_row", deal, {"seen.summary": "Called", "summary": "Called twice"}, **row)
    assert deal.conversations.get().summary == "Called twice"
    bad = do(seller, "deal_row", deal, {"seen.minutes": "", "minutes": "many"}, **row)
    assert bad.status_code == 400
    assert "a number of minutes" in bad.content.decode()
    do(seller, "deal_row", deal, {"do": "remove"}, **row)
    assert not Conversation.objects.filter(deal=deal).exists()
    late = seller.post(
        reverse("deal_row", kwargs={"pk": deal.pk, **row}), {"seen.summary": "", "summary": "x"}, follow=True
    )
    assert "removed this in the meantime" in late.content.decode()
    assert "You had written: “x”" in late.content.decode()


def test_two_people_edit_one_deal_and_nothing_is_lost(seller: Client, deal: Deal, sign_in: SignIn) -> None:
    manager = sign_in(Role.MANAGER)
    do(manager, "deal_fields", deal, {"seen.amount": "", "amount": "52000", "seen.team": "", "team": "North"})
    mine = {"seen.amount": "", "amount": "48000", "seen.persona": "", "persona": "Founder", "seen.team": "", "team": ""}
    told = do(seller, "deal_fields", deal, mine)
    text = told.content.decode()
    deal.refresh_from_db()
    assert told.status_code == 409
    assert (deal.amount, deal.persona, deal.team) == (52000, "", "North")
    assert "manager@example.org" in text
    assert 'value="48000"' in text
    assert "<blockquote>52000</blockquote>" in text
    assert 'name="seen.amount" value="52000"' in text
    again = mine | {"seen.amount": "52000", "choice.amount": "theirs"}
    assert do(seller, "deal_fields", deal, again).status_code == 302
    deal.refresh_from_db()
    assert (deal.amount, deal.persona) == (52000, "Founder")
    do(seller, "deal_fields", deal, {"seen.amount": "52000", "amount": "48000", "choice.amount": "mine"})
    deal.refresh_from_db()
    assert deal.amount == 48000


def test_what_was_edited_is_told_with_before_and_after(seller: Client, deal: Deal) -> None:
    do(seller, "deal_fields", deal, {"seen.persona": "", "persona": "Founder"})
    do(seller, "deal_fields", deal, {"seen.persona": "Founder", "persona": "Buyer"})
    text = page(seller, deal)
    assert "Persona: Founder → Buyer" in text
    assert text.count("Founder → Buyer") == 1
    assert "by seller@example.org" in text


def test_a_source_that_says_otherwise_is_shown_and_can_be_followed(seller: Client, deals: list[Deal]) -> None:
    theirs = deals[0]
    was = theirs.persona
    do(seller, "deal_fields", theirs, {"seen.persona": was, "persona": "Founder and owner"})
    assert f"<b>Persona</b> is Founder and owner here, and {was} in Default." in page(seller, theirs)
    do(seller, "deal_difference", theirs, mark=EditedField.objects.get().pk)
    theirs.refresh_from_db()
    assert theirs.persona == was
    assert "The source says otherwise" not in page(seller, theirs)


def test_a_difference_is_kept_for_good_and_listed_again(seller: Client, deals: list[Deal]) -> None:
    theirs = deals[0]
    was = theirs.persona
    do(seller, "deal_fields", theirs, {"seen.persona": was, "persona": "Founder and owner"})
    mark = EditedField.objects.get().pk
    told = do(seller, "deal_difference", theirs, {"do": "mine"}, mark=mark)
    assert told.url == f"/deals/{theirs.pk}/#fields"
    text = page(seller, theirs)
    assert "It is listed again when the source says something else." in text
    assert "The source says otherwise" not in text
    assert f"<b>Persona</b> stays Founder and owner; Default says {was}." in text
    do(seller, "deal_difference", theirs, {"do": "again"}, mark=mark)
    text = page(seller, theirs)
    assert "The source says otherwise" in text and "stays Founder" not in text
    theirs.refresh_from_db()
    assert theirs.persona == "Founder and owner"


def test_people_at_the_buyers_have_parts(seller: Client, deal: Deal) -> None:
    do(seller, "deal_contact_new", deal, {"full_name": "Tom Corwin", "role": "signs", "email": "tom@corwin.example"})
    part = deal.deal_contacts.get()
    assert "Signs" in page(seller, deal)
    assert 'value="tom@corwin.example"' in page(seller, deal, f"?edit=contact-{part.pk}")
    do(seller, "deal_contact", deal, {"full_name": "Tom Corwin", "role": "champion"}, part=part.pk)
    part.refresh_from_db()
    assert (part.role, part.contact.email) == ("champion", "")
    twice = do(seller, "deal_contact_new", deal, {"full_name": "Tom Corwin"})
    assert twice.status_code == 400
    assert "has a part in this deal already" in twice.content.decode()
    do(seller, "deal_contact", deal, {"do": "remove"}, part=part.pk)
    assert not deal.deal_contacts.exists()


def test_a_stage_that_asks_for_more_says_what_and_takes_a_why(seller: Client, deal: Deal) -> None:
    asked = do(seller, "deal_stage", deal, {"stage": "discovery"})
    text = asked.content.decode()
    assert asked.status_code == 409
    assert "Before Discovery" in text
    assert "where the buyer came from" in text
    assert "?edit=fields" in text
    assert deal.stage_changes.count() == 1
    do(seller, "deal_stage", deal, {"stage": "discovery", "why": "They want a demo today"})
    assert [one.stage for one in deal.stage_changes.order_by("pk")] == ["Enquiry", "Discovery"]
    text = page(seller, deal)
    assert "Discovery was entered without where the buyer came from" in text
    assert "They want a demo today" in text
    assert set(DeviationNote.objects.values_list("why", flat=True)) == {"They want a demo today"}


def test_questions_and_steps_are_ticked_and_unticked(seller: Client, deal: Deal) -> None:
    do(seller, "deal_question", deal, {"question": "roughly-what-price", "text": "About 48,000", "do": "do"})
    assert "About 48,000" in page(seller, deal)
    do(seller, "deal_question", deal, {"question": "roughly-what-price", "do": "undo"})
    assert not QuestionAnswer.objects.exists()
    do(seller, "deal_process_step", deal, {"step": "call-back", "do": "do"})
    assert [one.step for one in deal.steps_done.all()] == ["call-back"]
    do(seller, "deal_process_step", deal, {"step": "call-back", "do": "undo"})
    assert not deal.steps_done.exists()
    refused = seller.post(reverse("deal_process_step", args=[deal.pk]), {"step": "nothing"}, follow=True)
    assert "has no step “nothing”" in refused.content.decode()


def test_an_order_and_a_payment_are_stages(seller: Client, deal: Deal) -> None:
    do(seller, "deal_stage", deal, {"stage": "order", "why": "Signed at the fair"})
    deal.refresh_from_db()
    assert (deal.outcome, deal.paid_at) == ("won", None)
    text = page(seller, deal)
    assert "Ordered, not paid" in text
    assert 'id="stage-paid"' in text
    assert 'id="stage-proposal"' not in text
    do(seller, "deal_stage", deal, {"stage": "paid"})
    deal.refresh_from_db()
    assert deal.paid_at is not None


def test_undo_leads_back_only_to_our_own_pages(seller: Client, deal: Deal) -> None:
    do(seller, "deal_step", deal, {"text": "Visit", "due": "2026-03-03"})
    edit = Edit.objects.latest("pk")
    undone = seller.post(reverse("edit_undo", args=[edit.pk]), {"next": "https://elsewhere.example/"})
    assert undone["Location"] == reverse("deal", args=[deal.pk])
    again = seller.post(reverse("edit_undo", args=[edit.pk]), {"next": "/deals/"}, follow=True)
    assert again.redirect_chain[0][0] == "/deals/"
    assert "undid this already" in again.content.decode()


def test_making_a_deal_is_undone_from_the_list(seller: Client, deal: Deal) -> None:
    undone = seller.post(reverse("edit_undo", args=[deal.edits.get().pk]))
    assert undone["Location"] == reverse("deals")
    assert not Deal.objects.filter(pk=deal.pk).exists()


def test_who_only_reads_sees_no_forms(deal: Deal, sign_in: SignIn) -> None:
    reader = sign_in(Role.LEADERSHIP)
    main = page(reader, deal).partition("<main")[2]
    assert "What the buyer needs to know" in main
    assert "<form" not in main
    assert "New deal" not in reader.get(reverse("deals")).content.decode()


def test_a_deal_out_of_sight_is_not_there_for_any_action(
    workspace: Workspace, seller: Client, deals: list[Deal]
) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(visibility="own")
    other = create_workspace("Other")
    with within(other):
        theirs = fill(other, 1)[0]
    for hidden in (deals[0], theirs):
        for name in ("deal_talk", "deal_promise", "deal_fields", "deal_stage", "deal_contact_new", "deal_mail"):
            assert do(seller, name, hidden).status_code == 404, name
    row = {"table": "promises", "key": Promise.objects.get(deal=deals[0]).pk}
    assert do(seller, "deal_row", deals[1], {"do": "settle"}, **row).status_code == 404


def test_a_row_of_another_deal_is_not_there(workspace: Workspace, seller: Client, deals: list[Deal]) -> None:
    row = {"table": "promises", "key": Promise.objects.get(deal=deals[0]).pk}
    assert do(seller, "deal_row", deals[1], {"do": "settle"}, **row).status_code == 404
    assert do(seller, "deal_row", deals[0], {"do": "settle"}, table="deals", key=deals[0].pk).status_code == 404


def test_an_owner_who_gives_a_deal_away_is_led_to_her_list(workspace: Workspace) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(visibility="own")
    member = add_person(operator(workspace), "mara@example.org", Role.SELLER, seller_name="Mara Lind")
    mara = Client()
    mara.force_login(member.user)
    mara.post(reverse("deal_new"), {"account": "Corwin & Sons"})
    given = do(mara, "deal_fields", Deal.objects.get(), {"seen.owner": "Mara Lind", "owner": "Jo Hart"})
    assert given["Location"] == reverse("deals")
    assert Deal.objects.get().owner == "Jo Hart"


def test_an_empty_list_leads_on(workspace: Workspace, sign_in: SignIn) -> None:
    text = sign_in(Role.OWNER).get(reverse("deals")).content.decode()
    assert reverse("deal_new") in text
    assert reverse("imports_new") in text
    assert reverse("imports_new") not in sign_in(Role.SELLER).get(reverse("deals")).content.decode()


@pytest.mark.parametrize("query", ["", "?edit=fields", "?events=all"])
def test_the_page_asks_the_database_as_often_for_fifty_conversations_as_for_five(
    seller: Client, deal: Deal, query: str
) -> None:
    asked = []
    for many in (5, 50):
        _talk(deal, many - deal.conversations.count())
        page(seller, deal, query)
        with CaptureQueriesContext(connection) as found:
            page(seller, deal, query)
        asked.append(len(found))
    assert asked[0] == asked[1] <= MOST_QUERIES


def _talk(deal: Deal, count: int) -> None:
    common: dict[str, Any] = {"workspace": deal.workspace, "deal": deal, "channel": "call", "direction": "out"}
    Conversation.objects.bulk_create(Conversation(**common, at=now(), summary=f"no {n}") for n in range(count))


def test_of_many_conversations_the_latest_are_shown_first(seller: Client, deal: Deal) -> None:
    _talk(deal, 700)
    assert page(seller, deal).count("<b>Call to the buyer</b>") == 30
    assert "Show what happened before (671 more)" in page(seller, deal)
    assert page(seller, deal, "?events=all").count("<b>Call to the buyer</b>") == 500
    assert "201 earlier events are not shown" in page(seller, deal, "?events=all")
