"""A debrief's page: its five steps, and what the record says beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from notyet.analysis.intervals import share
from notyet.core.clock import now
from notyet.deals.models import Deal, Outcome
from notyet.deals.queries import find_deal
from notyet.debriefs.content import Content
from notyet.debriefs.evidence import Evidence, deal_and_team
from notyet.debriefs.follow_up import open_actions
from notyet.debriefs.like_deals import LikeDeals, LikeWork, like_deals, worked_like
from notyet.debriefs.likeness import FEWEST, Tally
from notyet.debriefs.preparation import Tick, ticks
from notyet.debriefs.queries import usual_labels
from notyet.debriefs.work_models import Action
from notyet.debriefs.writing import first_content, is_finished, work_of
from notyet.process.deviations import deviations
from notyet.process.models import DeviationNote
from notyet.process.queries import Walk, walk_of
from notyet.web import numbers, timeline
from notyet.web.closing_form import reason_groups
from notyet.web.deal_process import OffProcess, off_process
from notyet.web.debrief_why import ReasonLines, StageSeen, reason_lines, stages_seen
from notyet.web.timeline import Event
from notyet.winbacks.check_ups import waiting
from notyet.winbacks.letters import NotToBeSent, Text, draft, letters
from notyet.winbacks.models import WinBack
from notyet.winbacks.parting_models import Letter, Parting
from notyet.winbacks.silence import LeftAlone
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.working import working_time

STEPS = (
    ("park", "Park it"),
    ("happened", "What happened"),
    ("why", "Why"),
    ("friends", "Part as friends"),
    ("next", "What next"),
)
SHORT = ("why", "friends", "next")
MOST_EVENTS = 200


@dataclass(frozen=True)
class StepLink:
    """A step of the debrief: its number, and whether it lies behind, here or ahead."""

    key: str
    label: str
    number: int
    state: str


@dataclass(frozen=True)
class DebriefPage:
    """Everything that a debrief's page shows."""

    deal: Deal
    step: str
    steps: list[StepLink]
    short: bool
    content: Content
    begun: bool
    finished: bool
    saved_by: str
    ticks: tuple[Tick, ...]
    like: str
    like_ticks: Mapping[str, str]
    like_work: str
    like_says: list[tuple[str, str]]
    reasons: ReasonLines
    says: list[tuple[str, str]]
    stages: list[StageSeen]
    events: list[Event]
    off: list[OffProcess]
    parting: Parting | None
    check_up: WinBack | None
    left_alone: str
    letter: Text | None
    letters: list[Letter]
    actions: list[Action]

    @property
    def next(self) -> str:
        """The step after this one; empty at the last."""
        keys = [one.key for one in self.steps]
        at = keys.index(self.step)
        return keys[at + 1] if at + 1 < len(keys) else ""

    @property
    def previous(self) -> str:
        """The step before this one; empty at the first."""
        keys = [one.key for one in self.steps]
        at = keys.index(self.step)
        return keys[at - 1] if at else ""

    @property
    def won(self) -> bool:
        """Whether it is a win that is looked back on."""
        return self.deal.outcome == Outcome.WON


def debrief_page(actor: Actor, pk: int, step: str, *, whole: bool, language: str = "en") -> DebriefPage:
    """Gather the page. Raises ``Denied``, ``Deal.DoesNotExist``, or ``OpenDeal`` where the deal has not ended."""
    actor.require(Permission.WORK_DEALS)
    deal = find_deal(actor, pk)
    if deal.outcome == Outcome.OPEN:
        raise OpenDeal(str(deal))
    work = work_of(deal)
    short = is_small(deal) and not whole
    keys = [key for key, _ in STEPS if not short or key in SHORT]
    step = step if step in keys else keys[0]
    evidence, walk = deal_and_team(deal), walk_of(deal)
    ended = deal.closed_at or now()
    working = working_time(actor.workspace)
    off = deviations(walk.definition, walk.entries, walk.done, walk.answers, working, ended) if walk.judged else ()
    letter, left_alone = _letter(actor, deal, language) if step == "friends" else (None, "")
    content = Content.from_json(work.content) if work else first_content(deal)
    asked = ticks()
    held_against = step == "why" and not short
    like = like_deals(deal, asked) if held_against else None
    work_like = worked_like(deal) if held_against else None
    return DebriefPage(
        deal=deal,
        step=step,
        steps=_links(keys, step),
        short=short,
        content=content,
        begun=work is not None,
        finished=is_finished(work),
        saved_by=work.saved_by if work else "",
        ticks=asked,
        like=like_words(like) if like else "",
        like_ticks={key: prepared_words(one) for key, one in like.comparison.ticks.items()} if like else {},
        like_work=f"{work_like.deals:,} won deals with {work_like.like}" if work_like else "",
        like_says=worked_words(work_like) if work_like else [],
        reasons=_reasons(deal, content, hints(evidence)) if step == "why" else ReasonLines((), ()),
        says=says(evidence, *_worked(walk), len(off)),
        stages=stages_seen(walk, ended, ZoneInfo(actor.workspace.time_zone)) if step == "why" else [],
        events=_events(deal) if step == "happened" else [],
        off=off_process(walk, off, DeviationNote.objects.filter(deal=deal)) if step == "happened" else [],
        parting=Parting.objects.filter(deal=deal).first(),
        check_up=waiting(deal),
        left_alone=left_alone,
        letter=letter,
        letters=letters(deal),
        actions=open_actions(deal),
    )


