"""Reading the process: its versions, and deals by the version that each is worked by. Inside a workspace's scope."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import Count

from notyet.deals.contact_models import ContactRole
from notyet.deals.editing import NOTYET
from notyet.deals.models import Deal, StageChange
from notyet.process.definition import Definition, StageRule
from notyet.process.matching import Wording
from notyet.process.models import ProcessVersion, QuestionAnswer, Stage, StepDone
from notyet.process.needs import Need, missing
from notyet.process.rules import stage_kind
from notyet.process.versions import UNPUBLISHED, Version, version_among
from notyet.process.visits import Entry, Place, Span, moment, place, with_opening

_AT_ONCE = 5_000
_PLAIN_OPENING = 1


@dataclass(frozen=True)
class Walk:
    """A deal's way so far, in the words of the version it is worked by.

    ``done`` and ``answers`` are by the keys of steps and questions. ``judged`` says whether deviations mean anything:
    the deal names its version, was opened under it or made here, or has one of its steps on record.
    """

    version: Version
    entries: tuple[Entry, ...]
    done: Mapping[str, Span]
    answers: Mapping[str, datetime]
    place: Place | None
    judged: bool

    @property
    def definition(self) -> Definition:
        """The stages, questions and steps that hold for the deal."""
        return self.version.definition


def versions() -> tuple[Version, ...]:
    """Every version, oldest first; before the first is published, the usual template stands in for it."""
    return tuple(version(one) for one in ProcessVersion.objects.order_by("number")) or (UNPUBLISHED,)


def version(kept: ProcessVersion) -> Version:
    """A version as it is read."""
    definition = Definition.from_json(kept.definition)
    return Version(kept.pk, kept.number, kept.name, definition, kept.published_at, kept.published_by, kept.note)


@dataclass(frozen=True)
class StageLabel:
    """A stage as deals carry it: how many do, of what kind it is, and whether that is a guess from its name."""

    label: str
    deals: int
    kind: str
    guessed: bool


def stage_labels() -> list[StageLabel]:
    """The labels that deals carry and that no version gave them, most deals first."""
    own = {stage.label for one in versions() for stage in one.definition.stages}
    kinds = dict(Stage.objects.values_list("label", "kind"))
    counted = StageChange.objects.order_by().values_list("stage").annotate(n=Count("deal", distinct=True))
    found = [(label, n) for label, n in counted if label not in own]
    found.sort(key=lambda one: (-one[1], one[0]))
    return [StageLabel(label, n, kinds.get(label) or stage_kind(label), label not in kinds) for label, n in found]


def current() -> Version:
    """The version that deals opened now are worked by."""
    return versions()[-1]


def version_of(deal: Deal) -> Version:
    """The version that a deal is worked by."""
    return version_among(versions(), deal.process_version, deal.opened_at)


def walk_of(deal: Deal) -> Walk:
    """The way of one deal."""
    return walks_of([deal])[deal.pk]


def place_of(deal: Deal) -> Place | None:
    """Where a deal stands in its version: by its latest stage that means one of it, else at the first."""
    return walk_of(deal).place


def places_of(deals: Iterable[Deal]) -> dict[int, Place | None]:
    """The same for many deals, by their keys, in a number of queries that does not grow with each."""
    return {pk: walk.place for pk, walk in walks_of(deals).items()}


def walks_of(deals: Iterable[Deal], by: Version | None = None) -> dict[int, Walk]:
    """The ways of many deals, by their keys: two queries, and four more for every 5,000 deals.

    ``by`` reads all of them by one version instead of each by its own.
    """
    known = versions()
    wordings = _wordings(known, known)
    made: dict[int, Walk] = {}
    for some in _in_turn(deals):
        rows = _Rows.of([deal.pk for deal in some])
        for deal in some:
            of = by or version_among(known, deal.process_version, deal.opened_at)
            made[deal.pk] = _walk(deal, of, wordings[of.name], rows)
    return made


def lacking(deal: Deal, walk: Walk, stage: StageRule) -> tuple[Need, ...]:
    """What a stage asks for on entering and the deal does not have; nothing where the deal would go back to it."""
    definition = walk.definition
    if walk.place and definition.position(stage.key) < definition.position(walk.place.stage.key):
        return ()
    return missing(definition, stage, needs_met(deal), walk.answers)


def needs_met(deal: Deal) -> set[str]:
    """The names of the needs that the deal's record meets, but for the answers to questions."""
    roles = set(deal.deal_contacts.values_list("role", flat=True))
    met = {
        "amount": deal.amount is not None,
        "contact": bool(roles) or deal.conversations.exclude(contact="").exists(),
        "signer": ContactRole.SIGNS in roles,
        "persona": bool(deal.persona),
        "source": bool(deal.source),
        "competitor": bool(deal.competitor),
        "term": deal.contract_term_months is not None,
        "next_step": deal.next_steps.filter(due_at__isnull=False, done_at=None).exists(),
    }
    return {name for name, is_met in met.items() if is_met}


