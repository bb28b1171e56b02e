"""The states of a message: one worker has it, and what a dead one leaves is told apart."""

from datetime import timedelta

import pytest

from notyet.core.clock import now
from notyet.notices import ledger
from notyet.notices.models import Channel, Nag, Push, PushState
from notyet.notices.pushes import PUSHES
from notyet.winbacks.parting_models import LetterState
from notyet.workspaces.models import Membership
from notyet.workspaces.working import working_time


@pytest.fixture
def push(mara: Membership) -> Push:
    """A message that is due."""
    made: Push = Push.objects.create(
        workspace=mara.workspace,
        membership=mara,
        channel=Channel.DIGEST,
        day=working_time(mara.workspace).day_of(now()),
        planned_at=now(),
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
    assert PUSHES.claim(push.pk, "one")
    assert not PUSHES.claim(push.pk, "two")
    PUSHES.settle_sent(push, "two")
    PUSHES.settle_failed(push, "two", "no")
    assert read(push).state == PushState.CLAIMED
    PUSHES.settle_sent(push, "one")
    assert read(push).state == PushState.SENT
    assert not PUSHES.claim(push.pk, "two")


def test_a_claim_that_had_not_begun_is_due_again(push: Push) -> None:
    """Nothing had left. Whoever had it finds that it has it no more."""
    PUSHES.claim(push.pk, "one")
    assert PUSHES.give_up_lost() == 0, "it is fresh"
    age(push, OLD)
    assert PUSHES.give_up_lost() == 1
    assert read(push).state == PushState.DUE
    assert not PUSHES.begin(push, "one", subject="subject", things=1)
    assert PUSHES.claim(push.pk, "two")
    assert not PUSHES.begin(push, "one", subject="subject", things=1)
    assert PUSHES.begin(push, "two", subject="subject", things=1)


def test_a_claim_that_had_begun_is_unknown(push: Push) -> None:
    """It may have left; what it tells of counts as told."""
    PUSHES.claim(push.pk, "one")
    PUSHES.begin(push, "one", subject="subject", things=1)
    Nag.objects.create(
        workspace=push.workspace, membership=push.membership, day=push.day, thing="promise:1:1", push=push
    )
    age(push, OLD)
    assert PUSHES.give_up_lost() == 1
    assert (read(push).state, push.reason) == (PushState.UNKNOWN, ledger.BROKEN_OFF)
    assert PUSHES.waiting() == []
    assert Nag.objects.count() == 1


def test_who_was_given_up_too_soon_may_still_say_that_it_arrived(push: Push) -> None:
    """A worker that was stopped for an hour and went on. But not once a person has sent it again."""
    PUSHES.claim(push.pk, "one")
    PUSHES.begin(push, "one", subject="subject", things=1)
    age(push, OLD)
    PUSHES.give_up_lost()
    PUSHES.settle_sent(push, "one")
    assert read(push).state == PushState.SENT
    Push.objects.update(state=PushState.UNKNOWN)
    assert PUSHES.send_again(push.pk)
    PUSHES.settle_sent(push, "one")
    assert read(push).state == PushState.DUE


def test_what_never_comes_to_be_made_is_given_up(push: Push) -> None:
    """A message that ends every worker that makes it."""
    for _ in range(ledger.MOST_ATTEMPTS):
        assert PUSHES.claim(push.pk, "one")
        age(push, OLD)
        PUSHES.give_up_lost()
    assert read(push).state == PushState.FAILED


def test_a_failure_frees_what_it_would_have_told_of(push: Push) -> None:
    """It was not told; another message may."""
    PUSHES.claim(push.pk, "one")
    Nag.objects.create(
        workspace=push.workspace, membership=push.membership, day=push.day, thing="promise:1:1", push=push
    )
    PUSHES.settle_failed(push, "one", "no such address")
    assert not Nag.objects.exists()
    assert PUSHES.send_again(push.pk)
    assert read(push).state == PushState.DUE


def test_waiting_grows(push: Push) -> None:
    """From a minute to an hour."""
    waits = []
    for _ in range(ledger.MOST_ATTEMPTS - 1):
        Push.objects.update(not_before=None)
        PUSHES.claim(push.pk, "one")
        PUSHES.put_back(read(push), "one", "busy")
        until = read(push).not_before
        assert until is not None and push.state == PushState.DUE
        waits.append(round((until - ledger.machine_time()) / timedelta(minutes=1)))
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]


def test_both_kinds_have_the_states_that_the_ledger_moves_between() -> None:
    """It names them by itself, once for both."""
    states = {ledger.DUE, ledger.CLAIMED, ledger.SENT, ledger.UNKNOWN, ledger.FAILED}
    assert states <= set(PushState.values)
    assert states <= set(LetterState.values)


def test_what_was_never_made_frees_what_it_would_have_told_of(push: Push) -> None:
    """Like any failure: its things may be told of elsewhere."""
    PUSHES.claim(push.pk, "one")
    Nag.objects.create(
        workspace=push.workspace, membership=push.membership, day=push.day, thing="promise:1:1", push=push
    )
    Push.objects.update(attempts=ledger.MOST_ATTEMPTS)
    age(push, OLD)
    assert PUSHES.give_up_lost() == 1
    assert (read(push).state, push.reason) == (PushState.FAILED, ledger.NEVER_MADE)
    assert not Nag.objects.exists()
