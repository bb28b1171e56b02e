"""Debriefs: who owes one, the five steps, and the actions that come of them."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from notyet.core.clock import now
from notyet.deals.closing import NotOpen
from notyet.deals.models import Deal
from notyet.deals.values import BadValue
from notyet.debriefs.content import BadContent
from notyet.debriefs.follow_up import Step, add_action, settle_action
from notyet.debriefs.ledger import ledger, owed
from notyet.debriefs.preparation import BadTick, save_ticks, ticks
from notyet.debriefs.work_models import Action
from notyet.debriefs.writing import FieldClash, NotClosed, save_field
from notyet.web.closing_form import CHANNELS
from notyet.web.deal_answers import back, on_a_deal
from notyet.web.debrief_page import OpenDeal, debrief_page
from notyet.web.form_days import read_day
from notyet.web.requests import ActorRequest
from notyet.web.saying import say_done
from notyet.winbacks.letter_wordings import LANGUAGES
from notyet.winbacks.letters import NotToBeSent, Text, copied, say_what_became, send, take_back
from notyet.winbacks.parting_models import Letter
from notyet.winbacks.partings import Farewell, finish_and_date, part
from notyet.winbacks.silence import LeftAlone
from notyet.workspaces.access import Permission

MOST_OWED = 200


@require_safe
def debriefs(request: ActorRequest) -> HttpResponse:
    """What is owed, by team, and which deals; one's own first."""
    request.actor.require(Permission.SEE_DEALS)
    found = list(owed(request.actor)[: MOST_OWED + 1])
    own = [one for one in found if one.deal.owner == request.actor.seller_name]
    others = [one for one in found if one.deal.owner != request.actor.seller_name]
    teams = ledger(request.actor, now())
    closed = sum(one.closed for one in teams)
    context = {
        "own": own,
        "others": others[:MOST_OWED],
        "more": len(found) > MOST_OWED,
        "teams": teams,
        "closed": closed,
        "debriefed": (done := sum(one.debriefed for one in teams)),
        "share": done / closed if closed else None,
        "may_work": request.actor.may(Permission.WORK_DEALS),
        "may_choose": request.actor.may(Permission.EDIT_REASONS),
    }
    return render(request, "debriefs/ledger.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@on_a_deal
def debrief(request: ActorRequest, deal: Deal) -> HttpResponse:
    """One step of a debrief; a POST saves the fields it sends and goes on."""
    asked = request.GET
    step, whole = asked.get("step", ""), bool(asked.get("all"))
    problems: list[str] = []
    if request.method == "POST":
        problems = _save(request, deal)
        if not problems:
            return _go(deal, request.POST.get("go", step), whole=whole)
    try:
        page = debrief_page(request.actor, deal.pk, step, whole=whole, language=asked.get("language", "en"))
    except OpenDeal:
        messages.info(request, "This deal is open; a debrief looks back on one that has ended.")
        return back(deal.pk)
    context = {
        "page": page,
        "problems": problems,
        "languages": LANGUAGES,
        "channels": CHANNELS,
        "yes_no": (("yes", "Yes"), ("no", "No")),
        "sends_mail": settings.NOTYET_SENDS_MAIL,
    }
    return render(request, "debriefs/debrief.html", context, status=400 if problems else 200)


def _save(request: ActorRequest, deal: Deal) -> list[str]:
    """Save the fields of a whole form; what each showed before comes as ``seen.<field>``. Says what was refused."""
    refused = []
    values = {name: request.POST.getlist(name) for name in request.POST}
    for name in [name.removeprefix("seen.") for name in values if name.startswith("seen.")]:
        sent = ";".join(values.get(name, [""])) if name == "contributing" else values.get(name, [""])[-1]
        try:
            save_field(request.actor, deal.pk, name, values[f"seen.{name}"][-1], sent)
        except (BadContent, NotClosed) as error:
            refused.append(f"Not saved: {error}.")
        except FieldClash as error:
            clash = error.clash
            refused.append(f"{clash.by} wrote “{clash.theirs}” meanwhile, where you wrote “{clash.mine}”.")
    return refused


@require_POST
@on_a_deal
def debrief_field(request: ActorRequest, deal: Deal) -> HttpResponse:
    """Keep one field as it is typed; answers what the field holds."""
    sent = request.POST
    name, seen, text = sent.get("field", ""), sent.get("seen", ""), sent.get("text", "")
    try:
        work = save_field(request.actor, deal.pk, name, seen, text)
    except BadContent as error:
        return JsonResponse({"problem": f"{error}."}, status=400)
    except NotClosed as error:
        return JsonResponse({"problem": f"{error}."}, status=409)
    except FieldClash as error:
        return JsonResponse({"theirs": error.clash.theirs, "by": error.clash.by}, status=409)
    return JsonResponse({"seen": text, "revision": work.revision})


@require_POST
@on_a_deal
def debrief_finish(request: ActorRequest, deal: Deal) -> HttpResponse:
    """Put the debrief into the record."""
    try:
        edit = finish_and_date(request.actor, deal.pk)
    except BadContent as error:
        messages.error(request, f"Not finished yet: {error}.")
        return _go(deal, "why", whole=False)
    except NotClosed as error:
        messages.error(request, f"{error}.")
        return back(deal.pk)
    say_done(request, "Debriefed. The desk is clear.", edit)
    return redirect("debriefs")


@require_POST
@on_a_deal
def debrief_part(request: ActorRequest, deal: Deal) -> HttpResponse:
    """Keep what was agreed on parting."""
    sent = request.POST
    try:
        part(request.actor, deal.pk, Farewell(sent.get("channel", ""), read_day("wish_on", sent.get("wish_on", ""))))
        messages.success(request, "Kept. What the buyer wishes comes before every rule here.")
    except (BadValue, NotOpen) as error:
        messages.error(request, f"Nothing was changed: {error}.")
    return _go(deal, "friends", whole=bool(request.GET.get("all")))


@require_POST
@on_a_deal
def letter(request: ActorRequest, deal: Deal) -> HttpResponse:
    """Send the letter, or note that it was copied."""
    sent = request.POST
    text = Text(sent.get("to", ""), sent.get("subject", ""), sent.get("body", ""), sent.get("language", "en"))
    by_hand = sent.get("do") == "copied"
    try:
        copied(request.actor, deal.pk, text) if by_hand else send(request.actor, deal.pk, text)
        messages.success(request, "Noted as sent by hand." if by_hand else "It is on its way; it can be stopped below.")
    except (BadValue, NotToBeSent, LeftAlone) as error:
        messages.error(request, f"Nothing was sent: {error}.")
    return _go(deal, "friends", whole=bool(request.GET.get("all")))


@require_POST
def letter_stop(request: ActorRequest, pk: int) -> HttpResponse:
    """Stop a letter that has not left yet."""
    request.actor.require(Permission.WORK_DEALS)
    try:
        stopped = take_back(request.actor, pk)
    except (Letter.DoesNotExist, Deal.DoesNotExist) as error:
        raise Http404 from error
    except NotToBeSent as error:
        messages.error(request, f"{error}.")
        return redirect("debriefs")
    messages.success(request, "Stopped; it was not sent.")
    return _go(stopped.deal, "friends", whole=False)


@require_POST
def letter_settle(request: ActorRequest, pk: int) -> HttpResponse:
    """Say what became of a letter that may or may not have gone out."""
    request.actor.require(Permission.WORK_DEALS)
    try:
        settled = say_what_became(request.actor, pk, arrived=request.POST.get("do") == "arrived")
    except (Letter.DoesNotExist, Deal.DoesNotExist) as error:
        raise Http404 from error
    except NotToBeSent as error:
        messages.error(request, f"Nothing was changed: {error}.")
        return redirect("debriefs")
    messages.success(request, "Noted.")
    return _go(settled.deal, "friends", whole=False)


@require_POST
@on_a_deal
def action(request: ActorRequest, deal: Deal) -> HttpResponse:
    """Note an action."""
    sent = request.POST
    try:
        due = read_day("due_on", sent.get("due_on", ""))
        if due is None:
            raise BadValue("due_on", "say by when")
        step = Step(sent.get("text", ""), sent.get("owner", ""), due, sent.get("scope", "person"))
        say_done(request, "Noted.", add_action(request.actor, deal.pk, step))
    except BadValue as error:
        messages.error(request, f"Not noted: {error}.")
    return _go(deal, "next", whole=bool(request.GET.get("all")))


@require_POST
def action_settle(request: ActorRequest, pk: int) -> HttpResponse:
    """An action is done, or dropped with a word."""
    request.actor.require(Permission.WORK_DEALS)
    try:
        dropped = request.POST.get("do") == "drop"
        edit = settle_action(request.actor, pk, request.POST.get("word", ""), dropped=dropped)
        say_done(request, "Dropped." if dropped else "Done.", edit)
        deal = Action.objects.get(pk=pk).deal_id
    except (Action.DoesNotExist, Deal.DoesNotExist) as error:
        raise Http404 from error
    except BadValue as error:
        messages.error(request, f"Nothing was changed: {error}.")
        deal = Action.objects.get(pk=pk).deal_id
    return redirect(f"{reverse('debrief', args=[deal])}?step=next")


@require_http_methods(["GET", "HEAD", "POST"])
def preparation(request: ActorRequest) -> HttpResponse:
    """What debriefs ask about how a deal was prepared; one a line."""
    request.actor.require(Permission.EDIT_REASONS)
    text, refusal = "\n".join(one.text for one in ticks()), ""
    if request.method == "POST":
        text = request.POST.get("ticks", "")
        try:
            save_ticks(request.actor, text.splitlines())
            messages.success(request, "Saved. Debriefs ask this from now on.")
            return redirect("preparation")
        except BadTick as error:
            refusal = f"Nothing was saved: {error}."
    status = 400 if refusal else 200
    return render(request, "debriefs/preparation.html", {"text": text, "refusal": refusal}, status=status)


def _go(deal: Deal, step: str, *, whole: bool) -> HttpResponse:
    return redirect(f"{reverse('debrief', args=[deal.pk])}?step={step}" + ("&all=1" if whole else ""))
