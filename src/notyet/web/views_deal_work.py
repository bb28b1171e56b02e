"""What is done on a deal's page: conversations noted, promises made and kept, steps planned, rows mended."""

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from notyet.core.clock import today
from notyet.deals.conflicts import EditConflict
from notyet.deals.edit_models import Edit
from notyet.deals.edit_queries import own_addresses
from notyet.deals.editing import ROWS
from notyet.deals.mail import read_mail, read_pasted
from notyet.deals.models import Channel, Conversation, Deal
from notyet.deals.quick_line import read_short
from notyet.deals.talk import Talk
from notyet.deals.talk_actions import (
    RowGone,
    add_conversation,
    edit_row,
    finish_next_step,
    keep_promise,
    make_promise,
    plan_next_step,
    remove_row,
)
from notyet.deals.undoing import CannotUndo, undo
from notyet.deals.values import BadValue, Change, held, shown
from notyet.deals.when import When
from notyet.web.deal_answers import back, done, on_a_deal, show
from notyet.web.deal_form_fields import ROW_FIELDS, FieldsForm, met
from notyet.web.deal_forms import PromiseForm, StepForm, TalkForm
from notyet.web.deal_history import edit_words
from notyet.web.deal_opened import Opened, chips_for
from notyet.web.mail_uploads import takes_mail
from notyet.web.requests import ActorRequest
from notyet.web.saying import say_done
from notyet.workspaces.access import Permission

WORDS = {
    "conversations": "Conversation",
    "promises": "Promise",
    "next_steps": "Next step",
    "stage_changes": "Stage change",
}
SETTLED = {"promises": "kept_at", "next_steps": "done_at"}


@require_POST
@on_a_deal
def talk(request: ActorRequest, deal: Deal) -> HttpResponse:
    """Note a conversation."""
    form = TalkForm(request.POST)
    if form.is_valid():
        try:
            noted = _noted(form)
            edit = add_conversation(request.actor, deal.pk, noted)
            word = "Missed call" if noted.missed else "Conversation"
            return done(request, deal, f"{word} noted.", edit, f"conversations-{edit.row}")
        except BadValue as error:
            form.refuse("text" if error.field == "summary" else error.field, str(error))
    return show(request, deal, Opened(talk=form))


def _noted(form: TalkForm) -> Talk:
    """What was filled in; where only the line was, and it says in short what it was, what it says."""
    said = form.cleaned_data
    short = read_short(said["text"]) if {"text", "at"}.issuperset(form.changed_data) else None
    if short is not None:
        begun = "" if short.channel == Channel.NOTE else short.direction or said["direction"]
        return replace(short, at=said["at"], direction=begun, missed=short.missed or None)
    channel = Channel.CALL if said["missed"] else said["channel"]
    fields = {one: said[one] for one in ("at", "direction", "contact", "minutes")}
    return Talk(channel=channel, missed=said["missed"] or None, summary=said["text"], **fields)


@takes_mail
@require_POST
@on_a_deal
def mail(request: ActorRequest, deal: Deal) -> HttpResponse:
    """Read an e-mail, a file or pasted, into the form of a conversation; nothing is kept before it was looked at."""
    sent, pasted = request.FILES.get("mail"), request.POST.get("pasted", "")
    refused = getattr(request, "upload_refused", "")
    try:
        if refused:
            raise BadValue("mail", refused)
        if sent is None and not pasted.strip():
            raise BadValue("mail", "choose a file, or paste the e-mail")
        own, zone = own_addresses(request.actor), request.actor.workspace.time_zone
        read = read_mail(sent.read(), own) if sent is not None else read_pasted(pasted, zone, own)
    except BadValue as error:
        return show(request, deal, Opened(mail_error=str(error)))
    form = TalkForm(initial=_typed(read))
    form.fields["text"].widget.attrs["data-lands"] = True
    return show(request, deal, Opened(talk=form, looked_at=True), status=200)


def _typed(read: Talk) -> dict[str, Any]:
    at = read.at.at if isinstance(read.at, When) else read.at
    return {
        "text": read.summary,
        "channel": read.channel or "email",
        "direction": read.direction or "in",
        "missed": bool(read.missed),
        "contact": read.contact,
        "minutes": read.minutes,
        "at": at,
    }


