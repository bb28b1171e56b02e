"""Working a deal by its process: entering stages, doing steps, answering questions, saying why it went another way.

Each returns the edit that it kept, which ``deals.undoing.undo`` takes back. Raises ``Denied`` where the role works on
no deals and ``Deal.DoesNotExist`` where the actor sees no such deal.
"""

from datetime import datetime
from typing import get_args

from django.db import transaction

from notyet.core.texts import NotAText, several_lines
from notyet.deals.closing import keep_ending, note_closing
from notyet.deals.edit_models import Edit, RemovedRow
from notyet.deals.editing import Work, lock_deal, new_row_id, save_fields
from notyet.deals.models import Deal, Outcome, StageChange
from notyet.deals.values import exact
from notyet.deals.when import When
from notyet.process.definition import NEEDS, StageRule
from notyet.process.deviations import DeviationKind
from notyet.process.matching import Wording
from notyet.process.models import DeviationNote, QuestionAnswer, StepDone
from notyet.process.needs import Need
from notyet.process.publishing import ensure_version
from notyet.process.queries import Walk, lacking, walk_of, wording_of
from notyet.workspaces.access import Actor
from notyet.workspaces.scope import within

LONGEST_WHY = 2_000
_ENDING = ("outcome", "closed_at", "ordered_at", "paid_at")


class NotInProcess(ValueError):
    """This cannot be done by the deal's process as things are; the text says why."""


class NeedsWhy(Exception):
    """The stage asks for what the deal does not have; enter it with a why, or add what is missing."""

    def __init__(self, stage: StageRule, lacks: tuple[Need, ...]) -> None:
        super().__init__(f"{stage.label} asks for {', '.join(one.text for one in lacks)}")
        self.stage, self.missing = stage, lacks


@transaction.atomic
def enter_stage(actor: Actor, deal_pk: int, stage_key: str, why: str = "", at: datetime | None = None) -> Edit:
    """Enter a stage of the deal's version, now or at an earlier moment.

    A stage of the kind order makes the deal won and ordered; one of the kind paid makes it paid as well. Going on
    without what the stage asks for needs a why, which is kept as a deviation for each of the needs.
    Raises ``NeedsWhy`` where none is given, ``NotInProcess`` where the deal is there already or cannot go there.
    """
    with within(actor.workspace):
        deal, walk = _held(actor, deal_pk)
        work = Work(actor, deal, "enter stage")
        stage, when = walk.definition.stage(stage_key), _when(at, work)
        if stage is None:
            raise NotInProcess(f"version {walk.version.name} of the process has no stage “{stage_key}”")
        _refuse_entry(deal, walk, stage, when)
        lacks, why = lacking(deal, walk, stage), _text(why)
        if lacks and not why:
            raise NeedsWhy(stage, lacks)
        entered = StageChange(
            workspace=actor.workspace, deal=deal, row_id=new_row_id(), stage=stage.label, entered_at=when
        )
        work.make(entered)
        for need in lacks:
            _explain(work, stage.key, need.name, "unmet_need", why)
        before = work.texts(deal, _ENDING)
        was_open = deal.outcome == Outcome.OPEN
        _end(deal, stage.kind, when)
        if was_open and deal.outcome != Outcome.OPEN:
            note_closing(work, deal)
        if work.texts(deal, _ENDING) == before:
            return work.keep("stage_changes", entered.pk, None, work.texts(entered, ("stage", "entered_at")))
        save_fields(deal, _ENDING)
        return keep_ending(work, deal, before)


@transaction.atomic
def do_step(actor: Actor, deal_pk: int, step_key: str, at: datetime | None = None) -> Edit:
    """Say that a step of the deal's version was done, now or earlier. Raises ``NotInProcess``, also if it was done."""
    with within(actor.workspace):
        deal, walk = _held(actor, deal_pk)
        work = Work(actor, deal, "do step")
        _find(step_key, {one.key for _, one in walk.definition.steps()}, "step")
        if step_key in walk.done:
            raise NotInProcess("this step is done already")
        when = _when(at, work)
        done = StepDone(workspace=actor.workspace, deal=deal, row_id=new_row_id(), step=step_key, done_at=when)
        work.make(done)
        return work.keep("steps_done", done.pk, None, _step_texts(work, done))


@transaction.atomic
def undo_step(actor: Actor, deal_pk: int, step_key: str) -> Edit:
    """Say that a step was not done after all; no import brings it back. Raises ``NotInProcess``."""
    with within(actor.workspace):
        deal, walk = _held(actor, deal_pk)
        work = Work(actor, deal, "undo step")
        rows = _rows_of_step(deal, wording_of(walk.version), step_key)
        if not rows:
            raise NotInProcess("this step is not done")
        for row in rows:
            taken = {"row_id": row.row_id, "digest": row.digest, "at": work.at, "by": actor.name}
            work.make(RemovedRow(workspace=actor.workspace, deal=deal, table="steps_done", **taken))
        keys = [row.pk for row in rows]
        before = _step_texts(work, rows[0])
        for row in rows:
            work.take(row)
        return work.keep("steps_done", keys[0], before, None)


