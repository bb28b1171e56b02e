"""Win-backs: the list and its figures, one loss, what wakes losses, what to bring."""

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from notyet.deals.edit_models import Edit
from notyet.deals.models import Deal
from notyet.deals.values import BadValue
from notyet.debriefs.reasons import DEFAULT_REASONS
from notyet.web.closing_form import reason_groups
from notyet.web.form_days import read_day
from notyet.web.requests import ActorRequest
from notyet.web.saying import say_done
from notyet.web.winbacks_page import loss_page, win_backs_page
from notyet.winbacks.check_ups import Settled, ask, date_loss, follow_up, leave, said_no, set_date, waiting
from notyet.winbacks.coming_back import came_back
from notyet.winbacks.models import WinBack
from notyet.winbacks.offers import BadOffer, Bring, save_table, table
from notyet.winbacks.parting_models import Trigger, TriggerKind
from notyet.winbacks.silence import LeftAlone
from notyet.winbacks.triggers import Event, let_sleep, wake
from notyet.workspaces.access import Permission

_SAID = {
    "ask": "Noted as asked. If they do not answer, one follow-up comes up in two weeks.",
    "follow": "Noted. Now it is their turn.",
    "no": "Noted.",
    "leave": "Left be.",
    "move": "Moved.",
    "date": "It has a day now.",
}


@require_safe
def win_backs(request: ActorRequest) -> HttpResponse:
    """Who is to be asked again, and how asking has gone."""
    page = win_backs_page(request.actor, whole=bool(request.GET.get("all")))
    context = {
        "page": page,
        "whole": bool(request.GET.get("all")),
        "may_wake": request.actor.may(Permission.WAKE_LOSSES),
    }
    return render(request, "winbacks/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def win_back(request: ActorRequest, pk: int) -> HttpResponse:
    """One loss; a POST says what was done about it."""
    request.actor.require(Permission.WORK_DEALS if request.method == "POST" else Permission.SEE_DEALS)
    try:
        page = loss_page(request.actor, pk)
    except Deal.DoesNotExist as error:
        raise Http404 from error
    if request.method == "POST":
        return _act(request, page.deal)
    context = {"page": page, "may_work": request.actor.may(Permission.WORK_DEALS)}
    return render(request, "winbacks/loss.html", context)


def _act(request: ActorRequest, deal: Deal) -> HttpResponse:
    """Do what was pressed, and say so; back at the table leads to the new deal."""
    do, row = request.POST.get("do", ""), waiting(deal)
    try:
        if do == "back" and row is not None:
            _, opened = came_back(request.actor, row.pk, request.POST.get("name", ""))
            messages.success(request, "Back at the table. The loss and this deal are linked.")
            return redirect("deal", opened.pk)
        edit = _done(request, deal, row, do)
        if edit is not None:
            say_done(request, _SAID[do], edit)
    except (BadValue, Settled, LeftAlone) as error:
        messages.error(request, f"Nothing was changed: {error}.")
    return redirect("win_back", deal.pk)


def _done(request: ActorRequest, deal: Deal, row: WinBack | None, do: str) -> Edit | None:
    sent, actor = request.POST, request.actor
    if do == "date":
        return date_loss(actor, deal.pk, read_day("on", sent.get("on", "")), sent.get("why", ""))
    if row is None:
        raise Settled("nothing is waiting here")
    ways: dict[str, Callable[[], Edit]] = {
        "ask": lambda: ask(actor, row.pk, sent.get("offer_other", "").strip() or sent.get("offer", "")),
        "follow": lambda: follow_up(actor, row.pk),
        "no": lambda: said_no(actor, row.pk, read_day("again_on", sent.get("again_on", ""))),
        "leave": lambda: leave(actor, row.pk, sent.get("why", "")),
        "move": lambda: set_date(actor, row.pk, _required("on", sent.get("on", "")), sent.get("why", "")),
    }
    return ways[do]() if do in ways else None


@require_http_methods(["GET", "HEAD", "POST"])
def triggers(request: ActorRequest) -> HttpResponse:
    """What changed, and which losses it woke; a POST wakes."""
    request.actor.require(Permission.WAKE_LOSSES)
    refusal = ""
    if request.method == "POST":
        sent = request.POST
        try:
            event = Event(
                sent.get("kind", ""),
                sent.get("text", ""),
                tuple(sent.getlist("reason")),
                sent.get("words", ""),
                sent.get("buyer", "").strip(),
            )
            woken = wake(request.actor, event)
        except BadValue as error:
            refusal = f"Nobody was woken: {error}."
        else:
            left = f" {woken.left_alone} asked never to be approached." if woken.left_alone else ""
            messages.success(request, f"{len(woken.deals)} losses are to be asked again.{left}")
            return redirect("triggers")
    context = {
        "kinds": TriggerKind.choices,
        "groups": reason_groups(),
        "triggers": Trigger.objects.all()[:100],
        "refusal": refusal,
        "sent": request.POST,
        "chosen": request.POST.getlist("reason"),
    }
    return render(request, "winbacks/triggers.html", context, status=400 if refusal else 200)


@require_POST
def trigger_undo(request: ActorRequest, pk: int) -> HttpResponse:
    """Take a trigger back."""
    request.actor.require(Permission.WAKE_LOSSES)
    try:
        asleep = let_sleep(request.actor, pk)
        messages.success(request, f"Taken back: {asleep} losses stand as they did before.")
    except Trigger.DoesNotExist as error:
        raise Http404 from error
    except BadValue as error:
        messages.error(request, f"Nothing was changed: {error}.")
    return redirect("triggers")


@require_http_methods(["GET", "HEAD", "POST"])
def offers(request: ActorRequest) -> HttpResponse:
    """What to bring, by reason; a line of the form is a reason and an offer."""
    request.actor.require(Permission.EDIT_REASONS)
    refusal, lines = "", list(table())
    if request.method == "POST":
        pairs = zip(request.POST.getlist("reason"), request.POST.getlist("text"), strict=False)
        lines = [Bring(reason, text) for reason, text in pairs]
        try:
            save_table(request.actor, lines)
            messages.success(request, "Saved.")
            return redirect("offers")
        except BadOffer as error:
            refusal = f"Nothing was saved: {error}."
    labels = [reason for group in reason_groups() for reason in group.reasons] or [one.label for one in DEFAULT_REASONS]
    context = {"lines": [*lines, Bring("", "")], "labels": labels, "refusal": refusal}
    return render(request, "winbacks/offers.html", context, status=400 if refusal else 200)


def _required(field: str, text: str) -> date:
    day = read_day(field, text)
    if day is None:
        raise BadValue(field, "say which day")
    return day
