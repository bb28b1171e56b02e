"""What the page of duplicates shows: names to decide on, and what was decided."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.http import QueryDict

from notyet.deals.duplicates import Open, open_proposals
from notyet.deals.merge_models import Apart, Merge, MergeKind
from notyet.deals.merge_rules import Proposal
from notyet.web.name_differences import Piece, pieces
from notyet.workspaces.access import Actor

PAGE_SIZE = 20
SINGULAR = {"account": "Buyer", "contact": "Contact", "product": "Product"}


@dataclass(frozen=True)
class Side:
    """One of two names: cut where it differs, and how many deals count for it."""

    name: str
    pieces: Sequence[Piece]
    deals: int


@dataclass(frozen=True)
class Pair:
    """Two names to decide on, the one to keep first."""

    kind: str
    label: str
    reason: str
    sides: tuple[Side, Side]
    sure: bool
    """They differ in nothing but how they are written."""


@dataclass(frozen=True)
class Tab:
    """One kind of names with how many wait; an empty ``kind`` is all of them."""

    kind: str
    label: str
    count: int


@dataclass(frozen=True)
class Done:
    """What has just been done, and how it is undone: the fields that undo it."""

    text: str
    undo: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class DuplicatesPage:
    """Everything that the page shows."""

    state: Open
    tabs: list[Tab]
    kind: str
    page: Page  # type: ignore[type-arg]
    pairs: list[Pair]
    merges: Page  # type: ignore[type-arg]
    apart: Page  # type: ignore[type-arg]
    done: Done | None

    @property
    def sure(self) -> int:
        """How many of the pairs shown can be merged together."""
        return sum(pair.sure for pair in self.pairs)


def duplicates_page(actor: Actor, query: QueryDict) -> DuplicatesPage:
    """Gather the page. Raises ``Denied``."""
    state = open_proposals(actor)
    kind = query.get("kind", "")
    kind = kind if kind in MergeKind.values else ""
    shown = [one for one in state.proposals if kind in ("", one.kind)]
    page = Paginator(shown, PAGE_SIZE).get_page(query.get("page"))
    return DuplicatesPage(
        state=state,
        tabs=_tabs(state.proposals),
        kind=kind,
        page=page,
        pairs=[_pair(one) for one in page],
        merges=Paginator(_standing_first(), PAGE_SIZE).get_page(query.get("merges")),
        apart=Paginator(Apart.objects.all(), PAGE_SIZE).get_page(query.get("said")),
        done=_done(query),
    )


def _standing_first() -> QuerySet[Merge]:
    merges: QuerySet[Merge] = Merge.objects.order_by(F("split_at").desc(nulls_first=True), "-merged_at", "-pk")
    return merges


def _tabs(proposals: Sequence[Proposal]) -> list[Tab]:
    tabs = [Tab("", "All", len(proposals))]
    return tabs + [Tab(kind, label, sum(one.kind == kind for one in proposals)) for kind, label in MergeKind.choices]


def _pair(one: Proposal) -> Pair:
    turned = one.why == "word_order"
    keep, other = (one.keep, one.keep_deals), (one.other, one.other_deals)
    sides = (_side(*keep, other[0], turned), _side(*other, keep[0], turned))
    return Pair(one.kind, SINGULAR[one.kind], one.reason, sides, one.why == "letters")


def _side(name: str, deals: int, other: str, turned: bool) -> Side:
    return Side(name, [Piece(name, False)] if turned else pieces(name, other), deals)


def _done(query: QueryDict) -> Done | None:
    for what, told in (("merged", _merged), ("split", _split), ("apart", _apart)):
        pk = query.get(what, "")
        if pk.isdecimal() and len(pk) < 19:
            return told(int(pk))
    return None


def _merged(pk: int) -> Done | None:
    made: Merge | None = Merge.objects.filter(pk=pk, split_at=None).first()
    if made is None:
        return None
    return Done(f"{_quoted(made.others)} now counts as “{made.keep}”.", "duplicates_split", (("merge", str(pk)),))


def _split(pk: int) -> Done | None:
    made: Merge | None = Merge.objects.filter(pk=pk, split_at__isnull=False).first()
    if made is None:
        return None
    names = (("first-1", made.keep), *(("second-1", name) for name in made.others))
    fields = (("kind-1", made.kind), ("keep-1", made.keep), *names, ("decision", "merge-1"))
    return Done(f"{_quoted(made.others)} and “{made.keep}” count apart again.", "duplicates_decide", fields)


def _apart(pk: int) -> Done | None:
    said: Apart | None = Apart.objects.filter(pk=pk).first()
    if said is None:
        return None
    text = f"“{said.first}” and “{said.second}” are not the same; you are not asked again."
    return Done(text, "duplicates_ask_again", (("apart", str(pk)),))


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
