"""What the worker does every little while: plan what is due, send it, settle what a dead worker left."""

import logging
from collections.abc import Callable
from uuid import uuid4

from django.conf import settings

from notyet.core.clock import now
from notyet.notices import letters, planning, sending, things
from notyet.notices.pushes import PUSHES
from notyet.workspaces.models import Workspace
from notyet.workspaces.scope import within
from notyet.workspaces.working import working_time

_log = logging.getLogger(__name__)


def worker_name() -> str:
    """A name that no other worker has, now or after a restart."""
    return uuid4().hex


def tick(worker: str, stopping: Callable[[], bool] = lambda: False) -> int:
    """Go through every workspace once; says how many messages were looked at. Asked to stop, it does so between two."""
    handled = 0
    for workspace in Workspace.objects.order_by("pk"):
        with within(workspace):
            for pk in letters.waiting():
                if stopping():
                    return handled
                letters.deliver(pk, worker)
                handled += 1
            try:
                today = working_time(workspace).day_of(now())
            except ValueError:
                _log.warning("workspace %s: its working time cannot be used, nothing is sent", workspace.slug)
                continue
            PUSHES.give_up_lost()
            planning.clear_away(today)
            if not things.up_to_date(workspace):
                continue
            planning.plan(workspace, now(), mails=settings.NOTYET_SENDS_MAIL)
            for pk in PUSHES.waiting():
                if stopping():
                    return handled
                sending.deliver(pk, worker)
                handled += 1
    return handled