def wording_of(version: Version) -> Wording:
    """How labels of stages and texts of steps are read by a version."""
    return _wordings([version], versions())[version.name]


def _wordings(some: Iterable[Version], known: Iterable[Version]) -> dict[str, Wording]:
    kinds = dict(Stage.objects.values_list("label", "kind"))
    every = [one.definition for one in known]
    return {one.name: Wording(one.definition, every, kinds) for one in some}


def _in_turn(deals: Iterable[Deal]) -> Iterator[list[Deal]]:
    remaining = iter(deals)
    while some := list(islice(remaining, _AT_ONCE)):
        yield some


@dataclass(frozen=True)
class _Rows:
    """What is on record about some deals, by the deals' keys, each in the order of time."""

    entered: Mapping[int, Sequence[tuple[str, Span]]]
    done: Mapping[int, Sequence[tuple[str, Span]]]
    answered: Mapping[int, Sequence[tuple[str, Span]]]
    own: frozenset[int]

    @classmethod
    def of(cls, keys: Sequence[int]) -> "_Rows":
        entered = StageChange.objects.filter(deal_id__in=keys).order_by("entered_at", "pk")
        done = StepDone.objects.filter(deal_id__in=keys).order_by("done_at", "pk")
        answered = QuestionAnswer.objects.filter(deal_id__in=keys).order_by("answered_at", "pk")
        made_here = Deal.objects.filter(pk__in=keys, data_source__key=NOTYET)
        return cls(
            _by_deal(entered.values_list("deal_id", "stage", "entered_at", "plain_dates")),
            _by_deal(done.values_list("deal_id", "step", "done_at", "plain_dates")),
            _by_deal(
                (deal, key, at, 0) for deal, key, at in answered.values_list("deal_id", "question", "answered_at")
            ),
            frozenset(made_here.values_list("pk", flat=True)),
        )


def _by_deal(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[tuple[str, Span]]]:
    found: dict[int, list[tuple[str, Span]]] = {}
    for deal, text, at, plain in rows:
        found.setdefault(deal, []).append((text, moment(at, plain=bool(plain & 1))))
    return found


def _walk(deal: Deal, of: Version, wording: Wording, rows: _Rows) -> Walk:
    opened = moment(deal.opened_at, plain=bool(deal.plain_dates & _PLAIN_OPENING)) if deal.opened_at else None
    read = ((wording.stage(label), when) for label, when in rows.entered.get(deal.pk, ()))
    entries = with_opening(of.definition, [Entry(stage.key, when) for stage, when in read if stage], opened)
    done: dict[str, Span] = {}
    for text, when in rows.done.get(deal.pk, ()):
        step = wording.step(text)
        if step is not None:
            done.setdefault(step, when)
    answers = {key: when.at for key, when in rows.answered.get(deal.pk, ())}
    since = of.published_at
    under = since is not None and deal.opened_at is not None and deal.opened_at >= since
    judged = under or bool(done) or deal.pk in rows.own or deal.process_version == of.name
    return Walk(of, entries, done, answers, place(of.definition, entries), judged)
