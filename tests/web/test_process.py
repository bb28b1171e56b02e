"""The pages of the sales process: read, drafted by two at once, published, deals moved."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from notyet.deals.models import Deal, StageChange
from notyet.process.definition import Definition
from notyet.process.editing import fields
from notyet.process.models import ProcessDraft, ProcessVersion, Stage
from notyet.process.publishing import discard_draft, publish, save_draft, start_draft
from notyet.process.queries import current
from notyet.workspaces.access import Actor
from notyet.workspaces.models import Role, Workspace
from tests.web.records import fill

SignIn = Callable[[Role], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ada(workspace: Workspace, sign_in: SignIn) -> Client:
    return sign_in(Role.OWNER)


@pytest.fixture
def bo(workspace: Workspace) -> Actor:
    return Actor(workspace, Role.OWNER, "bo@example.org")


def _read(page: str) -> dict[str, Any]:
    """The editor's form as a browser would send it."""
    form: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        at = {name: unescape(value) for name, value in re.findall(r'([a-z-]+)="([^"]*)"', tag)}
        if "name" not in at or at["name"] == "csrfmiddlewaretoken":
            continue
        if at.get("type") == "checkbox":
            if " checked" in tag:
                form.setdefault(at["name"], []).append(at["value"])
        else:
            form[at["name"]] = at.get("value", "")
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', page):
        form[name] = unescape(text)
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        form[name] = unescape(chosen[1]) if chosen else ""
    form.pop("note", None)
    return form


def _page(response: Any, status: int = 200) -> str:
    assert response.status_code == status
    return str(response.content.decode())


def _edit(client: Client) -> str:
    return _page(client.get(reverse("process_edit")))


def _send(client: Client, form: dict[str, Any], op: str = "", *, htmx: bool = True) -> str:
    sent = {**form, **({"op": op} if op else {})}
    return _page(client.post(reverse("process_edit"), sent, headers=HTMX if htmx else {}))


def _begin(client: Client, origin: str = "usual") -> dict[str, Any]:
    assert client.post(reverse("process_start"), {"origin": origin}).status_code == 302
    return _read(_edit(client))


def _draft() -> dict[str, str]:
    return fields(Definition.from_json(ProcessDraft.objects.get().definition))


def _publish(actor: Actor, changes: dict[str, str], origin: str = "current") -> None:
    draft = start_draft(actor, origin)
    save_draft(actor, Definition.from_json(draft.definition), changes, 1)
    publish(actor, "For a reason.", ProcessDraft.objects.get().revision)


def test_before_it_is_written_down_the_template_is_shown_and_leads_on(ada: Client) -> None:
    page = _page(ada.get(reverse("process")))
    assert "Nobody has written it down here yet" in page
    assert "Make it yours" in page
    assert "Answer the enquiry; call where a number was left" in page
    assert "within 4 working hours" in page
    assert "On entering we know: a contact at the buyer&#x27;s and where the buyer came from." in page


def test_a_seller_reads_it_and_is_not_led_to_change_it(sign_in: SignIn) -> None:
    page = _page(sign_in(Role.SELLER).get(reverse("process")))
    assert "Enquiry" in page
    assert reverse("process_edit") not in page


def test_the_form_that_is_shown_changes_nothing_when_it_is_sent_back(ada: Client) -> None:
    for origin in ("usual", "long"):
        form = _begin(ada, origin)
        before = _draft()
        assert set(json.loads(form["seen"])) == {"stages"}
        page = _send(ada, form)
        assert _draft() == before
        assert ProcessDraft.objects.get().revision == 1
        assert "Saved" in page
        ProcessDraft.objects.all().delete()


def test_what_is_typed_is_saved_and_its_problems_are_told(ada: Client) -> None:
    form = _begin(ada)
    form |= {"stage.need.label": "", "step.call-back.due.amount": "2", "stage.paid.needs": ["amount", "signer"]}
    page = _send(ada, form)
    assert "<form" in page
    assert 'id="editor-form"' not in page, "only what lies beside the form is drawn anew"
    assert "A stage has no name: give it one." in page
    assert (_draft()["stage.need.label"], _draft()["step.call-back.due"]) == ("", "2 hours")
    assert _draft()["stage.paid.needs"] == "amount signer"
    form |= _read(page)
    form["stage.need.label"] = "Need"
    assert "To mend" not in _send(ada, form)
    assert _draft()["stage.need.label"] == "Need"


def test_what_cannot_be_kept_stays_in_its_field_and_says_so(ada: Client) -> None:
    form = _begin(ada) | {"step.call-back.due.amount": "soon", "stage.need.label": "Need"}
    assert "“soon” is no number of working hours" in unescape(_send(ada, form))
    page = _send(ada, form, "add:step:need")
    assert _read(page)["step.call-back.due.amount"] == "soon"
    assert "“soon” is no number of working hours" in unescape(page)
    assert (_draft()["step.call-back.due"], _draft()["stage.need.label"]) == ("4 hours", "Need")


