"""Setting up workspaces, people and rates."""

import csv
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils.text import slugify

from notyet.core.money import Rate, is_currency
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.audit import note
from notyet.workspaces.models import CurrencyRate, Membership, Role, Team, Workspace
from notyet.workspaces.scope import within


class BadRates(Exception):
    """A file of currency rates cannot be used; the text names line and column."""


def ensure_workspace(name: str = "My workspace") -> Workspace:
    """The first workspace of this installation, made with the configured currency if there is none."""
    existing = Workspace.objects.order_by("pk").first()
    return existing or create_workspace(name)


def create_workspace(name: str) -> Workspace:
    """A new workspace with the configured currency and time zone."""
    base = slugify(name) or "workspace"
    slug, number = base, 1
    while Workspace.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{base}-{number}"
    return Workspace.objects.create(
        slug=slug, name=name, currency=settings.NOTYET_CURRENCY, time_zone=settings.NOTYET_TIME_ZONE
    )


@transaction.atomic
def add_person(
    actor: Actor, email: str, role: Role, password: str | None = None, *, team: str | None = None, seller_name: str = ""
) -> Membership:
    """Give a person a role in the actor's workspace, with an account if there is none yet.

    ``team`` and ``seller_name`` are the names that the deals carry; they decide which deals a seller
    sees where the workspace limits that.
    """
    actor.require(Permission.SET_UP)
    user, _ = User.objects.get_or_create(username=email, defaults={"email": email})
    if password is not None:
        user.set_password(password)
        user.save(update_fields=["password"])
    with within(actor.workspace):
        her_team = Team.objects.get_or_create(workspace=actor.workspace, name=team)[0] if team else None
        membership, _ = Membership.objects.update_or_create(
            workspace=actor.workspace,
            user=user,
            defaults={"role": role, "team": her_team, "seller_name": seller_name},
        )
        note(actor, "add person", email, role=str(role))
    added: Membership = membership
    return added


def touch_record(workspace: Workspace) -> None:
    """Say that the record has changed, so that the history is frozen again."""
    Workspace.objects.filter(pk=workspace.pk).update(record_revision=F("record_revision") + 1)
    workspace.refresh_from_db(fields=["record_revision"])


def read_rates(path: Path) -> list[Rate]:
    """Rates from a CSV with the columns ``date``, ``currency``, ``rate``. Raises ``BadRates``."""
    with path.open(newline="", encoding="utf-8-sig") as handle:
        reader = csv.DictReader(handle)
        missing = {"date", "currency", "rate"} - set(reader.fieldnames or [])
        if missing:
            raise BadRates(f"{path.name}: missing column {', '.join(sorted(missing))}; wanted: date, currency, rate")
        return [_rate(row, f"{path.name}, line {reader.line_num}") for row in reader]


def _rate(row: dict[str, str], where: str) -> Rate:
    try:
        day, value = date.fromisoformat(row["date"]), float(row["rate"])
    except (ValueError, TypeError) as error:
        raise BadRates(f"{where}: {error}; wanted a date like 2026-01-31 and a number") from error
    currency = (row["currency"] or "").upper()
    if not is_currency(currency):
        raise BadRates(f"{where}: {row['currency']!r} is not an ISO 4217 currency")
    if not 0 < value < 1e9:
        raise BadRates(f"{where}: the rate must be above zero")
    return Rate(currency, day, value)


@transaction.atomic
def set_rates(actor: Actor, rates: Iterable[Rate]) -> int:
    """Add dated rates, replacing those of the same day; returns how many."""
    actor.require(Permission.SET_UP)
    with within(actor.workspace):
        count = 0
        for rate in rates:
            CurrencyRate.objects.update_or_create(
                workspace=actor.workspace, currency=rate.currency, day=rate.day, defaults={"rate": rate.rate}
            )
            count += 1
        note(actor, "set rates", count=count)
    touch_record(actor.workspace)
    return count
