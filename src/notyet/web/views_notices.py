"""How a person is reached, what was sent, and what is fetched without signing in: the calendar, the end of the mail."""

from datetime import UTC

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from notyet.notices import actions, calendar_feed, links
from notyet.notices.models import Channel, Push
from notyet.web import notices_page
from notyet.web.requests import ActorRequest
from notyet.workspaces.access import Permission, actor_of
from notyet.workspaces.scope import within


@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: ActorRequest) -> HttpResponse:
    """A person's switches; a POST saves them."""
    delivery, here = actions.delivery_of(request.actor), f"{request.scheme}://{request.get_host()}"
    if request.method != "POST":
        return render(request, "notices/page.html", {"page": notices_page.reaching(delivery, here)})
    form = notices_page.ChoicesForm(request.POST)
    if form.is_valid():
        try:
            actions.choose(request.actor, form.choices())
        except actions.BadChoice as error:
            form.add_error("chat_address" if form.cleaned_data["chat_address"] else "chat", str(error))
        else:
            messages.success(request, "Saved.")
            return redirect("notices")
    return render(request, "notices/page.html", {"page": notices_page.reaching(delivery, here, form)}, status=400)


@require_POST
def notices_try(request: ActorRequest) -> HttpResponse:
    """Have one message sent now."""
    request.actor.require(Permission.SEE_DEALS)
    if request.POST.get("channel") not in Channel.values:
        raise Http404("there is no such channel")
    try:
        actions.try_out(request.actor, Channel(request.POST["channel"]))
    except actions.BadChoice as error:
        messages.error(request, f"Not sent: {error}.")
    else:
        messages.success(request, "On its way: the worker sends it within half a minute.")
    return redirect("notices")


@require_POST
def notices_calendar(request: ActorRequest) -> HttpResponse:
    """Open the calendar at a new address, or close it."""
    if request.POST.get("calendar") == "close":
        actions.close_calendar(request.actor)
        messages.success(request, "The calendar is closed: its address leads nowhere now.")
    else:
        actions.open_calendar(request.actor)
        messages.success(request, "The calendar has a new address; an earlier one leads nowhere now.")
    return redirect("notices")


@require_POST
def notices_again(request: ActorRequest, pk: int) -> HttpResponse:
    """Send a message again whose fate is not known."""
    try:
        again = actions.send_again(request.actor, pk)
    except Push.DoesNotExist as error:
        raise Http404("there is no such message") from error
    if again:
        messages.success(request, "It is sent again within half a minute.")
    else:
        messages.error(request, "Not sent again: it is on its way, was sent, or its day is over.")
    return redirect("notices_sent" if request.POST.get("from") == "sent" else "notices")


@require_safe
def notices_sent(request: ActorRequest) -> HttpResponse:
    """What was and may have been sent, to everybody."""
    page = notices_page.sent(request.actor, request.GET.get("state", ""), request.GET.get("page", "1"))
    return render(request, "notices/sent.html", {"page": page})


@login_not_required
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def notices_off(request: HttpRequest, token: str) -> HttpResponse:
    """End the daily mail without signing in: programs POST by themselves (RFC 8058), people press the button.

    Looking at the page changes nothing: what checks mails for danger follows their links.
    """
    held = links.read_off_token(token)
    if held is None:
        raise Http404("there is no such address")
    if request.method == "POST":
        with within(held.workspace):
            actions.digest_off(held.delivery, actor_of(held.delivery.membership))
    context = {"done": request.method == "POST", "workspace": held.workspace, "to": held.delivery.membership.user}
    return render(request, "notices/off.html", context)


@login_not_required
@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """A person's calendar for calendar programs. Whatever is wrong with the address, there is nothing there."""
    held = links.read_calendar_token(token)
    if held is None or not calendar_feed.is_open(held.delivery, held.generation):
        raise Http404("there is no such calendar")
    actor = actor_of(held.delivery.membership)
    if not actor.may(Permission.SEE_DEALS):
        raise Http404("there is no such calendar")
    try:
        with within(held.workspace):
            feed = calendar_feed.feed(held.delivery)
    except OperationalError:  # a large import holds the database: calendar programs ask again
        return HttpResponse("Busy, try again soon.", status=503, headers={"Retry-After": "120"})
    changed = int(feed.changed_at.astimezone(UTC).timestamp()) if feed.changed_at else None
    response = HttpResponse(feed.body, content_type="text/calendar; charset=utf-8")
    response["ETag"] = feed.etag
    response["Cache-Control"] = "private, max-age=300"
    response["Content-Disposition"] = 'inline; filename="notyet.ics"'
    response["X-Robots-Tag"] = "noindex"
    return get_conditional_response(request, feed.etag, changed, response) or response
