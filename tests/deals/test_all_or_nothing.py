"""An action that breaks off anywhere leaves the record as it was."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db import OperationalError, connection

from notyet.workspaces.access import operator
from notyet.workspaces.models import Workspace
from tests.deals.test_allowed import ON_A_DEAL
from tests.deals.worked import Action, everything, imported_deal, worked_deal

pytestmark = pytest.mark.django_db


class BreakOff:
    """Lets so many statements through, and breaks the next one off; what follows, to clean up, is let through."""

    def __init__(self, after: int) -> None:
        self.left, self.broke = after, False

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if not self.broke and self.left == 0:
            self.broke = True
            raise OperationalError("the server went away")
        self.left -= 1
        return execute(sql, params, many, context)


@pytest.mark.parametrize("name", ["create deal", *ON_A_DEAL])
def test_nothing_is_half_done(workspace: Workspace, name: str) -> None:
    """Broken off at its first statement, its second, and so on until it goes through."""
    actor = operator(workspace)
    act: Action = worked_deal(actor, imported_deal(workspace))[name]
    before, after = everything(), 0
    while True:
        breaking = BreakOff(after)
        with connection.execute_wrapper(breaking), suppress(OperationalError):
            act(actor)
        if not breaking.broke:
            break
        assert everything() == before, f"half done when broken off at statement {after + 1}"
        after += 1
    assert after > 5
    assert everything() != before
