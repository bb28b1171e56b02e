"""Reading the table of reasons."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from notyet.deals.models import Deal, Outcome
from notyet.debriefs.models import LossReason, ReasonWording
from notyet.debriefs.reasons import DEFAULT_REASONS, usual_reason

_DEFAULT_CONTROL = {reason.label: reason.control for reason in DEFAULT_REASONS}


@dataclass(frozen=True)
class ReadReason:
    """A reason as somebody worded it, the table's label for it, and whose it is to change."""

    text: str
    label: str
    control: str


def read_reasons(texts: Iterable[str]) -> list[ReadReason]:
    """How the workspace in scope reads each wording.

    What the workspace mapped by hand comes first, then a label of its own table, then the usual
    meaning of the wording; what is left keeps its wording and the control ``unknown``.
    """
    mapped = dict(ReasonWording.objects.filter(reason__isnull=False).values_list("text", "reason__label"))
    controls = dict(LossReason.objects.values_list("label", "control"))
    found = []
    for text in texts:
        label = mapped.get(text) or (text if text in controls else usual_reason(text)) or text
        control = controls.get(label) or _DEFAULT_CONTROL.get(label, "unknown")
        found.append(ReadReason(text, label, control))
    return found


def usual_labels() -> list[str]:
    """The labels of the table by how many losses of the workspace in scope carry them, the commonest first."""
    losses = Deal.objects.filter(outcome__in=(Outcome.LOST, Outcome.NO_DECISION)).exclude(loss_reason="")
    counts = dict(losses.order_by().values_list("loss_reason").annotate(n=Count("pk")))
    found: Counter[str] = Counter()
    for one in read_reasons(counts):
        found[one.label] += counts[one.text]
    return [label for label, _ in found.most_common()]
