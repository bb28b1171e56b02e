"""Who gets what: one table of role, address, method and code."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from django.contrib.auth.models import User
from django.test import Client
from django.urls import get_resolver, reverse

from notyet.core.clock import now
from notyet.deals.models import Deal
from notyet.exchange.files import folder_of
from notyet.exchange.models import Import
from notyet.pipeline.actions import set_target
from notyet.pipeline.models import Target
from notyet.pipeline.rules import Wish
from notyet.workspaces.access import operator
from notyet.workspaces.actions import add_person, create_workspace
from notyet.workspaces.models import Role, Workspace
from notyet.workspaces.scope import within
from tests.web.records import fill

SignIn = Callable[[Role], Client]

SEES_FIGURES = set(Role) - {Role.INTERVIEWER}
SEES_DEALS = SEES_FIGURES - {Role.MARKETING, Role.SUPPORT}
WORKS_DEALS = {Role.SELLER, Role.MANAGER, Role.OWNER, Role.ADMINISTRATOR}
MERGES = {Role.MANAGER, Role.OWNER, Role.ADMINISTRATOR}
DECIDES = {Role.OWNER, Role.ADMINISTRATOR}
IMPORTS = {Role.OWNER, Role.ADMINISTRATOR}
SEES_PIPELINE = SEES_FIGURES - {Role.SUPPORT}
SETS_TARGETS = {Role.MANAGER, Role.OWNER, Role.ADMINISTRATOR}
SETS_UP = {Role.ADMINISTRATOR}

LEAK = {"field": "Days in process", "verdict": "fine"}
NO_FORM: dict[str, str] = {}

TABLE = [
    ("winloss", {}, "get", NO_FORM, SEES_FIGURES, 200),
    ("history_making", {}, "get", NO_FORM, SEES_FIGURES, 200),
    ("drivers", {}, "get", NO_FORM, SEES_FIGURES, 200),
    ("figures", {"kind": "json"}, "get", NO_FORM, SEES_FIGURES, 200),
    ("figures", {"kind": "csv"}, "get", NO_FORM, SEES_FIGURES, 200),
    ("figures", {"kind": "html"}, "get", NO_FORM, SEES_FIGURES, 200),
    ("report", {}, "get", NO_FORM, SEES_FIGURES, 200),
    ("today", {}, "get", NO_FORM, SEES_DEALS, 200),
    ("today_group", {"group": "promise"}, "get", NO_FORM, SEES_DEALS, 200),
    ("today_beside", {}, "get", NO_FORM, SEES_DEALS, 200),
    ("today_settle", {}, "post", NO_FORM, WORKS_DEALS, 404),
    ("today_snooze", {}, "post", NO_FORM, WORKS_DEALS, 404),
    ("today_unsnooze", {"pk": 1}, "post", NO_FORM, WORKS_DEALS, 404),
    ("pipeline", {}, "get", NO_FORM, SEES_PIPELINE, 200),
    ("pipeline_spent", {}, "get", NO_FORM, SEES_PIPELINE, 200),
    ("pipeline_deals", {}, "get", {"figure": "live"}, SEES_DEALS, 200),
    ("pipeline_targets", {}, "get", NO_FORM, SETS_TARGETS, 200),
    ("pipeline_targets", {}, "post", NO_FORM, SETS_TARGETS, 400),
    ("pipeline_target", {"pk": "target"}, "get", NO_FORM, SETS_TARGETS, 200),
    ("pipeline_target_remove", {"pk": "target"}, "post", NO_FORM, SETS_TARGETS, 302),
    ("deals", {}, "get", NO_FORM, SEES_DEALS, 200),
    ("deals_file", {}, "get", NO_FORM, MERGES, 200),
    ("view_save", {}, "post", NO_FORM, SEES_DEALS, 302),
    ("view_remove", {"pk": 1}, "post", NO_FORM, SEES_DEALS, 404),
    ("deals_behind", {}, "get", {"figure": "win_rate"}, SEES_DEALS, 200),
    ("deal", {"pk": 0}, "get", NO_FORM, SEES_DEALS, 200),
    ("deal_new", {}, "get", NO_FORM, WORKS_DEALS, 200),
    ("deal_new", {}, "post", {"account": ""}, WORKS_DEALS, 400),
    ("deal_buyers", {}, "get", {"account": "Buyer 1"}, WORKS_DEALS, 200),
    ("edit_undo", {"edit": 0}, "post", NO_FORM, WORKS_DEALS, 404),
    ("deal_talk", {"pk": 0}, "post", NO_FORM, WORKS_DEALS, 400),
    ("deal_mail", {"pk": 0}, "post", NO_FORM, WORKS_DEALS, 400),
    ("deal_promise", {"pk": 0}, "post", NO_FORM, WORKS_DEALS, 400),
    ("deal_step", {"pk": 0}, "post", NO_FORM, WORKS_DEALS, 400),
    ("deal_row", {"pk": 0, "table": "promises", "key": 0}, "post", NO_FORM, WORKS_DEALS, 404),
    ("deal_fields", {"pk": 0}, "post", NO_FORM, WORKS_DEALS, 302),
    ("deal_difference", {"pk": 0, "mark": 0}, "post", NO_FORM, WORKS_DEALS, 404),
    ("deal_contact_new", {"pk": 0}, "post", NO_FORM, WORKS_DEALS, 400),
    ("deal_contact", {"pk": 0, "part": 1}, "post", NO_FORM, WORKS_DEALS, 404),
    ("deal_stage", {"pk": 0}, "post", NO_FORM, WORKS_DEALS, 302),
    ("deal_question", {"pk": 0}, "post", NO_FORM, WORKS_DEALS, 302),
    ("deal_process_step", {"pk": 0}, "post", NO_FORM, WORKS_DEALS, 302),
    ("deal_why", {"pk": 0}, "post", NO_FORM, WORKS_DEALS, 302),
    ("process", {}, "get", NO_FORM, SEES_DEALS, 200),
    ("process_followed", {}, "get", NO_FORM, SEES_FIGURES, 200),
    ("process_move", {}, "get", NO_FORM, DECIDES, 404),
    ("process_move", {}, "post", NO_FORM, DECIDES, 404),
    ("process_move_undo", {}, "post", NO_FORM, DECIDES, 302),
    ("process_labels", {}, "get", NO_FORM, DECIDES, 200),
    ("process_labels", {}, "post", NO_FORM, DECIDES, 302),
    ("process_edit", {}, "get", NO_FORM, DECIDES, 200),
    ("process_edit", {}, "post", NO_FORM, DECIDES, 400),
    ("process_start", {}, "post", NO_FORM, DECIDES, 302),
    ("process_again", {}, "post", NO_FORM, DECIDES, 400),
    ("process_publish", {}, "post", NO_FORM, DECIDES, 302),
    ("process_discard", {}, "post", NO_FORM, DECIDES, 302),
    ("leak", {}, "post", LEAK, DECIDES, 302),
    ("health", {}, "get", NO_FORM, SEES_FIGURES, 200),
    ("health_found", {}, "get", NO_FORM, SEES_FIGURES, 200),
    ("duplicates", {}, "get", NO_FORM, MERGES, 200),
    ("duplicates_decide", {}, "post", NO_FORM, MERGES, 302),
    ("duplicates_split", {}, "post", NO_FORM, MERGES, 302),
    ("duplicates_ask_again", {}, "post", NO_FORM, MERGES, 302),
    ("reasons", {}, "get", NO_FORM, DECIDES, 200),
    ("reasons", {}, "post", NO_FORM, DECIDES, 400),
    ("wordings", {}, "post", NO_FORM, DECIDES, 302),
    ("close_several", {}, "get", NO_FORM, WORKS_DEALS, 200),
    ("close_several", {}, "post", NO_FORM, WORKS_DEALS, 400),
    ("deal_close", {"pk": 0}, "get", NO_FORM, WORKS_DEALS, 302),
    ("deal_paid", {"pk": 0}, "post", NO_FORM, WORKS_DEALS, 302),
    ("deal_reopen", {"pk": 0}, "post", NO_FORM, WORKS_DEALS, 302),
    ("debriefs", {}, "get", NO_FORM, SEES_DEALS, 200),
    ("preparation", {}, "get", NO_FORM, DECIDES, 200),
    ("preparation", {}, "post", NO_FORM, DECIDES, 302),
    ("action_settle", {"pk": 0}, "post", NO_FORM, WORKS_DEALS, 404),
    ("letter_stop", {"pk": 0}, "post", NO_FORM, WORKS_DEALS, 404),
    ("letter_settle", {"pk": 0}, "post", NO_FORM, WORKS_DEALS, 404),
    ("debrief", {"pk": 0}, "get", NO_FORM, WORKS_DEALS, 200),
    ("debrief_field", {"pk": 0}, "post", {"field": "none"}, WORKS_DEALS, 400),
    ("debrief_finish", {"pk": 0}, "post", NO_FORM, WORKS_DEALS, 302),
    ("debrief_part", {"pk": 0}, "post", {"channel": "pigeon"}, WORKS_DEALS, 302),
    ("letter", {"pk": 0}, "post", NO_FORM, WORKS_DEALS, 302),
    ("action", {"pk": 0}, "post", NO_FORM, WORKS_DEALS, 302),
    ("win_backs", {}, "get", NO_FORM, SEES_DEALS, 200),
    ("win_back", {"pk": 0}, "get", NO_FORM, SEES_DEALS, 404),
    ("win_back", {"pk": 0}, "post", NO_FORM, WORKS_DEALS, 404),
    ("triggers", {}, "get", NO_FORM, MERGES, 200),
    ("triggers", {}, "post", NO_FORM, MERGES, 400),
    ("trigger_undo", {"pk": 0}, "post", NO_FORM, MERGES, 404),
    ("offers", {}, "get", NO_FORM, DECIDES, 200),
    ("offers", {}, "post", {"reason": "", "text": "Ask"}, DECIDES, 302),
    ("settings", {}, "get", NO_FORM, SETS_UP, 200),
    ("settings", {}, "post", NO_FORM, SETS_UP, 400),
    ("people", {}, "get", NO_FORM, SETS_UP, 200),
    ("person_add", {}, "post", NO_FORM, SETS_UP, 400),
    ("person", {"member": 0}, "post", NO_FORM, SETS_UP, 400),
    ("person_remove", {"member": 0}, "post", NO_FORM, SETS_UP, 404),
    ("person_password", {"member": 0}, "post", NO_FORM, SETS_UP, 404),
    ("workspace_choose", {}, "post", NO_FORM, set(Role), 404),
    ("notices", {}, "get", NO_FORM, SEES_DEALS, 200),
    ("notices", {}, "post", NO_FORM, SEES_DEALS, 400),
    ("notices_try", {}, "post", NO_FORM, SEES_DEALS, 404),
    ("notices_calendar", {}, "post", NO_FORM, SEES_DEALS, 302),
    ("notices_again", {"pk": 1}, "post", NO_FORM, SEES_DEALS, 404),
    ("notices_sent", {}, "get", NO_FORM, SETS_UP, 200),
    ("notices_off", {"token": "guessed"}, "get", NO_FORM, set(Role), 404),
    ("notices_off", {"token": "guessed"}, "post", NO_FORM, set(Role), 404),
    ("calendar", {"token": "guessed"}, "get", NO_FORM, set(Role), 404),
    ("imports", {}, "get", NO_FORM, IMPORTS, 200),
    ("imports_new", {}, "get", NO_FORM, IMPORTS, 200),
    ("imports_new", {}, "post", NO_FORM, IMPORTS, 400),
    ("import", {"number": "done"}, "get", NO_FORM, IMPORTS, 200),
    ("import_progress", {"number": "queued"}, "get", NO_FORM, IMPORTS, 200),
    ("import_columns", {"number": "uploaded"}, "get", NO_FORM, IMPORTS, 302),
    ("import_columns", {"number": "uploaded"}, "post", NO_FORM, IMPORTS, 302),
    ("import_preview", {"number": "previewed"}, "get", NO_FORM, IMPORTS, 302),
    ("import_preview", {"number": "previewed"}, "post", NO_FORM, IMPORTS, 302),
    ("import_write", {"number": "previewed"}, "post", NO_FORM, IMPORTS, 302),
    ("import_undo", {"number": "done"}, "post", NO_FORM, IMPORTS, 302),
    ("import_cancel", {"number": "uploaded"}, "post", NO_FORM, IMPORTS, 302),
    ("import_refused", {"number": "done"}, "get", NO_FORM, IMPORTS, 200),
    ("import_kept", {"number": "done"}, "get", NO_FORM, IMPORTS, 200),
]
OPEN = {"account_login", "account_logout", "account_signup", "account_change_password"}


def address(name: str, values: dict[str, object]) -> str:
    """An address of the table; ``pk`` 0 stands for the workspace's first deal, ``number`` for an import in a state."""
    if "number" in values:
        return reverse(name, kwargs={**values, "number": an_import(str(values["number"]))})
    if values.get("pk") == "target":
        return reverse(name, kwargs={"pk": a_target()})
    pk = Deal.objects.order_by("pk").values_list("pk", flat=True)[0] if "pk" in values else 0
    return reverse(name, kwargs={**values, "pk": pk} if "pk" in values else values)


