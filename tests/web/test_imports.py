"""The pages of imports, step by step, without a browser."""

import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from notyet.core.clock import now
from notyet.deals.actions import edit_deal
from notyet.deals.edit_models import EditedField
from notyet.deals.models import Deal
from notyet.deals.values import Change
from notyet.exchange import files
from notyet.exchange.jobs import run_step
from notyet.exchange.models import Import, ImportState, SavedMapping
from notyet.workspaces.access import operator
from notyet.workspaces.actions import create_workspace
from notyet.workspaces.models import Role, Workspace
from notyet.workspaces.scope import within

SignIn = Callable[[Role], Client]

MESSY = (
    "Vorgang Nr.;Firma;Wert in EUR;angelegt;Abschluß;Ausgang\n"
    "1;<b>Nordwind</b>;12.500,00;03.02.2025;21.04.2025;Zuschlag\n"
    "2;Adler;8.200,50;11.02.2025;02.03.2025;Absage\n"
    "3;Falk;viel;20.02.2025;;Absage\n"
)


def upload(client: Client, content: str | bytes = MESSY, name: str = "../Export.csv") -> Import:
    """Send a file and give the import that it became."""
    data = content if isinstance(content, bytes) else content.encode()
    response = client.post(reverse("imports_new"), {"source": "CRM", "files": SimpleUploadedFile(name, data)})
    assert response.status_code == 302, response.content.decode()
    found: Import = Import.objects.order_by("-pk")[0]
    return found


def fields(html: str) -> dict[str, str]:
    """The values of a page's selects and inputs, as a browser would send them."""
    found = {}
    for name, body in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', body) or re.search(r'<option value="([^"]*)"', body)
        found[name] = chosen[1] if chosen else ""
    for tag in re.findall(r"<input[^>]*>", html):
        name, value = (re.search(rf'{key}="([^"]*)"', tag) for key in ("name", "value"))
        if name and 'type="checkbox"' not in tag and 'type="hidden"' not in tag:
            found[name[1]] = value[1] if value else ""
    return found


def mended(client: Client, run: Import) -> dict[str, str]:
    """The form of columns with the last three mended."""
    form = fields(client.get(reverse("import_columns", args=[run.pk])).content.decode())
    return {**form, "c2": "amount", "c3": "opened_at", "c4": "closed_at", "c5": "outcome", "decimal": "found"}


def work() -> None:
    """Be the worker: do what was asked for."""
    for task in DBTaskResult.objects.filter(status="READY", task_path__endswith="run_step"):
        run_step.call(*task.args_kwargs["args"])
        task.delete()


@pytest.fixture
def owner(sign_in: SignIn) -> Client:
    """A browser of somebody who may import."""
    return sign_in(Role.OWNER)


def test_an_empty_list_leads_on(owner: Client) -> None:
    """To the upload."""
    assert "Nothing was imported yet" in owner.get(reverse("imports")).content.decode()
    assert owner.get(reverse("imports_new")).status_code == 200


def test_from_upload_to_undo(owner: Client, workspace: Workspace) -> None:
    """Mend, preview, say what words mean, import, look at the result, take it back."""
    run = upload(owner)
    assert run.files[0]["name"] == "Export.csv"
    assert owner.get(reverse("import", args=[run.pk])).url.endswith("/columns/")  # type: ignore[attr-defined]
    page = owner.get(reverse("import_columns", args=[run.pk])).content.decode()
    assert "&lt;b&gt;Nordwind" in page and "<b>Nordwind" not in page
    tried = owner.post(reverse("import_columns", args=[run.pk]), {**mended(owner, run), "do": "preview"}, follow=True)
    html = tried.content.decode()
    assert "What would happen" in html
    words = {**fields(html), "o0": "lost", "o1": "won"}
    html = owner.post(reverse("import_preview", args=[run.pk]), words, follow=True).content.decode()
    assert "2 rows would go in, 1 would be refused" in html
    assert "viel" in html
    assert not Deal.objects.exists()
    assert b"viel" in b"".join(owner.get(reverse("import_refused", args=[run.pk])))  # type: ignore[arg-type]
    waiting = owner.post(reverse("import_write", args=[run.pk]), follow=True).content.decode()
    assert "<progress" in waiting and "Waiting for the worker" in waiting
    work()
    gone_on = owner.get(reverse("import_progress", args=[run.pk]))
    assert gone_on["HX-Redirect"] == reverse("import", args=[run.pk])
    result = owner.get(reverse("import", args=[run.pk])).content.decode()
    assert "Imported" in result and "Undo this import" in result
    assert dict(Deal.objects.values_list("deal_id", "outcome")) == {"1": "won", "2": "lost"}
    assert "Undo import" in owner.get(reverse("imports")).content.decode()
    owner.post(reverse("import_undo", args=[run.pk]))
    work()
    assert "what it was before" in owner.get(reverse("import", args=[run.pk])).content.decode()
    assert not Deal.objects.exists()


