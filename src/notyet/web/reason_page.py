"""The page of loss reasons: the workspace's table, and the wordings that the record holds."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Count

from notyet.deals.models import Deal
from notyet.debriefs.actions import ReasonEdit
from notyet.debriefs.models import Control, Debrief, LossReason, ReasonWording
from notyet.debriefs.queries import read_reasons
from notyet.debriefs.reasons import DEFAULT_REASONS
from notyet.feedback.models import BuyerAnswer

FEWEST_ANSWERS = 5
MOST_WORDINGS = 200


class ReasonForm(forms.Form):
    """A line of the table. Left wholly empty it is no line."""

    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)
    position = forms.IntegerField(required=False, min_value=0, max_value=9999)
    label = forms.CharField(required=False, max_length=200)
    control = forms.ChoiceField(choices=Control.choices, initial=Control.SHARED)
    retired = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any] | None:
        """A line that exists keeps a name."""
        cleaned = super().clean() or {}
        if cleaned.get("pk") and not cleaned.get("label"):
            self.add_error("label", "A reason needs a name; retire it instead.")
        return cleaned


ReasonFormSet = forms.formset_factory(ReasonForm, extra=1, max_num=300, absolute_max=320)


def lines() -> list[dict[str, Any]]:
    """The table of the workspace in scope, or the default one before the first change, as a formset's initial."""
    rows = LossReason.objects.values("pk", "position", "label", "control", "retired")
    table = [dict(row) for row in rows] or [
        {"pk": None, "label": one.label, "control": one.control, "retired": False} for one in DEFAULT_REASONS
    ]
    return [{**line, "position": place} for place, line in enumerate(table, start=1)]


def edits(cleaned: Iterable[Mapping[str, Any]]) -> list[ReasonEdit]:
    """What a formset holds as edits in the order of their numbers; empty lines and those without one come last."""
    wanted = [one for one in cleaned if one.get("label")]
    wanted.sort(key=lambda one: one["position"] if one.get("position") is not None else 10_000)
    return [ReasonEdit(one.get("pk"), one["label"], one["control"], one["retired"]) for one in wanted]


@dataclass(frozen=True)
class Wording:
    """A reason as the record words it: on how many deals, what it is read as now, and what was chosen by hand."""

    text: str
    deals: int
    read_as: str
    control: str
    chosen: str


def wordings() -> list[Wording]:
    """The wordings in the record of the workspace in scope, the commonest first.

    A buyer's own wording is listed once five buyers have used it: below that it would tell single answers.
    """
    counts: Counter[str] = Counter()
    for model, field in ((Deal, "loss_reason"), (Debrief, "deciding_reason")):
        counts.update(_counted(model, field))
    heard = {text: n for text, n in _counted(BuyerAnswer, "deciding_reason").items() if n >= FEWEST_ANSWERS}
    texts = [text for text, _ in counts.most_common(MOST_WORDINGS)]
    texts += [text for text in heard if text not in counts]
    chosen = dict(ReasonWording.objects.filter(reason__isnull=False).values_list("text", "reason__label"))
    return [
        Wording(one.text, counts[one.text] + heard.get(one.text, 0), one.label, one.control, chosen.get(one.text, ""))
        for one in read_reasons(texts)
    ]


def _counted(model: Any, field: str) -> dict[str, int]:
    rows = model.objects.exclude(**{field: ""}).values_list(field).annotate(n=Count("pk")).order_by()
    return dict(rows)


def labels() -> list[str]:
    """The labels that a wording can be given: the table's that are not retired, else the default table's."""
    own = list(LossReason.objects.filter(retired=False).values_list("label", flat=True))
    return own or [one.label for one in DEFAULT_REASONS]
