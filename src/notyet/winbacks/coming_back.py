"""A lost buyer is back at the table: the loss opens a deal that is linked to it."""

from django.db import transaction

from notyet.deals.actions import create_deal
from notyet.deals.edit_models import Edit
from notyet.deals.models import Deal
from notyet.deals.values import BadValue, Value, shown
from notyet.deals.when import When
from notyet.process.publishing import ensure_version
from notyet.process.queries import versions
from notyet.winbacks.check_ups import hold, set_fields, settle
from notyet.winbacks.models import WinBackResult
from notyet.workspaces.access import Actor
from notyet.workspaces.scope import within

TAKEN_ALONG = ("account", "owner", "team", "currency", "amount", "contract_term_months", "persona", "segment", "region")
MORE_TAKEN = ("product", "competitor")
SOURCE = "Win-back"


@transaction.atomic
def came_back(actor: Actor, win_back: int, name: str = "") -> tuple[Edit, Deal]:
    """Open a deal with the buyer of a loss, linked both ways; what is known of the buyer is taken along.

    The edit is that of the loss; undoing the new deal is an edit of its own. Raises ``Denied``, ``Deal.DoesNotExist``,
    ``WinBack.DoesNotExist``, ``Settled``, ``LeftAlone`` or ``BadValue``.
    """
    with within(actor.workspace):
        work, row = hold(actor, win_back, "came back")
        lost = row.deal
        values = {field: shown(lost, field) for field in (*TAKEN_ALONG, *MORE_TAKEN) if shown(lost, field)}
        if not name and not lost.account:
            name = f"{lost} again"
        if len(name) > 500:
            raise BadValue("name", "a name has at most 500 characters")
        values |= {"name": name or f"{lost.account} again", "source": SOURCE}
        ensure_version(actor.workspace)
        version = versions()[-1]
        first = version.definition.stages[0].label
        opened = create_deal(actor, {**values, "stage": first}, process_version=version.name, reopens=lost)
        settle(work, row)
        changed: dict[str, Value] = {"result": WinBackResult.REOPENED.value, "new_deal_id": opened.deal_id}
        if row.asked_at is None:
            changed["asked_at"] = When(work.at)
        return set_fields(work, row, changed), opened