def test_a_second_click_imports_once(owner: Client, workspace: Workspace) -> None:
    """And says how it stands."""
    run = upload(owner, "deal_id,outcome\nA,won\n")
    owner.post(reverse("import_columns", args=[run.pk]))
    for _ in range(2):
        owner.post(reverse("import_write", args=[run.pk]))
    assert DBTaskResult.objects.filter(task_path__endswith="run_step").count() == 1
    work()
    said = owner.post(reverse("import_write", args=[run.pk]), follow=True).content.decode()
    assert "moved on: imported" in said


def test_what_cannot_be_is_said_where_it_was_chosen(owner: Client, workspace: Workspace) -> None:
    """Two columns for one field, a currency that is none, a time zone that is none."""
    run = upload(owner)
    for wrong, said in (
        ({"c0": "name", "c1": "name"}, "cannot both be"),
        ({"currency": "XYZ"}, "no currency"),
        ({"zone": "Mars"}, "no time zone"),
        ({"payments": "day", "payments_day": "soon"}, "no day"),
    ):
        form = {**mended(owner, run), **wrong, "do": "preview"}
        response = owner.post(reverse("import_columns", args=[run.pk]), form)
        assert response.status_code == 400
        assert said in response.content.decode(), said


def test_a_mapping_is_saved_and_applied(owner: Client, workspace: Workspace) -> None:
    """By its name."""
    run = upload(owner)
    owner.post(reverse("import_columns", args=[run.pk]), {**mended(owner, run), "do": "save_as", "name": "CRM export"})
    kept = SavedMapping.objects.get()
    later = upload(owner, name="Export 2.csv")
    form = {"do": "apply", "saved": str(kept.pk)}
    html = owner.post(reverse("import_columns", args=[later.pk]), form, follow=True).content.decode()
    assert "are read as “CRM export” says" in html
    assert fields(html)["c5"] == "outcome"


SALESFORCE = (
    "Id,Name,StageName,IsClosed,IsWon,Amount,CreatedDate,CloseDate\n"
    "006A,One,Closed Won,true,true,5,2025-01-01,2025-02-01\n"
)


def test_an_export_is_read_as_its_system_writes_it(owner: Client, workspace: Workspace) -> None:
    """By a mapping that comes along; what does not fit says so, and guessing is one click away."""
    run = upload(owner, SALESFORCE, "Opportunity.csv")
    where = reverse("import_columns", args=[run.pk])
    html = owner.post(where, {"do": "ready", "ready": "salesforce"}, follow=True).content.decode()
    assert "as Salesforce exports them" in html
    html = owner.post(where, follow=True).content.decode()
    assert "1 rows would go in, 0 would be refused" in html, html
    html = owner.post(where, {"do": "ready", "ready": "hubspot"}, follow=True).content.decode()
    html = owner.post(where, follow=True).content.decode()
    assert "none of these files holds deals as hubspot exports them" in html.lower()
    assert "What the columns are" in owner.post(where, {"do": "ready", "ready": ""}, follow=True).content.decode()


def test_files_are_refused_that_are_too_large(owner: Client, settings: object) -> None:
    """With a sentence, and nothing of them stays."""
    settings.NOTYET_UPLOAD_LIMIT = 2**20  # type: ignore[attr-defined]
    file = SimpleUploadedFile("deals.csv", b"x" * (2**20 + 1))
    response = owner.post(reverse("imports_new"), {"files": file})
    assert response.status_code == 400
    assert "larger than the 1 MB" in response.content.decode()
    assert not Import.objects.exists()
    assert list(files.incoming().iterdir()) == []


def test_somebody_who_may_not_import_uploads_nothing(sign_in: SignIn) -> None:
    """Not even into the folder for what is coming."""
    response = sign_in(Role.SELLER).post(reverse("imports_new"), {"files": SimpleUploadedFile("deals.csv", b"x")})
    assert response.status_code == 403
    assert list(files.incoming().iterdir()) == []


def test_no_file_is_no_import(owner: Client) -> None:
    """And says so."""
    response = owner.post(reverse("imports_new"), {"source": "crm"})
    assert response.status_code == 400
    assert "choose at least one file" in response.content.decode()


