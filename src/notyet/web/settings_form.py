"""The form of a workspace's settings."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django import forms

from notyet.winbacks.check_up_rules import BUDGET_REASONS, Loss, when_to_ask
from notyet.workspaces.models import TermRule, Visibility
from notyet.workspaces.settings_rules import (
    Settings,
    countries,
    read_closed_days,
    write_closed_days,
)
from notyet.workspaces.working import countries as countries_with_parts

WEEK = tuple(enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")))


MONTHS = tuple((month, f"{date(2026, month, 1):%B}") for month in range(1, 13))
EXAMPLE_TERM = 24
"""Months; of a contract of one year both rules give the same day."""
FROZEN = next(iter(BUDGET_REASONS))
_READ_APART = ("working_days", "closed_days")


def _zones() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in sorted(available_timezones()) if "/" in name or name == "UTC"]


def _countries() -> list[tuple[str, str]]:
    return [("", "None: only weekends and the days below"), *countries().items()]


class SettingsForm(forms.Form):
    """Everything an administrator sets; the rules themselves are the room's."""

    name = forms.CharField(label="Name of the workspace", max_length=200)
    visibility = forms.ChoiceField(label="A seller sees", choices=Visibility.choices)
    time_zone = forms.ChoiceField(label="Time zone", choices=_zones)
    country = forms.ChoiceField(label="Public holidays of", choices=_countries, required=False)
    subdivision = forms.CharField(label="Part of the country", max_length=10, required=False)
    working_days = forms.TypedMultipleChoiceField(label="Working days", choices=WEEK, coerce=int)
    day_starts = forms.TimeField(label="The day starts")
    day_ends = forms.TimeField(label="The day ends")
    closed_days = forms.CharField(label="Further closed days", required=False, max_length=20_000)
    reply_hours = forms.IntegerField(label="Answer a missed call or a mail within", min_value=1)
    stalled_factor = forms.FloatField(label="A deal is stalled after", min_value=1)
    unpaid_days = forms.IntegerField(label="Ask about an unpaid order after", min_value=1)
    big_sale = forms.DecimalField(label="A sale is big from", required=False, max_digits=19, decimal_places=4)
    term_rule = forms.ChoiceField(label="The contract that was pitched", choices=TermRule.choices)
    budget_month = forms.TypedChoiceField(label="A new budget year begins in", choices=MONTHS, coerce=int)

    def settings(self) -> Settings:
        """What the valid form asks for. Raises ``BadSettings`` for closed days that cannot be read."""
        data = self.cleaned_data
        return Settings(
            **{name: data[name] for name in Settings.__dataclass_fields__ if name not in _READ_APART},
            working_days=tuple(data["working_days"]),
            closed_days=read_closed_days(data["closed_days"]),
        )


def initial(settings: Settings) -> dict[str, Any]:
    """The settings as the form's initial values."""
    values = {name: getattr(settings, name) for name in Settings.__dataclass_fields__}
    big = settings.big_sale
    return {
        **values,
        "working_days": [str(day) for day in settings.working_days],
        "day_starts": f"{settings.day_starts:%H:%M}",
        "day_ends": f"{settings.day_ends:%H:%M}",
        "closed_days": write_closed_days(settings.closed_days),
        "big_sale": "" if big is None else format(big.normalize(), "f"),
    }


@dataclass(frozen=True)
class AskingExample:
    """What a choice does: the days on which a deal lost ``today`` would be asked about again."""

    value: str
    label: str
    chosen: bool
    pitched_on: date
    on: date


def asking_examples(today: date, chosen: str) -> list[AskingExample]:
    """For each rule of the pitched term the day it gives a contract of two years that was pitched and lost today."""
    found = []
    for rule in TermRule:
        proposal = when_to_ask(Loss(today, today, EXAMPLE_TERM), rule)
        if proposal is not None:
            found.append(AskingExample(rule.value, rule.label, rule.value == chosen, today, proposal.on))
    return found


def budget_example(today: date, month: int) -> date:
    """When a deal lost today to a frozen budget is asked about again; ``month`` begins the budget year."""
    proposal = when_to_ask(Loss(today, reason=FROZEN), budget_month=month)
    return today if proposal is None else proposal.on


def parts_of(country: str) -> tuple[str, ...]:
    """The parts of a country that have holidays of their own; none for no country."""
    return countries_with_parts().get(country, ())
