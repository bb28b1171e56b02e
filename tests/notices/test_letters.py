"""Letters to buyers: what arrives, what each failure leaves, and what the record says of it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from notyet.deals.closing import reopen
from notyet.deals.models import Conversation, Deal
from notyet.notices import letters, mail, tick
from notyet.notices.errors import NotSent
from notyet.notices.ledger import BROKEN_OFF, LEASE, MOST_ATTEMPTS, NEVER_MADE, machine_time
from notyet.winbacks.parting_models import Letter, LetterState, Parting
from notyet.winbacks.partings import Farewell, part
from notyet.workspaces.access import Actor, Denied, operator
from notyet.workspaces.models import AuditEntry, Membership, Role
from tests.notices.post import HANG_UP, Post

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

OLD = LEASE + timedelta(seconds=1)
BODY = "Dear Ana,\n\nthank you for telling me.\n.\nGrüße\nMara"


@pytest.fixture
def lost(deal: Deal, as_mara: Actor) -> Deal:
    """The deal with Helvia, lost today; its buyer's contact is Ana Roth."""
    from notyet.deals.closing import Ending
    from notyet.deals.contact_actions import save_contact
    from notyet.winbacks.partings import close_and_part

    save_contact(as_mara, deal.pk, {"name": "Ana Roth", "email": "ana@helvia.example"})
    close_and_part(as_mara, deal.pk, Ending("lost"))
    deal.refresh_from_db()
    return deal


@pytest.fixture
def letter(lost: Deal, as_mara: Actor) -> Letter:
    """A letter of Mara's that is due."""
    from notyet.winbacks.letters import Text, send

    return send(as_mara, lost.pk, Text("ana@helvia.example", "Thank you", BODY))


def read(letter: Letter) -> Letter:
    """As it stands now."""
    letter.refresh_from_db()
    return letter


def talks() -> list[Conversation]:
    """What was said with buyers."""
    return list(Conversation.objects.order_by("pk"))


def test_a_letter_as_it_arrives(mailbox: Post, letter: Letter) -> None:
    """From the sender of this installation, answered to its writer, plain, and not marked as automatic."""
    tick.tick("one")
    [got] = mailbox.taken
    assert {name: got[name] for name in ("From", "To", "Reply-To", "Subject")} == {
        "From": "NotYet <notyet@example.org>",
        "To": "ana@helvia.example",
        "Reply-To": "Mara Lind <mara@example.org>",
        "Subject": "Thank you",
    }
    assert got.get_content_type() == "text/plain"
    assert got.get_content().replace("\r\n", "\n") == BODY + "\n"
    assert not {name.lower() for name in got} & {"auto-submitted", "list-unsubscribe", "x-auto-response-suppress"}
    assert got["Message-ID"] == mail.buyers_message_id(letter.pk)
    assert got["Message-ID"].endswith("@example.org>")
    assert got["Date"] is not None


def test_it_goes_once_and_the_record_shows_it(mailbox: Post, letter: Letter, as_mara: Actor) -> None:
    """As an e-mail from us, noted by whoever wrote it."""
    for worker in ("one", "two", "one"):
        tick.tick(worker)
    assert len(mailbox.taken) == 1
    assert (read(letter).state, letter.reason, letter.attempts) == (LetterState.SENT, "", 1)
    [talk] = talks()
    assert (talk.channel, talk.direction, talk.contact) == ("email", "out", "Ana Roth")
    assert talk.summary == f"Thank you\n\n{BODY}"
    [noted] = AuditEntry.objects.filter(action="add conversation")
    assert noted.actor == as_mara.name


def test_without_a_mail_server_it_waits(letter: Letter, settings: "Settings") -> None:
    """For a week, and is not sent then: what it says is of another day."""
    settings.NOTYET_SENDS_MAIL = False
    tick.tick("one")
    assert read(letter).state == LetterState.DUE
    settings.NOTYET_CLOCK = letter.written_at + letters.KEPT_WAITING + timedelta(minutes=1)
    tick.tick("one")
    assert (read(letter).state, letter.reason) == (LetterState.FAILED, letters.TOO_OLD)
    assert talks() == []


@pytest.mark.parametrize(("answer", "state"), [("451 later", "due"), ("554 no", "failed")])
def test_a_refusal_is_no_letter(mailbox: Post, letter: Letter, answer: str, state: str) -> None:
    """From 400 on it is tried again later, from 500 on not; the reason holds neither address nor text."""
    mailbox.answers["RCPT"] = answer
    tick.tick("one")
    assert read(letter).state == state
    assert answer[:3] in letter.reason
    assert "ana" not in letter.reason
    tick.tick("one")
    assert read(letter).attempts == 1, "it waits, or is settled"
    assert (mailbox.taken, talks()) == ([], [])
    thanked = Parting.objects.get(deal=letter.deal).thanked_at
    assert (thanked is None) is (state == "failed")


def test_trying_again_has_an_end(mailbox: Post, letter: Letter) -> None:
    """After a few hours it is not sent."""
    mailbox.answers["MAIL"] = "451 later"
    for attempt in range(MOST_ATTEMPTS):
        assert read(letter).state == LetterState.DUE, attempt
        Letter.objects.update(not_before=None)
        letters.deliver(letter.pk, "one")
    assert (read(letter).state, letter.attempts) == (LetterState.FAILED, MOST_ATTEMPTS)