@transaction.atomic
def answer_question(
    actor: Actor, deal_pk: int, question_key: str, text: str = "", at: datetime | None = None
) -> Edit | None:
    """Say that a buyer's question is answered, and in what words; again to change them (``None``: nothing changed).

    Raises ``NotInProcess``.
    """
    with within(actor.workspace):
        deal, walk = _held(actor, deal_pk)
        stages = {one.key: stage.key for stage, one in walk.definition.questions()}
        _find(question_key, set(stages), "question")
        text = _text(text)
        answer = QuestionAnswer.objects.filter(deal=deal, question=question_key).first()
        if answer is None:
            work = Work(actor, deal, "answer question")
            answer = QuestionAnswer(
                workspace=actor.workspace, deal=deal, stage=stages[question_key], question=question_key
            )
            answer.answered_at, answer.answered_by, answer.text = _when(at, work), actor.name, text
            work.make(answer)
            return work.keep("question_answers", answer.pk, None, {"question": question_key, "text": text})
        if text in ("", answer.text):
            return None
        work = Work(actor, deal, "change answer")
        return _reword(work, "question_answers", answer, "text", text)


@transaction.atomic
def explain_deviation(actor: Actor, deal_pk: int, stage: str, step: str, kind: str, why: str) -> Edit | None:
    """Keep the seller's why of a deviation (as ``deviations`` names it), or change it; ``None``: nothing changed.

    Raises ``NotInProcess`` for an empty one and for a stage that the deal's version does not have.
    """
    with within(actor.workspace):
        deal, walk = _held(actor, deal_pk)
        work = Work(actor, deal, "explain deviation")
        _find(stage, {one.key for one in walk.definition.stages}, "stage")
        _find(step, {"", *NEEDS, *(one.key for _, one in walk.definition.steps())}, "step")
        _find(kind, set(get_args(DeviationKind)), "deviation")
        why = _text(why)
        if not why:
            raise NotInProcess("say why in a few words")
        kept = DeviationNote.objects.filter(deal=deal, stage=stage, step=step, kind=kind).first()
        if kept is not None:
            return None if kept.why == why else _reword(work, "deviation_notes", kept, "why", why)
        made = _explain(work, stage, step, kind, why)
        return work.keep("deviation_notes", made.pk, None, {"step": step or stage, "kind": kind, "why": why})


def _held(actor: Actor, deal_pk: int) -> tuple[Deal, Walk]:
    deal = lock_deal(actor, deal_pk)
    ensure_version(actor.workspace)
    return deal, walk_of(deal)


def _when(at: datetime | None, work: Work) -> datetime:
    if at is not None and at > work.at:
        raise NotInProcess("this is yet to come")
    return at or work.at


def _text(text: str) -> str:
    try:
        return several_lines(text, LONGEST_WHY)
    except NotAText as error:
        raise NotInProcess(str(error)) from error


def _find(key: str, known: set[str], what: str) -> None:
    if key not in known:
        raise NotInProcess(f"the deal's version of the process has no {what} “{key[:80]}”")


def _refuse_entry(deal: Deal, walk: Walk, stage: StageRule, when: datetime) -> None:
    here = walk.place
    if here is not None and here.stage.key == stage.key and here.entered is not None and when >= here.entered.at:
        raise NotInProcess(f"the deal is in {stage.label} already")
    if deal.opened_at and when < deal.opened_at:
        raise NotInProcess("the deal was not open yet then")
    if deal.outcome == Outcome.OPEN:
        return
    if deal.outcome != Outcome.WON:
        raise NotInProcess(f"the deal has ended ({deal.get_outcome_display().lower()}); open it again first")
    if stage.kind not in ("order", "paid"):
        raise NotInProcess("the deal is ordered; undo the order to go back")


def _end(deal: Deal, kind: str, when: datetime) -> None:
    """Order and payment are told by their stages, whose moments fill what is not known otherwise."""
    if kind not in ("order", "paid"):
        return
    deal.outcome = Outcome.WON
    for field in ("ordered_at", "closed_at", *(["paid_at"] if kind == "paid" else [])):
        if getattr(deal, field) is None:
            setattr(deal, field, when)


def _explain(work: Work, stage: str, step: str, kind: str, why: str) -> DeviationNote:
    values = {"why": why, "at": work.at, "by": work.actor.name}
    of = {"workspace": work.actor.workspace, "deal": work.deal, "stage": stage, "step": step, "kind": kind}
    kept: DeviationNote | None = DeviationNote.objects.filter(**of).first()
    if kept is not None:
        work.take(kept)
    made = DeviationNote(**of, **values)
    work.make(made)
    return made


def _reword(work: Work, table: str, row: QuestionAnswer | DeviationNote, field: str, text: str) -> Edit:
    before = {field: getattr(row, field)}
    setattr(row, field, text)
    row.save(update_fields=[field])
    return work.keep(table, row.pk, before, {field: text})


def _step_texts(work: Work, row: StepDone) -> dict[str, str | None]:
    return {"step": row.step, "done_at": exact(When(row.done_at, bool(row.plain_dates & 1)), work.zone)}


def _rows_of_step(deal: Deal, wording: Wording, key: str) -> list[StepDone]:
    return [row for row in deal.steps_done.order_by("done_at", "pk") if wording.step(row.step) == key]
