"""The states of a message: claimed by one worker, sent, settled.

Every step is one conditional ``UPDATE``, committed before the next begins: a worker that is killed leaves a claim,
and whether the message had left by then is told by ``sending_at``.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import F, Q

from notyet.core.clock import now
from notyet.notices.models import Nag, Push, PushState
from notyet.notices.rules import retry_after

LEASE = timedelta(minutes=10)
"""A claim this old is nobody's any more: sending takes seconds, and every wait in it has an end."""
MOST_ATTEMPTS = 12

BROKEN_OFF = "the worker ended while the message was on its way"
DAY_OVER = "its day was over before it could be sent"


def machine_time() -> datetime:
    """The machine's own clock, which waits and leases go by."""
    return datetime.now(UTC)


def waiting() -> list[int]:
    """The messages of the workspace in scope that are to be sent now, the oldest first."""
    ready = Q(not_before__isnull=True) | Q(not_before__lte=machine_time())
    return list(Push.objects.filter(ready, state=PushState.DUE).order_by("pk").values_list("pk", flat=True))


def claim(pk: int, worker: str) -> bool:
    """Make a due message this worker's; false where another was quicker."""
    changed: int = Push.objects.filter(pk=pk, state=PushState.DUE).update(
        state=PushState.CLAIMED,
        worker=worker,
        claimed_at=machine_time(),
        sending_at=None,
        attempts=F("attempts") + 1,
    )
    return changed == 1


def begin(push: Push, worker: str, subject: str, things: int) -> bool:
    """Say that the message leaves now; false where the claim was taken away meanwhile. Commit before sending."""
    changed: int = _mine(push, worker, PushState.CLAIMED).update(
        sending_at=machine_time(), subject=subject, things=things
    )
    return changed == 1


def settle_sent(push: Push, worker: str) -> None:
    """It was accepted. Holds even if the claim was given up for lost while it was on its way."""
    _end(_mine(push, worker, PushState.CLAIMED, PushState.UNKNOWN), PushState.SENT, "")


def settle_empty(push: Push, worker: str) -> None:
    """There was nothing to say."""
    _end(_mine(push, worker, PushState.CLAIMED), PushState.EMPTY, "")


def settle_unknown(push: Push, worker: str, reason: str) -> None:
    """It may or may not have gone out; it is never sent again by itself, and what it told of counts as told."""
    _end(_mine(push, worker, PushState.CLAIMED), PushState.UNKNOWN, reason)


def settle_failed(push: Push, worker: str, reason: str) -> None:
    """It was certainly not sent and will not be; what it was about may be told of elsewhere."""
    if _end(_mine(push, worker, PushState.CLAIMED, PushState.UNKNOWN), PushState.FAILED, reason):
        Nag.objects.filter(push=push).delete()


def put_back(push: Push, worker: str, reason: str) -> None:
    """It was certainly not sent: try again a little later, a limited number of times."""
    if push.attempts >= MOST_ATTEMPTS:
        settle_failed(push, worker, reason)
        return
    _mine(push, worker, PushState.CLAIMED, PushState.UNKNOWN).update(
        state=PushState.DUE,
        worker="",
        claimed_at=None,
        sending_at=None,
        reason=reason[:300],
        not_before=machine_time() + retry_after(push.attempts),
    )


def send_again(pk: int) -> bool:
    """A person wants a message sent whose fate is not known, or that failed."""
    changed: int = Push.objects.filter(pk=pk, state__in=(PushState.UNKNOWN, PushState.FAILED)).update(
        state=PushState.DUE, worker="", claimed_at=None, sending_at=None, not_before=None, attempts=0, settled_at=None
    )
    return changed == 1


def give_up_lost() -> int:
    """Settle the claims of workers that are gone: back to due where nothing had left, else unknown. Says how many."""
    old = Push.objects.filter(state=PushState.CLAIMED, claimed_at__lt=machine_time() - LEASE)
    unknown = _end(old.filter(sending_at__isnull=False), PushState.UNKNOWN, BROKEN_OFF)
    not_begun = old.filter(sending_at__isnull=True)
    failed = _end(
        not_begun.filter(attempts__gte=MOST_ATTEMPTS), PushState.FAILED, "the worker ended before it could be made"
    )
    due: int = not_begun.filter(attempts__lt=MOST_ATTEMPTS).update(state=PushState.DUE, worker="", claimed_at=None)
    return unknown + failed + due


def give_up_old(today: date) -> int:
    """Fail what waits since an earlier day: a later one has a message of its own. Says how many."""
    old = Push.objects.filter(state=PushState.DUE, day__lt=today)
    old.filter(reason="").update(reason=DAY_OVER)
    changed: int = old.update(state=PushState.FAILED, settled_at=now())
    return changed


def _mine(push: Push, worker: str, *states: PushState) -> Any:
    return Push.objects.filter(pk=push.pk, worker=worker, state__in=states)


def _end(pushes: Any, state: PushState, reason: str) -> int:
    changed: int = pushes.update(state=state, reason=reason[:300], settled_at=now())
    return changed
