"""A deal going its way: stages entered, buyers' questions answered, our steps done, and why it went another way."""

from django.contrib import messages
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from notyet.deals.models import Deal
from notyet.deals.undoing import CannotUndo, undo
from notyet.process.actions import (
    NeedsWhy,
    NotInProcess,
    answer_question,
    do_step,
    enter_stage,
    explain_deviation,
    undo_step,
)
from notyet.process.models import QuestionAnswer
from notyet.web.deal_answers import back, done, on_a_deal, show
from notyet.web.deal_opened import Opened, entering
from notyet.web.requests import ActorRequest


@require_POST
@on_a_deal
def stage(request: ActorRequest, deal: Deal) -> HttpResponse:
    """Enter a stage. Where it asks for what the deal does not have, say so and ask for the why."""
    key, why = request.POST.get("stage", ""), request.POST.get("why", "")
    try:
        edit = enter_stage(request.actor, deal.pk, key, why)
    except NeedsWhy as error:
        return show(request, deal, Opened(entering=entering(error.stage, error.missing, why)), status=409)
    except NotInProcess as error:
        return _refused(request, deal, error)
    entered = deal.stage_changes.order_by("-pk").values_list("stage", flat=True).first()
    return done(request, deal, f"{entered} entered.", edit, "stage-now")


@require_POST
@on_a_deal
def question(request: ActorRequest, deal: Deal) -> HttpResponse:
    """A buyer's question is answered, in words or without; or it is not after all."""
    key, focus = request.POST.get("question", ""), f"question-{request.POST.get('question', '')}-tick"
    try:
        if request.POST.get("do") == "undo":
            return _open_again(request, deal, key, focus)
        edit = answer_question(request.actor, deal.pk, key, request.POST.get("text", ""))
    except (NotInProcess, CannotUndo) as error:
        return _refused(request, deal, error)
    return done(request, deal, "Answered." if edit else "Nothing was changed.", edit, focus)


def _open_again(request: ActorRequest, deal: Deal, key: str, focus: str) -> HttpResponse:
    """An answer is taken back by undoing that it was given."""
    answer = QuestionAnswer.objects.get(deal=deal, question=key)
    given = deal.edits.filter(table="question_answers", row=answer.pk, before__isnull=True, undone_at=None).first()
    if given is None:
        raise NotInProcess("nothing tells who answered this")
    return done(request, deal, "The question is open again.", undo(request.actor, given.pk), focus)


@require_POST
@on_a_deal
def process_step(request: ActorRequest, deal: Deal) -> HttpResponse:
    """A step of ours is done, or it is not after all."""
    key = request.POST.get("step", "")
    try:
        if request.POST.get("do") == "undo":
            edit, text = undo_step(request.actor, deal.pk, key), "The step is open again."
        else:
            edit, text = do_step(request.actor, deal.pk, key), "Step done."
    except NotInProcess as error:
        return _refused(request, deal, error)
    return done(request, deal, text, edit, f"step-{key}-tick")


@require_POST
@on_a_deal
def why(request: ActorRequest, deal: Deal) -> HttpResponse:
    """Why the deal went another way than its process."""
    said = {name: request.POST.get(name, "") for name in ("stage", "step", "kind", "why")}
    try:
        edit = explain_deviation(request.actor, deal.pk, **said)
    except NotInProcess as error:
        return _refused(request, deal, error)
    return done(request, deal, "The note is kept." if edit else "Nothing was changed.", edit, "needs")


def _refused(request: ActorRequest, deal: Deal, error: Exception) -> HttpResponse:
    text = str(error)
    messages.error(request, f"{text[:1].upper()}{text[1:]}.")
    return back(deal.pk)
