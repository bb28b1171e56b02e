"""What reaches a person and when: once a day for one thing, in her order, what is settled left out."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notyet.core.clock import now
from notyet.notices import chat, digest, queries, things, tick
from notyet.notices.models import Channel, Delivery, Nag, Push, PushState
from notyet.workspaces.models import Membership, Workspace
from tests.notices.post import Post

if TYPE_CHECKING:
    from notyet.deals.models import Deal

Clock = Callable[[str], datetime]
Make = Callable[..., Any]


def states() -> list[str]:
    """How the messages stand, in the order they were made."""
    return list(Push.objects.order_by("pk").values_list("state", flat=True))


def text_of(message: Any) -> str:
    """The plain part."""
    return str(message.get_body(("plain",)).get_content())


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[chat.Note]:
    """What was sent to chat."""
    notes: list[chat.Note] = []
    monkeypatch.setattr(chat, "send", notes.append)
    return notes


@pytest.fixture
def chatty(reach: Make) -> Delivery:
    """Mara's switches with chat on, and the mail from ten on."""
    from notyet.notices.chat_address import seal

    address = seal("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ")
    made: Delivery = reach(chat=True, chat_address=address, digest=True, digest_hour=10)
    return made


def test_the_mail_comes_once_a_day(mailbox: Post, owe: Make, reach: Make, clock: Clock) -> None:
    """However often the worker looks, and whatever is restarted; and again on the next working day."""
    owe("the security sheet", "2026-03-02")
    reach(digest=True)
    for worker in ("one", "one", "another"):
        tick.tick(worker)
    [mail] = mailbox.taken
    assert mail["Subject"] == "1 thing keeps your word today"
    assert mail["To"] == "mara@example.org"
    assert "You promised Helvia AG the security sheet" in text_of(mail)
    assert states() == [PushState.SENT]
    clock("2026-03-03T08:10:00+00:00")
    tick.tick("one")
    assert len(mailbox.taken) == 2
    assert "1 day late: You promised" in text_of(mailbox.taken[1])


@pytest.mark.parametrize(
    ("now", "comes"),
    [
        ("2026-03-02T07:59:00+00:00", False),
        ("2026-03-02T08:00:00+00:00", True),
        ("2026-03-02T16:59:00+00:00", True),
        ("2026-03-02T17:00:00+00:00", False),
        ("2026-03-01T09:00:00+00:00", False),
    ],
)
def test_the_mail_comes_in_its_hours_on_working_days(
    mailbox: Post, owe: Make, reach: Make, clock: Clock, now: str, comes: bool
) -> None:
    """From the hour on while the day is worked; the first of March was a Sunday."""
    owe("the offer", "2026-02-27")
    reach(digest=True)
    clock(now)
    tick.tick("one")
    assert bool(mailbox.taken) is comes


def test_nothing_due_no_mail(mailbox: Post, owe: Make, reach: Make, clock: Clock) -> None:
    """And what comes up later on that day waits for the next mail: there is one a day."""
    reach(digest=True)
    tick.tick("one")
    assert states() == [PushState.EMPTY]
    owe("the offer", "2026-03-02")
    tick.tick("one")
    assert mailbox.taken == []


def test_what_was_kept_is_not_in_it(mailbox: Post, owe: Make, reach: Make) -> None:
    """As it is when the mail leaves."""
    owe("the offer", "2026-03-02", kept="2026-03-01T09:00:00+00:00")
    owe("the plan", "2026-03-02")
    reach(digest=True)
    tick.tick("one")
    assert "the plan" in text_of(mailbox.taken[0])
    assert "the offer" not in text_of(mailbox.taken[0])


def test_switched_off_before_it_leaves(mailbox: Post, owe: Make, reach: Make) -> None:
    """A planned mail is not sent to somebody who has switched it off since."""
    owe("the offer", "2026-03-02")
    mailbox.answers["MAIL"] = "451 later"
    reach(digest=True)
    tick.tick("one")
    reach(digest=False)
    Push.objects.update(not_before=None)
    mailbox.answers.clear()
    tick.tick("one")
    assert (mailbox.taken, states()) == ([], [PushState.EMPTY])


