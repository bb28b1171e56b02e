"""Reading the pipeline: targets, the outlook, where time went, the deals behind a figure.

What is read of a history is kept until the history, the day or the question changes.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from django.core.cache import cache

from notyet import __version__
from notyet.analysis import facts, pipeline, pipeline_behind
from notyet.analysis.history import History
from notyet.analysis.intervals import Estimate
from notyet.analysis.meta import Meta
from notyet.analysis.pipeline import Outlook, Question, Spending
from notyet.analysis.pipeline_book import Period
from notyet.analysis.readings import Reasons
from notyet.core.clock import now
from notyet.debriefs.reasons import usual_reason
from notyet.history import store
from notyet.history.reading import NoHistory, settings_of
from notyet.pipeline import rules, scopes
from notyet.pipeline.models import Target
from notyet.pipeline.scopes import Choice
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.models import Workspace
from notyet.workspaces.scope import within

SUPPORT = "Support let us down"
KEPT_SECONDS = 36 * 3600
MOST_KEPT = 100_000
CHANCES = (0.5, 0.8, 0.9, 0.95)
LOOKS_BACK = (6, 12, 24)

Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Asked:
    """What an actor asks of the pipeline: whose, held against which target, and the question made of it."""

    choice: Choice
    choices: tuple[Choice, ...]
    targets: tuple[Target, ...]
    target: Target | None
    question: Question
    today: date


def ask(actor: Actor, key: str = "", target_pk: int | None = None, chance: float = 0.8, months: int = 12) -> Asked:
    """The question for a scope (its key; the usual one where it is none that the actor may see).

    The target is the one asked for, else the one in force today; without any the period is this quarter. Raises
    ``Denied`` or ``NoHistory``.
    """
    actor.require(Permission.SEE_PIPELINE)
    found = scopes.choices(actor, teams(actor.workspace))
    choice = next((one for one in found if one.key == key), None) or scopes.usual(actor, found)
    return _asked(actor, choice, found, target_pk, chance if chance in CHANCES else 0.8, months)


def _asked(
    actor: Actor,
    choice: Choice,
    found: tuple[Choice, ...],
    pk: int | None = None,
    chance: float = 0.8,
    months: int = 12,
) -> Asked:
    targets, today = targets_of(actor, choice), _today(actor.workspace)
    target = next((one for one in targets if one.pk == pk), None) or rules.in_force(targets, today)
    since, until = (target.since, target.until) if target else rules.quarter_of(today)
    question = Question(
        scope=choice.scope,
        period=Period(since, until),
        target=float(target.amount) if target else None,
        chance=chance,
        months=months if months in LOOKS_BACK else 12,
        unpaid_days=actor.workspace.unpaid_days,
    )
    return Asked(choice, found, targets, target, question, today)


def targets_of(actor: Actor, choice: Choice) -> tuple[Target, ...]:
    """The targets of a scope, the latest first."""
    scope, name = choice.target_scope
    with within(actor.workspace):
        return tuple(Target.objects.filter(scope=scope, name=name))


def every_target(actor: Actor) -> tuple[Target, ...]:
    """All targets, for who may set them. Raises ``Denied``."""
    actor.require(Permission.SET_TARGETS)
    with within(actor.workspace):
        return tuple(Target.objects.all())


def teams(workspace: Workspace) -> tuple[str, ...]:
    """The teams that the deals of the current history belong to. Raises ``NoHistory``."""
    return _kept(workspace, ("teams",), _read_teams)


def _read_teams(history: History) -> tuple[str, ...]:
    rows = facts.read(history)
    found = rows.filter(rows.team.notnull()).select("team").distinct().to_pyarrow()["team"].to_pylist()
    return tuple(sorted(found))


def outlook(actor: Actor, asked: Asked) -> Outlook:
    """What the period is likely to bring. Raises ``Denied`` or ``NoHistory``."""
    actor.require(Permission.SEE_PIPELINE)
    return _kept(
        actor.workspace,
        ("outlook", asked.question),
        lambda history: pipeline.outlook(history, asked.question, _moment(actor.workspace, history)),
    )


def spending(actor: Actor, asked: Asked, *, wait: bool = True) -> Spending | None:
    """Where time and deals went; without ``wait`` only what is known already. Raises ``Denied`` or ``NoHistory``."""
    actor.require(Permission.SEE_PIPELINE)

    def read(history: History) -> Spending:
        support = _support(actor.workspace, history.meta)
        return pipeline.spending(history, asked.question, _moment(actor.workspace, history), support)

    # Neither the target nor the period has a part in it.
    question = Question(asked.question.scope, Period(date.min, date.min), months=asked.question.months)
    key = ("spending", question)
    return _kept(actor.workspace, key, read) if wait else _known(_key(actor.workspace, key))


def deals_of(actor: Actor, asked: Asked, figure: str, part: str = "") -> npt.NDArray[np.int64]:
    """The deals behind a figure of the pipeline, in order. Raises ``Denied``, ``NoHistory`` or ``UnknownFigure``."""
    actor.require(Permission.SEE_PIPELINE)
    actor.require(Permission.SEE_DEALS)

    def read(history: History) -> npt.NDArray[np.int64]:
        workspace = actor.workspace
        support, moment = _support(workspace, history.meta), _moment(workspace, history)
        return pipeline_behind.deals_behind(history, asked.question, moment, figure, part, support)

    # Neither the target nor the chance has a part in it.
    question = replace(asked.question, target=None, chance=pipeline.CHANCE)
    return _kept(actor.workspace, ("deals", question, figure, part), read)


@dataclass(frozen=True)
class Headline:
    """What of the pipeline is said elsewhere: what is missing, on how few deals it rests, what is paid.

    ``rate`` is the win rate with its interval of ``closed`` deals (``None`` below five).
    """

    asked: Asked
    outlook: Outlook
    rate: Estimate | None

    @property
    def closed(self) -> int:
        """The closed deals that the win rate is of."""
        return self.outlook.seen.closed.n


def headline(actor: Actor) -> Headline | None:
    """The actor's pipeline in short: of the narrowest scope that has a target today, else of the usual one.

    ``None`` where there is no history or the actor may not see the pipeline.
    """
    if not actor.may(Permission.SEE_PIPELINE):
        return None
    try:
        found = scopes.choices(actor, teams(actor.workspace))
        near = [one for one in found if not one.scope.column or one.key == scopes.OWN or one.scope.name == actor.team]
        with_target = (asked for one in near if (asked := _asked(actor, one, found)).target is not None)
        asked = next(with_target, None) or _asked(actor, scopes.usual(actor, found), found)
        seen = outlook(actor, asked)
    except NoHistory:
        return None
    closed = seen.seen.closed
    return Headline(asked, seen, closed.estimate() if closed.n >= 5 else None)


def _support(workspace: Workspace, meta: Meta) -> frozenset[str]:
    """The wordings of reasons that say that support let the buyer down, as the workspace reads them."""
    entries = Reasons.of(meta, settings_of(workspace, meta)).entries
    meant = {text for text, one in entries.items() if SUPPORT in (one.label, usual_reason(one.label))}
    return frozenset({SUPPORT, *meant})


def _today(workspace: Workspace) -> date:
    return now().astimezone(ZoneInfo(workspace.time_zone)).date()


def _moment(workspace: Workspace, history: History) -> datetime:
    """The moment that is looked from: the same for a day and a history, so that a figure and its deals agree."""
    today, zone = _today(workspace), ZoneInfo(workspace.time_zone)
    frozen = history.meta.frozen_at.astimezone(zone)
    return frozen if frozen.date() == today else datetime.combine(today, time(), tzinfo=zone)


def _folder(workspace: Workspace) -> Path:
    folder = store.current(workspace)
    if folder is None:
        raise NoHistory("no history has been frozen yet")
    return folder


def _key(workspace: Workspace, about: tuple[object, ...]) -> str:
    folder = _folder(workspace)
    told_apart = about[0] in ("spending", "deals")
    reasons = sorted(_support(workspace, Meta.load(folder))) if told_apart else []
    parts = (__version__, workspace.pk, folder.name, _today(workspace), reasons, *about)
    return "pipeline." + hashlib.sha256(repr(parts).encode()).hexdigest()


def _known(key: str) -> Spending | None:
    return cast("Spending | None", cache.get(key))


def _kept(workspace: Workspace, about: tuple[object, ...], read: Callable[[History], Kept]) -> Kept:
    key = _key(workspace, about)
    found: Kept | None = cache.get(key)
    if found is None:
        with History.open(_folder(workspace)) as history:
            found = read(history)
        if not isinstance(found, np.ndarray) or len(found) <= MOST_KEPT:
            cache.set(key, found, KEPT_SECONDS)
    return found
