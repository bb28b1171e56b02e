"""Names that may be one: searched for in the record, and what of it is still to be decided."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F
from django.db.models.functions import Length

from notyet.deals import duplicate_store
from notyet.deals.duplicate_store import Search
from notyet.deals.likeness import alike
from notyet.deals.merge_models import LONGEST_NAME, Alias, Apart, Merge, MergeKind
from notyet.deals.merge_rules import Likeness, Proposal, kept_names, proposals
from notyet.deals.models import Conversation, Deal
from notyet.deals.names import NameKind
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.models import Workspace

AT_ONCE = 20_000
"""Up to so many deals the search is done while the page waits; a larger record is searched by the worker."""


@dataclass(frozen=True)
class Open:
    """What is to be decided. ``searching``: the record has changed since, and is being searched again."""

    proposals: list[Proposal]
    searched: bool
    searching: bool


def kept(kind: str) -> dict[str, str]:
    """In the workspace in scope: each merged name -> the name it counts as."""
    return kept_names(dict(Alias.objects.filter(kind=kind).values_list("name", "kept")))


def kept_of_all() -> dict[str, dict[str, str]]:
    """The same for every kind."""
    aliases: dict[str, dict[str, str]] = {kind: {} for kind in MergeKind.values}
    for kind, name, counted in Alias.objects.values_list("kind", "name", "kept"):
        aliases[kind][name] = counted
    return {kind: kept_names(each) for kind, each in aliases.items()}


def open_proposals(actor: Actor) -> Open:
    """What the actor may decide on. Raises ``Denied``.

    A small record that has changed is searched now, of a large one the last search is shown: the caller has it
    searched again (``jobs.look_for_duplicates``) where ``searching`` says so.
    """
    actor.require(Permission.MERGE)
    mark = record_mark(actor.workspace)
    found = duplicate_store.load(actor.workspace)
    if (found is None or found.mark != mark) and is_small():
        found = search(actor.workspace)
    apart = Apart.objects.values_list("kind", "first", "second")
    left = proposals(found.found if found else (), kept_of_all(), apart)
    return Open(left, searched=found is not None, searching=found is None or found.mark != mark)


def is_small() -> bool:
    """Whether the record in scope can be searched while somebody waits."""
    return len(Deal.objects.values("pk")[: AT_ONCE + 1]) <= AT_ONCE


def record_mark(workspace: Workspace) -> int:
    """The record's revision, not counting merges and splits: they change nothing that a search would find."""
    merges = Merge.objects.aggregate(made=Count("pk"), split=Count("split_at"))
    return int(workspace.record_revision - merges["made"] - merges["split"])


def search(workspace: Workspace) -> Search:
    """Search the record in scope for names that may be one, and keep what is found until the next search."""
    workspace.refresh_from_db(fields=["record_revision"])
    mark = record_mark(workspace)
    found = [*_found("account", _accounts()), *_found("product", _products()), *_contacts()]
    result = Search(mark, tuple(found))
    duplicate_store.save(workspace, result)
    return result


def _found(kind: NameKind, used: dict[str, int]) -> list[Likeness]:
    return [Likeness.of(kind, one, used) for one in alike(used, kind)]


def _accounts() -> dict[str, int]:
    counted = Deal.objects.filter(account__isnull=False).order_by().values_list("account__name")
    return dict(counted.annotate(used=Count("pk")))


def _products() -> dict[str, int]:
    counted = Deal.objects.exclude(product="").order_by().values_list("product").annotate(used=Count("pk"))
    return _short(counted)


def _short(names: Iterable[tuple[str, int]]) -> dict[str, int]:
    """What is longer than a name can be is a text that somebody put in its place."""
    return {name: used for name, used in names if len(name) <= LONGEST_NAME}


def _contacts() -> list[Likeness]:
    """People are alike only among those who spoke for one buyer: the world has many an Anna Meyer."""
    spoken = (
        Conversation.objects.annotate(letters=Length("contact"), buyer=F("deal__account"))
        .filter(letters__gt=0, letters__lte=LONGEST_NAME, buyer__isnull=False)
        .order_by()
        .values_list("buyer", "contact")
        .annotate(used=Count("deal", distinct=True))
    )
    by_buyer: dict[int, dict[str, int]] = {}
    used: dict[str, int] = {}
    for buyer, contact, deals in spoken.iterator(chunk_size=20_000):
        by_buyer.setdefault(buyer, {})[contact] = deals
        used[contact] = used.get(contact, 0) + deals
    groups = {one for people in by_buyer.values() if len(people) > 1 for one in alike(people, "contact")}
    return [Likeness.of("contact", one, used) for one in sorted(groups, key=lambda one: one.names)]
