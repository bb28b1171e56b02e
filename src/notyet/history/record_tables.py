"""Which model of which room holds each table of a history."""

from django.db import models

from notyet.deals.models import Conversation, FieldChange, NextStep, Promise, StageChange
from notyet.debriefs.models import Debrief
from notyet.feedback.models import BuyerAnswer
from notyet.process.models import StepDone
from notyet.reviews.models import Change
from notyet.winbacks.models import WinBack

ROW_MODELS: dict[str, type[models.Model]] = {
    "field_changes": FieldChange,
    "next_steps": NextStep,
    "stage_changes": StageChange,
    "conversations": Conversation,
    "promises": Promise,
    "steps_done": StepDone,
    "debriefs": Debrief,
    "buyer_answers": BuyerAnswer,
    "win_backs": WinBack,
    "changes": Change,
}
