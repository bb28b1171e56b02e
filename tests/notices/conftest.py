"""A mail server on loopback, a person who sells, and what is due to her."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from tests.notices.post import Post, post

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

    from notyet.deals.models import Deal, Promise
    from notyet.notices.models import Delivery
    from notyet.workspaces.access import Actor
    from notyet.workspaces.models import Membership, Workspace

    Owe = Callable[..., Promise]
    Reach = Callable[..., Delivery]

MONDAY = "2026-03-02T08:30:00+00:00"


@pytest.fixture
def mailbox(settings: "Settings") -> "Iterator[Post]":
    """A real mail server that keeps what it takes, and the settings that lead there."""
    with post() as office:
        settings.NOTYET_SENDS_MAIL = True
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", office.port
        settings.EMAIL_TIMEOUT = 2
        settings.DEFAULT_FROM_EMAIL = "NotYet <notyet@example.org>"
        settings.NOTYET_URL = "https://notyet.example.org"
        yield office


@pytest.fixture
def mara(workspace: "Workspace", clock: "Callable[[str], datetime]") -> "Membership":
    """A seller, on a Monday morning in March."""
    from notyet.workspaces.access import operator
    from notyet.workspaces.actions import add_person
    from notyet.workspaces.models import Role

    clock(MONDAY)
    return add_person(operator(workspace), "mara@example.org", Role.SELLER, seller_name="Mara Lind")


@pytest.fixture
def as_mara(mara: "Membership") -> "Actor":
    """The same as she acts."""
    from notyet.workspaces.access import actor_of

    return actor_of(mara)


@pytest.fixture
def reach(mara: "Membership") -> "Reach":
    """``reach(digest=True)`` sets her switches."""
    from notyet.notices.models import Delivery

    def to(**switches: object) -> "Delivery":
        made: Delivery = Delivery.objects.update_or_create(
            membership=mara, defaults={"workspace": mara.workspace, **switches}
        )[0]
        return made

    return to


@pytest.fixture
def deal(workspace: "Workspace", mara: "Membership") -> "Deal":
    """Her open deal with Helvia."""
    from notyet.deals.models import Account, DataSource, Deal, Outcome

    source = DataSource.objects.create(workspace=workspace, key="crm", name="crm")
    made: Deal = Deal.objects.create(
        workspace=workspace,
        data_source=source,
        deal_id="D1",
        account=Account.objects.create(workspace=workspace, name="Helvia AG"),
        owner="Mara Lind",
        outcome=Outcome.OPEN,
        amount=10_000,
        opened_at=datetime.fromisoformat("2026-02-02T09:00:00+00:00"),
    )
    return made


@pytest.fixture
def owe(deal: "Deal") -> "Owe":
    """``owe("the offer", "2026-03-02")`` is a promise for a day, with a time for a moment."""
    from notyet.deals.models import NextStep, Promise
    from notyet.deals.touching import touch

    step = NextStep.objects.create(
        workspace=deal.workspace, deal=deal, text="Meet", due_at=datetime.fromisoformat("2026-06-01T00:00:00+00:00")
    )
    assert step.pk  # an open deal without one would be due itself

    def make(text: str, due: str, kept: str | None = None) -> "Promise":
        at = datetime.fromisoformat(due if "T" in due else f"{due}T00:00:00+00:00")
        made: Promise = Promise.objects.create(
            workspace=deal.workspace,
            deal=deal,
            text=text,
            due_at=at,
            kept_at=kept and datetime.fromisoformat(kept),
            plain_dates=0 if "T" in due else 0b111,
        )
        touch(deal.workspace, [deal.pk])
        return made

    return make