def test_buttons_add_move_remove_and_put_back(ada: Client) -> None:
    form = _begin(ada)
    page = _send(ada, form, "add:step:need")
    assert 'data-focus="f-step.new-1.text"' in page
    form = _read(page) | {"step.new-1.text": "Draw it", "step.new-1.due.amount": "1"}
    form = _read(_send(ada, form, "up:step:new-1"))
    assert [one for one in _draft() if one.startswith("step.") and one.endswith(".text")][6:10] == [
        "step.need-in-writing.text", "step.reference-named.text", "step.new-1.text", "step.how-decided.text",
    ]  # fmt: skip
    assert (_draft()["step.new-1.text"], _draft()["step.new-1.due"]) == ("Draw it", "1 days")
    page = _send(ada, form, "remove:stage:need")
    assert "“Need agreed” is removed." in unescape(page)
    assert "stage.need.label" not in _draft()
    form = _read(page)
    assert _draft()["stage.proposal.label"] == form["stage.proposal.label"]
    _send(ada, form, "back")
    assert _draft()["step.new-1.text"] == "Draw it"
    assert "cannot be" in _send(ada, form, "back")
    page = _send(ada, _read(_edit(ada)), "down:stage:enquiry")
    assert [one for one in _draft() if one.endswith(".label")][:2] == ["stage.discovery.label", "stage.enquiry.label"]


def test_without_htmx_the_whole_page_answers(ada: Client) -> None:
    form = _begin(ada) | {"stage.need.label": "Need"}
    assert "<title>" in _send(ada, form, htmx=False)
    assert "<title>" in _send(ada, form, "add:stage", htmx=False)
    assert _draft()["stage.need.label"] == "Need"


def test_two_people_change_the_draft_at_once_and_nothing_is_lost(ada: Client, bo: Actor) -> None:
    """Ada and Bo have it open; Bo saves first, in one field the same as Ada."""
    form = _begin(ada)
    shown = Definition.from_json(ProcessDraft.objects.get().definition)
    save_draft(bo, shown, {"stage.need.label": "Bo's", "step.call-back.text": "Bo's step"}, 1)
    form |= {"stage.need.label": "Ada's", "stage.paid.label": "Money in"}
    page = _send(ada, form)
    assert "Changed by somebody else meanwhile" in page
    assert "bo@example.org has been changing the draft too" in page
    assert (_draft()["stage.need.label"], _draft()["stage.paid.label"]) == ("Bo's", "Money in")
    form |= _read(page)
    page = _send(ada, form)
    assert _draft()["step.call-back.text"] == "Bo's step", "a field that Ada did not touch is not written"
    assert "Changed by somebody else meanwhile" in page, "until she has decided"
    assert "Somebody else has been changing the draft too" in page, "until she has seen it"
    redrawn = _send(ada, form, "add:stage")
    form = _read(redrawn)
    assert form["stage.need.label"] == "Ada's"
    assert form["step.call-back.text"] == "Bo's step"
    assert "Changed by somebody else meanwhile" in redrawn
    page = _send(ada, form, "mine:stage.need.label")
    assert _draft()["stage.need.label"] == "Ada's"
    assert "meanwhile" not in page


def test_the_others_words_can_be_taken(ada: Client, bo: Actor) -> None:
    form = _begin(ada) | {"stage.need.label": "Ada's", "stage.paid.label": "Money in"}
    shown = Definition.from_json(ProcessDraft.objects.get().definition)
    save_draft(bo, shown, {"stage.need.label": "Bo's"}, 1)
    page = _send(ada, form, "theirs:stage.need.label")
    assert "meanwhile" not in page
    assert _read(page)["stage.need.label"] == "Bo's"
    assert (_draft()["stage.need.label"], _draft()["stage.paid.label"]) == ("Bo's", "Money in")


def test_what_one_typed_into_a_line_that_the_other_removed_can_be_put_back(ada: Client, bo: Actor) -> None:
    form = _begin(ada) | {"step.call-back.text": "Ring at once", "step.call-back.due.amount": "1"}
    bos = Client()
    bos.force_login(_user(bo))
    _send(bos, _read(_edit(bos)), "remove:step:call-back")
    page = unescape(_send(ada, form))
    assert "was removed" in page
    refused = unescape(_send(ada, form, "add:stage"))
    assert "Decide first about the line that somebody removed." in refused
    page = _send(ada, form, "mine:step.call-back.text")
    assert (_draft()["step.call-back.text"], _draft()["step.call-back.due"]) == ("Ring at once", "1 hours")
    assert "meanwhile" not in page
    assert _read(page)["step.call-back.text"] == "Ring at once"


