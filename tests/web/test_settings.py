"""The pages on which an administrator sets up the workspace and its people."""

from collections.abc import Callable

from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from notyet.workspaces.access import operator
from notyet.workspaces.actions import add_person, create_workspace
from notyet.workspaces.models import Membership, Role, Workspace
from notyet.workspaces.scope import within

SignIn = Callable[[Role], Client]

FORM = {
    "name": "Acme",
    "visibility": "own",
    "time_zone": "Europe/Berlin",
    "country": "DE",
    "subdivision": "BY",
    "working_days": ["0", "1", "2", "3", "4"],
    "day_starts": "08:30",
    "day_ends": "17:00",
    "closed_days": "2026-12-24 Christmas Eve",
    "reply_hours": "4",
    "stalled_factor": "1.5",
    "unpaid_days": "60",
    "big_sale": "50000",
    "term_rule": "three_months_before",
    "budget_month": "4",
}


def test_what_is_saved_is_shown_again(workspace: Workspace, sign_in: SignIn) -> None:
    client = sign_in(Role.ADMINISTRATOR)
    assert client.post(reverse("settings"), FORM).status_code == 302
    page = client.get(reverse("settings")).content.decode()
    assert 'value="08:30"' in page
    assert "2026-12-24 Christmas Eve" in page
    assert '<option value="NW">' in page, "the country's parts are offered"
    assert client.post(reverse("settings"), FORM, follow=True).content.decode().count("Nothing had changed.") == 1


def test_how_a_lost_buyer_is_asked_again_says_what_it_does(
    workspace: Workspace, sign_in: SignIn, clock: Callable[[str], object]
) -> None:
    clock("2026-03-02T08:00:00+00:00")
    client = sign_in(Role.ADMINISTRATOR)
    page = client.get(reverse("settings")).content.decode()
    assert "24 months pitched and lost on 2 March 2026: asked on 2 September 2027" in page
    assert "asked on 2 December 2027" in page
    assert "today’s loss on 1 January 2027" in page
    assert client.post(reverse("settings"), FORM).status_code == 302
    page = client.get(reverse("settings")).content.decode()
    assert 'value="three_months_before" required checked' in page
    assert '<option value="4" selected>April</option>' in page
    assert "today’s loss on 1 April 2026" in page
    for field, value in (("term_rule", "half"), ("budget_month", "13")):
        assert client.post(reverse("settings"), {**FORM, field: value}).status_code == 400


def test_a_wrong_field_is_marked_and_what_was_typed_stays(workspace: Workspace, sign_in: SignIn) -> None:
    client = sign_in(Role.ADMINISTRATOR)
    wrong = {**FORM, "closed_days": "tomorrow", "name": "New name"}
    response = client.post(reverse("settings"), wrong)
    page = response.content.decode()
    assert response.status_code == 400
    assert "Line 1: “tomorrow” is not a date" in page
    assert 'value="New name"' in page
    workspace.refresh_from_db()
    assert workspace.name == "Acme"
    assert workspace.country == ""


def test_somebody_is_added_changed_and_removed(workspace: Workspace, sign_in: SignIn) -> None:
    client = sign_in(Role.ADMINISTRATOR)
    added = client.post(reverse("person_add"), {"email": "ada@example.org", "role": "seller"})
    assert added["Cache-Control"].count("no-store") == 1
    password = added.context["shown"][1]
    assert authenticate(username="ada@example.org", password=password)
    assert password not in client.get(reverse("people")).content.decode(), "it is shown once"
    with within(workspace):
        member = Membership.objects.get(user__username="ada@example.org").pk
    client.post(reverse("person", args=[member]), {"role": "manager", "team": "North", "seller_name": "Ada"})
    with within(workspace):
        changed = Membership.objects.get(pk=member)
        assert (changed.role, changed.team.name, changed.seller_name) == ("manager", "North", "Ada")
    client.post(reverse("person_remove", args=[member]))
    with within(workspace):
        assert not Membership.objects.filter(pk=member).exists()


def test_a_refused_person_leaves_the_form_as_it_was(workspace: Workspace, sign_in: SignIn) -> None:
    response = sign_in(Role.ADMINISTRATOR).post(reverse("person_add"), {"email": "ada", "role": "owner"})
    assert response.status_code == 400
    assert 'value="ada"' in response.content.decode()


def test_somebody_of_two_workspaces_goes_from_one_to_the_other(workspace: Workspace, sign_in: SignIn) -> None:
    client = sign_in(Role.SELLER)
    assert "choose-workspace" not in client.get("/").content.decode()
    other = create_workspace("Other company")
    add_person(operator(other), "seller@example.org", Role.SELLER)
    assert "<b>Acme</b>" in client.get("/").content.decode()
    assert client.post(reverse("workspace_choose"), {"workspace": other.slug}).status_code == 302
    assert "<b>Other company</b>" in client.get("/").content.decode()
    third = create_workspace("Not hers")
    assert client.post(reverse("workspace_choose"), {"workspace": third.slug}).status_code == 404


def test_somebody_changes_her_own_password(workspace: Workspace, sign_in: SignIn) -> None:
    client = sign_in(Role.SELLER)
    user = User.objects.get(username="seller@example.org")
    user.set_password("the-first-password")
    user.save()
    client.force_login(user)
    address = reverse("account_change_password")
    new = {"password1": "another-long-one", "password2": "another-long-one"}
    assert client.post(address, {"oldpassword": "wrong", **new}).status_code == 200
    assert client.post(address, {"oldpassword": "the-first-password", **new}).status_code == 302
    assert authenticate(username="seller@example.org", password="another-long-one")
