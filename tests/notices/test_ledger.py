"""The states of a message: one worker has it, and what a dead one leaves is told apart."""

from datetime import timedelta

import pytest

from notyet.notices import ledger
from notyet.notices.models import Channel, Nag, Push, PushState
from notyet.workspaces.models import Membership
from notyet.workspaces.working import working_time


@pytest.fixture
def push(mara: Membership) -> Push:
    """A message that is due."""
    made: Push = Push.objects.create(
        workspace=mara.workspace,
        membership=mara,
        channel=Channel.DIGEST,
        day=working_time(mara.workspace).day_of(ledger.now()),
        planned_at=ledger.now(),
    )
    return made


def read(push: Push) -> Push:
    """As it stands now."""
    push.refresh_from_db()
    return push


def age(push: Push, by: timedelta) -> None:
    """Make its claim older."""
    Push.objects.filter(pk=push.pk).update(claimed_at=ledger.machine_time() - by)


OLD = ledger.LEASE + timedelta(seconds=1)


def test_one_worker_has_it(push: Push) -> None:
    """The second comes too late, and settles nothing."""
    assert ledger.claim(push.pk, "one")
    assert not ledger.claim(push.pk, "two")
    ledger.settle_sent(push, "two")
    ledger.settle_failed(push, "two", "no")
    assert read(push).state == PushState.CLAIMED
    ledger.settle_sent(push, "one")
    assert read(push).state == PushState.SENT
    assert not ledger.claim(push.pk, "two")


def test_a_claim_that_had_not_begun_is_due_again(push: Push) -> None:
    """Nothing had left. Whoever had it finds that it has it no more."""
    ledger.claim(push.pk, "one")
    assert ledger.give_up_lost() == 0, "it is fresh"
    age(push, OLD)
    assert ledger.give_up_lost() == 1
    assert read(push).state == PushState.DUE
    assert not ledger.begin(push, "one", "subject", 1)
    assert ledger.claim(push.pk, "two")
    assert not ledger.begin(push, "one", "subject", 1)
    assert ledger.begin(push, "two", "subject", 1)


def test_a_claim_that_had_begun_is_unknown(push: Push) -> None:
    """It may have left; what it tells of counts as told."""
    ledger.claim(push.pk, "one")
    ledger.begin(push, "one", "subject", 1)
    Nag.objects.create(
        workspace=push.workspace, membership=push.membership, day=push.day, thing="promise:1:1", push=push
    )
    age(push, OLD)
    assert ledger.give_up_lost() == 1
    assert (read(push).state, push.reason) == (PushState.UNKNOWN, ledger.BROKEN_OFF)
    assert ledger.waiting() == []
    assert Nag.objects.count() == 1


def test_who_was_given_up_too_soon_may_still_say_that_it_arrived(push: Push) -> None:
    """A worker that was stopped for an hour and went on. But not once a person has sent it again."""
    ledger.claim(push.pk, "one")
    ledger.begin(push, "one", "subject", 1)
    age(push, OLD)
    ledger.give_up_lost()
    ledger.settle_sent(push, "one")
    assert read(push).state == PushState.SENT
    Push.objects.update(state=PushState.UNKNOWN)
    assert ledger.send_again(push.pk)
    ledger.settle_sent(push, "one")
    assert read(push).state == PushState.DUE


def test_what_never_comes_to_be_made_is_given_up(push: Push) -> None:
    """A message that ends every worker that makes it."""
    for _ in range(ledger.MOST_ATTEMPTS):
        assert ledger.claim(push.pk, "one")
        age(push, OLD)
        ledger.give_up_lost()
    assert read(push).state == PushState.FAILED


def test_a_failure_frees_what_it_would_have_told_of(push: Push) -> None:
    """It was not told; another message may."""
    ledger.claim(push.pk, "one")
    Nag.objects.create(
        workspace=push.workspace, membership=push.membership, day=push.day, thing="promise:1:1", push=push
    )
    ledger.settle_failed(push, "one", "no such address")
    assert not Nag.objects.exists()
    assert ledger.send_again(push.pk)
    assert read(push).state == PushState.DUE


def test_waiting_grows(push: Push) -> None:
    """From a minute to an hour."""
    waits = []
    for _ in range(ledger.MOST_ATTEMPTS - 1):
        Push.objects.update(not_before=None)
        ledger.claim(push.pk, "one")
        ledger.put_back(read(push), "one", "busy")
        until = read(push).not_before
        assert until is not None and push.state == PushState.DUE
        waits.append(round((until - ledger.machine_time()) / timedelta(minutes=1)))
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]