def test_a_line_that_the_other_removed_can_be_left_so(ada: Client, bo: Actor) -> None:
    form = _begin(ada) | {"step.call-back.text": "Ring at once"}
    bos = Client()
    bos.force_login(_user(bo))
    _send(bos, _read(_edit(bos)), "remove:step:call-back")
    page = _send(ada, form, "theirs:step.call-back.text")
    assert "step.call-back.text" not in _draft()
    assert "meanwhile" not in page


def _user(actor: Actor) -> Any:
    from notyet.workspaces.access import operator
    from notyet.workspaces.actions import add_person

    return add_person(operator(actor.workspace), actor.name, Role.OWNER).user


def test_a_draft_that_is_gone_loses_nothing_that_is_on_the_page(ada: Client, bo: Actor) -> None:
    form = _begin(ada) | {"stage.need.label": "Ada's", "step.call-back.due.amount": "nonsense"}
    publish(bo, "Quick.", 1)
    for op in ("", "show", "add:stage", "mine:stage.need.label"):
        response = ada.post(reverse("process_edit"), {**form, "op": op}, headers=HTMX)
        page = unescape(_page(response))
        assert response["HX-Retarget"] == "#beside", "the lines stay as they are"
        assert "The draft was published as version 1 by bo@example.org." in page
        assert "was called “Need agreed”" in page
        assert "Show it as it is now" in page
        assert {"seen", "revision"} <= _read(page).keys(), "what is typed then is told of again"
    response = ada.post(reverse("process_again"), {**form, "op": ""})
    assert _draft()["stage.need.label"] == "Ada's"
    assert _read(_page(response))["step.call-back.due.amount"] == "nonsense"


def test_without_htmx_a_draft_that_is_gone_is_begun_again_too(ada: Client, bo: Actor) -> None:
    form = _begin(ada) | {"stage.need.label": "Ada's"}
    discard_draft(bo, 1)
    page = _send(ada, form, htmx=False)
    assert "<title>" in page
    assert "The draft was thrown away by bo@example.org." in page
    ada.post(reverse("process_again"), _read(page))
    assert _draft()["stage.need.label"] == "Ada's"


def test_publishing_says_what_is_missing_and_then_what_happened(ada: Client, bo: Actor) -> None:
    form = _begin(ada, "short")
    page = _page(ada.post(reverse("process_publish"), {"revision": form["revision"], "note": ""}), 400)
    assert "say in a line what this version is for" in page
    shown = Definition.from_json(ProcessDraft.objects.get().definition)
    save_draft(bo, shown, {"stage.offer.label": "Quote"}, 1)
    page = _page(ada.post(reverse("process_publish"), {"revision": form["revision"], "note": "New."}), 400)
    assert "bo@example.org changed the draft since you looked at it" in page
    assert not ProcessVersion.objects.exists()
    revision = _read(page)["revision"]
    response = ada.post(reverse("process_publish"), {"revision": revision, "note": "New."}, follow=True)
    assert "Version 1 is in force" in _page(response)
    assert current().definition.stages[1].label == "Quote"
    response = ada.post(reverse("process_publish"), {"revision": revision, "note": "New."}, follow=True)
    assert "Nothing was published" in _page(response)


def test_a_draft_can_be_thrown_away(ada: Client, bo: Actor) -> None:
    _begin(ada)
    shown = Definition.from_json(ProcessDraft.objects.get().definition)
    save_draft(bo, shown, {"stage.need.label": "Need"}, 1)
    assert "was not thrown away" in _page(ada.post(reverse("process_discard"), {"revision": "1"}), 400)
    assert ada.post(reverse("process_discard"), {"revision": "2"}).status_code == 302
    assert not ProcessDraft.objects.exists()
    assert "nothing to throw away" in _page(ada.post(reverse("process_discard"), {"revision": "2"}, follow=True))


def test_a_second_person_finds_the_draft_of_the_first(ada: Client, bo: Actor) -> None:
    start_draft(bo, "short")
    response = ada.post(reverse("process_start"), {"origin": "usual"}, follow=True)
    assert "had begun a draft already" in _page(response)
    assert _page(ada.get(reverse("process"))).count("Go on with the draft") == 1
    ProcessDraft.objects.all().delete()
    assert "there is no template" in _page(ada.post(reverse("process_start"), {"origin": "x"}, follow=True))


def test_what_is_no_form_is_refused(ada: Client) -> None:
    form = _begin(ada)
    for wrong in ({}, {**form, "seen": "{"}, {**form, "seen": "[]"}, {**form, "op": "dance:step:x"},
                  {**form, "op": "add:dance"}, {**form, "removed": "{}", "op": "back"}):  # fmt: skip
        assert ada.post(reverse("process_edit"), wrong).status_code == 400
    assert ada.post(reverse("process_again"), {}).status_code == 400


