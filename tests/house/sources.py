"""The project's own Python files, read once for the house rules."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("firmware", "transports", "host_client")
BOARD_PACKAGES = ("firmware", "transports")


@cache
def files(*packages: str) -> tuple[Path, ...]:
    """Every .py file below these folders of the project."""
    found = (file for p in packages for file in (PROJECT / p).rglob("*.py"))
    return tuple(sorted(file for file in found if "node_modules" not in file.parts))


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


def name(file: Path) -> str:
    """The path as the project knows it, with slashes."""
    return file.relative_to(PROJECT).as_posix()


def imports(module: ast.Module, package: str) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of all that is imported anywhere in a file, functions included.

    `package`: the package that the file is in, for relative imports. What is imported from a
    package may be a module of it, so each name is given with its package.
    """
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join(([] if node.level == 0 else above) + [node.module or ""]).strip(".")
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"