@require_POST
@on_a_deal
def promise(request: ActorRequest, deal: Deal) -> HttpResponse:
    """Promise something; made in a conversation, it was promised then."""
    number = request.POST.get("talk", "")
    said = deal.conversations.filter(pk=int(number)).first() if number.isdecimal() and len(number) < 18 else None
    zone = request.actor.workspace.time_zone
    earliest = said.at.astimezone(ZoneInfo(zone)).date() if said else today(zone)
    form = PromiseForm(request.POST, chips=chips_for(request.actor), earliest=earliest)
    if form.is_valid() and form.due_day:
        try:
            edit = make_promise(request.actor, deal.pk, form.cleaned_data["text"], form.due_day, _when(said))
            return done(request, deal, "Promised.", edit, f"line-promises-{edit.row}")
        except BadValue as error:
            form.refuse("day" if error.field == "due_at" else error.field, str(error))
    return show(request, deal, Opened("promise", said.pk if said else 0, promise=form))


def _when(said: Conversation | None) -> When | None:
    at = held(said, "at") if said else None
    return at if isinstance(at, When) else None


@require_POST
@on_a_deal
def step(request: ActorRequest, deal: Deal) -> HttpResponse:
    """Plan the next step."""
    earliest = today(request.actor.workspace.time_zone)
    form = StepForm(request.POST, chips=chips_for(request.actor), earliest=earliest)
    if form.is_valid() and form.due_day:
        try:
            edit = plan_next_step(request.actor, deal.pk, form.cleaned_data["text"], form.due_day)
            return done(request, deal, "Next step planned.", edit, f"line-next_steps-{edit.row}")
        except BadValue as error:
            form.refuse("day" if error.field == "due_at" else error.field, str(error))
    return show(request, deal, Opened("step", step=form))


@require_POST
@on_a_deal
def row(request: ActorRequest, deal: Deal, table: str, key: int) -> HttpResponse:
    """Settle, unsettle, mend or remove a promise, a next step, a conversation or an entry of a stage."""
    if table not in ROW_FIELDS or ROWS[table]._default_manager.filter(pk=key).exclude(deal=deal).exists():
        raise Http404
    match request.POST.get("do", "save"):
        case "settle" if table in SETTLED:
            return _settle(request, deal, table, key)
        case "remove":
            edit = remove_row(request.actor, table, key)
            return done(request, deal, f"{WORDS[table]} removed.", edit)
        case "unsettle" if table in SETTLED:
            field = SETTLED[table]
            kept = shown(ROWS[table]._default_manager.get(deal=deal, pk=key), field)
            reopened = edit_row(request.actor, table, key, {field: Change(kept, "")})
            return done(request, deal, f"{WORDS[table]} open again.", reopened, f"line-{table}-{key}")
    return _mend(request, deal, table, key)


def _settle(request: ActorRequest, deal: Deal, table: str, key: int) -> HttpResponse:
    if table == "promises":
        edit, text = keep_promise(request.actor, key), "Promise kept."
    else:
        edit, text = finish_next_step(request.actor, key), "Next step done."
    return done(request, deal, text, edit, f"line-{table}-{key}")


def _mend(request: ActorRequest, deal: Deal, table: str, key: int) -> HttpResponse:
    form = FieldsForm.read(request.POST, ROW_FIELDS[table])
    try:
        edit = edit_row(request.actor, table, key, form.changes())
    except RowGone as error:
        written = "; ".join(change.new for change in form.changes().values())
        lost = f" You had written: “{written}”." if written else ""
        messages.error(request, f"Nothing was changed: {error}.{lost} Its removal can be undone below.")
        return back(deal.pk, "history")
    except EditConflict as error:
        return show(request, deal, Opened(table, key, fields=met(form, error)), status=409)
    except BadValue as error:
        return show(request, deal, Opened(table, key, fields=form.refused(error.field, str(error))))
    text = f"{WORDS[table]} changed." if edit else "Nothing was changed."
    prefix = "line-" if table in SETTLED else ""
    return done(request, deal, text, edit, f"{prefix}{table}-{key}")


@require_POST
def edit_undo(request: ActorRequest, edit: int) -> HttpResponse:
    """Take an edit back, and offer to do it again. It leads back to where the person was."""
    request.actor.require(Permission.WORK_DEALS)
    try:
        taken = undo(request.actor, edit)
    except (Edit.DoesNotExist, Deal.DoesNotExist) as error:
        raise Http404 from error
    except CannotUndo as error:
        messages.error(request, f"This was not undone: {error}.")
        kept = Edit.objects.get(pk=edit)
        return redirect(_way_back(request, kept.deal_id))
    word = edit_words(taken.action)
    say_done(request, f"{word}.", taken, verb="Undo" if taken.action.startswith("redo ") else "Do it again")
    return redirect(_way_back(request, taken.deal_id))


def _way_back(request: ActorRequest, deal: int | None) -> str:
    """Where the form says, if that is ours and still there; else the deal, or the list where it is gone."""
    wanted = request.POST.get("next", "")
    if deal is not None and wanted and url_has_allowed_host_and_scheme(wanted, None):
        return wanted
    return reverse("deal", args=[deal]) if deal is not None else reverse("deals")
