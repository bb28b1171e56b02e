"""A buyer who said never, in whatever way, is reached by nothing and stands on no list; his neighbour is and does.

Every way to say never alone, each with each, and all of them; said before or after everything was made ready to ask.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from notyet.deals.closing import Ending
from notyet.deals.merging import merge
from notyet.deals.models import Deal
from notyet.feedback.models import BuyerAnswer
from notyet.notices import letters as sending
from notyet.notices import tick
from notyet.today.models import DueItem, Group
from notyet.today.upkeep import refresh
from notyet.web.winbacks_page import win_backs_page
from notyet.winbacks.check_ups import Settled, ask, date_loss, follow_up, set_date, waiting
from notyet.winbacks.coming_back import came_back
from notyet.winbacks.letters import Text, copied, draft, send
from notyet.winbacks.models import WinBack
from notyet.winbacks.parting_models import Letter
from notyet.winbacks.partings import Farewell, close_and_part, part
from notyet.winbacks.silence import LeftAlone
from notyet.winbacks.triggers import Event, wake
from notyet.workspaces.access import Actor, operator
from notyet.workspaces.models import Workspace
from tests.architecture.source import modules
from tests.notices.post import Post, post

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

pytestmark = pytest.mark.django_db

HELLO = Text("ana@example.org", "Thank you", "Hello")
IMPORTED = {
    "deals.csv": "deal_id,account,owner,outcome,opened_at,closed_at,lost_to,product\n"
    "H1,Helvia AG,Ada,lost,2026-01-05,2026-02-02,Rival,Audit\n"
    "H2,Helvia Group,Ada,lost,2026-01-05,2026-02-03,Rival,Audit\n"
    "N1,Nordwind,Ada,lost,2026-01-05,2026-02-04,Rival,Audit\n",
}
NEVER_FILE = "id,deal_id,invited_at,answered_at,ask_again\n1,{deal},2026-02-05,2026-02-06,{word}\n"


@dataclass(frozen=True)
class Stage:
    """A buyer under three spellings, one of them apart, and a neighbour; each with losses made here and imported."""

    workspace: Workspace
    ada: Actor
    deals: dict[str, Deal]
    folder: Path

    def bring(self, files: dict[str, str]) -> None:
        """Import files."""
        from notyet.exchange.actions import import_history

        for name, content in files.items():
            (self.folder / name).write_text(content, encoding="utf-8")
        import_history(operator(self.workspace), [self.folder])

    def of(self, neighbour: bool) -> list[Deal]:
        """The buyer's losses, or the neighbour's."""
        return [deal for key, deal in self.deals.items() if key.startswith("N") is neighbour]


def parted(stage: Stage) -> None:
    """Agreed on parting over a deal made here."""
    part(stage.ada, stage.deals["made"].pk, Farewell("never"))


def parted_elsewhere(stage: Stage) -> None:
    """Agreed over an imported deal under another name that counts as his."""
    part(stage.ada, stage.deals["H2"].pk, Farewell("never"))


def answered(stage: Stage) -> None:
    """Said in an answer about another of his deals."""
    BuyerAnswer.objects.create(workspace=stage.workspace, deal=stage.deals["also"], ask_again="Never")


def brought(stage: Stage) -> None:
    """Came in with an import, about a deal under another name."""
    stage.bring({"buyer_answers.csv": NEVER_FILE.format(deal="H2", word="never")})


def new_deal(stage: Stage) -> None:
    """Said while a later deal was closed, under a name that nobody had heard before and that is merged after."""
    from notyet.deals.actions import create_deal

    made = create_deal(stage.ada, {"account": "HELVIA", "opened_at": "2026-02-20"})
    close_and_part(stage.ada, made.pk, Ending("lost"), Farewell("never"))
    merge(operator(stage.workspace), "account", "Helvia AG", ["HELVIA"])


WAYS: tuple[Callable[[Stage], None], ...] = (parted, parted_elsewhere, answered, brought, new_deal)
MIXTURES = [mixture for n in (1, 2, len(WAYS)) for mixture in combinations(WAYS, n)]


@pytest.fixture
def office(settings: "Settings") -> Iterator[Post]:
    """A mail server."""
    with post() as running:
        settings.NOTYET_SENDS_MAIL = True
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", running.port, 5
        settings.DEFAULT_FROM_EMAIL = "NotYet <notyet@example.org>"
        yield running


@pytest.fixture
def stage(workspace: Workspace, ada: Actor, open_deal: Callable[..., Deal], tmp_path: Path) -> Stage:
    """Everything lost, merged, and nobody has said anything yet."""
    folder = tmp_path / "history"
    folder.mkdir()
    made: dict[str, Deal] = {}
    stage = Stage(workspace, ada, made, folder)
    stage.bring(IMPORTED)
    for key, buyer in (("made", "Helvia AG"), ("also", "Helvia AG"), ("N", "Nordwind")):
        made[key] = open_deal(buyer, product="Audit", contract_term_months="12")
        close_and_part(ada, made[key].pk, Ending("lost"))
    made |= {deal.deal_id: deal for deal in Deal.objects.filter(deal_id__in=("H1", "H2", "N1"))}
    merge(operator(workspace), "account", "Helvia AG", ["Helvia Group"])
    return stage


def made_ready(stage: Stage) -> None:
    """Everything is about to reach him and his neighbour: letters are due, check-ups have days, some were asked."""
    for key in ("made", "H2", "N"):
        send(stage.ada, stage.deals[key].pk, HELLO)
    for key in ("H1", "N1"):
        date_loss(stage.ada, stage.deals[key].pk, date(2026, 3, 9))
    ask(stage.ada, WinBack.objects.get(deal=stage.deals["also"]).pk)


def senders(stage: Stage, deal: Deal) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Everything that a person can do to reach the buyer of a deal."""
    ada, pk = stage.ada, deal.pk
    yield "draft", lambda: draft(ada, pk)
    yield "send", lambda: send(ada, pk, HELLO)
    yield "copied", lambda: copied(ada, pk, HELLO)
    row = waiting(deal)
    if row is None:
        yield "date_loss", lambda: date_loss(ada, pk)
        yield "date_loss by hand", lambda: date_loss(ada, pk, date(2026, 4, 1))
        return
    check_up = row.pk
    yield "set_date", lambda: set_date(ada, check_up, date(2026, 4, 1))
    yield "ask", lambda: ask(ada, check_up)
    yield "follow_up", lambda: follow_up(ada, check_up)
    yield "came_back", lambda: came_back(ada, check_up)


