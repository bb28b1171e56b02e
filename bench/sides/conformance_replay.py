"""pm4py's token replay of the same events, and its answer step by step: ``conformance_replay FOLDER PYTHON``.

``PYTHON`` is that of an environment with pm4py, in which the side goes on. The net has a place for being in each stage,
and one for each of its steps: a step that is replayed without a token there was done out of its stage. Reading the
events is no part of the work, and cases, events and their order have been prepared.
"""

import contextlib
import importlib.util
import os
import sys
from collections import Counter
from typing import Any

from bench.event_stages import STAGES
from bench.sides import say, work

folder, python = sys.argv[1:]
if importlib.util.find_spec("pm4py") is None:
    os.execv(python, [python, "-m", "bench.sides.conformance_replay", folder, python])

with contextlib.redirect_stdout(sys.stderr):
    import pandas as pd
    from pm4py.algo.conformance.tokenreplay import algorithm
    from pm4py.objects.petri_net.obj import Marking, PetriNet
    from pm4py.objects.petri_net.utils.petri_utils import add_arc_from_to


def net() -> tuple[Any, Any]:
    """The stages in their order, with the steps of each; and its first marking."""
    made = PetriNet("process")

    def place(name: str) -> Any:
        added = PetriNet.Place(name)
        made.places.add(added)
        return added

    def transition(name: str) -> Any:
        added = PetriNet.Transition(name, name)
        made.transitions.add(added)
        return added

    begins = place("begins")
    held = [begins]
    for stage, steps in STAGES.items():
        entry = transition(stage)
        for left in held:
            add_arc_from_to(left, entry, made)
        held = [place(stage), *(place(f"{stage}: {step}") for step in steps)]
        for reached in held:
            add_arc_from_to(entry, reached, made)
        for step, there in zip(steps, held[1:], strict=True):
            done = transition(step)
            add_arc_from_to(there, done, made)
            add_arc_from_to(done, there, made)
    return made, Marking({begins: 1})


def answer(replayed: list[dict[str, Any]]) -> Counter[str]:
    """Of the cases that came to a step's stage, how many went which way."""
    found: Counter[str] = Counter()
    order = list(STAGES)
    for case in replayed:
        done = {one.label for one in case["activated_transitions"]}
        elsewhere = {one.label for one in case["transitions_with_problems"]}
        for turn, stage in enumerate(order):
            for step in STAGES[stage] if stage in done else ():
                if step in done:
                    way = "out of its stage" if step in elsewhere else "in its stage"
                else:
                    way = "skipped" if done & set(order[turn + 1 :]) else "not done at the end"
                found[f"{step} {way}"] += 1
    return found


events = pd.read_parquet(f"{folder}/events.parquet")
process, first = net()
with work(), contextlib.redirect_stdout(sys.stderr):
    told = answer(algorithm.apply(events, process, first, Marking()))
ways = ("in its stage", "out of its stage", "skipped", "not done at the end")
say({f"{step} {way}": told[f"{step} {way}"] for steps in STAGES.values() for step in steps for way in ways})
