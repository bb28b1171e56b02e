"""The source as these tests look at it: its modules, their functions and classes."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "notyet"
DOCS = ROOT / "docs"

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Module:
    """A module of the package: its dotted name, its file and its syntax tree."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def lines(self) -> int:
        """How long it is."""
        return len(self.path.read_text(encoding="utf-8").splitlines())


@cache
def modules() -> tuple[Module, ...]:
    """Every module but the migrations, which Django writes."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        if "migrations" not in parts and "node_modules" not in parts:
            found.append(Module(".".join(parts), path, ast.parse(path.read_text(encoding="utf-8"))))
    return tuple(found)


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function and method, by module, name and line."""
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{module.name}.{node.name}:{node.lineno}", node


def public(node: ast.Module | ast.ClassDef) -> Iterator[Definition]:
    """The public functions and classes directly in a module, and the public methods of its public classes.

    Framework hooks that say nothing of their own (``Meta``, ``__str__``, ``deconstruct``) are left out.
    """
    for child in node.body:
        if not isinstance(child, Definition) or child.name.startswith("_") or child.name in {"Meta", "deconstruct"}:
            continue
        yield child
        if isinstance(child, ast.ClassDef):
            yield from public(child)
