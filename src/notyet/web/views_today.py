"""The page Today: the list, what settles a line, putting one off, groups that open."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from notyet.deals.queries import visible_deals
from notyet.today.actions import BadSnooze, snooze, unsnooze
from notyet.today.lines import key_of
from notyet.today.models import DueItem, Group, Snooze
from notyet.today.people import chosen
from notyet.today.queries import page, seen_from
from notyet.today.wording import MANY
from notyet.web.requests import ActorRequest
from notyet.web.saying import say_done
from notyet.web.today_beside import beside
from notyet.web.today_page import Refused, rows_of, snooze_days, step_days, today_page
from notyet.web.today_settling import CannotSettle, Wish, begins, chosen_day, settle
from notyet.workspaces.access import Permission


@require_safe
@never_cache
def today(request: ActorRequest) -> HttpResponse:
    """The list, brought up to date."""
    return _page(request)


@require_safe
@never_cache
def group(request: ActorRequest, group: str) -> HttpResponse:
    """The items of a group, fifty at a time: as a part of the list, or as a page where there is no script."""
    if group not in Group.values:
        raise Http404
    actor = request.actor
    whose, seen = chosen(actor, request.GET.get("whose", "")), seen_from(actor.workspace)
    found = page(actor, whose, group, request.GET.get("after", ""))
    context = {
        "rows": rows_of(actor, found, whose),
        "after": found.after,
        "group": group,
        "many": MANY[group],
        "whose": whose,
        "days": snooze_days(seen),
        "steps": step_days(seen),
        "may_work": actor.may(Permission.WORK_DEALS),
    }
    template = "today/more.html" if request.htmx else "today/group.html"
    return render(request, template, context)


@require_safe
@never_cache
def today_beside(request: ActorRequest) -> HttpResponse:
    """The pipeline in short, as a part of the page."""
    request.actor.require(Permission.SEE_DEALS)
    return render(request, "today/beside.html", {"beside": beside(request.actor)})


@require_POST
def today_settle(request: ActorRequest) -> HttpResponse:
    """Do what settles an item, and show the list without it."""
    request.actor.require(Permission.WORK_DEALS)
    wish = _wish(request)
    try:
        with transaction.atomic():
            settled = settle(request.actor, wish)
    except ObjectDoesNotExist:
        return _settled_already(request, wish)
    except CannotSettle as error:
        return _page(request, _refused(wish, "does", str(error)))
    say_done(request, settled.said, settled.edit)
    return _back(request)


@require_POST
def today_snooze(request: ActorRequest) -> HttpResponse:
    """Put an item off."""
    request.actor.require(Permission.WORK_DEALS)
    wish = _wish(request)
    try:
        until = begins(request.actor, chosen_day(request.actor, wish))
        made = snooze(request.actor, wish.deal, wish.kind, wish.ref, until, wish.text)
    except DueItem.DoesNotExist:
        return _settled_already(request, wish)
    except (BadSnooze, CannotSettle) as error:
        return _page(request, _refused(wish, "off", str(error)))
    return _back(request, off=str(made.pk))


@require_POST
def today_unsnooze(request: ActorRequest, pk: int) -> HttpResponse:
    """Bring back what was put off."""
    request.actor.require(Permission.WORK_DEALS)
    try:
        unsnooze(request.actor, pk)
    except (Snooze.DoesNotExist, DueItem.DoesNotExist) as error:
        raise Http404 from error
    say_done(request, "It is in the list again.")
    return _back(request)


def _settled_already(request: ActorRequest, wish: Wish) -> HttpResponse:
    """Somebody was quicker: of a deal that the actor sees that is said, any other is not there."""
    if not visible_deals(request.actor).filter(pk=wish.deal).exists():
        raise Http404
    say_done(request, "That was settled in the meantime.")
    return _back(request)


def _wish(request: ActorRequest) -> Wish:
    sent = request.POST
    deal = sent.get("deal", "")
    if not deal.isdecimal() or len(deal) > 18:
        raise Http404
    texts = {name: sent.get(name, "") for name in ("kind", "ref", "text", "day", "other_day", "do")}
    return Wish(deal=int(deal), **texts)


def _refused(wish: Wish, part: str, why: str) -> Refused:
    typed = {"text": wish.text, "day": wish.day, "other_day": wish.other_day}
    return Refused(key_of(wish.deal, wish.kind, wish.ref), part, why, typed)


def _page(request: ActorRequest, refused: Refused | None = None) -> HttpResponse:
    sent = request.POST if request.method == "POST" else request.GET
    shown = today_page(request.actor, sent.get("whose", ""), refused)
    context: dict[str, Any] = {"page": shown, "off": _put_off(request), "days": shown.days, "steps": shown.steps}
    return render(request, "today/page.html", context, status=400 if refused else 200)


def _put_off(request: ActorRequest) -> Snooze | None:
    """What was just put off, so that it can be taken back."""
    asked = request.GET.get("off", "")
    if not asked.isdecimal() or len(asked) > 18 or not request.actor.may(Permission.WORK_DEALS):
        return None
    made: Snooze | None = Snooze.objects.filter(pk=int(asked), user_id=request.actor.user_id, ended_at=None).first()
    return made


def _back(request: ActorRequest, **more: str) -> HttpResponse:
    pairs = {key: value for key, value in {"whose": request.POST.get("whose", ""), **more}.items() if value}
    return redirect(reverse("today") + (f"?{urlencode(pairs)}" if pairs else ""))
