"""What is sent once: claimed by one worker, sent, settled. Messages to people here and letters to buyers go by it.

Every step is one conditional ``UPDATE``, committed before the next begins: a worker that is killed leaves a claim,
and whether the message had left by then is told by ``sending_at``.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.db.models import F, Q

from notyet.core.clock import now
from notyet.notices.models import Push
from notyet.notices.rules import retry_after
from notyet.winbacks.parting_models import Letter

LEASE = timedelta(minutes=10)
"""A claim this old is nobody's any more: sending takes seconds, and every wait in it has an end."""
MOST_ATTEMPTS = 12

BROKEN_OFF = "the worker ended while it was on its way"
NEVER_MADE = "the worker ended before it could be sent"

DUE, CLAIMED, SENT, UNKNOWN, FAILED = "due", "claimed", "sent", "unknown", "failed"
"""The states that both kinds have, beside their own."""
_NOBODYS: dict[str, Any] = {"state": DUE, "worker": "", "claimed_at": None, "sending_at": None}

Row = TypeVar("Row", Push, Letter)


def machine_time() -> datetime:
    """The machine's own clock, which waits and leases go by."""
    return datetime.now(UTC)


class Ledger(Generic[Row]):
    """The rows of one kind in the workspace in scope. ``on_failure`` takes back what a row that fails stood for."""

    def __init__(self, model: type[Row], on_failure: Callable[[Row], None]) -> None:
        self._model: Any = model
        self._on_failure: Callable[[Row], None] = on_failure

    def waiting(self) -> list[int]:
        """Those that are to be sent now, the oldest first."""
        ready = Q(not_before__isnull=True) | Q(not_before__lte=machine_time())
        return list(self._model.objects.filter(ready, state=DUE).order_by("pk").values_list("pk", flat=True))

    def claim(self, pk: int, worker: str) -> bool:
        """Make one that is due this worker's; false where another was quicker."""
        mine = {"state": CLAIMED, "worker": worker, "claimed_at": machine_time(), "sending_at": None}
        changed: int = self._model.objects.filter(pk=pk, state=DUE).update(**mine, attempts=F("attempts") + 1)
        return changed == 1

    def begin(self, row: Row, worker: str, **said: object) -> bool:
        """Say that it leaves now; false where the claim was taken away meanwhile. Commit before sending."""
        changed: int = self._mine(row, worker, CLAIMED).update(sending_at=machine_time(), **said)
        return changed == 1

    def settle_sent(self, row: Row, worker: str) -> bool:
        """It was accepted. Holds even if the claim was given up for lost while it was on its way."""
        return end(self._mine(row, worker, CLAIMED, UNKNOWN), SENT) == 1

    def settle_unknown(self, row: Row, worker: str, reason: str) -> None:
        """It may or may not have gone out; it is never sent again by itself."""
        end(self._mine(row, worker, CLAIMED), UNKNOWN, reason)

    def settle_failed(self, row: Row, worker: str, reason: str) -> None:
        """It was certainly not sent and will not be."""
        self._fail(self._mine(row, worker, CLAIMED, UNKNOWN), row, reason)

    def put_back(self, row: Row, worker: str, reason: str) -> None:
        """It was certainly not sent: try again a little later, a limited number of times."""
        if row.attempts >= MOST_ATTEMPTS:
            self.settle_failed(row, worker, reason)
            return
        later = machine_time() + retry_after(row.attempts)
        self._mine(row, worker, CLAIMED, UNKNOWN).update(**_NOBODYS, reason=reason[:300], not_before=later)

    def send_again(self, pk: int) -> bool:
        """A person wants one sent whose fate is not known, or that failed."""
        unsure = self._model.objects.filter(pk=pk, state__in=(UNKNOWN, FAILED))
        changed: int = unsure.update(**_NOBODYS, not_before=None, attempts=0, settled_at=None)
        return changed == 1

    def give_up_lost(self) -> int:
        """Settle what workers that are gone left: due again where nothing had gone out, else unknown. Says how many."""
        old = self._model.objects.filter(state=CLAIMED, claimed_at__lt=machine_time() - LEASE)
        unknown = end(old.filter(sending_at__isnull=False), UNKNOWN, BROKEN_OFF)
        not_begun = old.filter(sending_at__isnull=True)
        failed = sum(
            self._fail(not_begun.filter(pk=row.pk), row, NEVER_MADE)
            for row in not_begun.filter(attempts__gte=MOST_ATTEMPTS)
        )
        due: int = not_begun.filter(attempts__lt=MOST_ATTEMPTS).update(**_NOBODYS)
        return unknown + failed + due

    def give_up(self, rows: Iterable[Row], reason: str) -> int:
        """Fail what still waits of these, for why it was not sent till now or else for the reason. Says how many."""
        due = self._model.objects.filter(state=DUE)
        return sum(self._fail(due.filter(pk=row.pk), row, row.reason or reason) for row in rows)

    @transaction.atomic
    def _fail(self, one: Any, row: Row, reason: str) -> int:
        changed = end(one, FAILED, reason)
        if changed:
            self._on_failure(row)
        return changed

    def _mine(self, row: Row, worker: str, *states: str) -> Any:
        return self._model.objects.filter(pk=row.pk, worker=worker, state__in=states)


def end(rows: Any, state: str, reason: str = "") -> int:
    """Settle rows; says how many."""
    changed: int = rows.update(state=state, reason=reason[:300], settled_at=now())
    return changed
