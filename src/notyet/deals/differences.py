"""What stands here though its source says otherwise: to be listed again and again, or settled by a person."""

from django.db import transaction

from notyet.deals.edit_models import EditedField
from notyet.deals.editing import lock_deal
from notyet.workspaces.access import Actor
from notyet.workspaces.audit import note
from notyet.workspaces.scope import within


def keep_mine(actor: Actor, mark_pk: int) -> EditedField:
    """List a difference no more until its source says something else than it does now; see ``list_again``.

    Raises ``Denied``, ``EditedField.DoesNotExist`` or ``Deal.DoesNotExist``.
    """
    return _settle(actor, mark_pk, "keep mine", settled=True)


def list_again(actor: Actor, mark_pk: int) -> EditedField:
    """Take ``keep_mine`` back. Raises ``Denied``, ``EditedField.DoesNotExist`` or ``Deal.DoesNotExist``."""
    return _settle(actor, mark_pk, "list difference again", settled=False)


@transaction.atomic
def _settle(actor: Actor, mark_pk: int, action: str, *, settled: bool) -> EditedField:
    with within(actor.workspace):
        about = EditedField.objects.get(pk=mark_pk).deal_id
        deal = lock_deal(actor, about)
        mark: EditedField = deal.edited_fields.get(pk=mark_pk)
        if mark.settled != settled:
            mark.settled = settled
            mark.save(update_fields=["settled"])
            note(actor, action, deal.deal_id, table=mark.table, field=mark.field)
        return mark
