"""Letters on parting: drafted, sent once, stopped, and to nobody who said never."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db.models import QuerySet

from notyet.deals.closing import Ending
from notyet.deals.contact_actions import save_contact
from notyet.deals.models import Deal
from notyet.deals.values import BadValue
from notyet.winbacks.letter_wordings import LANGUAGES, PLACES, USUAL, Facts, Wording, fill, month_name
from notyet.winbacks.letters import (
    NotToBeSent,
    Text,
    copied,
    draft,
    letters,
    save_wording,
    say_what_became,
    send,
    take_back,
    wording,
)
from notyet.winbacks.parting_models import Letter, Parting
from notyet.winbacks.partings import Farewell, close_and_part
from notyet.winbacks.silence import LeftAlone
from notyet.workspaces.access import Actor, Denied, operator
from notyet.workspaces.models import AuditEntry, Role, Workspace

Make = Callable[..., Deal]
HELLO = Text("ana@example.org", "Thank you", "Hello")
WHOLE = Facts("Ana Roth", "Okapi", "the audit", "Ada", "Acme", "December 2026")


def lost(ada: Actor, open_deal: Make, farewell: Farewell | None = None) -> Deal:
    deal = open_deal("Okapi", name="Maintenance audit", contract_term_months="12")
    close_and_part(ada, deal.pk, Ending("lost"), farewell)
    return deal


@pytest.mark.parametrize(("outcome", "language"), USUAL)
def test_every_wording_reads_whole(outcome: str, language: str) -> None:
    filled = fill(USUAL[outcome, language], WHOLE)
    assert "$" not in filled.subject + filled.body
    assert filled.body.endswith("Ada\nAcme")
    if outcome in ("lost", "no_decision"):
        assert "December 2026" in filled.body
        assert "2026" not in fill(USUAL[outcome, language], Facts(*(getattr(WHOLE, name) for name in PLACES[:5]))).body
    bare = fill(USUAL[outcome, language], Facts())
    assert "$" not in bare.subject + bare.body
    assert "  " not in bare.body
    assert not bare.subject.endswith((",", " "))


def test_every_language_has_every_outcome() -> None:
    outcomes = {outcome for outcome, _ in USUAL}
    assert set(USUAL) == {(outcome, language) for outcome in outcomes for language in LANGUAGES}
    assert month_name(12, 2026, "de") == "Dezember 2026"
    assert month_name(3, 2026, "es") == "marzo de 2026"


@pytest.mark.django_db
def test_a_draft_knows_whom_it_is_to_and_when_we_would_ask(ada: Actor, open_deal: Make) -> None:
    deal = open_deal("Okapi", name="Maintenance audit", contract_term_months="12")
    save_contact(ada, deal.pk, {"name": "Tom", "email": "tom@okapi.example"})
    save_contact(ada, deal.pk, {"name": "Ana Roth", "email": "ana@okapi.example", "role": "signs"})
    with pytest.raises(NotToBeSent, match="open"):
        draft(ada, deal.pk)
    close_and_part(ada, deal.pk, Ending("lost"))
    made = draft(ada, deal.pk, "de")
    assert made.to == "ana@okapi.example"
    assert "Guten Tag Ana Roth" in made.body
    assert "Dezember 2026" in made.body
    assert not Letter.objects.exists()
    assert draft(ada, deal.pk, "xx").language == "en"


@pytest.mark.django_db
def test_a_draft_greets_whoever_is_known_and_is_signed_with_a_name(
    acting: Callable[..., Actor], ada: Actor, open_deal: Make
) -> None:
    """Also where nobody has an address, and who writes has no name on deals."""
    deal = lost(ada, open_deal)
    save_contact(ada, deal.pk, {"name": "Tom Corwin"})
    made = draft(replace(acting(Role.MANAGER), name="anna.weber@example.org"), deal.pk)
    assert made.to == ""
    assert made.body.startswith("Hello Tom Corwin")
    assert "Anna Weber" in made.body
    assert "@" not in made.body


@pytest.mark.django_db
def test_a_letter_goes_once(ada: Actor, open_deal: Make) -> None:
    deal = lost(ada, open_deal)
    letter = send(ada, deal.pk, HELLO)
    assert letter.state == "due"
    assert Parting.objects.get(deal=deal).thanked_at is not None
    with pytest.raises(NotToBeSent, match="on its way"):
        send(ada, deal.pk, HELLO)
    assert take_back(ada, letter.pk).state == "draft"
    assert Parting.objects.get(deal=deal).thanked_at is None
    again = send(ada, deal.pk, HELLO)
    for state in ("claimed", "unknown"):
        Letter.objects.filter(pk=again.pk).update(state=state)
        with pytest.raises(NotToBeSent, match="left already"):
            take_back(ada, again.pk)
        with pytest.raises(NotToBeSent, match="may have gone out"):
            send(ada, deal.pk, HELLO)
    Letter.objects.filter(pk=again.pk).update(state="failed")
    send(ada, deal.pk, HELLO)
    assert len(letters(deal)) == 3


@pytest.mark.django_db
@pytest.mark.parametrize("arrived", [True, False])
def test_what_became_of_a_doubtful_letter_is_said_by_hand(ada: Actor, open_deal: Make, arrived: bool) -> None:
    deal = lost(ada, open_deal)
    letter = send(ada, deal.pk, HELLO)
    with pytest.raises(NotToBeSent, match="known already"):
        say_what_became(ada, letter.pk, arrived=arrived)
    Letter.objects.filter(pk=letter.pk).update(state="unknown")
    assert say_what_became(ada, letter.pk, arrived=arrived).state == ("sent" if arrived else "failed")
    assert (Parting.objects.get(deal=deal).thanked_at is not None) is arrived
    send(ada, deal.pk, HELLO)


@pytest.mark.django_db
def test_a_copied_letter_is_noted_and_needs_no_address(ada: Actor, open_deal: Make) -> None:
    deal = lost(ada, open_deal)
    assert copied(ada, deal.pk, Text("", "Thank you", "Hello")).state == "copied"
    assert Parting.objects.get(deal=deal).thanked_at is not None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "field"),
    [
        (Text("ana", "a", "b"), "to"),
        (Text("ana@example.org, eve@example.org", "a", "b"), "to"),
        (Text("ana@example.org\nBcc: eve@example.org", "a", "b"), "to"),
        (Text("ana@example.org", "", "b"), "body"),
        (Text("ana@example.org", "a", "x" * 8_001), "body"),
        (Text("ana@example.org", "a", "b", "xx"), "language"),
    ],
)
def test_what_cannot_be_sent_is_refused(ada: Actor, open_deal: Make, text: Text, field: str) -> None:
    deal = lost(ada, open_deal)
    with pytest.raises(BadValue) as caught:
        send(ada, deal.pk, text)
    assert caught.value.field == field
    assert not Letter.objects.exists()


@pytest.mark.django_db
def test_whoever_said_never_is_not_written_to(ada: Actor, open_deal: Make) -> None:
    """Nor is a draft made, about this deal or another of his."""
    first, second = lost(ada, open_deal, Farewell("never")), lost(ada, open_deal)
    for deal in (first, second):
        for act in (lambda pk: draft(ada, pk), lambda pk: send(ada, pk, HELLO), lambda pk: copied(ada, pk, HELLO)):
            with pytest.raises(LeftAlone):
                act(deal.pk)


@pytest.mark.django_db
def test_a_workspace_has_its_own_wording(ada: Actor, workspace: Workspace) -> None:
    with pytest.raises(Denied):
        save_wording(ada, "lost", "en", Wording("Hi", "Bye"))
    boss = operator(workspace)
    save_wording(boss, "lost", "en", Wording("Hi $buyer", "Bye $contact"))
    assert wording("lost", "en") == Wording("Hi $buyer", "Bye $contact")
    save_wording(boss, "lost", "en", None)
    assert wording("lost", "en") == USUAL["lost", "en"]


@pytest.mark.django_db
def test_the_trail_holds_neither_address_nor_text(ada: Actor, open_deal: Make, acting: Callable[..., Actor]) -> None:
    deal = lost(ada, open_deal)
    with pytest.raises(Denied):
        send(acting(Role.LEADERSHIP), deal.pk, HELLO)
    send(ada, deal.pk, HELLO)
    trail: QuerySet[AuditEntry] = AuditEntry.objects.all()
    assert not any("ana@example.org" in str(one.detail) + one.subject for one in trail)
