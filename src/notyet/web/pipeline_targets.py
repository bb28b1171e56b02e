"""The form of a target, and how targets are listed."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms

from notyet.core.clock import today
from notyet.pipeline.models import Target
from notyet.pipeline.rules import BadTarget, Wish, quarter_name, quarter_named, quarter_of, read_amount
from notyet.web import numbers
from notyet.web import pipeline_words as words
from notyet.workspaces.access import Actor
from notyet.workspaces.models import Membership

EVERYBODY, PERSON, TEAM = "everybody", "person", "team:"


class TargetForm(forms.Form):
    """Whose target, for which quarter or days, and how much. The rules themselves are the room's."""

    whose = forms.ChoiceField(label="Whose target")
    person = forms.CharField(label="Who", required=False, max_length=300)
    quarter = forms.ChoiceField(label="For", required=False)
    since = forms.DateField(label="First day", required=False)
    until = forms.DateField(label="Last day", required=False)
    amount = forms.CharField(label="To be ordered in it and paid", max_length=30)

    def __init__(self, actor: Actor, teams: tuple[str, ...], data: Any = None, target: Target | None = None) -> None:
        """``teams``: those that can be chosen; with ``target`` the form begins with what that is."""
        self.target, day = target, today(actor.workspace.time_zone)
        super().__init__(data, initial=_initial(target, day))
        named = sorted({*teams, *([target.name] if target and target.scope == "team" else [])})
        whose, quarter = self.fields["whose"], self.fields["quarter"]
        assert isinstance(whose, forms.ChoiceField)  # noqa: S101 - narrows the type
        assert isinstance(quarter, forms.ChoiceField)  # noqa: S101
        whose.choices = [
            (EVERYBODY, "Everybody"),
            *((TEAM + name, f"Team {name}") for name in named),
            (PERSON, "One person …"),
        ]
        quarter.choices = [*_quarters(day, target), ("", "Other days …")]

    def wish(self) -> Wish:
        """What the valid form asks for. Raises ``BadTarget``."""
        data = self.cleaned_data
        whose = data["whose"]
        since, until = quarter_named(data["quarter"]) if data["quarter"] else (data["since"], data["until"])
        if since is None or until is None:
            raise BadTarget("since" if since is None else "until", "Give the first and the last day, or a quarter.")
        amount = read_amount(data["amount"])
        if whose.startswith(TEAM):
            return Wish("team", whose.removeprefix(TEAM), since, until, amount)
        return Wish("person" if whose == PERSON else "everybody", data["person"], since, until, amount)

    def refuse(self, error: BadTarget) -> None:
        """Show what is wrong beside the field that it is about."""
        fields = {"scope": "whose", "name": "person" if self.data.get("whose") == PERSON else "whose"}
        field = fields.get(error.field, error.field)
        if field == "since" and self.data.get("quarter"):
            field = "quarter"
        self.add_error(field, str(error))


def _initial(target: Target | None, day: date) -> dict[str, Any]:
    if target is None:
        return {"whose": EVERYBODY, "quarter": quarter_name(*quarter_of(day))}
    whose = {"team": TEAM + target.name, "person": PERSON}.get(target.scope, EVERYBODY)
    return {
        "whose": whose,
        "person": target.name if target.scope == "person" else "",
        "quarter": quarter_name(target.since, target.until),
        "since": target.since.isoformat(),
        "until": target.until.isoformat(),
        "amount": format(target.amount.normalize(), "f"),
    }


def _quarters(day: date, target: Target | None) -> list[tuple[str, str]]:
    """This quarter, the four to come and the one before; and that of the target."""
    spans, first = [], quarter_of(date(day.year, day.month, 1))[0]
    for ahead in range(-1, 5):
        number = first.year * 4 + (first.month - 1) // 3 + ahead
        spans.append(quarter_of(date(number // 4, number % 4 * 3 + 1, 1)))
    if target is not None and quarter_name(target.since, target.until):
        spans.append((target.since, target.until))
    return [(quarter_name(*span), words.period(*span)) for span in sorted(set(spans))]


@dataclass(frozen=True)
class TargetLine:
    """A target in the list."""

    target: Target
    whose: str
    period: str
    amount: str


def target_lines(targets: tuple[Target, ...], currency: str) -> list[TargetLine]:
    """The targets, the latest period first."""
    return [
        TargetLine(
            one,
            f"Team {one.name}" if one.scope == "team" else one.name or "Everybody",
            words.period(one.since, one.until),
            numbers.money(float(one.amount), currency),
        )
        for one in targets
    ]


def sellers() -> list[str]:
    """The names by which people of the workspace in scope own deals."""
    return list(
        Membership.objects.exclude(seller_name="").order_by("seller_name").values_list("seller_name", flat=True)
    )
