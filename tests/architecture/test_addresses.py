"""Every address is guarded: nobody gets in without signing in, and a role without permissions gets nothing."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from notyet.workspaces.access import operator
from notyet.workspaces.actions import add_person
from notyet.workspaces.models import Role, Workspace

OPEN_TO_EVERYBODY = {
    "account_login": "where one signs in",
    "account_signup": "says that accounts are given, not taken",
    "account_logout": "where one signs out",
}
OPEN_TO_MEMBERS = {"account_change_password": "everybody changes a password of her own"}
SAMPLES = {"int": 1, "slug": "one", "str": "one", "uuid": "00000000-0000-0000-0000-000000000001", "path": "one"}


def addresses() -> Iterator[tuple[str, str]]:
    """Every named address of the application with values that lead nowhere in its place holders."""

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[tuple[str, str]]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
                continue
            assert pattern.name, f"{pattern.pattern} has no name"
            converters = pattern.pattern.converters
            values = {key: _sample(type(converter).__name__) for key, converter in converters.items()}
            yield f"{prefix}{pattern.name}", reverse(f"{prefix}{pattern.name}", kwargs=values)

    yield from walk(get_resolver().url_patterns, "")


def _sample(converter: str) -> object:
    return SAMPLES[converter.removesuffix("Converter").lower().replace("string", "str")]


def test_the_lists_are_not_stale() -> None:
    """An address that is gone, or guarded by now, has no place on them."""
    names = {name for name, _ in addresses()}
    assert set(OPEN_TO_EVERYBODY) | set(OPEN_TO_MEMBERS) <= names
    assert len(names) > len(OPEN_TO_EVERYBODY) + len(OPEN_TO_MEMBERS)


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_gets_in_without_signing_in(client: Client, method: str) -> None:
    """Everything asks to sign in, or says that it is not there."""
    let_in = []
    for name, address in addresses():
        response = getattr(client, method)(address)
        asked = response.status_code == 302 and response["Location"].startswith(reverse("account_login"))
        if name not in OPEN_TO_EVERYBODY and not asked and response.status_code not in (403, 404, 405):
            let_in.append(f"{name}: {response.status_code}")
        if name in OPEN_TO_EVERYBODY and method == "get":
            assert response.status_code in (200, 302), name
    assert let_in == []


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_role_without_permissions_gets_nothing(client: Client, workspace: Workspace, method: str) -> None:
    """An interviewer has a room of her own, which is not built yet; every other is closed to her."""
    add_person(operator(workspace), "ivy@example.org", Role.INTERVIEWER)
    client.force_login(User.objects.get(username="ivy@example.org"))
    let_in = []
    for name, address in addresses():
        if name in OPEN_TO_EVERYBODY or name in OPEN_TO_MEMBERS:
            continue
        response = getattr(client, method)(address)
        if response.status_code not in (403, 404, 405):
            let_in.append(f"{name}: {response.status_code}")
    assert let_in == []