def test_thousands_of_things_are_one_short_mail(mailbox: Post, deal: "Deal", owe: Make, reach: Make) -> None:
    """The first three by name, and one line for the rest."""
    from notyet.deals.models import Promise
    from notyet.deals.touching import touch

    due = datetime.fromisoformat("2024-05-06T00:00:00+00:00")
    old = [Promise(workspace=deal.workspace, deal=deal, text=f"thing {n}", due_at=due) for n in range(3_000)]
    Promise.objects.bulk_create(old)
    touch(deal.workspace, [deal.pk])
    reach(digest=True)
    tick.tick("one")
    [mail] = mailbox.taken
    assert mail["Subject"] == "3,000 things keep your word today"
    assert text_of(mail).count("You promised") == 3
    assert "and 2,997 more promises: https://notyet.example.org/today/group/promise/?whose=mine" in text_of(mail)
    assert Nag.objects.count() == 3_000


def test_the_page_shows_what_the_mail_would_say_however_much_is_due(deal: "Deal", owe: Make, reach: Make) -> None:
    """The same lines in the same order, without reading all of it; what chat told of today is left out."""
    from notyet.deals.models import Conversation, Promise
    from notyet.deals.touching import touch

    of, due = {"workspace": deal.workspace, "deal": deal}, datetime.fromisoformat("2026-02-02T10:00:00+00:00")
    promised = [Promise(**of, text=f"thing {n}", due_at=due + timedelta(minutes=n % 40)) for n in range(90)]
    Promise.objects.bulk_create(promised)
    Conversation.objects.create(**of, at=due, channel="call", direction="in", missed=True)
    touch(deal.workspace, [deal.pk])
    delivery = reach(digest=True)
    things.up_to_date(deal.workspace)
    every = list(things.pushable(delivery.membership, now()))
    assert len(every) == 91
    told = [every[1].key, every[50].key, "promise:999999:1"]
    values = {"workspace": deal.workspace, "membership": delivery.membership, "day": date(2026, 3, 2)}
    push = Push.objects.create(**values, channel=Channel.CHAT, slot="1", planned_at=due)
    Nag.objects.bulk_create(Nag(**values, thing=key, push=push) for key in told)
    mail = digest.shown_lines([one for one in every if one.key not in told])
    with CaptureQueriesContext(connection) as asked:
        found = queries.preview(delivery)
    assert (found.lines, found.things, found.told) == (mail, 89, 2)
    assert [line.thing is None for line in found.lines].count(True) == 1
    whole = [one["sql"] for one in asked if '"today_dueitem"."median_hours"' in one["sql"]]
    assert len(whole) == 2, "one for each kind"
    assert all("LIMIT 5" in one for one in whole)
    assert {one.thing.kind for one in found.lines if one.thing} == {"promise", "missed_call"}


def test_of_one_thing_one_hears_once_a_day(
    mailbox: Post, said: list[chat.Note], owe: Make, chatty: Delivery, clock: Clock
) -> None:
    """Chat told of the broken promise at nine, so the mail at ten leaves it out; the next day it is in the mail."""
    owe("the offer", "2026-03-02T09:15:00+00:00")
    owe("the plan", "2026-03-02")
    clock("2026-03-02T09:14:00+00:00")
    tick.tick("one")
    assert said == []
    clock("2026-03-02T09:16:00+00:00")
    tick.tick("one")
    tick.tick("another")
    [note] = said
    assert note.subject == "1 promise"
    assert "the offer" in note.text and "the plan" not in note.text
    clock("2026-03-02T10:01:00+00:00")
    tick.tick("one")
    [mail] = mailbox.taken
    assert "the plan" in text_of(mail) and "the offer" not in text_of(mail)
    assert "You heard about 1 more in chat today." in text_of(mail)
    clock("2026-03-03T10:01:00+00:00")
    tick.tick("one")
    assert "the offer" in text_of(mailbox.taken[1])
    assert len(said) == 1


