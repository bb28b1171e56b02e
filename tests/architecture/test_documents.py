"""The documentation is true: settings, commands, options and figures are all there, and nothing that is not."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.core import TyperGroup

from notyet.analysis.tables import TABLES
from notyet.workspaces.access import GRANTS, Permission
from notyet.workspaces.models import Role
from tests.architecture.documents import Document, documents, read
from tests.architecture.source import ROOT, Module, modules

OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")


def commands() -> dict[str, Any]:
    """Every command of ``notyet``, by name."""
    from notyet.cli.main import app

    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return dict(group.commands)


def options(command: Any) -> set[str]:
    """A command's long options."""
    return {name for param in command.params for name in param.opts if name.startswith("--")}


READS_FOR_ITSELF = {"notyet.analysis.history": "a notebook has no settings of an application"}


def settings_read(module: Module) -> set[str]:
    """The environment variables that a module reads, but the one by which Django finds its settings."""
    return {
        node.args[0].value
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).startswith(("env.", "os.environ.", "os.getenv"))
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    } - {"DJANGO_SETTINGS_MODULE"}


def test_every_setting_is_documented_and_every_documented_setting_read() -> None:
    """In ``docs/settings.md``, one heading a setting."""
    found = set().union(*(settings_read(module) for module in modules()))
    assert {"NOTYET_HOME", "DATABASE_URL"} <= found
    assert set(re.findall(r"^## `([A-Z_]+)`$", read("docs/settings.md").text, re.MULTILINE)) == found


def test_settings_are_read_in_one_place() -> None:
    """The rest of the program asks Django's settings."""
    reading = {module.name for module in modules() if settings_read(module)}
    assert reading == {"notyet.config.environment", *READS_FOR_ITSELF}


def test_every_command_and_option_is_documented() -> None:
    """In ``docs/commands.md``, one heading a command; and no option that there is not."""
    page = read("docs/commands.md")
    found = commands()
    assert {"demo", "serve", "work", "import", "export", "report", "sample"} <= set(found)
    assert set(re.findall(r"^## `notyet ([a-z-]+)", page.text, re.MULTILINE)) == set(found)
    for name, command in found.items():
        [section] = re.findall(rf"^## `notyet {name}\b[^\n]*\n(.*?)(?=^## |\Z)", page.text, re.MULTILINE | re.DOTALL)
        wanted = options(command)
        assert set(OPTION.findall(section)) == wanted, name


@pytest.mark.parametrize("document", documents(), ids=lambda document: str(document.path.relative_to(ROOT)))
def test_commands_in_the_documentation_can_be_run(document: Document) -> None:
    """Wherever ``notyet something --option`` is written, there is such a thing."""
    known = commands()
    wrong = []
    for name, rest in re.findall(r"(?<![\w/.-])notyet ([a-z]+)([^\n`|&;]*)", "\n".join(code_of(document))):
        if name not in known:
            wrong.append(f"notyet {name}")
            continue
        wrong += [f"notyet {name} {one}" for one in OPTION.findall(rest) if one not in options(known[name])]
    assert wrong == []


def code_of(document: Document) -> list[str]:
    """What a reader may type: shell blocks and the code in sentences."""
    spans = re.findall(r"`(notyet [^`]+)`", document.prose)
    return [*document.code("sh"), *document.code("console"), *spans]


@pytest.mark.parametrize("document", documents(), ids=lambda document: str(document.path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Document) -> None:
    """To a file of the project, and to a heading in it where one is named."""
    broken = []
    for link in document.links:
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        path = (document.path.parent / target).resolve() if target else document.path
        if not path.exists() or (anchor and anchor not in read(str(path.relative_to(ROOT))).anchors):
            broken.append(link)
    assert broken == []


def test_every_document_can_be_found() -> None:
    """From the README, by following links; a link to a folder shows what is in it."""
    seen: set[Path] = set()
    todo = [ROOT / "README.md"]
    while todo:
        path = todo.pop()
        todo += path.glob("*.md") if path.is_dir() else ()
        if path in seen or path.suffix != ".md":
            continue
        seen.add(path)
        links = read(str(path.relative_to(ROOT))).links
        todo += [(path.parent / link.partition("#")[0]).resolve() for link in links if not re.match(r"[a-z]+:|#", link)]
    lost = {document.path for document in documents() if document.path.is_relative_to(ROOT / "docs")} - seen
    assert lost == set()


def test_make_targets_named_in_the_documentation_exist() -> None:
    """``make demo`` and the like."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for document in documents():
        named = set(re.findall(r"`make ([a-z]+)`|^make ([a-z]+)$", document.text, re.MULTILINE))
        assert {name for pair in named for name in pair if name} <= targets, document.path


def test_every_table_and_column_of_the_exchange_format_is_documented() -> None:
    """In ``docs/importing.md``: the columns of the deals in a table of their own, the others a row a table."""
    page = read("docs/importing.md").section("The exchange format") or ""
    rows = [re.findall(r"`(\w+)`", line) for line in page.splitlines() if line.startswith("| `")]
    for table in TABLES.values():
        if table.name == "deals":
            continue
        [row] = [row for row in rows if row[0] == table.name]
        assert row[1 : len(table.names) + 1] == list(table.names)
    listed = [name for line in page.splitlines() if line.startswith("| `") for name in _first_cell(line)]
    assert [name for name in listed if name not in TABLES] == list(TABLES["deals"].names)


def _first_cell(line: str) -> list[str]:
    return re.findall(r"`(\w+)`", line.split("|")[1])


GRANTED_BY_COLUMN = (
    {Permission.SEE_DEALS},
    {Permission.SEE_ANALYSIS},
    {Permission.DECIDE_LEAKS, Permission.EDIT_REASONS},
    {Permission.MERGE, Permission.SHARE_VIEWS},
    {Permission.IMPORT},
    {Permission.EXPORT},
    {Permission.SET_UP},
)


def test_the_table_of_roles_is_true() -> None:
    """In the glossary: a cell with words in it grants, an empty one does not."""
    section = read("docs/glossary.md").section("Role") or ""
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in section.splitlines() if line.startswith("|")]
    told = {row[0]: row[1:] for row in rows[2:]}
    assert set(told) == set(Role.labels)
    for role in Role:
        for cell, permissions in zip(told[role.label], GRANTED_BY_COLUMN, strict=True):
            assert bool(cell) == bool(permissions & GRANTS[role]) == (permissions <= GRANTS[role]), role
