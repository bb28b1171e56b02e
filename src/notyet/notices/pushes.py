"""Messages to people here, sent once: what is theirs alone beside the ledger."""

from datetime import date

from notyet.notices.ledger import Ledger, end
from notyet.notices.models import Nag, Push, PushState

DAY_OVER = "its day was over before it could be sent"


def _untold(push: Push) -> None:
    """What it would have told of may be told of elsewhere."""
    Nag.objects.filter(push=push).delete()


PUSHES = Ledger(Push, _untold)


def settle_empty(push: Push, worker: str) -> None:
    """There was nothing to say."""
    end(Push.objects.filter(pk=push.pk, worker=worker, state=PushState.CLAIMED), PushState.EMPTY)


def give_up_old(today: date) -> int:
    """Fail what waits since an earlier day: a later one has a message of its own. Says how many."""
    return PUSHES.give_up(Push.objects.filter(state=PushState.DUE, day__lt=today), DAY_OVER)