def test_versions_and_what_is_otherwise_between_two(ada: Client, bo: Actor) -> None:
    _publish(bo, {}, "usual")
    _publish(bo, {"step.send-proposal.due": "3 days", "stage.need.label": "Need"})
    page = unescape(_page(ada.get(reverse("process"))))
    assert "version 2, in force since" in page
    assert "For a reason." in page
    page = unescape(_page(ada.get(reverse("process"), {"old": "1", "new": "2"})))
    assert "step “Send the proposal” is due within 3 working days instead of within 2 working days" in page
    assert "was called “Need agreed”" in page
    page = unescape(_page(ada.get(reverse("process"), {"version": "1"})))
    assert "Version 1, published" in page
    assert "Need agreed" in page
    for wrong in ({"version": "9"}, {"old": "1", "new": "9"}):
        assert ada.get(reverse("process"), wrong).status_code == 404


def test_deals_are_moved_after_a_look_and_back(ada: Client, bo: Actor, workspace: Workspace) -> None:
    fill(workspace, deals=40)
    _publish(bo, {}, "usual")
    _publish(bo, {"stage.discovery.label": "Diagnosis"})
    Deal.objects.filter(outcome="open").update(process_version="1")
    opened = Deal.objects.filter(outcome="open")
    page = unescape(_page(ada.get(reverse("process_move"), {"from": "1", "to": "2"})))
    assert "Move open deals to version 2" in page
    assert page.count('name="deal"') == opened.count() > 1
    one = opened.first()
    assert one is not None
    form = {"from": "1", "to": "2", "deal": [str(one.pk)]}
    page = unescape(_page(ada.post(reverse("process_move"), form, follow=True)))
    assert "1 deal is worked by version 2 now." in page
    one.refresh_from_db()
    assert one.process_version == "2"
    assert Deal.objects.filter(process_version="2").count() == 1
    undo = dict(re.findall(r'name="(first|last)" value="(\d+)"', page))
    assert "Moved back: 1." in _page(ada.post(reverse("process_move_undo"), undo, follow=True))
    one.refresh_from_db()
    assert one.process_version == "1"
    assert "No deal was moved back" in _page(ada.post(reverse("process_move_undo"), {}, follow=True))
    assert "none was moved" in _page(ada.post(reverse("process_move"), {"from": "1", "to": "2"}, follow=True))
    assert ada.get(reverse("process_move"), {"from": "1", "to": "9"}).status_code == 404


def test_a_long_group_is_moved_as_a_whole(
    ada: Client, bo: Actor, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notyet.process.moving.FIRST_SHOWN", 1)
    fill(workspace, deals=40)
    _publish(bo, {}, "usual")
    _publish(bo, {"stage.discovery.label": "Diagnosis"})
    Deal.objects.filter(outcome="open").update(process_version="1")
    page = unescape(_page(ada.get(reverse("process_move"), {"from": "1", "to": "2"})))
    ways = re.findall(r'name="way" value="([^"]+)"', page)
    assert ways
    ada.post(reverse("process_move"), {"from": "1", "to": "2", "way": ways})
    assert Deal.objects.filter(process_version="2").count() > 1


def test_imported_labels_are_mapped(ada: Client, workspace: Workspace) -> None:
    deals = fill(workspace, deals=6)
    for deal in deals:
        StageChange.objects.create(workspace=workspace, deal=deal, stage="O_SENT", entered_at=deal.opened_at)
    page = unescape(_page(ada.get(reverse("process_labels"))))
    assert "O_SENT" in page
    assert "guessed from its name" in page
    form = {"label": ["O_SENT"], "kind": ["proposal"]}
    assert "Saved: 1 labels." in _page(ada.post(reverse("process_labels"), form, follow=True))
    assert Stage.objects.get(label="O_SENT").kind == "proposal"
    assert "guessed" not in _page(ada.get(reverse("process_labels"), headers=HTMX))
    wrong = {"label": ["O_SENT"], "kind": ["nonsense"]}
    assert "no kind of stage" in _page(ada.post(reverse("process_labels"), wrong, follow=True))


def test_the_pages_ask_the_database_a_fixed_number_of_times(
    ada: Client, bo: Actor, workspace: Workspace, django_assert_max_num_queries: Any
) -> None:
    fill(workspace, deals=60)
    _publish(bo, {}, "usual")
    _publish(bo, {"stage.need.label": "Need"})
    with django_assert_max_num_queries(12):
        ada.get(reverse("process"))
    start_draft(bo, "current")
    with django_assert_max_num_queries(12):
        ada.get(reverse("process_edit"))
    with django_assert_max_num_queries(22):
        ada.get(reverse("process_move"), {"from": "1", "to": "2"})
