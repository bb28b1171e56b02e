"""What the pages of the process show: a version stage by stage, the versions, what is otherwise between two."""

from collections.abc import Mapping
from dataclasses import dataclass

from notyet.process.definition import NEEDS, StageRule
from notyet.process.difference import KIND_WORDS, StageDifference, difference
from notyet.process.models import ProcessDraft
from notyet.process.moving import open_deals_by_version
from notyet.process.queries import versions
from notyet.process.templates import TEMPLATES, Template
from notyet.process.versions import Version
from notyet.workspaces.access import Actor, Permission


class NoSuchVersion(LookupError):
    """There is no version of that name."""


@dataclass(frozen=True)
class ShownStage:
    """A stage as it is read: its kind where the label does not say it, and what it asks for on entering."""

    rule: StageRule
    kind: str
    needs: str


@dataclass(frozen=True)
class ShownVersion:
    """A line of the list of versions; ``before`` is the name of the version that it followed."""

    version: Version
    open_deals: int
    before: str
    current: bool


@dataclass(frozen=True)
class ProcessPage:
    """The page of the process."""

    shown: Version
    stages: list[ShownStage]
    versions: list[ShownVersion]
    is_current: bool
    old: Version | None
    new: Version | None
    differences: tuple[StageDifference, ...]
    draft: ProcessDraft | None
    may_edit: bool
    may_follow: bool


@dataclass(frozen=True)
class StartPage:
    """What a draft can be started from."""

    current: Version
    templates: tuple[Template, ...]


def process_page(actor: Actor, asked: Mapping[str, str]) -> ProcessPage:
    """The version that ``asked`` names (``version``, else the one in force), and what is otherwise from ``old`` to
    ``new`` where it names two. Raises ``Denied`` or ``NoSuchVersion``.
    """
    actor.require(Permission.SEE_DEALS)
    known = versions()
    shown = _named(known, asked["version"]) if "version" in asked else known[-1]
    old, new = (_named(known, asked[name]) if asked.get(name) else None for name in ("old", "new"))
    counts = open_deals_by_version(actor)
    befores = ["", *(one.name for one in known)]
    lines = [
        ShownVersion(one, counts[one.name], before, one is known[-1])
        for one, before in zip(known, befores, strict=False)
    ]
    may_edit = actor.may(Permission.EDIT_PROCESS)
    return ProcessPage(
        shown=shown,
        stages=[_shown(one) for one in shown.definition.stages],
        versions=lines[::-1],
        is_current=shown is known[-1],
        old=old,
        new=new,
        differences=difference(old.definition, new.definition) if old and new else (),
        draft=ProcessDraft.objects.first() if may_edit else None,
        may_edit=may_edit,
        may_follow=actor.may(Permission.SEE_ANALYSIS),
    )


def start_page() -> StartPage:
    """What a draft can be started from, in the workspace in scope."""
    return StartPage(versions()[-1], tuple(TEMPLATES.values()))


def find_version(name: str) -> Version:
    """The version of that name. Raises ``NoSuchVersion``."""
    return _named(versions(), name)


def _named(known: tuple[Version, ...], name: str) -> Version:
    found = next((one for one in known if one.name == name), None)
    if found is None:
        raise NoSuchVersion(name)
    return found


def _shown(rule: StageRule) -> ShownStage:
    kind = KIND_WORDS[rule.kind]
    said = kind in rule.label.casefold() or rule.kind == "other"
    return ShownStage(rule, "" if said else kind, listed([NEEDS[name] for name in rule.needs]))


def listed(words: list[str]) -> str:
    """Words as one says them: ``a, b and c``."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
