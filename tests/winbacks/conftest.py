"""A seller, a clock, and deals to lose."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from notyet.deals.models import Deal
    from notyet.workspaces.access import Actor
    from notyet.workspaces.models import Workspace


@pytest.fixture
def ada(workspace: "Workspace", acting: "Callable[..., Actor]", clock: Callable[[str], datetime]) -> "Actor":
    """A manager, on a Monday morning."""
    from notyet.workspaces.models import Role

    clock("2026-03-02T08:00:00+00:00")
    return acting(Role.MANAGER, seller_name="Ada")


@pytest.fixture
def open_deal(ada: "Actor") -> "Callable[..., Deal]":
    """``open_deal("Okapi", contract_term_months="12")`` makes a deal that was opened a month ago."""
    from notyet.deals.actions import create_deal

    def make(buyer: str, **values: str) -> "Deal":
        return create_deal(ada, {"account": buyer, "opened_at": "2026-02-01", **values})

    return make
