"""A deal made here, its fields, the people in it, and what its source says otherwise."""

import re

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from notyet.core.clock import today
from notyet.core.texts import looked_for
from notyet.deals.actions import create_deal, edit_deal
from notyet.deals.conflicts import EditConflict
from notyet.deals.contact_actions import remove_contact, save_contact
from notyet.deals.differences import keep_mine, list_again
from notyet.deals.edit_models import Edit
from notyet.deals.edit_queries import similar_accounts
from notyet.deals.merge_models import LONGEST_NAME
from notyet.deals.models import Account, Deal
from notyet.deals.queries import visible_deals
from notyet.deals.values import BadValue, Change, shown
from notyet.process.queries import current
from notyet.web.deal_answers import back, done, on_a_deal, show
from notyet.web.deal_cards import field_names
from notyet.web.deal_form_fields import FieldsForm, met
from notyet.web.deal_forms import ContactForm, NewDealForm
from notyet.web.deal_opened import Opened, chips_for
from notyet.web.known_values import known_values
from notyet.web.requests import ActorRequest
from notyet.web.saying import say_done
from notyet.workspaces.access import Actor, Permission

OFFERED = 12
_KEPT = "It stays as it is here. It is listed again when the source says something else."
_FIELDS = {"title": "name", "due_at": "day", "next_step": "text", "next_step_due": "day"}
"""A value's name in the record -> the field of the form that it was typed into."""


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    """Make a deal: only the buyer is asked for."""
    actor = request.actor
    actor.require(Permission.WORK_DEALS)
    chips = chips_for(actor)
    begin, earliest = {"currency": actor.workspace.currency}, today(actor.workspace.time_zone)
    form = NewDealForm(request.POST or None, chips=chips, earliest=earliest, initial=begin)
    if request.method == "POST" and form.is_valid():
        try:
            deal = _make(actor, form)
            made = list(deal.edits.all()[:2])
            say_done(request, "The deal is made.", made[0] if len(made) == 1 else None)
            return redirect("deal", deal.pk)
        except BadValue as error:
            form.refuse({"name": "title", **_FIELDS}.get(error.field, error.field), str(error))
    typed = str(form["account"].value() or "")
    context = {
        "form": form,
        "known": known_values(actor),
        "buyers": _buyers(actor, typed),
        "similar": similar_accounts(actor, typed) if typed else [],
    }
    return render(request, "deals/new.html", context, status=400 if form.errors else 200)


@transaction.atomic
def _make(actor: Actor, form: NewDealForm) -> Deal:
    """The deal, and the person whom one speaks to."""
    said = form.cleaned_data
    values = {name: said[name] for name in ("account", "amount", "currency", "product", "source", "persona")}
    values["name"] = said["title"]
    if said["text"]:
        values |= {"next_step": said["text"], "next_step_due": form.due_day}
    process = current()
    values |= {"stage": process.definition.stages[0].label} if process.definition.stages else {}
    deal = create_deal(actor, values, process_version=process.name)
    if said["contact"]:
        try:
            save_contact(actor, deal.pk, {"name": said["contact"]})
        except BadValue as error:
            raise BadValue("contact", error.text) from error
    return deal


@require_safe
def buyers(request: ActorRequest) -> HttpResponse:
    """The buyers whose names go on like what is typed, and those that may be meant by it."""
    request.actor.require(Permission.WORK_DEALS)
    typed = request.GET.get("account", "")
    context = {"buyers": _buyers(request.actor, typed), "similar": similar_accounts(request.actor, typed)}
    return render(request, "deals/buyers.html", context)


def _buyers(actor: Actor, typed: str) -> list[str]:
    """Names of buyers of deals that the actor sees: those that begin like that, and then those that hold it."""
    typed = looked_for(typed, LONGEST_NAME)
    names = Account.objects.filter(deals__in=visible_deals(actor)).order_by("name").values_list("name", flat=True)
    begun = list(names.filter(name__istartswith=typed).distinct()[:OFFERED])
    if len(begun) < OFFERED and typed:
        begun += list(names.filter(name__icontains=typed).exclude(name__in=begun).distinct()[: OFFERED - len(begun)])
    return begun


@require_POST
@on_a_deal
def fields(request: ActorRequest, deal: Deal) -> HttpResponse:
    """Set fields of the deal. What somebody else changed meanwhile is shown beside it, and nothing is written."""
    form = FieldsForm.read(request.POST, field_names(deal))
    try:
        edit = edit_deal(request.actor, deal.pk, form.changes())
    except EditConflict as error:
        return show(request, deal, Opened("fields", fields=met(form, error)), status=409)
    except BadValue as error:
        return show(request, deal, Opened("fields", fields=form.refused(error.field, str(error))))
    if not visible_deals(request.actor).filter(pk=deal.pk).exists():
        say_done(request, f"“{deal}” is in other hands now, and not among the deals that you see.", edit)
        return redirect("deals")
    return done(request, deal, "Saved." if edit else "Nothing was changed.", edit, "fields")


@require_POST
@on_a_deal
def contact(request: ActorRequest, deal: Deal, part: int = 0) -> HttpResponse:
    """Add a person, or change or remove the one whose part in the deal has the key ``part``."""
    held = deal.deal_contacts.get(pk=part) if part else None
    if held is not None and request.POST.get("do") == "remove":
        return done(
            request,
            deal,
            f"{held.contact.name} is no part of this deal any more.",
            remove_contact(request.actor, part),
        )
    form = ContactForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        values = {"name": said["full_name"], **{name: said[name] for name in ("role", "title", "email", "phone")}}
        try:
            edit = save_contact(request.actor, deal.pk, values, held.contact_id if held else None)
            return done(request, deal, _kept(edit, said["full_name"]), edit, "people")
        except BadValue as error:
            form.refuse({"name": "full_name"}.get(error.field, error.field), str(error))
    return show(request, deal, Opened("contact", part, contact=form))


def _kept(edit: Edit | None, name: str) -> str:
    if edit is None:
        return "Nothing was changed."
    return f"{name} is added." if edit.before is None else f"{name} is changed."


@require_POST
@on_a_deal
def difference(request: ActorRequest, deal: Deal, mark: int) -> HttpResponse:
    """Take what the source says of a field that a person set here, keep what stands, or take that decision back."""
    wish = request.POST.get("do", "theirs")
    if wish != "theirs":
        about = deal.edited_fields.get(pk=mark)
        settle = keep_mine if wish == "mine" else list_again
        settle(request.actor, about.pk)
        return _settled(request, deal, _KEPT if wish == "mine" else "The difference is listed again.")
    kept = deal.edited_fields.get(pk=mark, table="deals")
    try:
        edit = edit_deal(request.actor, deal.pk, {kept.field: Change(shown(deal, kept.field), kept.source_value)})
    except (EditConflict, BadValue) as error:
        messages.error(request, f"Nothing was changed: {error}.")
        return back(deal.pk, "fields")
    return done(request, deal, "The source’s value is taken.", edit, "fields")


def _settled(request: ActorRequest, deal: Deal, text: str) -> HttpResponse:
    """Back to where the difference is listed: an import's page, or the deal's own."""
    number = request.POST.get("import", "")
    if not re.fullmatch(r"[0-9]{1,9}", number):
        return done(request, deal, text, focus="fields")
    say_done(request, text)
    return redirect(reverse("import", args=[int(number)]) + "#kept")