def an_import(state: str) -> int:
    """A new import of the workspace whose files are gone and some of whose rows were refused."""
    made: Import = Import.objects.create(workspace=Workspace.objects.get(), state=state, made_by="Ada", made_at=now())
    (folder_of(made) / "refused.csv").touch()
    (folder_of(made) / "kept.csv").touch()
    return int(made.pk)


def a_target() -> int:
    """A new target of the workspace, each for a period of its own."""
    days = timedelta(days=7 * Target.objects.count())
    since, until = date(2030, 1, 1) + days, date(2030, 1, 7) + days
    wish = Wish("everybody", "", since, until, Decimal(1000))
    return int(set_target(operator(Workspace.objects.get()), wish).pk)


def test_every_address_is_in_the_table() -> None:
    """A new address needs a line."""
    assert {pattern.name for pattern in get_resolver().url_patterns} == {line[0] for line in TABLE} | OPEN


def test_each_role_gets_the_code_of_the_table(frozen: Workspace, sign_in: SignIn) -> None:
    """What a role may not do is 403. One test for all roles: the record is frozen and analysed once."""
    wrong = []
    for role in Role:
        client = sign_in(role)
        for name, values, method, data, allowed, code in TABLE:
            found = getattr(client, method)(address(name, dict(values)), data).status_code
            if found != (code if role in allowed else 403):
                wrong.append((str(role), name, method, found))
    assert wrong == []


