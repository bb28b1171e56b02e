"""What stands open on a deal's page, and the forms on it: empty, or as somebody sent them and could not keep them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from notyet.core.clock import today
from notyet.deals.editing import ROWS
from notyet.deals.models import Deal
from notyet.process.definition import StageRule
from notyet.process.needs import Need
from notyet.web.deal_cards import field_names
from notyet.web.deal_form_fields import ROW_FIELDS, FieldsForm
from notyet.web.deal_forms import Chip, ContactForm, PromiseForm, StepForm, TalkForm, due_chips
from notyet.web.known_values import known_values
from notyet.workspaces.access import Actor
from notyet.workspaces.working import working_time


@dataclass(frozen=True)
class Lacking:
    """Something that a stage asks for, and where it is added: a form to be opened, or an element to go to."""

    text: str
    add: str
    asks: str = ""
    focus: str = ""


@dataclass(frozen=True)
class Entering:
    """A stage that asks for what the deal does not have: what is missing, and why one goes on anyway."""

    key: str
    label: str
    missing: tuple[Lacking, ...]
    why: str = ""


def entering(stage: StageRule, missing: Iterable[Need], why: str) -> Entering:
    """What is asked of somebody who enters a stage without what it asks for."""
    return Entering(stage.key, stage.label, tuple(_lacking(one) for one in missing), why)


def _lacking(need: Need) -> Lacking:
    if need.name in ("contact", "signer"):
        return Lacking(need.text, "Add a person", focus="contact-full_name")
    if need.name == "next_step":
        return Lacking(need.text, "Plan it", focus="step-text")
    if need.name == "questions":
        return Lacking(need.text, "Answer them", focus="needs")
    return Lacking(need.text, "Fill it in", asks="?edit=fields")


@dataclass(frozen=True)
class Opened:
    """What stands open. ``part``: ``fields``, ``contact``, ``promise``, or a table; ``row`` is the key of its row.

    A form is given where it came back refused, and is made anew otherwise.
    """

    part: str = ""
    row: int = 0
    all_events: bool = False
    talk: TalkForm | None = None
    promise: PromiseForm | None = None
    step: StepForm | None = None
    contact: ContactForm | None = None
    fields: FieldsForm | None = None
    mail_error: str = ""
    looked_at: bool = False
    """Whether the conversation's form was filled in from an e-mail and is to be looked at."""
    entering: Entering | None = None

    @property
    def person(self) -> int:
        """The key of the part in the deal that stands open, 0 for none."""
        return self.row if self.part == "contact" else 0

    @property
    def promised_in(self) -> str:
        """The id of the conversation under which a promise is being made, empty for none."""
        return f"conversations-{self.row}" if self.part == "promise" and self.row else ""

    @property
    def id(self) -> str:
        """The id of the event that stands open, empty for none."""
        return f"{self.part}-{self.row}" if self.part in ROWS else ""


@dataclass(frozen=True)
class Forms:
    """The forms of the page. ``known``: a field -> what it held in other deals, to choose from."""

    talk: TalkForm
    promise: PromiseForm
    step: StepForm
    contact: ContactForm
    people: Sequence[str]
    fields: FieldsForm | None = None
    row: FieldsForm | None = None
    known: Mapping[str, Sequence[str]] = field(default_factory=dict)


def read_opened(asked: Mapping[str, str]) -> Opened:
    """What the address asks to be open: ``?edit=fields``, ``?edit=promises-12``, ``?promise=7``, ``?events=all``."""
    part, _, row = asked.get("edit", "").partition("-")
    if part not in ("fields", "contact", *ROW_FIELDS) or (row and not row.isdecimal()) or len(row) > 18:
        part, row = "", ""
    talk = asked.get("promise", "")
    if talk.isdecimal() and len(talk) < 18:
        part, row = "promise", talk
    return Opened(part, int(row or 0), all_events=asked.get("events") == "all")


def forms_of(actor: Actor, deal: Deal, opened: Opened, people: Sequence[str]) -> Forms:
    """The forms of a deal's page for somebody who works on it."""
    chips = chips_for(actor)
    fields = FieldsForm.of(deal, field_names(deal)) if opened.part == "fields" else None
    row = _row_form(deal, opened) if opened.part in ROW_FIELDS else None
    promise = opened.promise or PromiseForm(chips=chips)
    if opened.part == "promise" and opened.row:
        promise.fields["text"].widget.attrs["data-lands"] = True
    return Forms(
        talk=opened.talk or TalkForm(),
        promise=promise,
        step=opened.step or StepForm(chips=chips),
        contact=opened.contact or _contact_form(deal, opened),
        people=people,
        fields=opened.fields if opened.fields and opened.part == "fields" else fields,
        row=opened.fields if opened.fields and opened.part in ROW_FIELDS else row,
        known=known_values(actor) if opened.part == "fields" else {},
    )


def chips_for(actor: Actor) -> list[Chip]:
    """The days that are offered for something due, from today on."""
    return due_chips(working_time(actor.workspace), today(actor.workspace.time_zone))


def _row_form(deal: Deal, opened: Opened) -> FieldsForm | None:
    row = ROWS[opened.part]._default_manager.filter(deal=deal, pk=opened.row).first()
    return FieldsForm.of(row, ROW_FIELDS[opened.part]) if row is not None else None


def _contact_form(deal: Deal, opened: Opened) -> ContactForm:
    part = deal.deal_contacts.select_related("contact").filter(pk=opened.row).first() if opened.row else None
    if part is None or opened.part != "contact":
        return ContactForm()
    one = part.contact
    held = {"full_name": one.name, "role": part.role, "title": one.title, "email": one.email, "phone": one.phone}
    return ContactForm(initial=held)
