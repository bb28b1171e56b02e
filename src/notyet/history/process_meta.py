"""How deals should have gone, as a frozen history carries it: versions of the process, and the working time."""

from collections.abc import Sequence

from notyet.analysis.process import Due, ProcessStage, ProcessVersion, Step, Working
from notyet.process.definition import StageRule
from notyet.process.matching import Wording
from notyet.process.models import Stage
from notyet.process.queries import versions
from notyet.workspaces.models import Workspace
from notyet.workspaces.working import working_time


def process_of(labels: Sequence[str], wordings: Sequence[str]) -> tuple[ProcessVersion, ...]:
    """The versions, oldest first, of the workspace in scope, with what recorded labels and wordings of steps mean."""
    known = versions()
    kinds = dict(Stage.objects.values_list("label", "kind"))
    every = [one.definition for one in known]
    made: list[ProcessVersion] = []
    for one in known:
        said = Wording(one.definition, every, kinds)
        stages = ((label, said.stage(label)) for label in labels)
        steps = ((text, said.step(text)) for text in wordings)
        made.append(
            ProcessVersion(
                name=one.name,
                published_at=one.published_at,
                stages=tuple(_stage(rule) for rule in one.definition.stages),
                labels=tuple((label, stage.key) for label, stage in stages if stage is not None),
                wordings=tuple((text, key) for text, key in steps if key is not None),
            )
        )
    return tuple(made)


def working_of(workspace: Workspace) -> Working:
    """What is worked, with every day that is not although its weekday is."""
    known = working_time(workspace)
    closed = sorted(day for day in known.closed if day.weekday() in known.days)
    return Working(tuple(sorted(known.days)), known.starts, known.ends, tuple(closed))


def _stage(rule: StageRule) -> ProcessStage:
    steps = tuple(Step(one.key, one.text, Due(one.due.amount, one.due.unit) if one.due else None) for one in rule.steps)
    return ProcessStage(rule.key, rule.label, steps)
