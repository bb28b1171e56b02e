"""The editor of the process: the draft with what somebody typed into it, and what there is to be told of it."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from django.http import QueryDict

from notyet.process.checks import Problem, problems
from notyet.process.definition import KINDS, NEEDS, Definition, Question, StageRule, Step
from notyet.process.difference import KIND_WORDS, StageDifference, difference
from notyet.process.editing import BadField, FieldConflict, Merged, fields, settled, with_field
from notyet.process.models import ProcessDraft
from notyet.process.publishing import Saved, save_draft
from notyet.process.queries import current
from notyet.process.structure import CannotChange, Removed, put_back, remove
from notyet.process.versions import Version
from notyet.web.process_form import Posted, Pressed, change_of, read_form, removed_text
from notyet.workspaces.access import Actor

KIND_CHOICES = tuple((kind, KIND_WORDS[kind].capitalize()) for kind in KINDS)
CHOICES = ("mine", "theirs")


@dataclass(frozen=True)
class EditedLine:
    """A question or step with what stands in its fields."""

    key: str
    text: str
    amount: str
    unit: str


@dataclass(frozen=True)
class EditedStage:
    """A stage with what stands in its fields; ``needs``: name, words, ticked."""

    key: str
    label: str
    kind: str
    needs: list[tuple[str, str, bool]]
    questions: list[EditedLine]
    steps: list[EditedLine]


@dataclass(frozen=True)
class Told:
    """A field that could not be saved as it was typed: ``name`` says which, in words."""

    path: str
    name: str
    mine: str
    theirs: str | None


@dataclass(frozen=True)
class Editor:
    """Everything that the editor shows."""

    stages: list[EditedStage]
    seen: str
    revision: int
    state: str
    by: str = ""
    conflicts: list[Told] = field(default_factory=list)
    refused: list[BadField] = field(default_factory=list)
    problems: tuple[Problem, ...] = ()
    differences: tuple[StageDifference, ...] = ()
    base: Version | None = None
    focus: str = ""
    said: str = ""
    removed: Removed | None = None
    removed_text: str = ""


def opened(draft: ProcessDraft) -> Editor:
    """The editor as it is opened."""
    definition = Definition.from_json(draft.definition)
    nothing = Merged(definition, (), ())
    return _editor(Saved(draft, nothing, ""), definition, {}, "All of it is saved.")


def posted(actor: Actor, form: QueryDict) -> tuple[Editor, bool]:
    """Save what was typed and do what a button asks; the editor, and whether its lines are drawn anew.

    Raises ``BadForm``, ``Denied`` or ``DraftGone``.
    """
    sent = read_form(form)
    verb, _, path = sent.button.partition(":")
    if verb in CHOICES:
        return _decided(actor, sent, verb, path), True
    saved = save_draft(actor, sent.seen, sent.mine, sent.revision)
    if not sent.button:
        return _typed(saved, sent), False
    if verb == "show":
        return _redrawn(saved, sent, Pressed()), True
    lost = [one for one in saved.merged.conflicts if one.theirs is None]
    if lost:
        return _redrawn(saved, sent, Pressed(), "Decide first about the line that somebody removed."), True
    pressed = Pressed()
    change = change_of(sent.button, sent.removed, pressed)
    try:
        after = save_draft(actor, sent.seen, {}, saved.draft.revision, change)
    except CannotChange as error:
        return _redrawn(saved, sent, Pressed(), f"That cannot be: {error}."), True
    merged = Merged(after.merged.definition, saved.merged.conflicts, saved.merged.refused)
    return _redrawn(Saved(after.draft, merged, saved.by), sent, pressed), True


def typed_anew(form: QueryDict) -> Definition:
    """The process as the form holds it, for a new draft; what cannot be kept is as it was. Raises ``BadForm``."""
    sent = read_form(form)
    definition = sent.seen
    for path, text in sent.mine.items():
        try:
            definition = with_field(definition, path, text)
        except BadField:
            continue
    return definition


def _decided(actor: Actor, sent: Posted, verb: str, path: str) -> Editor:
    """A conflict is decided: for what one typed, or for what the other made of it."""
    mine, seen = dict(sent.mine), sent.seen
    draft = ProcessDraft.objects.first()
    there = fields(Definition.from_json(draft.definition)) if draft else {}
    if verb == "theirs":
        mine = {one: text for one, text in mine.items() if not _same_line(one, path, gone=path not in there)}
    elif path in there:
        seen = with_field(seen, path, there[path])
    else:
        what, key = path.split(".", 1)[0], path.split(".", 1)[1].rpartition(".")[0]
        line = remove(_with_mine(seen, mine), what, key)[1]
        saved = _put_back(actor, sent, line)
        if saved is not None:
            return saved
    saved_now = save_draft(actor, seen, mine, sent.revision)
    return _redrawn(saved_now, replace(sent, seen=seen, mine=mine), Pressed(focus=path))


def _put_back(actor: Actor, sent: Posted, line: Removed | None) -> Editor | None:
    if line is None:
        return None
    try:
        save_draft(actor, sent.seen, {}, sent.revision, lambda definition: put_back(definition, line))
    except CannotChange as error:
        saved = save_draft(actor, sent.seen, sent.mine, sent.revision)
        return _redrawn(saved, sent, Pressed(), f"That cannot be: {error}.")
    return None


def _same_line(one: str, path: str, *, gone: bool) -> bool:
    return one.rpartition(".")[0] == path.rpartition(".")[0] if gone else one == path


def _with_mine(definition: Definition, mine: Mapping[str, str]) -> Definition:
    for path, text in mine.items():
        try:
            definition = with_field(definition, path, text)
        except BadField:
            continue
    return definition


def _typed(saved: Saved, sent: Posted) -> Editor:
    """After a save while typing: the lines stay as they are on the page, so what was seen is what was saved of them."""
    held = _held(saved.merged)
    seen, was, there = sent.seen, fields(sent.seen), fields(saved.merged.definition)
    for path, text in sent.mine.items():
        if path not in held and path in there and text != was[path]:
            seen = with_field(seen, path, there[path])
    made = _editor(saved, seen, sent.mine, "Saved" if not held else "Not all of it is saved")
    return made if saved.by else replace(made, by="Somebody else" if _stale(seen, there, held) else "")


def _stale(seen: Definition, there: Mapping[str, str], held: set[str]) -> bool:
    """Whether the page shows anything otherwise than the draft, but for what is told of already."""
    shown = fields(seen)
    return list(shown) != list(there) or any(there[path] != text for path, text in shown.items() if path not in held)


def _redrawn(saved: Saved, sent: Posted, pressed: Pressed, said: str = "") -> Editor:
    """With the lines as they are in the draft now, and in fields that could not be saved what was typed."""
    held, was = _held(saved.merged), fields(sent.seen)
    seen, there = saved.merged.definition, fields(saved.merged.definition)
    for path in held & there.keys():
        seen = with_field(seen, path, was[path])
    values = {path: sent.mine[path] for path in held & there.keys()}
    made = _editor(saved, seen, values, "Saved" if not held else "Not all of it is saved")
    kept = removed_text(pressed.removed) if pressed.removed else ""
    return replace(made, focus=pressed.focus, said=said, removed=pressed.removed, removed_text=kept)


def _held(merged: Merged) -> set[str]:
    return {one.path for one in merged.conflicts} | {one.path for one in merged.refused}


def _editor(saved: Saved, seen: Definition, values: Mapping[str, str], state: str) -> Editor:
    """``seen`` is both what the next save is held against and, with ``values`` in its fields, what is drawn."""
    definition, base = saved.merged.definition, current()
    shown = fields(seen) | dict(values)
    return Editor(
        stages=[_stage(one, shown) for one in seen.stages],
        seen=json.dumps(seen.to_json(), ensure_ascii=False),
        revision=saved.draft.revision,
        state=state,
        by=saved.by,
        conflicts=[_told(one, seen) for one in saved.merged.conflicts],
        refused=list(saved.merged.refused),
        problems=problems(definition),
        differences=difference(base.definition, settled(definition)) if base.pk else (),
        base=base if base.pk else None,
    )


def _told(conflict: FieldConflict, seen: Definition) -> Told:
    return Told(conflict.path, field_name(seen, conflict.path), conflict.mine, conflict.theirs)


def field_name(definition: Definition, path: str) -> str:
    """A field in words: ``the step “Send the proposal”``, ``the name of “Proposal”``."""
    what, rest = path.split(".", 1)
    key, _, name = rest.rpartition(".")
    if what == "stage":
        stage = definition.stage(key)
        words = {"label": "the name of", "kind": "the kind of", "needs": "what is asked for on entering"}
        return f"{words[name]} “{stage.label if stage else key}”"
    lines = definition.questions() if what == "question" else definition.steps()
    text = next((one.text for _, one in lines if one.key == key), key)
    return f"the {what} “{text}”" if name == "text" else f"when the {what} “{text}” is due"


def _stage(stage: StageRule, shown: Mapping[str, str]) -> EditedStage:
    path = f"stage.{stage.key}"
    ticked: Collection[str] = shown[f"{path}.needs"].split()
    return EditedStage(
        stage.key,
        shown[f"{path}.label"],
        shown[f"{path}.kind"],
        [(name, words, name in ticked) for name, words in NEEDS.items()],
        [_line("question", one, shown) for one in stage.questions],
        [_line("step", one, shown) for one in stage.steps],
    )


def _line(what: str, line: Question | Step, shown: Mapping[str, str]) -> EditedLine:
    due = shown[f"{what}.{line.key}.due"]
    amount, _, unit = due.rpartition(" ")
    return EditedLine(line.key, shown[f"{what}.{line.key}.text"], amount, unit or "days")