def test_given_up(owner: Client, workspace: Workspace) -> None:
    """The files go."""
    run = upload(owner)
    owner.post(reverse("import_cancel", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == ImportState.CANCELLED
    assert not files.uploads_of(run).exists() or not list(files.uploads_of(run).iterdir())
    assert "Given up" in owner.get(reverse("import", args=[run.pk])).content.decode()
    assert owner.get(reverse("import_columns", args=[run.pk])).status_code == 302


def test_an_event_log_asks_for_its_ends(owner: Client, workspace: Workspace) -> None:
    """A page of activities in the place of columns."""
    run = upload(owner, "case:concept:name,concept:name,time:timestamp\n1,Asked,2025-01-01\n1,Signed,2025-01-02\n")
    page = owner.get(reverse("import_columns", args=[run.pk])).content.decode()
    assert "How a case ends" in page
    form = fields(page)
    refused = owner.post(reverse("import_columns", args=[run.pk]), dict.fromkeys(form, ""))
    assert refused.status_code == 400
    html = owner.post(reverse("import_columns", args=[run.pk]), {**form, "o1": "won"}, follow=True).content.decode()
    assert "What would happen" in html


def test_what_is_known_of_a_case(owner: Client, workspace: Workspace) -> None:
    """Its columns become fields of the deal, stay its own, or are left out."""
    log = "case:concept:name,concept:name,time:timestamp,case:SUM,case:Kind,case:x\n1,Signed,2025-01-02,9,new,y\n"
    run = upload(owner, log)
    where = reverse("import_columns", args=[run.pk])
    form = fields(owner.get(where).content.decode())
    assert (form["c0"], form["c1"], form["c2"]) == ("own", "own", "own")
    owner.post(where, {**form, "o0": "won", "c0": "amount", "c2": ""}, follow=True)
    again = fields(owner.get(where).content.decode())
    assert (again["c0"], again["c1"], again["c2"], again["o0"]) == ("amount", "own", "", "won")
    owner.post(reverse("import_write", args=[run.pk]))
    work()
    deal = Deal.objects.get()
    assert (deal.amount, deal.attributes, deal.outcome) == (9, {"Kind": "new"}, "won")


def test_another_workspaces_import_is_not_there(owner: Client, sign_in: SignIn) -> None:
    """Whatever its number."""
    other = create_workspace("Other")
    with within(other):
        theirs = Import.objects.create(workspace=other, made_by="x", made_at=now())
    assert owner.get(reverse("import", args=[theirs.pk])).status_code == 404


def test_edits_that_stand_are_listed(owner: Client, workspace: Workspace) -> None:
    """In the preview and with the result, and as a file that a spreadsheet may open."""
    run = upload(owner, "deal_id,outcome,name,amount\nA,open,Chairs,1\n", "deals.csv")
    owner.post(reverse("import_columns", args=[run.pk]))
    owner.post(reverse("import_write", args=[run.pk]))
    work()
    deal = Deal.objects.get()
    edit_deal(operator(workspace), deal.pk, {"name": Change("Chairs", "=2+2"), "amount": Change("1", "2")})
    run = upload(owner, "deal_id,outcome,name,amount\nA,lost,Stools,1\n", "deals.csv")
    owner.post(reverse("import_columns", args=[run.pk]))
    preview = owner.get(reverse("import_preview", args=[run.pk])).content.decode()
    assert "2 edits made here stand" in preview and "All as CSV" not in preview
    assert owner.get(reverse("import_kept", args=[run.pk])).status_code == 404
    owner.post(reverse("import_write", args=[run.pk]))
    work()
    result = owner.get(reverse("import", args=[run.pk])).content.decode()
    assert "Stools" in result and "deals.csv, line 2" in result
    listed = b"".join(owner.get(reverse("import_kept", args=[run.pk])).streaming_content).decode()  # type: ignore[attr-defined]
    assert "deals.csv,2,A,deals,name,'=2+2,Stools" in listed
    deal.refresh_from_db()
    assert (deal.name, deal.outcome, deal.amount) == ("=2+2", "lost", 2)
    assert "Keep mine" in result and "Keep mine" not in preview


def test_edits_that_stand_are_kept_for_good_where_they_are_listed(owner: Client, workspace: Workspace) -> None:
    """And listed again from there; what was edited since is decided on its own page."""
    content = "deal_id,outcome,name,amount\nA,open,Chairs,1\n"
    for number in range(2):
        run = upload(owner, content, "deals.csv")
        for step in ("import_columns", "import_write"):
            owner.post(reverse(step, args=[run.pk]))
        work()
        deal = Deal.objects.get()
        if not number:
            edit_deal(operator(workspace), deal.pk, {"name": Change("Chairs", "Tables"), "amount": Change("1", "2")})
    name = EditedField.objects.get(field="name")
    address = reverse("deal_difference", args=[deal.pk, name.pk])
    for wish, word, settled in (("mine", "List it again", True), ("again", "Keep mine", False)):
        told = owner.post(address, {"do": wish, "import": str(run.pk)})
        assert told.url == reverse("import", args=[run.pk]) + "#kept"  # type: ignore[attr-defined]
        name.refresh_from_db()
        assert name.settled == settled
        page = owner.get(reverse("import", args=[run.pk])).content.decode()
        assert page.count(f'{word}<span class="visually-hidden">: ') == (1 if settled else 2)
    edit_deal(operator(workspace), deal.pk, {"amount": Change("2", "1")})
    page = owner.get(reverse("import", args=[run.pk])).content.decode()
    assert page.count("Changed since") == 1 and page.count('value="mine"') == 1
    assert owner.post(address, {"do": "mine", "import": "x"}).url == f"/deals/{deal.pk}/#fields"  # type: ignore[attr-defined]


def test_rows_that_were_refused_are_read_as_before(owner: Client, workspace: Workspace) -> None:
    """Too few to guess by, they are taken as the import of the same source took its files."""
    run = upload(owner)
    owner.post(reverse("import_columns", args=[run.pk]), {**mended(owner, run), "do": "preview"})
    page = owner.get(reverse("import_preview", args=[run.pk])).content.decode()
    owner.post(reverse("import_preview", args=[run.pk]), {**fields(page), "o0": "lost", "o1": "won"})
    refused = b"".join(owner.get(reverse("import_refused", args=[run.pk])))  # type: ignore[arg-type]
    owner.post(reverse("import_write", args=[run.pk]))
    work()
    again = upload(owner, refused.replace(b"viel", b"7.000,50"), "refused.csv")
    assert "no row can be read; line 2" in owner.get(reverse("import", args=[again.pk])).content.decode()
    again = upload(owner, refused.replace(b"viel", b'"7.000,50"'), "refused.csv")
    page = owner.get(reverse("import_columns", args=[again.pk])).content.decode()
    assert f"read as import {run.pk} read its files" in page
    owner.post(reverse("import_columns", args=[again.pk]))
    owner.post(reverse("import_write", args=[again.pk]))
    work()
    deal = Deal.objects.get(deal_id="3")
    assert (float(deal.amount or 0), deal.outcome, deal.opened_at and deal.opened_at.month) == (7000.5, "lost", 2)


def test_an_export_that_is_known_is_proposed(owner: Client, workspace: Workspace) -> None:
    """By the columns that only one system calls so."""
    header = "Record ID,Deal Name,Deal Stage,Close Date,Create Date,Amount,Deal owner\n"
    rows = header + "1,One,Closed won,2025-03-01,2025-01-01,1,P\n"
    page = owner.get(reverse("import_columns", args=[upload(owner, rows).pk])).content.decode()
    assert "looks like an export of Hubspot" in page
    assert '<option value="hubspot" selected>' in page
    page = owner.get(reverse("import_columns", args=[upload(owner).pk])).content.decode()
    assert "looks like an export" not in page


def test_a_file_beside_the_deals(owner: Client, workspace: Workspace) -> None:
    """Shown with what it is looked up by; another spelling is joined where somebody ticks it."""
    names = ("GatePro", "Gate 500", "Rail Plus", "Rail Basic", "Mast")
    deals = "Deal ID,Stage,Product\n" + "".join(f"{n},{'Won' if n % 2 else 'Lost'},{names[n % 5]}\n" for n in range(20))
    prices = "product,price\nGate Pro,9\nGate 500,8\nRail Plus,7\nRail Basic,6\nMast,5\n"
    files_ = [SimpleUploadedFile(name, text.encode()) for name, text in (("opps.csv", deals), ("prices.csv", prices))]
    owner.post(reverse("imports_new"), {"files": files_, "source": "crm"})
    run = Import.objects.order_by("-pk")[0]
    where = reverse("import_columns", args=[run.pk])
    page = owner.get(where).content.decode()
    assert "GatePro (4 rows) is its Gate Pro" in page and "brings price" in page
    form = fields(page)
    assert (form["l0"], form["k0"]) == ("Product", "product")
    owner.post(where, {**form, "n0": "0", "do": "preview"})
    owner.post(reverse("import_write", args=[run.pk]))
    work()
    assert Deal.objects.get(deal_id="5").attributes == {"price": "9"}