def test_silence_leaves_it_unknown_for_ever(mailbox: Post, letter: Letter, clock: Callable[[str], datetime]) -> None:
    """The server took it and said nothing: nobody can know, so it is not sent again."""
    mailbox.answers["DATA"] = HANG_UP
    tick.tick("one")
    assert read(letter).state == LetterState.UNKNOWN
    assert letter.get_state_display() == "May or may not have gone out"
    del mailbox.answers["DATA"]
    clock("2026-05-04T08:30:00+00:00")
    tick.tick("one")
    assert (read(letter).state, len(mailbox.taken), talks()) == (LetterState.UNKNOWN, 1, [])


def test_a_claim_that_had_not_begun_is_due_again(letter: Letter) -> None:
    """Nothing had left. Whoever had it finds that it has it no more."""
    assert letters.LETTERS.claim(letter.pk, "one")
    assert not letters.LETTERS.claim(letter.pk, "two")
    letters.LETTERS.give_up_lost()
    assert read(letter).state == LetterState.CLAIMED, "it is fresh"
    Letter.objects.update(claimed_at=machine_time() - OLD)
    letters.LETTERS.give_up_lost()
    assert read(letter).state == LetterState.DUE
    assert not letters.begin(letter, "one")
    assert letters.LETTERS.claim(letter.pk, "two")
    assert not letters.begin(letter, "one")
    assert letters.begin(letter, "two")


def test_a_claim_that_had_begun_is_unknown_until_its_worker_says_more(letter: Letter) -> None:
    """And then the record shows it, once."""
    letters.LETTERS.claim(letter.pk, "one")
    letters.begin(letter, "one")
    Letter.objects.update(claimed_at=machine_time() - OLD)
    letters.LETTERS.give_up_lost()
    assert (read(letter).state, letter.reason) == (LetterState.UNKNOWN, BROKEN_OFF)
    letters.settle_sent(letter, "another")
    assert talks() == []
    letters.settle_sent(letter, "one")
    letters.settle_sent(letter, "one")
    assert read(letter).state == LetterState.SENT
    assert len(talks()) == 1


def test_what_ends_every_worker_is_given_up(letter: Letter) -> None:
    """A letter that never comes to be sent."""
    for _ in range(MOST_ATTEMPTS):
        assert letters.LETTERS.claim(letter.pk, "one")
        Letter.objects.update(claimed_at=machine_time() - OLD)
        letters.LETTERS.give_up_lost()
    assert (read(letter).state, letter.reason) == (LetterState.FAILED, NEVER_MADE)


@pytest.mark.parametrize("claimed", [False, True])
def test_a_buyer_who_says_never_meanwhile_gets_none(
    mailbox: Post, letter: Letter, as_mara: Actor, claimed: bool
) -> None:
    """Before a worker had it, and while one had it and had not begun."""
    if claimed:
        letters.LETTERS.claim(letter.pk, "one")
    part(as_mara, letter.deal.pk, Farewell("never"))
    if claimed:
        assert not letters.begin(letter, "one")
    else:
        tick.tick("one")
    assert (read(letter).state, letter.reason) == (LetterState.FAILED, letters.ASKED_NEVER)
    assert (mailbox.taken, talks()) == ([], [])
    assert Parting.objects.get(deal=letter.deal).thanked_at is None


def test_a_deal_that_is_open_again_has_no_parting(mailbox: Post, letter: Letter, as_mara: Actor) -> None:
    """The letter was written before that was known."""
    reopen(as_mara, letter.deal.pk, "they rang")
    tick.tick("one")
    assert (read(letter).state, letter.reason) == (LetterState.FAILED, letters.OPEN_AGAIN)
    assert mailbox.taken == []


def test_a_letter_outlives_its_writer_s_account(mailbox: Post, letter: Letter, mara: Membership) -> None:
    """Nobody is answered to who is not here; the record shows it all the same."""
    mara.user.is_active = False
    mara.user.save()
    tick.tick("one")
    assert mailbox.taken[0]["Reply-To"] is None
    assert len(talks()) == 1


def test_administrators_see_what_may_not_have_arrived(
    mailbox: Post, letter: Letter, as_mara: Actor, acting: Callable[..., Actor]
) -> None:
    """And nobody else."""
    boss = operator(letter.workspace)
    assert list(letters.doubtful(boss)) == []
    mailbox.answers["RCPT"] = "550 nobody"
    tick.tick("one")
    assert list(letters.doubtful(boss)) == [letter]
    for other in (as_mara, acting(Role.OWNER)):
        with pytest.raises(Denied):
            letters.doubtful(other)


HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
}
TEXT = st.text(max_size=40) | st.sampled_from(
    [
        "a\nBcc: eve@example.org",
        "a\r\n\r\nb",
        "a\u2028Bcc: e@x.org",
        "a\x0bBcc: e@x.org",
        "x@example.org, y@example.org",
    ]
)


@given(to=TEXT | st.sampled_from(["ana@example.org", '"a, b"@example.org']), subject=TEXT, body=TEXT, name=TEXT)
@effort(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_nothing_that_is_typed_becomes_a_header(
    settings: "Settings", to: str, subject: str, body: str, name: str
) -> None:
    """Whatever stands in a letter, it is one mail to one address with the headers that it should have, or none."""
    settings.DEFAULT_FROM_EMAIL = "NotYet <notyet@example.org>"
    letter = Letter(pk=1, to=to, subject=subject, body=body)
    try:
        content = mail.written(letters.compose(letter, letters.own_address(name, "mara@example.org")))
    except NotSent:
        return
    got = message_from_bytes(content, policy=default)
    assert len(got.keys()) == len(set(got.keys()))
    assert set(got.keys()) - {"Reply-To"} == HEADERS
    assert [one.addr_spec for one in got["To"].addresses] == [to]
    assert got["Reply-To"] is None or [one.addr_spec for one in got["Reply-To"].addresses] == ["mara@example.org"]