def listed(stage: Stage) -> set[int]:
    """The deals whose buyers somebody is told to ask: on the list of win-backs, and in Today."""
    refresh(stage.workspace)
    items = DueItem.objects.filter(group__in=(Group.CHECK_UP, Group.PROPOSED))
    return {row.deal.pk for row in win_backs_page(stage.ada).rows} | set(items.values_list("deal", flat=True))


@pytest.mark.parametrize("late", [False, True], ids=["said first", "said late"])
@pytest.mark.parametrize("mixture", MIXTURES, ids=lambda ways: "+".join(way.__name__ for way in ways))
def test_nothing_reaches_who_said_never(
    stage: Stage, office: Post, mixture: tuple[Callable[[Stage], None], ...], late: bool
) -> None:
    """Nor does any list name him; what was on its way to him is stopped, and says so."""
    if late:
        made_ready(stage)
    for way in mixture:
        way(stage)
    his, theirs = {deal.pk for deal in stage.of(neighbour=False)}, {deal.pk for deal in stage.of(neighbour=True)}
    for deal in stage.of(neighbour=False):
        tried = list(senders(stage, deal))
        assert len(tried) > 3
        for name, act in tried:
            with pytest.raises(LeftAlone):
                print(name, act())
    woken = wake(operator(stage.workspace), Event("shipped", "We shipped it", words="Audit"))
    assert not his & set(woken.deals)
    assert woken.left_alone
    assert not his & listed(stage)
    assert theirs & listed(stage), "nobody is on the lists at all"
    if not late:
        send(stage.ada, stage.deals["N"].pk, HELLO)
    tick.tick("one")
    assert len(office.taken) == 1, "one letter, to the neighbour"
    stopped = Letter.objects.filter(deal__in=his)
    assert {(one.state, one.reason) for one in stopped} == ({("failed", sending.ASKED_NEVER)} if late else set())


def test_the_neighbour_is_reached_by_everything(stage: Stage) -> None:
    """Every sender that is tried above works for who said nothing: it would have reached the buyer too."""
    worked = set()
    for deal in (*stage.of(neighbour=True), *stage.of(neighbour=False)):
        for name, act in list(senders(stage, deal)):
            try:
                act()
            except (Settled, ValueError):
                continue
            worked.add(name)
    assert worked == {"draft", "send", "copied", "set_date", "ask", "follow_up", "came_back", "date_loss"}


SENDING = ("smtplib", "apprise", "django.core.mail", "aiosmtplib", "asyncore", "imaplib", "telnetlib")
DOOR = "notyet.notices."


def imported(tree: ast.Module) -> Iterator[str]:
    """Everything that a module imports, by its dotted name, and the texts in it that could name a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{one.name}" for one in node.names)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in (
            "import_module",
            "__import__",
            "import_string",
            "email_user",
        ):
            yield from (str(one.value) for one in node.args if isinstance(one, ast.Constant))
            yield "django.core.mail" if getattr(node.func, "attr", "") == "email_user" else ""


def test_there_is_one_door_to_people_outside() -> None:
    """Mail and chat leave from the room ``notices`` and from nowhere else; what stops there stops everything."""
    found = {
        module.name
        for module in modules()
        if any(name == one or name.startswith(f"{one}.") for name in imported(module.tree) for one in SENDING)
    }
    assert found == {"notyet.notices.mail", "notyet.notices.chat", "notyet.notices.chat_address"}


def test_the_door_is_opened_by_two_modules() -> None:
    """``mail.send`` is called where people here are written to, and where buyers are, after they were asked about."""
    callers = {
        module.name
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "send"
        and getattr(node.func.value, "id", "") == "mail"
    }
    assert callers == {"notyet.notices.letters", "notyet.notices.sending"}
