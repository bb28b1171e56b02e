"""Closing deals, recording payments, opening deals again."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.views.decorators.http import require_http_methods, require_POST

from notyet.core.clock import today
from notyet.deals.closing import NotOpen, record_payment, reopen
from notyet.deals.models import Deal, Outcome
from notyet.deals.values import BadValue
from notyet.web.closing_form import ENDINGS, CloseForm, begun, open_ones, reason_groups, stalest
from notyet.web.deal_answers import back, done, on_a_deal
from notyet.web.form_days import read_day
from notyet.web.known_values import known_values
from notyet.web.requests import ActorRequest
from notyet.winbacks.check_ups import waiting
from notyet.winbacks.partings import close_and_part, close_many_and_part
from notyet.workspaces.access import Permission

_FIELDS = {"closed_at": "on", "opened_at": "on", "loss_reason": "reason"}


@require_http_methods(["GET", "HEAD", "POST"])
@on_a_deal
def close(request: ActorRequest, deal: Deal) -> HttpResponse:
    """Close a deal: one form, one minute."""
    if deal.outcome != Outcome.OPEN:
        messages.info(request, "This deal is closed already.")
        return back(deal.pk)
    form = CloseForm(request.POST) if request.method == "POST" else begun(request.actor, deal, _asked(request))
    if request.method == "POST" and form.is_valid():
        now_day = today(request.actor.workspace.time_zone)
        try:
            edit = close_and_part(request.actor, deal.pk, form.ending(now_day), form.farewell())
        except BadValue as error:
            form.refuse(_FIELDS.get(error.field, error.field), f"{error}.")
        except NotOpen as error:
            messages.error(request, f"Nothing was changed: {error}.")
            return back(deal.pk)
        else:
            deal.refresh_from_db()
            return done(request, deal, _told(deal), edit, "ended")
    context = {"deal": deal, **_choices(request, form)}
    return render(request, "closing/close.html", context, status=400 if request.method == "POST" else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def close_several(request: ActorRequest) -> HttpResponse:
    """Close several open deals alike."""
    request.actor.require(Permission.WORK_DEALS)
    keys = request.POST.getlist("deal")
    form = CloseForm(request.POST) if request.method == "POST" else begun(request.actor, None)
    refusal = ""
    if request.method == "POST" and not keys:
        refusal = "Tick the deals that ended."
    elif request.method == "POST" and form.is_valid():
        chosen = [deal.pk for deal in open_ones(request.actor, keys)]
        closed = close_many_and_part(request.actor, chosen, form.ending(today(request.actor.workspace.time_zone)))
        missing = len(set(keys)) - len(chosen)
        if closed.edits:
            messages.success(request, f"{_count(len(closed.edits))} closed. Each can be opened again on its page.")
        for one in closed.refused:
            name = Deal.objects.get(pk=one.deal)
            messages.error(request, f"{name} was not closed: {one.why}.")
        if missing:
            messages.error(request, f"{_count(missing)} had been closed meanwhile, or cannot be seen by you.")
        return redirect("close_several")
    shown = stalest(request.actor, request.GET.dict())
    context = {"deals": shown, "ticked": set(keys), "refusal": refusal, **_choices(request, form)}
    return render(request, "closing/several.html", context, status=400 if request.method == "POST" else 200)


@require_POST
@on_a_deal
def paid(request: ActorRequest, deal: Deal) -> HttpResponse:
    """Record the payment of an order."""
    try:
        edit = record_payment(request.actor, deal.pk, read_day("on", request.POST.get("on", "")))
    except (NotOpen, BadValue) as error:
        messages.error(request, f"Nothing was changed: {error}.")
        return back(deal.pk, "ended")
    return done(request, deal, "Paid: the deal is won.", edit, "ended")


@require_POST
@on_a_deal
def open_again(request: ActorRequest, deal: Deal) -> HttpResponse:
    """Open a closed deal again; how it had ended stays on record."""
    try:
        edit = reopen(request.actor, deal.pk, request.POST.get("why", ""))
    except (NotOpen, BadValue) as error:
        messages.error(request, f"Nothing was changed: {error}.")
        return back(deal.pk)
    return done(request, deal, "The deal is open again.", edit)


def _choices(request: ActorRequest, form: CloseForm) -> dict[str, object]:
    return {
        "form": form,
        "endings": ENDINGS,
        "groups": reason_groups(),
        "channels": form.fields["channel"].choices,  # type: ignore[attr-defined]
        "competitors": known_values(request.actor).get("competitor", ()),
        "today": today(request.actor.workspace.time_zone),
    }


def _asked(request: ActorRequest) -> str:
    wanted = request.GET.get("outcome", "")
    return wanted if wanted in {value for value, _, _ in ENDINGS} else ""


def _told(deal: Deal) -> str:
    """What was done, and when the buyer is asked again."""
    word = "Ordered" if deal.outcome == Outcome.WON else f"Closed: {deal.get_outcome_display().lower()}"
    check_up = waiting(deal)
    if check_up is None or check_up.due_at is None:
        return f"{word}."
    return f"{word}. To be asked again on {localtime(check_up.due_at):%-d %B %Y}."


def _count(number: int) -> str:
    return "One deal" if number == 1 else f"{number} deals"