class OpenDeal(Exception):
    """The deal has not ended; there is nothing to look back on yet."""


def is_small(deal: Deal) -> bool:
    """Whether two minutes are enough: the workspace says from when a sale is big, and this one is below."""
    big = deal.workspace.big_sale
    return big is not None and (deal.amount is None or deal.amount < big)


def hints(found: Evidence) -> dict[str, str]:
    """What the record says for a reason, by its label of the default table."""
    told = {}
    if found.reply_hours is not None:
        team = f" Team: {numbers.hours(found.team_reply_hours)}." if found.team_reply_hours is not None else ""
        told["Slow follow-up"] = f"Your median reply here: {numbers.hours(found.reply_hours)}.{team}"
    elif found.replies:
        told["Slow follow-up"] = "They wrote or rang, and no answer of yours is on record."
    if found.promises:
        told["Promise broken"] = f"{found.kept} of {found.promises} promises were kept in time."
    if found.missed_unreturned:
        told["Trust / not understood"] = f"{_calls(found.missed_unreturned)} never returned."
    if found.people:
        told["Wrong people in the room"] = f"{_people(found.people)} at the buyer’s took part."
    return told


def like_words(found: LikeDeals) -> str:
    """Which won deals the ticks are held against, and how many of such deals were debriefed."""
    told = found.comparison
    debriefed = numbers.percent(told.deals / found.won)
    return (
        f"Beside each: won deals with {told.like}. {told.deals:,} of {found.won:,} ({debriefed}) were debriefed on it."
    )


def prepared_words(tally: Tally) -> str:
    """How many said yes, with the 95 % interval of their share: ``9 of 14 won deals like this one (39–84%)``."""
    return f"{tally.yes:,} of {tally.n:,} won deals like this one ({_between(tally)})"


def worked_words(found: LikeWork) -> list[tuple[str, str]]:
    """In how many won deals everything was answered and kept, with 95 % intervals; nothing below five."""
    lines = (("Every reply within 24 hours", found.worked.answered), ("Every promise kept", found.worked.kept))
    return [(label, f"{one.yes:,} of {one.n:,} ({_between(one)})") for label, one in lines if one.n >= FEWEST]


def _between(tally: Tally) -> str:
    told = share(tally.yes, tally.n)
    return "" if told.low is None or told.high is None else f"{told.low * 100:.0f}–{told.high * 100:.0f}%"


def _reasons(deal: Deal, content: Content, told: Mapping[str, str]) -> ReasonLines:
    """The reasons of a loss; what decided a win is said in words."""
    if deal.outcome == Outcome.WON:
        return ReasonLines((), ())
    return reason_lines(reason_groups(), told, {content.deciding, *content.contributing}, usual_labels())


def _worked(walk: Walk) -> tuple[int, int]:
    """How many of the buyer's questions were answered, and of how many; none where the deal was not worked by it."""
    return (len(walk.answers), len(list(walk.definition.questions()))) if walk.judged else (0, 0)


def says(found: Evidence, answered: int, questions: int, off: int) -> list[tuple[str, str]]:
    """The record in lines: a label and a count."""
    lines = [
        ("Replies within 24 hours", f"{found.answered} of {found.replies}"),
        ("Promises kept", f"{found.kept} of {found.promises}"),
        ("Buyer’s questions answered", f"{answered} of {questions}"),
        ("People at the buyer’s spoken to", str(found.people)),
        ("Off the process", str(off)),
    ]
    return [line for line in lines if line[1] != "0 of 0"]


def _calls(number: int) -> str:
    return "A missed call was" if number == 1 else f"{number} missed calls were"


def _people(number: int) -> str:
    return "One person" if number == 1 else f"{number} people"


def _links(keys: list[str], step: str) -> list[StepLink]:
    labels, here = dict(STEPS), keys.index(step)
    return [
        StepLink(key, labels[key], place + 1, "done" if place < here else "now" if place == here else "ahead")
        for place, key in enumerate(keys)
    ]


def _events(deal: Deal) -> list[Event]:
    return timeline.newest_first(
        timeline.talks(deal.conversations.all(), deal.closed_at),
        timeline.stages(deal.stage_changes.all()),
        timeline.promises(deal.promises.all()),
        timeline.steps(deal.next_steps.all()),
    )[:MOST_EVENTS][::-1]


def _letter(actor: Actor, deal: Deal, language: str) -> tuple[Text | None, str]:
    try:
        return draft(actor, deal.pk, language), ""
    except LeftAlone as error:
        return None, str(error)
    except NotToBeSent:
        return None, ""
