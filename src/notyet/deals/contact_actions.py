"""The people at the buyer's who have a part in a deal."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from notyet.deals.contact_models import CONTACT_FIELDS, Contact, ContactRole, DealContact
from notyet.deals.edit_models import Edit
from notyet.deals.editing import Work, lock_deal, save_fields
from notyet.deals.models import Deal
from notyet.deals.values import BadValue, as_text, parse
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.scope import within


@transaction.atomic
def save_contact(actor: Actor, deal_pk: int, values: Mapping[str, Any], contact_pk: int | None = None) -> Edit | None:
    """Give a person a part in a deal, or change the person (by ``contact_pk``) or the part.

    ``values``: ``name``, ``email``, ``phone``, ``title``, ``role`` (one of ``ContactRole``). A person of that name at
    the same buyer's is that person. ``None`` where nothing changes. Raises ``BadValue``, ``Denied``,
    ``Deal.DoesNotExist`` or ``Contact.DoesNotExist``.
    """
    with within(actor.workspace):
        deal = lock_deal(actor, deal_pk)
        read = _read(values, actor.workspace.time_zone)
        if contact_pk is None:
            return _add(Work(actor, deal, "add contact"), deal, read)
        part = deal.deal_contacts.select_related("contact").filter(contact=contact_pk).first()
        if part is None:
            raise Contact.DoesNotExist
        return _change(Work(actor, deal, "edit contact"), part, read)


@transaction.atomic
def remove_contact(actor: Actor, deal_contact_pk: int) -> Edit:
    """Take a person's part in a deal away, and the person with it where no other deal knows them.

    Raises ``Denied``, ``DealContact.DoesNotExist`` or ``Deal.DoesNotExist``.
    """
    actor.require(Permission.WORK_DEALS)
    with within(actor.workspace):
        deal_pk = DealContact.objects.values_list("deal", flat=True).get(pk=deal_contact_pk)
        work = Work(actor, lock_deal(actor, deal_pk), "remove contact")
        part = DealContact.objects.select_related("contact").get(pk=deal_contact_pk)
        before, contact = _texts(part), part.contact
        work.take(part)
        if not contact.deals.exists():
            work.take(contact)
        return work.keep("contacts", deal_contact_pk, before, None)


def _add(work: Work, deal: Deal, read: dict[str, str]) -> Edit:
    if not read.get("name"):
        raise BadValue("name", "say who it is")
    contact = _known(deal, read)
    if contact is None:
        contact = Contact(workspace=work.actor.workspace, account=deal.account)
        for field in CONTACT_FIELDS:
            setattr(contact, field, read.get(field, ""))
        work.make(contact)
    elif contact.deals.filter(deal=deal).exists():
        raise BadValue("name", f"{contact.name} has a part in this deal already")
    part = DealContact(workspace=work.actor.workspace, deal=deal, contact=contact, role=read.get("role", ""))
    work.make(part)
    return work.keep("contacts", part.pk, None, _texts(part))


def _known(deal: Deal, read: Mapping[str, str]) -> Contact | None:
    """The person at the same buyer's of whom nothing else is said than is known."""
    if deal.account_id is None:
        return None
    for contact in Contact.objects.filter(account=deal.account_id, name__iexact=read["name"]):
        if all(not read.get(field) or read[field] == getattr(contact, field) for field in ("email", "phone", "title")):
            found: Contact = contact
            return found
    return None


def _change(work: Work, part: DealContact, read: Mapping[str, str]) -> Edit | None:
    old = _texts(part)
    new = {**old, **read}
    changed = [field for field in new if new[field] != old[field]]
    if not changed:
        return None
    if not new["name"]:
        raise BadValue("name", "say who it is")
    for field in changed:
        setattr(part if field == "role" else part.contact, field, new[field])
    save_fields(part.contact, [field for field in changed if field != "role"])
    save_fields(part, [field for field in changed if field == "role"])
    return work.keep("contacts", part.pk, {f: old[f] for f in changed}, {f: new[f] for f in changed})


def _texts(part: DealContact) -> dict[str, str]:
    return {**{field: getattr(part.contact, field) for field in CONTACT_FIELDS}, "role": part.role}


def _read(values: Mapping[str, Any], zone: str) -> dict[str, str]:
    read: dict[str, str] = {}
    for field, value in values.items():
        if field not in (*CONTACT_FIELDS, "role"):
            raise BadValue(field, f"“{field}” cannot be set here")
        text = as_text(value)
        read[field] = text.strip() if field == "role" else str(parse(field, text, zone))
    if read.get("role", "") not in ContactRole.values:
        raise BadValue("role", f"“{read['role']}” is no part that somebody has in a deal")
    if read.get("email"):
        try:
            validate_email(read["email"])
        except ValidationError as error:
            raise BadValue("email", f"“{read['email']}” is no e-mail address") from error
    return read
