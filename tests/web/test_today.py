"""The page Today: what stands on it, what settles a line in place, what can be taken back."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from notyet.deals.edit_models import Edit
from notyet.deals.models import Conversation, DataSource, Deal, NextStep, Promise
from notyet.deals.touching import touch
from notyet.process.definition import Definition, Due, Question, StageRule, Step
from notyet.process.models import ProcessVersion, QuestionAnswer, StepDone
from notyet.today import jobs, queries
from notyet.today.models import DueItem, Group, Snooze
from notyet.workspaces.models import Membership, Role, Visibility, Workspace
from tests.today import conftest as record
from tests.today.conftest import local

at, berlin, make = record.at, record.berlin, record.make
Make = Callable[..., Deal]
At = Callable[..., Any]
SignIn = Callable[[Role], Client]
RANG = {"at": local(2, 8, 12), "channel": "call", "direction": "in", "missed": True, "contact": "Ana Roth"}
LATER = {"next_steps": [{"text": "Call", "due_at": local(20)}]}
FULL_PAGE_QUERIES = 45
"""What a page with all groups costs at most: who one is, is all up to date, twelve groups, counts, what comes up."""


@pytest.fixture
def mara(sign_in: SignIn, berlin: Workspace) -> Client:
    client = sign_in(Role.SELLER)
    Membership.objects.update(seller_name="Mara Lind")
    return client


def shown(client: Client, address: str = "/today/") -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def lines(page: str) -> list[str]:
    """The sentences of the list."""
    found = re.findall(r"data-row[^>]*>(.*?)</a>", page, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", one).strip() for one in found]


def send(client: Client, name: str, item: DueItem, **more: str) -> HttpResponse:
    form = {"deal": str(item.deal_id), "kind": item.kind, "ref": item.ref, **more}
    return client.post(reverse(name), form)  # type: ignore[return-value]


def settle(client: Client, group: str, **more: str) -> DueItem:
    """Press what settles the one item of a group; the list comes back without it."""
    shown(client)
    item: DueItem = DueItem.objects.get(group=group)
    response = send(client, "today_settle", item, **more)
    assert response.status_code == 302, response.content.decode()
    shown(client)
    return item


def is_gone(item: DueItem) -> bool:
    return not DueItem.objects.filter(deal=item.deal_id, kind=item.kind, ref=item.ref).exists()


def test_a_morning(make: Make, mara: Client) -> None:
    make(
        "Helvia AG", promises=[{"text": "the security sheet", "due_at": local(2, 15), "made_at": local(1, 9)}], **LATER
    )
    make("Corwin & Sons", amount=48_000, talks=[RANG], **LATER)
    make("Okapi", owner="Jo Hart")
    page = shown(mara)
    assert "Good morning, Mara" in page
    assert "Two things keep your word today." in page
    assert lines(page) == [
        "Call Corwin &amp; Sons back: Ana Roth rang at 08:12 and nobody answered",
        "You promised Helvia AG the security sheet",
    ]
    assert "Missed call · €48,000" in page
    assert re.search(r'class="count">.*?2</span>', page)


@pytest.mark.parametrize(("hour", "greeting"), [(8, "Good morning"), (13, "Good afternoon"), (20, "Good evening")])
def test_the_greeting_is_the_clocks(mara: Client, at: At, hour: int, greeting: str) -> None:
    at(2, hour)
    assert f"{greeting}, Mara" in shown(mara)


def test_nothing_is_waiting_and_what_comes_next(make: Make, mara: Client) -> None:
    page = shown(mara)
    assert "Nothing is waiting." in page
    assert "come up here, on their day" in page
    make("Helvia AG", promises=[{"text": "the sheet", "due_at": local(5, 15)}], **LATER)
    touch(Workspace.objects.get(), None)
    page = shown(mara)
    assert "Next: You promised <b>Helvia AG</b> the sheet, Thu." in page
    assert "Coming up" in page


def test_a_promise_is_kept_and_the_keeping_undone(make: Make, mara: Client) -> None:
    deal = make(promises=[{"text": "the sheet", "due_at": local(2, 15)}], **LATER)
    item = settle(mara, Group.PROMISE)
    assert Promise.objects.get().kept_at == local(2, 9)
    assert is_gone(item)
    edit = Edit.objects.get(deal=deal)
    mara.post(reverse("edit_undo", args=[edit.pk]), {"next": "/today/"})
    assert lines(shown(mara)) == ["You promised Helvia AG the sheet"]


def test_a_call_is_logged(make: Make, mara: Client) -> None:
    make(talks=[RANG], **LATER)
    item = settle(mara, Group.MISSED_CALL, text="They want a reference")
    talk = Conversation.objects.get(direction="out")
    assert (talk.channel, talk.missed, talk.summary) == ("call", False, "They want a reference")
    assert is_gone(item)


def test_an_answer_goes_the_way_the_buyer_came(make: Make, mara: Client) -> None:
    make(talks=[{**RANG, "channel": "message", "missed": None}], **LATER)
    settle(mara, Group.REPLY)
    talk = Conversation.objects.get(direction="out")
    assert (talk.channel, talk.summary) == ("message", "Answered")


@pytest.fixture
def worked(make: Make, berlin: Workspace) -> Deal:
    stage = StageRule(
        "discovery",
        "Discovery",
        "discovery",
        (Question("who-signs", "Who signs?", Due(0, "days")),),
        (Step("summary", "Send it", Due(2, "hours")),),
    )
    ProcessVersion.objects.create(
        workspace=berlin,
        number=1,
        name="Spring",
        definition=Definition((stage,)).to_json(),
        published_at=local(1),
        published_by="Ada",
    )
    return make(process_version="Spring", stages=[{"stage": "Discovery", "entered_at": local(2, 8)}], **LATER)


def test_a_question_is_answered_and_a_step_done(worked: Deal, mara: Client) -> None:
    assert "Helvia AG asks: Who signs?" in lines(shown(mara))
    question = settle(mara, Group.QUESTION, text="Ana signs")
    assert QuestionAnswer.objects.get().text == "Ana signs"
    step = settle(mara, Group.STEP)
    assert StepDone.objects.get().step == "summary"
    assert is_gone(question)
    assert is_gone(step)


def test_a_next_step_is_planned_and_done(make: Make, mara: Client) -> None:
    make()
    item = settle(mara, Group.NO_NEXT_STEP, text="Call Ana", day="2026-03-09")
    step = NextStep.objects.get()
    assert (step.text, step.due_at, step.plain_dates) == ("Call Ana", local(9), 1)
    assert is_gone(item)
    settle(mara, Group.NEXT_STEP)
    assert NextStep.objects.get().done_at == local(2, 9)


def test_a_written_day_goes_before_the_chip(make: Make, mara: Client) -> None:
    make()
    settle(mara, Group.NO_NEXT_STEP, text="Call Ana", day="2026-03-09", other_day="2026-03-11")
    assert NextStep.objects.get().due_at == local(11)


def test_a_stalled_deal_is_left_alone_until_its_next_step(make: Make, mara: Client, berlin: Workspace, at: At) -> None:
    from notyet.today.models import Upkeep

    make(stages=[{"stage": "Discovery", "entered_at": local(10, 9, month=2)}], **LATER)
    shown(mara)
    clock = {"kind": "", "n": 9, "opening_hours": None, "stage_hours": 192.0, "quiet_hours": None}
    Upkeep.objects.update(clocks=[clock])
    assert lines(shown(mara)) == ["Helvia AG: in this stage 20 days; won deals leave it in 8 days (median)"]
    item = settle(mara, Group.STALLED, text="Ask what is missing", day="2026-03-09")
    assert not is_gone(item)
    assert lines(shown(mara)) == []
    at(9, 8)
    assert sorted(lines(shown(mara))) == [
        "Helvia AG: in this stage 27 days; won deals leave it in 8 days (median)",
        "Next step with Helvia AG: Ask what is missing",
    ]


@pytest.fixture
def unpaid(make: Make) -> Deal:
    deal = make(outcome="won", opened_at=local(1, month=1), closed_at=local(2, month=1), ordered_at=local(1, month=1))
    DataSource.objects.update(payments_from=local(1, month=1))
    return deal


def test_a_payment_is_asked_about_and_comes_back(unpaid: Deal, mara: Client, at: At) -> None:
    assert lines(shown(mara)) == ["Ask Helvia AG about the payment: ordered 60 days ago, not paid"]
    settle(mara, Group.UNPAID, do="asked")
    assert Conversation.objects.get().summary == "Asked about the payment"
    assert lines(shown(mara)) == []
    at(9, 8)
    assert len(lines(shown(mara))) == 1


def test_a_payment_that_came_is_noted(unpaid: Deal, mara: Client) -> None:
    item = settle(mara, Group.UNPAID, do="paid")
    unpaid.refresh_from_db()
    assert unpaid.paid_at is not None
    assert is_gone(item)


def test_what_cannot_be_done_says_why_and_keeps_what_was_typed(make: Make, mara: Client) -> None:
    make()
    shown(mara)
    item = DueItem.objects.get()
    for day in ("", "2026-02-30", "2026-03-01"):
        response = send(mara, "today_settle", item, text="Call Ana", day=day)
        page = response.content.decode()
        assert response.status_code == 400
        assert 'value="Call Ana"' in page
        assert "Choose a day" in page
    assert not NextStep.objects.exists()
    response = send(mara, "today_settle", item, text=" ", day="2026-03-05")
    assert (response.status_code, "Say what" in response.content.decode()) == (400, True)


def test_putting_off_and_bringing_back(make: Make, mara: Client) -> None:
    make(talks=[RANG], **LATER)
    shown(mara)
    item = DueItem.objects.get(group=Group.MISSED_CALL)
    response = send(mara, "today_snooze", item, text="", day="2026-03-03")
    assert (response.status_code, "Say why it can wait" in response.content.decode()) == (400, True)
    response = send(mara, "today_snooze", item, text="Ana is away", day="2026-03-03")
    page = shown(mara, response["Location"])
    assert "Put off until Tuesday, 3 March: Ana is away" in page
    assert lines(page) == []
    made = Snooze.objects.get()
    mara.post(reverse("today_unsnooze", args=[made.pk]))
    assert len(lines(shown(mara))) == 1


def test_of_two_who_settle_one_thing_the_second_is_told(make: Make, mara: Client) -> None:
    make(promises=[{"text": "the sheet", "due_at": local(2, 15)}], **LATER)
    item = settle(mara, Group.PROMISE)
    response = send(mara, "today_settle", item)
    assert response.status_code == 302
    assert "settled in the meantime" in shown(mara)


def test_another_persons_deal_is_not_there(make: Make, mara: Client, berlin: Workspace) -> None:
    make("Okapi", owner="Jo Hart", promises=[{"due_at": local(2, 15)}])
    Workspace.objects.update(visibility=Visibility.OWN)
    shown(mara)
    item = DueItem.objects.get(group=Group.PROMISE)
    for name in ("today_settle", "today_snooze"):
        assert send(mara, name, item, text="x", day="2026-03-05").status_code == 404
    assert "Okapi" not in shown(mara, "/today/?whose=all")
    assert Promise.objects.get().kept_at is None


def test_leadership_reads_and_changes_nothing(make: Make, sign_in: SignIn) -> None:
    make(promises=[{"text": "the sheet", "due_at": local(2, 15)}], **LATER)
    client = sign_in(Role.LEADERSHIP)
    page = shown(client)
    assert lines(page) == ["You promised Helvia AG the sheet"]
    assert "Mark as kept" not in page
    assert 'href="/today/"' not in page.partition('id="content"')[0]
    assert send(client, "today_settle", DueItem.objects.get(group=Group.PROMISE)).status_code == 403


def test_many_of_a_kind_open_where_they_stand(make: Make, mara: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 5)
    for n in range(8):
        make(f"Buyer {n}", amount=1_000 * n)
    page = shown(mara)
    assert lines(page) == ["8 deals have no dated next step"]
    address = reverse("today_group", args=["no_next_step"])
    part = mara.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert len(lines(part)) == 6
    assert lines(part)[-1] == "More of them"
    [more] = re.findall(r'href="([^"]*after=[^"]*)"', part)
    rest = mara.get(more.replace("&amp;", "&"), headers={"HX-Request": "true"}).content.decode()
    assert len(lines(rest)) == 3
    assert "Deals have no dated next step" in shown(mara, address)
    assert mara.get(reverse("today_group", args=["nothing"])).status_code == 404


def test_much_that_changed_is_worked_out_by_the_worker(
    make: Make, mara: Client, monkeypatch: pytest.MonkeyPatch, berlin: Workspace
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(jobs, "AT_ONCE", 3)
    monkeypatch.setattr(type(jobs.refresh_today), "enqueue", lambda self, pk: asked.append(pk))
    for n in range(5):
        make(f"Buyer {n}")
    page = shown(mara)
    assert "worked out anew in the background" in page
    assert lines(page) == []
    shown(mara)
    assert asked == [berlin.pk]
    jobs.refresh_today.call(berlin.pk)
    assert len(lines(shown(mara))) == 5


def test_one_change_to_a_large_record_is_seen_at_once(
    make: Make, mara: Client, monkeypatch: pytest.MonkeyPatch, berlin: Workspace
) -> None:
    deal = make()
    shown(mara)
    monkeypatch.setattr(jobs, "AT_ONCE", 0)
    Deal.objects.filter(pk=deal.pk).update(outcome="lost")
    touch(berlin, [deal.pk])
    page = shown(mara)
    assert "in the background" not in page
    assert lines(page) == []


def test_the_page_costs_a_fixed_number_of_queries(
    make: Make, mara: Client, berlin: Workspace, worked: Deal, django_assert_max_num_queries: Any
) -> None:
    promised = [{"text": "the sheet", "due_at": local(2, 15)}, {"text": "the price", "due_at": local(4, 15)}]
    for n in range(20):
        make(f"Buyer {n}", promises=promised, talks=[RANG, {**RANG, "channel": "email", "missed": None}])
    shown(mara)
    with django_assert_max_num_queries(FULL_PAGE_QUERIES):
        page = shown(mara)
    assert "20 promises are due" in page
    assert "20 missed calls were not returned" in page


def test_a_name_is_shown_as_text(make: Make, mara: Client) -> None:
    make("<b>Bold</b> & Sons", promises=[{"text": "<script>alert(1)</script>", "due_at": local(2)}])
    page = shown(mara)
    assert "<script>alert" not in page
    assert "&lt;b&gt;Bold" in page


def test_the_pipeline_stands_beside_it(make: Make, mara: Client, sign_in: SignIn) -> None:
    make()
    assert mara.get(reverse("today_beside")).status_code == 200
