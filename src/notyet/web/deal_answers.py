"""How the views of a deal answer: with its page as it stands, or by leading back to it once something is done."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from notyet.deals.edit_models import Edit
from notyet.deals.models import Deal
from notyet.deals.queries import find_deal
from notyet.deals.talk_actions import RowGone
from notyet.web.deal_opened import Opened
from notyet.web.deal_page import deal_page
from notyet.web.requests import ActorRequest
from notyet.web.saying import say_done
from notyet.web.shown import outcome_tag
from notyet.workspaces.access import Permission

View = Callable[..., HttpResponse]


def on_a_deal(view: View) -> View:
    """A view that changes a deal: 403 for who may not, 404 for a deal or row that is not there or not hers to see.

    What somebody removed meanwhile is said on the deal's page.
    """

    @wraps(view)
    def guarded(request: ActorRequest, pk: int, **more: Any) -> HttpResponse:
        request.actor.require(Permission.WORK_DEALS)
        try:
            deal = find_deal(request.actor, pk)
            return view(request, deal, **more)
        except RowGone as error:
            messages.error(request, f"Nothing was changed: {error}.")
            return back(pk)
        except ObjectDoesNotExist as error:
            raise Http404 from error

    return guarded


def show(request: ActorRequest, deal: Deal, opened: Opened, status: int = 400) -> HttpResponse:
    """The deal's page with a form that came back, or with something to be looked at before it is saved (200)."""
    page = deal_page(request.actor, deal.pk, opened)
    return render(request, "deals/deal.html", {"page": page, "outcome": outcome_tag(page.deal)}, status=status)


def done(request: ActorRequest, deal: Deal, text: str, edit: Edit | None = None, focus: str = "") -> HttpResponse:
    """Back to the deal's page, which says what was done, offers to undo it, and leads the eye to ``focus``."""
    say_done(request, text, edit, focus)
    return back(deal.pk, focus)


def back(pk: int, focus: str = "") -> HttpResponse:
    """To the deal's page."""
    return redirect(reverse("deal", args=[pk]) + (f"#{focus}" if focus else ""))
