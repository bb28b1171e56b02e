"""Reading stages and steps as the record words them, by a version of the process. Pure."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from django.utils.text import slugify

from notyet.process.definition import KINDS, Definition, StageRule
from notyet.process.rules import stage_kind

NOT_A_PLACE = frozenset({"lost", "other"})
"""Kinds that say nothing of where a deal stands in its process."""


def plain(text: str) -> str:
    """A text as it is compared: without capitals and further spaces."""
    return " ".join(text.split()).casefold()


class Wording:
    """What labels of stages and texts of steps mean in one version, given all versions of the workspace.

    A label is a stage of the version, else one that another version called so and that has the same key here, else the
    first stage of the kind that ``kinds`` or, where it is silent, the label itself tells, else the last stage of an
    earlier kind. A step is told by its key or text in the version, else by its text in another version.
    """

    def __init__(self, definition: Definition, every: Iterable[Definition], kinds: Mapping[str, str]) -> None:
        self.definition = definition
        self._every = tuple(every)
        self._kinds = {plain(label): kind for label, kind in kinds.items()}
        self._stages: dict[str, StageRule | None] = {}
        self._steps: dict[str, str | None] = {}

    def stage(self, label: str) -> StageRule | None:
        """The stage of the version that a label means; ``None`` where it means none."""
        if label not in self._stages:
            self._stages[label] = self._find_stage(label)
        return self._stages[label]

    def step(self, text: str) -> str | None:
        """The key of the step of the version that a text means; ``None`` where it means none."""
        if text not in self._steps:
            self._steps[text] = self._step_keys.get(plain(text)) or self._step_keys.get(slugify(text))
        return self._steps[text]

    def _find_stage(self, label: str) -> StageRule | None:
        key = self._stage_keys.get(plain(label))
        if key is not None:
            return self.definition.stage(key)
        kind = self._kinds.get(plain(label)) or stage_kind(label)
        if kind in NOT_A_PLACE:
            return None
        same = next((one for one in self.definition.stages if one.kind == kind), None)
        rank = KINDS.index(kind)
        earlier = (one for one in reversed(self.definition.stages) if KINDS.index(one.kind) < rank)
        return same or next(earlier, None)

    @cached_property
    def _stage_keys(self) -> dict[str, str]:
        here = {one.key for one in self.definition.stages}
        found = {plain(one.label): one.key for version in self._every for one in version.stages if one.key in here}
        return found | {plain(one.label): one.key for one in self.definition.stages}

    @cached_property
    def _step_keys(self) -> dict[str, str]:
        here = {one.key for _, one in self.definition.steps()}
        found = {plain(one.text): one.key for version in self._every for _, one in version.steps() if one.key in here}
        own = {plain(one.text): one.key for _, one in self.definition.steps()}
        return found | own | {plain(key): key for key in here}
