"""The next version of the process: drafted, changed by several people at once, published; and the labels it gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from notyet.core.clock import now
from notyet.core.texts import NotAText, several_lines
from notyet.deals.editing import NOTYET
from notyet.deals.models import Deal
from notyet.deals.touching import touch
from notyet.process.checks import Problem, problems
from notyet.process.definition import Definition
from notyet.process.editing import Merged, fields, merge, settled
from notyet.process.models import ProcessDraft, ProcessVersion, Stage, StageKind
from notyet.process.queries import current, version, versions
from notyet.process.stage_table import Label, labels_of
from notyet.process.structure import Change
from notyet.process.templates import TEMPLATES
from notyet.process.versions import UNPUBLISHED, Version
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.audit import note
from notyet.workspaces.models import AuditEntry, Workspace
from notyet.workspaces.scope import within

CURRENT = "current"
LONGEST_NOTE = 1_000
DISCARDED, PUBLISHED = "discard process draft", "publish process"


class DraftGone(Exception):
    """There is no draft any more; the text says what became of it."""


class DraftChanged(Exception):
    """Somebody else saved the draft since it was looked at; the text says who."""


class CannotPublish(Exception):
    """The draft cannot be published as it stands; ``problems`` says what to mend, or the text does."""

    def __init__(self, text: str, found: tuple[Problem, ...] = ()) -> None:
        super().__init__(text)
        self.problems = found


class UnknownOrigin(ValueError):
    """A draft cannot be started from that."""


@dataclass(frozen=True)
class Saved:
    """The draft after a save, what of it could not be saved, and who else saved it since it was last looked at."""

    draft: ProcessDraft
    merged: Merged
    by: str


def ensure_version(workspace: Workspace) -> None:
    """Publish the usual template as the first version where there is none, when a deal is first worked by it."""
    if ProcessVersion.objects.exists():
        return
    ProcessVersion.objects.get_or_create(
        workspace=workspace,
        number=UNPUBLISHED.number,
        defaults={
            "name": UNPUBLISHED.name,
            "definition": UNPUBLISHED.definition.to_json(),
            "published_at": now(),
            "published_by": "NotYet",
            "note": "The usual template.",
        },
    )
    _settle_labels(workspace, UNPUBLISHED.definition, ())


@transaction.atomic
def start_draft(actor: Actor, origin: str, definition: Definition | None = None) -> ProcessDraft:
    """The draft, begun from the version in force (``current``), a template by its key, or what is given.

    Where somebody has begun one already, that one. Raises ``Denied`` or ``UnknownOrigin``.
    """
    actor.require(Permission.EDIT_PROCESS)
    with within(actor.workspace):
        if definition is None:
            if origin != CURRENT and origin not in TEMPLATES:
                raise UnknownOrigin(f"there is no template “{origin}”")
            definition = current().definition if origin == CURRENT else TEMPLATES[origin].definition
        values = {"definition": definition.to_json(), "edited_at": now(), "edited_by": actor.name}
        base = ProcessVersion.objects.order_by("number").last()
        draft: ProcessDraft
        draft, new = ProcessDraft.objects.get_or_create(workspace=actor.workspace, defaults={**values, "base": base})
        if new:
            note(actor, "start process draft", origin)
    return draft


@transaction.atomic
def save_draft(
    actor: Actor, seen: Definition, mine: Mapping[str, str], revision: int, change: Change | None = None
) -> Saved:
    """Bring fields as they were typed into the draft, then do what a button asks for.

    ``seen`` is the process as the form showed it, ``mine`` what its fields hold now, ``revision`` the draft's at that
    time. Fields that somebody else changed meanwhile are left to him and returned as conflicts.
    Raises ``Denied``, ``DraftGone``, or ``structure.CannotChange`` for a button that cannot do its work.
    """
    actor.require(Permission.EDIT_PROCESS)
    with within(actor.workspace):
        draft = _locked()
        by = draft.edited_by if draft.revision != revision and draft.edited_by != actor.name else ""
        before = Definition.from_json(draft.definition)
        merged = merge(before, fields(seen), mine)
        if change is not None:
            merged = Merged(change(merged.definition), merged.conflicts, merged.refused)
        if merged.definition != before:
            draft.definition = merged.definition.to_json()
            draft.revision, draft.edited_at, draft.edited_by = draft.revision + 1, now(), actor.name
            draft.save(update_fields=["definition", "revision", "edited_at", "edited_by"])
    return Saved(draft, merged, by)


@transaction.atomic
def discard_draft(actor: Actor, revision: int) -> None:
    """Throw the draft away. Raises ``Denied``, ``DraftGone`` or ``DraftChanged``."""
    actor.require(Permission.EDIT_PROCESS)
    with within(actor.workspace):
        draft = _locked()
        _refuse_changed(draft, revision)
        draft.delete()
        note(actor, DISCARDED)


@transaction.atomic
def publish(actor: Actor, why: str, revision: int) -> Version:
    """Make the draft the version that deals opened from now on are worked by; ``why`` says what it is for.

    Raises ``Denied``, ``DraftGone``, ``DraftChanged`` or ``CannotPublish``.
    """
    actor.require(Permission.EDIT_PROCESS)
    with within(actor.workspace):
        draft = _locked()
        _refuse_changed(draft, revision)
        definition = settled(Definition.from_json(draft.definition))
        found = problems(definition)
        if found:
            raise CannotPublish("mend what is listed first", found)
        reason = _note(why)
        if definition != UNPUBLISHED.definition and _worked_by_template():
            ensure_version(actor.workspace)
        earlier = [one for one in versions() if one.pk]
        if earlier and earlier[-1].definition == definition:
            raise CannotPublish(f"nothing is otherwise than in version {earlier[-1].name}")
        made = ProcessVersion(workspace=actor.workspace, definition=definition.to_json(), note=reason)
        made.number = earlier[-1].number + 1 if earlier else 1
        as_it_was = not earlier and definition == UNPUBLISHED.definition
        made.name = UNPUBLISHED.name if as_it_was else _free_name(made.number, {one.name for one in earlier})
        made.published_at, made.published_by = now(), actor.name
        made.save(force_insert=True)
        draft.delete()
        _settle_labels(actor.workspace, definition, [one.definition for one in earlier])
        note(actor, PUBLISHED, made.name, stages=len(definition.stages))
        touch(actor.workspace, None)
    return version(made)


@transaction.atomic
def map_stages(actor: Actor, kinds: Mapping[str, str]) -> int:
    """Say of what kind the stages are that deals carry: label -> kind. Returns how many kinds changed.

    Raises ``Denied`` or ``ValueError`` for an unknown kind.
    """
    actor.require(Permission.EDIT_PROCESS)
    unknown = next((kind for kind in kinds.values() if kind not in StageKind.values), None)
    if unknown is not None:
        raise ValueError(f"“{unknown}” is no kind of stage")
    with within(actor.workspace):
        known = dict(Stage.objects.values_list("label", "kind"))
        changed = {label: kind for label, kind in kinds.items() if known.get(label) != kind}
        for label, kind in changed.items():
            Stage.objects.update_or_create(workspace=actor.workspace, label=label[:300], defaults={"kind": kind})
        if changed:
            note(actor, "map stages", changed=len(changed))
            touch(actor.workspace, None)
    return len(changed)


def _locked() -> ProcessDraft:
    draft: ProcessDraft | None = ProcessDraft.objects.select_for_update().first()
    if draft is None:
        raise DraftGone(_what_became_of_it())
    return draft


def _what_became_of_it() -> str:
    last = AuditEntry.objects.filter(action__in=(DISCARDED, PUBLISHED)).first()
    if last is None:
        return "there is no draft any more"
    if last.action == DISCARDED:
        return f"the draft was thrown away by {last.actor}"
    return f"the draft was published as version {last.subject} by {last.actor}"


def _refuse_changed(draft: ProcessDraft, revision: int) -> None:
    if draft.revision != revision:
        raise DraftChanged(f"{draft.edited_by} changed the draft since you looked at it")


def _note(text: str) -> str:
    try:
        why = several_lines(text, LONGEST_NOTE)
    except NotAText as error:
        raise CannotPublish(str(error)) from error
    if not why:
        raise CannotPublish("say in a line what this version is for")
    return why


def _worked_by_template() -> bool:
    return bool(Deal.objects.filter(Q(data_source__key=NOTYET) | Q(process_version=UNPUBLISHED.name)).exists())


def _free_name(number: int, taken: set[str]) -> str:
    """The number, or the next that neither a version nor a deal of another source bears."""
    while str(number) in taken or Deal.objects.filter(process_version=str(number)).exists():
        number += 1
    return str(number)


def _settle_labels(workspace: Workspace, definition: Definition, earlier: Sequence[Definition]) -> None:
    known = [Label(*row) for row in Stage.objects.values_list("label", "kind", "position")]
    for one in labels_of(definition, earlier, known):
        Stage.objects.update_or_create(
            workspace=workspace, label=one.label, defaults={"kind": one.kind, "position": one.position}
        )
