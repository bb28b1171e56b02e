"""How won deals like a deal were prepared, by the debriefs that were finished here."""

from dataclasses import dataclass

from django.db.models import F, FloatField, Q, QuerySet
from django.db.models.functions import Cast

from notyet.deals.models import Deal, Outcome
from notyet.debriefs.evidence import Worked, worked
from notyet.debriefs.likeness import Comparison, Prepared, Traits, compare, likest, size_range, words
from notyet.debriefs.preparation import Tick
from notyet.debriefs.work_models import DebriefWork

_CLOSE = 1e-9
"""Amounts are compared as floats in the database: none that is of like size exactly may fall out."""
MOST_WORKED = 200
"""Of won deals alike so many that ended last are read whole."""
MOST = 2_000
"""The debriefs that were finished last are looked at."""


@dataclass(frozen=True)
class LikeDeals:
    """The comparison, and how many won deals are like it at all, debriefed or not."""

    comparison: Comparison
    won: int


def like_deals(deal: Deal, ticks: tuple[Tick, ...]) -> LikeDeals | None:
    """Hold a deal against won deals like it; ``None`` where there are too few. At most two queries.

    Won means paid where payments are known. What came with an import has no ticks, and is not among those compared.
    """
    keys = [tick.key for tick in ticks]
    comparison = compare(_traits(deal), _prepared(deal), keys)
    if comparison is None:
        return None
    return LikeDeals(
        comparison,
        _won()
        .annotate(value=Cast("amount", FloatField()))
        .filter(_alike(comparison, deal))
        .exclude(pk=deal.pk)
        .count(),
    )


@dataclass(frozen=True)
class LikeWork:
    """How won deals like one were worked: in what they are like it, how many they are, and what was done."""

    like: str
    deals: int
    worked: Worked


def worked_like(deal: Deal) -> LikeWork | None:
    """How the latest won deals like a deal were worked, by the record; ``None`` below five. Three queries."""
    latest = _won().exclude(pk=deal.pk).order_by("-closed_at", "-pk").values_list("pk", *_FIELDS)[:MOST]
    found = likest(_traits(deal), {key: Traits(*traits) for key, *traits in latest})
    if found is None:
        return None
    keys = found[1][:MOST_WORKED]
    return LikeWork(words(found[0]), len(keys), worked(keys))


def _won() -> QuerySet[Deal]:
    since = F("data_source__payments_from")
    paid = Q(paid_at__isnull=False) | Q(data_source__payments_from=None) | Q(closed_at__lt=since)
    won: QuerySet[Deal] = Deal.objects.filter(paid, outcome=Outcome.WON)
    return won


def _prepared(deal: Deal) -> list[Prepared]:
    """Of each won deal the debrief that was finished last, of a close that still holds."""
    rows = (
        DebriefWork.objects.filter(debrief__isnull=False, closing__reopening=None, deal__in=_won())
        .exclude(deal=deal)
        .order_by("-finished_at", "-pk")
        .values_list("deal", "content__prepared", *(f"deal__{name}" for name in _FIELDS))[:MOST]
    )
    found: dict[int, Prepared] = {}
    for key, said, product, persona, process, amount, currency in rows:
        found.setdefault(key, Prepared(Traits(product, persona, process, amount, currency), said or {}))
    return list(found.values())


_FIELDS = ("product", "persona", "process_version", "amount", "currency")


def _traits(deal: Deal) -> Traits:
    return Traits(*(getattr(deal, name) for name in _FIELDS))


def _alike(comparison: Comparison, deal: Deal) -> Q:
    """The likeness that was found, as a condition on deals."""
    wanted = Q()
    for trait in comparison.traits:
        span = size_range(deal.amount) if trait == "size" else None
        if span is not None:
            low, high = (float(one) for one in span)
            wanted &= Q(value__gte=low * (1 - _CLOSE), value__lte=high * (1 + _CLOSE), currency=deal.currency)
        elif trait == "process":
            wanted &= Q(process_version=deal.process_version)
        else:
            wanted &= Q(**{trait: getattr(deal, trait)})
    return wanted
