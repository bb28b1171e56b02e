"""BPIC 2012 as a process: the application's events are its stages, six of the offer's the steps."""

STAGES: dict[str, tuple[str, ...]] = {
    "A_SUBMITTED": (),
    "A_PARTLYSUBMITTED": (),
    "A_PREACCEPTED": (),
    "A_ACCEPTED": ("O_SELECTED",),
    "A_FINALIZED": ("O_CREATED", "O_SENT", "O_SENT_BACK", "O_ACCEPTED", "O_CANCELLED"),
    "A_APPROVED": (),
}
"""The stages in their order with the steps that belong to each."""
STEPS = tuple(step for steps in STAGES.values() for step in steps)
