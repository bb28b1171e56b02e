"""Actions that come of debriefs: a tangible step, who does it, by when; done or dropped with a word."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from notyet.core.clock import now
from notyet.core.texts import NotAText, one_line, several_lines
from notyet.deals.edit_models import Edit
from notyet.deals.editing import Work, lock_deal
from notyet.deals.models import Deal
from notyet.deals.values import BadValue
from notyet.debriefs.work_models import Action, ActionScope
from notyet.debriefs.writing import work_of
from notyet.workspaces.access import Actor
from notyet.workspaces.scope import within
from notyet.workspaces.working import working_time

LONGEST = 1_000


@dataclass(frozen=True)
class Step:
    """What is to be done, by whom (by the name that deals carry) and when, and where its cause is sought."""

    text: str
    owner: str
    due_on: date
    scope: str = ActionScope.PERSON


@transaction.atomic
def add_action(actor: Actor, deal_pk: int, step: Step) -> Edit:
    """Note an action; undo it by the edit. Raises ``BadValue``, ``Denied`` or ``Deal.DoesNotExist``."""
    with within(actor.workspace):
        deal = lock_deal(actor, deal_pk)
        work = Work(actor, deal, "add action")
        text, owner = _text("text", step.text), _line("owner", step.owner)
        if not text:
            raise BadValue("text", "say what is to be done")
        if not owner:
            raise BadValue("owner", "say who does it")
        if step.scope not in ActionScope.values:
            raise BadValue("scope", "choose the person or the organisation")
        if step.due_on < working_time(actor.workspace).day_of(work.at):
            raise BadValue("due_on", "this day has gone by")
        made = Action(
            workspace=actor.workspace,
            deal=deal,
            work=work_of(deal),
            text=text,
            owner=owner,
            due_on=step.due_on,
            scope=step.scope,
            made_at=work.at,
            made_by=actor.name,
        )
        work.make(made)
        return work.keep("actions", made.pk, None, {"text": text, "owner": owner})


@transaction.atomic
def settle_action(actor: Actor, action_pk: int, word: str = "", *, dropped: bool = False) -> Edit:
    """Say that an action was done, and what came of it; or that it is dropped, and why.

    Raises ``BadValue`` for dropping it without a word, or settling it twice; ``Denied``, ``Action.DoesNotExist`` or
    ``Deal.DoesNotExist``.
    """
    with within(actor.workspace):
        deal = lock_deal(actor, Action.objects.values_list("deal", flat=True).get(pk=action_pk))
        row: Action = Action.objects.get(pk=action_pk)
        if row.settled_at is not None:
            raise BadValue("action", f"{row.settled_by} settled this already")
        said = _text("word", word)
        if dropped and not said:
            raise BadValue("word", "say in a word why it is dropped")
        work = Work(actor, deal, "drop action" if dropped else "finish action")
        return _replace(work, row, {"settled_at": now(), "settled_by": actor.name, "dropped": dropped, "word": said})


def open_actions(deal: Deal) -> list[Action]:
    """The actions of a deal that are still to be done."""
    return list(Action.objects.filter(deal=deal, settled_at=None))


def _replace(work: Work, row: Action, values: dict[str, object]) -> Edit:
    kept = {field.attname: getattr(row, field.attname) for field in Action._meta.concrete_fields}
    key = kept.pop("id")
    work.take(row)
    made = Action(**{**kept, **values})
    made.pk = key
    work.make(made)
    return work.keep("actions", key, {}, {})


def _text(field: str, text: str) -> str:
    try:
        return several_lines(text, LONGEST)
    except NotAText as error:
        raise BadValue(field, str(error)) from error


def _line(field: str, text: str) -> str:
    try:
        return one_line(text, 300)
    except NotAText as error:
        raise BadValue(field, str(error)) from error