def test_the_mail_first_then_no_chat(
    mailbox: Post, said: list[chat.Note], owe: Make, chatty: Delivery, reach: Make, clock: Clock
) -> None:
    """The other way round: what was in the mail is not said in chat when it breaks later on that day."""
    reach(digest_hour=8)
    owe("the offer", "2026-03-02T09:15:00+00:00")
    tick.tick("one")
    assert len(mailbox.taken) == 1
    clock("2026-03-02T09:16:00+00:00")
    tick.tick("one")
    assert said == []


def test_several_that_come_up_are_one_message(
    mailbox: Post, said: list[chat.Note], deal: "Deal", owe: Make, chatty: Delivery, clock: Clock
) -> None:
    """A missed call and two promises since Friday evening; what is older is for the mail."""
    from notyet.deals.models import Conversation
    from notyet.deals.touching import touch

    owe("the offer", "2026-02-27")
    owe("the plan", "2026-03-01T12:00:00+00:00")
    owe("the list", "2026-02-26")
    Conversation.objects.create(
        workspace=deal.workspace,
        deal=deal,
        at=datetime.fromisoformat("2026-03-01T22:00:00+00:00"),
        channel="call",
        direction="in",
        missed=True,
    )
    touch(deal.workspace, [deal.pk])
    clock("2026-03-02T08:59:00+00:00")
    tick.tick("one")
    assert said == []
    clock("2026-03-02T09:00:00+00:00")
    tick.tick("one")
    [note] = said
    assert sorted(note.subject.split(", ")) == ["1 missed call", "2 promises"]
    assert "the list" not in note.text
    clock("2026-03-02T18:00:00+00:00")
    owe("one more", "2026-03-02T17:30:00+00:00")
    tick.tick("one")
    assert len(said) == 1


def test_a_chat_that_refuses_is_switched_off(
    owe: Make, chatty: Delivery, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says so; what it would have told of is told by mail."""
    from notyet.notices.errors import NotSent

    def refuse(note: chat.Note) -> None:
        raise NotSent("Slack refused the message (404)", again=False)

    monkeypatch.setattr(chat, "send", refuse)
    owe("the offer", "2026-03-02T09:15:00+00:00")
    clock("2026-03-02T09:16:00+00:00")
    tick.tick("one")
    chatty.refresh_from_db()
    assert (chatty.chat, chatty.chat_refused) == (False, "Slack refused the message (404)")
    assert states() == [PushState.FAILED]
    assert not Nag.objects.exists()


def test_who_left_gets_nothing(mailbox: Post, owe: Make, reach: Make, mara: Membership) -> None:
    """An account that is switched off."""
    owe("the offer", "2026-03-02")
    reach(digest=True)
    mara.user.is_active = False
    mara.user.save()
    tick.tick("one")
    assert (mailbox.taken, states()) == ([], [])


def test_without_a_mail_server_no_mail_is_planned(owe: Make, reach: Make) -> None:
    """It would wait for ever."""
    owe("the offer", "2026-03-02")
    reach(digest=True)
    tick.tick("one")
    assert states() == []


def test_a_workspace_whose_working_time_cannot_be_used_stops_no_other(
    workspace: Workspace, mailbox: Post, owe: Make, reach: Make
) -> None:
    """It sends nothing; the next one does."""
    from notyet.workspaces.actions import create_workspace

    broken = create_workspace("Broken")
    Workspace.objects.filter(pk=broken.pk).update(country="XX")
    owe("the offer", "2026-03-02")
    reach(digest=True)
    tick.tick("one")
    assert len(mailbox.taken) == 1


def test_a_trial_tells_of_nothing(mailbox: Post, owe: Make, reach: Make, as_mara: Any) -> None:
    """It comes at once, and the day's mail comes all the same."""
    from notyet.notices.actions import BadChoice, try_out

    owe("the offer", "2026-03-02")
    reach(digest=True, digest_hour=8)
    try_out(as_mara, Channel.DIGEST)
    with pytest.raises(BadChoice, match="on its way"):
        try_out(as_mara, Channel.DIGEST)
    tick.tick("one")
    assert sorted(str(mail["Subject"]) for mail in mailbox.taken) == [
        "1 thing keeps your word today",
        "A trial: 1 thing keeps your word today",
    ]
