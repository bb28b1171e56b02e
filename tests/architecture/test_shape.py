"""Small and clear: the size of modules and functions, their names and their docstrings."""

import ast
from statistics import quantiles

from tests.architecture.source import functions, modules, public

LONGEST_MODULE = 400
LONGEST_FUNCTION_P95 = 40
NAMELESS = {"utils", "util", "helpers", "helper", "misc", "common", "manager", "managers", "stuff", "lib"}


def test_no_module_is_too_long() -> None:
    """A module is one idea."""
    assert {module.name: module.lines for module in modules() if module.lines > LONGEST_MODULE} == {}


def test_functions_are_short() -> None:
    """Nineteen in twenty fit on a screen."""
    lengths = {name: (node.end_lineno or node.lineno) - node.lineno + 1 for name, node in functions()}
    p95 = quantiles(lengths.values(), n=20)[-1]
    longest = sorted(lengths.items(), key=lambda item: -item[1])[:10]
    assert p95 < LONGEST_FUNCTION_P95, longest


def test_no_module_is_for_everything() -> None:
    """A name that says nothing draws in what belongs elsewhere."""
    assert [module.name for module in modules() if NAMELESS & set(module.name.split("."))] == []


def test_what_is_public_says_what_it_means() -> None:
    """Every module that holds something, every public function, class and method has a docstring."""
    silent = []
    for module in modules():
        held = list(public(module.tree))
        if held and ast.get_docstring(module.tree) is None and module.path.name != "apps.py":
            silent.append(module.name)
        silent += [f"{module.name}.{node.name}" for node in held if ast.get_docstring(node) is None]
    assert silent == []


def test_there_are_no_signals() -> None:
    """Flow that cannot be followed by reading."""
    wrong = [
        f"{module.name}:{node.lineno}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(("django.dispatch", "db.models.signals"))
    ]
    assert wrong == []


def test_no_rule_is_switched_off_for_a_whole_file() -> None:
    """And a broad ``except`` not even for a line."""
    wrong = [
        f"{module.name}:{number}"
        for module in modules()
        for number, line in enumerate(module.path.read_text(encoding="utf-8").splitlines(), start=1)
        if line.startswith(("# ruff: noqa", "# mypy: ", "# type: ignore")) or "noqa: BLE" in line or "S110" in line
    ]
    assert wrong == []
