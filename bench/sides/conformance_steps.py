"""What became of every step, and how the deals ended: ``conformance_steps FOLDER``.

It does more than what it is compared with: the ways at each landmark against the outcome, and which steps are on record
that no process knows. Nothing is compared with other things equal.
"""

import sys

from bench.event_stages import STEPS
from bench.sides import say, work
from notyet.analysis.conformance import conformance
from notyet.analysis.history import History

with work(), History.open(sys.argv[1]) as history:
    told = conformance(history, equal=False)

found: dict[str, float | int | None] = {}
for step in told.steps:
    if step.key in STEPS:
        undone = step.counts["not_yet_due"] + step.counts["ended_before"]
        found[f"{step.key} in its stage"] = step.counts["in_time"]
        found[f"{step.key} out of its stage"] = step.counts["out_of_order"]
        found[f"{step.key} skipped"] = step.counts["skipped"]
        found[f"{step.key} not done at the end"] = undone
say(found)
