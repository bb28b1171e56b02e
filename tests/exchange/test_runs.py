"""An import on its way: looked at, mended, tried out, written by the worker, undone; each step once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django_tasks_db.models import DBTaskResult

from notyet.core.clock import now
from notyet.deals.models import Deal
from notyet.exchange import files, jobs, mapping_edit, pulse, runs
from notyet.exchange.errors import ImportFailed
from notyet.exchange.mapping_edit import Choices
from notyet.exchange.mapping_file import parse_mapping
from notyet.exchange.models import Import, ImportState, SavedMapping, Step
from notyet.exchange.runs import Arrived, TooLate
from notyet.process.models import Stage
from notyet.workspaces.access import Actor, Denied, actor_of, operator
from notyet.workspaces.actions import add_person
from notyet.workspaces.models import Role, Workspace

MESSY = (
    "Vorgang Nr.;Firma;Wert in EUR;Stichtag;Abschluß;Ausgang;Notiz;leer\n"
    "1;Nordwind;12.500,00;03.02.2025;21.04.2025;Zuschlag;=1+1;\n"
    "2;Adler;8.200,50;11.02.2025;02.03.2025;Absage;;\n"
    "3;Falk;viel;20.02.2025;;läuft;;\n"
)
MEANT = {("Ausgang", "Zuschlag"): "won", ("Ausgang", "Absage"): "lost", ("Ausgang", "läuft"): "open"}

Upload = Callable[..., Import]


@pytest.fixture
def owner(workspace: Workspace) -> Actor:
    """Somebody who may import."""
    return actor_of(add_person(operator(workspace), "owner@example.org", Role.OWNER))


@pytest.fixture
def upload(owner: Actor, tmp_path: Path) -> Upload:
    """``upload({"a.csv": "text"})`` starts an import and has its files looked at."""

    def bring(contents: dict[str, str | bytes], source: str = "crm") -> Import:
        arrived = []
        for number, (name, content) in enumerate(contents.items()):
            path = tmp_path / f"upload-{number}"
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            arrived.append(Arrived(name, path, path.stat().st_size))
        run = runs.start_import(owner, arrived, source)
        step(owner, run, Step.LOOK)
        return run

    return bring


def step(actor: Actor, run: Import, which: Step) -> None:
    """Ask for a step and be the worker that does it."""
    runs.ask_for(actor, run, which)
    jobs.run_step.call(run.workspace_id, run.pk, run.attempt)
    run.refresh_from_db()


def mend(actor: Actor, run: Import, **becomes: str) -> None:
    """Say what some columns become."""
    look = runs.look_of(run)
    assert look is not None
    mapping = mapping_edit.read(look, run.mapping)
    deals = mapping.deals()
    assert deals is not None
    now_said = {header: column for column, header in deals.columns.items()}
    now_said |= {header: "outcome" for header, _ in (deals.outcome.when if deals.outcome else ())}
    chosen = Choices({**now_said, **becomes}, currency="EUR")
    runs.keep_mapping(actor, run, mapping_edit.mended(look, mapping, chosen))


def mean(actor: Actor, run: Import, rest: str = "refuse") -> None:
    """Say what the words of the outcome mean."""
    look = runs.look_of(run)
    assert look is not None
    mapping = mapping_edit.with_outcomes(mapping_edit.read(look, run.mapping), MEANT, rest)
    runs.keep_mapping(actor, run, mapping)


def prepared(actor: Actor, upload: Upload) -> Import:
    """The messy file, mended and tried out."""
    run = upload({"Export 2025-04.csv": MESSY})
    told = {"Vorgang Nr.": "deal_id", "Wert in EUR": "amount", "Abschluß": "closed_at", "Ausgang": "outcome"}
    mend(actor, run, **told)
    mean(actor, run)
    step(actor, run, Step.CHECK)
    return run


def test_from_the_files_to_the_record_and_back(owner: Actor, upload: Upload) -> None:
    """The whole way, with a row that is refused."""
    run = prepared(owner, upload)
    assert run.state == ImportState.PREVIEWED
    assert not Deal.objects.exists()
    assert (run.summary["accepted"], run.summary["refused"]) == (2, 1)
    preview = runs.preview_of(run)
    assert [(one["count"], one["examples"][0]["value"]) for one in preview["refusals"]] == [(1, "viel")]
    assert preview["first_deals"][0]["amount"] == "12500"
    step(owner, run, Step.WRITE)
    assert run.state == ImportState.DONE, run.error
    deal = Deal.objects.get(deal_id="1")
    assert (deal.outcome, deal.amount, deal.currency) == ("won", Decimal(12500), "EUR")
    assert deal.attributes == {"Notiz": "=1+1", "Stichtag": "03.02.2025"}
    assert "viel" in (files.folder_of(run) / "refused.csv").read_text(encoding="utf-8")
    step(owner, run, Step.UNDO)
    assert run.state == ImportState.UNDONE, run.error
    assert not Deal.objects.exists()


def test_a_file_that_says_no_outcome_is_mended_not_refused(owner: Actor, upload: Upload) -> None:
    """Which column says it is asked; before that is told, nothing is tried out."""
    run = upload({"deals.csv": "Ref;Kram;Betrag\n1;ja;5\n2;nein;7\n"})
    assert run.state == ImportState.UPLOADED
    with pytest.raises(ImportFailed, match="how a deal ended"):
        runs.ask_for(owner, run, Step.CHECK)
    mend(owner, run, Kram="outcome")
    runs.ask_for(owner, run, Step.CHECK)


def test_the_same_import_is_written_once(owner: Actor, upload: Upload) -> None:
    """A second click, a second tab, a task that is handed out twice."""
    run = prepared(owner, upload)
    other_tab = Import.objects.get(pk=run.pk)
    runs.ask_for(owner, run, Step.WRITE)
    with pytest.raises(TooLate, match="waiting for the worker"):
        runs.ask_for(owner, other_tab, Step.WRITE)
    jobs.run_step.call(run.workspace_id, run.pk, run.attempt)
    jobs.run_step.call(run.workspace_id, run.pk, run.attempt)
    run.refresh_from_db()
    assert (run.state, run.revision) == (ImportState.DONE, 1)
    with pytest.raises(TooLate, match="imported"):
        runs.ask_for(owner, Import.objects.get(pk=run.pk), Step.WRITE)


def test_a_step_whose_worker_is_gone_is_stopped_and_started_again(owner: Actor, upload: Upload) -> None:
    """Only after it has been silent for a while; and the one that was slow cannot end it any more."""
    run = prepared(owner, upload)
    runs.ask_for(owner, run, Step.WRITE)
    Import.objects.filter(pk=run.pk).update(state=ImportState.RUNNING, started_at=now())
    run.refresh_from_db()
    slow = Import.objects.get(pk=run.pk)
    runs.stop_if_dead(run)
    assert run.state == ImportState.RUNNING
    Import.objects.filter(pk=run.pk).update(started_at=now() - timedelta(seconds=pulse.DEAD_AFTER_SECONDS + 1))
    run.refresh_from_db()
    runs.stop_if_dead(run)
    assert run.state == ImportState.FAILED
    assert "Nothing was changed" in run.error
    from notyet.exchange.actions import import_history

    with pytest.raises(ImportFailed, match="stopped"):
        import_history(owner, files.paths_of(run), mapping=parse_mapping(run.mapping), run=slow)
    assert not Deal.objects.exists()
    step(owner, run, Step.WRITE)
    assert run.state == ImportState.DONE
    assert Deal.objects.count() == 2


def test_a_worker_that_died_with_the_task_in_its_hands(owner: Actor, upload: Upload) -> None:
    """Nobody else would take it up: the step is stopped. One that still waits goes on waiting."""
    run = prepared(owner, upload)
    runs.ask_for(owner, run, Step.WRITE)
    jobs.go_on(run)
    long_ago = now() - timedelta(seconds=pulse.DEAD_AFTER_SECONDS + 1)
    Import.objects.filter(pk=run.pk).update(asked_at=long_ago)
    run.refresh_from_db()
    runs.stop_if_dead(run)
    assert run.state == ImportState.QUEUED
    assert DBTaskResult.objects.filter(task_path=runs.STEP_TASK).update(status="RUNNING") == 1
    runs.stop_if_dead(run)
    assert run.state == ImportState.FAILED


def test_nothing_good_is_nothing_done(owner: Actor, upload: Upload) -> None:
    """Where every row is refused the import says so and the record stays as it is."""
    run = upload({"deals.csv": "deal_id,outcome\nA,perhaps\n"})
    step(owner, run, Step.CHECK)
    step(owner, run, Step.WRITE)
    assert run.state == ImportState.FAILED
    assert "every row was refused" in run.error


def test_noise_is_no_table(owner: Actor, upload: Upload) -> None:
    """The first look says why."""
    run = upload({"picture.csv": bytes(range(256)) * 50})
    assert run.state == ImportState.FAILED
    assert run.error
    runs.cancel_import(owner, run)
    assert not files.paths_of(run)[0].exists()


def test_a_mapping_is_kept_for_the_next_month(owner: Actor, upload: Upload) -> None:
    """Under a name, for a file of another name; where it does not fit, a sentence says so and nothing is changed."""
    run = prepared(owner, upload)
    kept = runs.save_mapping(owner, run, " Export of the CRM ")
    assert runs.save_mapping(owner, run, "Export of the CRM").pk == kept.pk
    later = upload({"Export 2025-05.csv": MESSY.replace("viel", "7,00")})
    runs.apply_mapping(owner, later, SavedMapping.objects.get(name="Export of the CRM"))
    step(owner, later, Step.CHECK)
    assert (later.summary["accepted"], later.summary["refused"]) == (3, 0)
    other = upload({"other.csv": "id,status\n1,won\n2,lost\n"})
    before = other.mapping
    with pytest.raises(ImportFailed, match="no column"):
        runs.apply_mapping(owner, other, kept)
    other.refresh_from_db()
    assert other.mapping == before


def test_the_exchange_format_needs_no_mapping(owner: Actor, upload: Upload) -> None:
    """But its stages can be said to be of a kind."""
    run = upload(
        {
            "deals.csv": "deal_id,outcome\nA,won\n",
            "stage_changes.csv": "deal_id,stage,entered_at\nA,Foo,2026-01-01\n",
        }
    )
    look = runs.look_of(run)
    assert look is not None
    assert (look.form, run.mapping) == ("exchange", "")
    step(owner, run, Step.CHECK)
    assert [one["label"] for one in runs.preview_of(run)["stages"]] == ["Foo"]
    runs.keep_stages(owner, run, {"Foo": "proposal"})
    step(owner, run, Step.WRITE)
    assert run.state == ImportState.DONE, run.error
    assert Stage.objects.get(label="Foo").kind == "proposal"


LOG = (
    "case:concept:name,concept:name,time:timestamp\n1,Asked,2025-01-01\n1,Signed,2025-01-05\n"
    "2,Asked,2025-01-02\n2,Gone,2025-01-03\n"
)


def test_an_event_log_is_asked_how_its_cases_end(owner: Actor, upload: Upload) -> None:
    """Activities are told by a person."""
    run = upload({"log.csv": LOG})
    look = runs.look_of(run)
    assert look is not None and look.form == "events", run.error
    with pytest.raises(ImportFailed, match="activities"):
        runs.ask_for(owner, run, Step.CHECK)
    mapping = mapping_edit.with_activities(
        mapping_edit.event_mapping(look), {"Signed": "won", "Gone": "lost", "Asked": ""}, {}
    )
    runs.keep_mapping(owner, run, mapping)
    step(owner, run, Step.CHECK)
    assert run.summary["outcomes"] == {"won": 1, "lost": 1}


def test_names_of_files_are_not_trusted() -> None:
    """They become names in one folder, each once."""
    assert files.safe_name("../../etc/passwd", []) == "passwd"
    assert files.safe_name("C:\\x\\deals.csv", ["DEALS.csv"]) == "deals (2).csv"
    assert files.safe_name("de\x00als[1]*.csv", []) == "de_als_1__.csv"
    assert files.safe_name("..", []) == "file"
    assert len(files.safe_name("x" * 500 + ".csv.gz", [])) <= 130
    assert files.safe_name("x" * 500 + ".csv.gz", []).endswith(".csv.gz")


def test_files_go_thirty_days_after(owner: Actor, upload: Upload, clock: Any) -> None:
    """What undoing takes stays."""
    clock("2026-01-01T00:00:00+00:00")
    run = prepared(owner, upload)
    step(owner, run, Step.WRITE)
    waiting = upload({"deals.csv": "deal_id,outcome\nA,won\n"})
    clock("2026-01-30T00:00:00+00:00")
    files.sweep()
    assert files.paths_of(run)[0].exists()
    clock("2026-02-02T00:00:00+00:00")
    files.sweep()
    for one in (run, waiting):
        one.refresh_from_db()
        assert not one.files_kept
        assert not files.paths_of(one)[0].exists()
    assert waiting.state == ImportState.CANCELLED
    step(owner, run, Step.UNDO)
    assert run.state == ImportState.UNDONE, run.error


def test_the_worker_asks_again_whether_she_may(owner: Actor, upload: Upload) -> None:
    """Rights that were taken away meanwhile are gone."""
    run = prepared(owner, upload)
    runs.ask_for(owner, run, Step.WRITE)
    User.objects.filter(pk=owner.user_id).update(is_active=False)
    jobs.run_step.call(run.workspace_id, run.pk, run.attempt)
    run.refresh_from_db()
    assert run.state == ImportState.FAILED
    assert not Deal.objects.exists()


def test_sellers_do_none_of_it(owner: Actor, upload: Upload) -> None:
    """Each action asks."""
    run = prepared(owner, upload)
    seller = replace(owner, role=Role.SELLER)
    with pytest.raises(Denied):
        runs.start_import(seller, [], "x")
    for which in Step:
        with pytest.raises(Denied):
            runs.ask_for(seller, run, which)
    with pytest.raises(Denied):
        runs.cancel_import(seller, run)
    with pytest.raises(Denied):
        runs.save_mapping(seller, run, "x")
    with pytest.raises(Denied):
        runs.keep_stages(seller, run, {})
