"""The forms of a deal's page: what somebody types, read, checked, and given back where it cannot be kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.formats import date_format

from notyet.core.working_time import WorkingTime
from notyet.deals.contact_models import ContactRole
from notyet.deals.models import Channel, Direction

MOMENT = "%Y-%m-%dT%H:%M"
_CLASSES = {"select": "form-select", "checkbox": "form-check-input", "file": "form-control"}


class PageForm(forms.Form):
    """A form that is drawn field by field; its elements' ids begin with its own name."""

    name = "form"

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, auto_id=f"{self.name}-%s", label_suffix="", **more)
        for field in self.fields.values():
            kind = getattr(field.widget, "input_type", "")
            field.widget.attrs.setdefault("class", _CLASSES.get(kind, "form-control"))

    def refuse(self, field: str, text: str) -> None:
        """Say at a field, or above all of them where the form has none of that name, why it is not kept."""
        self.add_error(field if field in self.fields else None, text)


def text_field(label: str, longest: int = 2000, **more: Any) -> forms.CharField:
    """A line of text that may be left out."""
    required, attrs = more.pop("required", False), more.pop("attrs", {})
    widget = forms.TextInput(attrs={"autocomplete": "off", **attrs})
    return forms.CharField(label=label, max_length=longest, required=required, widget=widget, **more)


def _moment(label: str) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT)
    return forms.DateTimeField(label=label, required=False, input_formats=[MOMENT, f"{MOMENT}:%S"], widget=widget)


@dataclass(frozen=True)
class Chip:
    """A day that is offered for something due."""

    day: date
    label: str


def due_chips(working: WorkingTime, today: date) -> list[Chip]:
    """Tomorrow, in three days, next week; what is no working day is moved to the next one, and called by its name."""
    found: dict[date, str] = {}
    for word, days in (("Tomorrow", 1), ("In 3 days", 3), ("Next week", 7)):
        wanted = today + timedelta(days=days)
        day = working.on_or_after(wanted)
        short = date_format(day, "D j M")
        found.setdefault(day, f"{word}, {date_format(day, 'D')}" if day == wanted else short)
    return [Chip(day, label) for day, label in found.items()]


class DueForm(PageForm):
    """Something with a day: one of the days offered, or another, which wins."""

    due = forms.DateField(required=False)
    day = forms.DateField(label="or on", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, data: Any = None, *, chips: Sequence[Chip] = (), earliest: date = date.min, **more: Any) -> None:
        super().__init__(data, **more)
        self.chips, self.earliest = chips, earliest
        self.chosen = self["due"].value() or (chips[0].day.isoformat() if chips else "")

    @property
    def due_day(self) -> date | None:
        """The day that was chosen."""
        day: date | None = self.cleaned_data.get("day") or self.cleaned_data.get("due")
        return day

    def clean(self) -> dict[str, Any]:
        """A day is wanted, and none that was over already."""
        if not self.errors and self.due_day is None:
            self.add_error("day", "Choose a day.")
        elif not self.errors and self.due_day and self.due_day < self.earliest:
            self.add_error("day", f"{self.due_day:%Y-%m-%d} was over already. Choose a later day.")
        return self.cleaned_data


class PromiseForm(DueForm):
    """What we promise the buyer."""

    name = "promise"
    text = text_field("What was promised", required=True)


class StepForm(DueForm):
    """The next thing to do."""

    name = "step"
    text = text_field("Next step", required=True)


class TalkForm(PageForm):
    """A conversation in one line."""

    name = "talk"
    text = forms.CharField(
        label="What was said",
        required=False,
        widget=forms.Textarea(attrs={"rows": 1, "data-line": "", "placeholder": "What was said, or “call Tom 12m: …”"}),
    )
    channel = forms.ChoiceField(label="How", choices=Channel.choices, initial=Channel.CALL)
    direction = forms.ChoiceField(label="Who began it", choices=Direction.choices, initial=Direction.OUT)
    missed = forms.BooleanField(label="Missed", required=False)
    contact = text_field("With whom", 500, attrs={"list": "people"})
    minutes = forms.FloatField(
        label="Minutes", required=False, min_value=0, max_value=100_000, widget=forms.NumberInput(attrs={"min": 0})
    )
    at = _moment("When (empty: now)")

    def clean(self) -> dict[str, Any]:
        """A missed call says enough by itself; everything else needs a word, a person or a length."""
        said = self.cleaned_data
        if not self.errors and not (said.get("missed") or any(said.get(one) for one in ("text", "contact", "minutes"))):
            self.add_error("text", "Say in a few words what it was about, or tick “Missed”.")
        return said


class ContactForm(PageForm):
    """A person at the buyer's and the part that person has in the deal."""

    name = "contact"
    full_name = text_field("Name", 500, required=True)
    role = forms.ChoiceField(label="Part in this deal", choices=ContactRole.choices, required=False)
    title = text_field("Position", 200)
    email = forms.EmailField(label="E-mail", required=False, max_length=254)
    phone = text_field("Telephone", 60, attrs={"type": "tel"})


class NewDealForm(DueForm):
    """A deal that begins here: only the buyer is asked for."""

    name = "new"
    account = text_field("Buyer", 500, required=True, attrs={"list": "buyers", "autofocus": True})
    title = text_field("What it is about", 500)
    amount = text_field("Amount", 30, attrs={"inputmode": "decimal"})
    currency = text_field("Currency", 3, attrs={"list": "currencies", "size": 4})
    product = text_field("Product", attrs={"list": "known-product"})
    source = text_field("Where they came from", attrs={"list": "known-source"})
    persona = text_field("Persona", attrs={"list": "known-persona"})
    contact = text_field("Who you speak to", 500)
    text = text_field("Next step")

    def clean(self) -> dict[str, Any]:
        """The day belongs to the next step, and is not asked for without one; a day that was typed is not lost."""
        if self.cleaned_data.get("text"):
            return super().clean()
        if self.cleaned_data.get("day") and "text" not in self.errors:
            self.add_error("text", "Say what is to be done on that day, or leave the day empty.")
        return self.cleaned_data
