"""Where the labels of a published process stand among those that imports brought. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from notyet.process.definition import KINDS, Definition


@dataclass(frozen=True)
class Label:
    """A label that deals may carry: its kind, and its place in the order of the stages where it is known."""

    label: str
    kind: str
    position: int | None


def labels_of(new: Definition, versions: Sequence[Definition], known: Sequence[Label]) -> tuple[Label, ...]:
    """The labels to write when ``new`` is published, given all earlier versions and the labels known so far.

    Where only versions gave labels, they get the places of the new version, an old name that of its stage. Where an
    import gave some with places, those keep theirs, since the import would set them again; a new label gets the place
    of the last label of its kind or an earlier one, and none comes before the stage it follows.
    """
    own = {stage.label for version in (*versions, new) for stage in version.stages}
    if all(one.label in own for one in known):
        return _own(new, versions)
    places = {one.label: one.position for one in known}
    made, floor = [], 0
    for stage in new.stages:
        place = places.get(stage.label)
        if place is None:
            earlier = (
                []
                if stage.kind == "other"
                else [
                    one.position for one in known if one.position is not None and _rank(one.kind) <= _rank(stage.kind)
                ]
            )
            place = max([floor, *earlier])
        made.append(Label(stage.label, stage.kind, place))
        floor = place
    return tuple(made)


def _rank(kind: str) -> float:
    """Kinds in the order of a sale; lost and other have no place in it."""
    return KINDS.index(kind) if kind in KINDS and kind != "other" else inf


def _own(new: Definition, versions: Sequence[Definition]) -> tuple[Label, ...]:
    made = {stage.label: Label(stage.label, stage.kind, place) for place, stage in enumerate(new.stages)}
    place_of = {stage.key: place for place, stage in enumerate(new.stages)}
    for version in reversed(versions):
        last = 0
        for stage in version.stages:
            last = place_of.get(stage.key, last)
            made.setdefault(stage.label, Label(stage.label, stage.kind, last))
    return tuple(made.values())
