"""A record in a workspace, and people who look at it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from notyet.deals.models import Deal
    from notyet.workspaces.models import Role, Workspace

    SignIn = Callable[[Role], Client]


@pytest.fixture
def deals(workspace: "Workspace") -> "list[Deal]":
    """Sixty deals with everything that a page can show."""
    from tests.web.records import fill

    return fill(workspace)


@pytest.fixture
def frozen(workspace: "Workspace", deals: "list[Deal]") -> "Workspace":
    """The same, frozen for the analysis."""
    from notyet.history.freeze import refresh

    refresh(workspace)
    return workspace


@pytest.fixture
def sign_in(workspace: "Workspace") -> "SignIn":
    """``sign_in(Role.SELLER)`` is a browser of a person with that role in the workspace."""
    from django.contrib.auth.models import User
    from django.test import Client

    from notyet.workspaces.access import operator
    from notyet.workspaces.actions import add_person

    def make(role: "Role") -> "Client":
        email = f"{role}@example.org"
        add_person(operator(workspace), email, role)
        client = Client()
        client.force_login(User.objects.get(username=email))
        return client

    return make