def test_a_method_that_an_address_does_not_have_is_405(frozen: Workspace, sign_in: SignIn) -> None:
    """Nothing is changed by following a link."""
    client = sign_in(Role.ADMINISTRATOR)
    assert client.get(reverse("leak")).status_code == 405
    assert client.get(reverse("wordings")).status_code == 405
    for name in ("duplicates_decide", "duplicates_split", "duplicates_ask_again"):
        assert client.get(reverse(name)).status_code == 405
    assert client.post(reverse("deals")).status_code == 405
    for name in ("import_write", "import_undo", "import_cancel"):
        assert client.get(address(name, {"number": "done"})).status_code == 405


def test_without_a_workspace_a_page_says_so(client: Client, db: None) -> None:
    """Somebody with an account and no membership."""
    client.force_login(User.objects.create_user("new@example.org"))
    response = client.get("/")
    assert response.status_code == 403
    assert "You belong to no workspace yet" in response.content.decode()


def test_another_workspaces_deal_is_not_there(deals: list[Deal], sign_in: SignIn) -> None:
    """404, not 403: that it exists is nobody's business."""
    other = create_workspace("Other")
    with within(other):
        theirs = fill(other, 2)[0]
    assert sign_in(Role.ADMINISTRATOR).get(reverse("deal", kwargs={"pk": theirs.pk})).status_code == 404


def test_a_seller_limited_to_her_own_deals_sees_no_others(workspace: Workspace, deals: list[Deal]) -> None:
    """In the list, and by the address."""
    Workspace.objects.filter(pk=workspace.pk).update(visibility="own")
    membership = add_person(operator(workspace), "mara@example.org", Role.SELLER)
    membership.seller_name = "Mara Lind"
    membership.save()
    client = Client()
    client.force_login(membership.user)
    page = client.get(reverse("deals")).content.decode()
    assert "Mara Lind" in page
    assert "Jo Hart" not in page
    others = next(deal for deal in deals if deal.owner == "Jo Hart")
    assert client.get(reverse("deal", kwargs={"pk": others.pk})).status_code == 404
