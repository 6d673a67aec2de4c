"""Who may import whom: only from floors below, without cycles, and at the top of the file."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.kit import source
from tests.kit.source import ROOT, Source

#: Package -> floor. Two packages on one floor do not know each other.
FLOORS = {
    "engine": 0,
    "faults": 0,
    "connectors": 1,
    "messages": 1,
    "actions": 2,
    "models": 3,
    "pipeline": 4,
    "web": 5,
}
TOP = 6
_LOAD_ALL = """
import pkgutil, sys
from importlib import import_module
package = import_module("automations." + sys.argv[1])
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    import_module(module.name)
print("\\n".join(name for name in sys.modules if name.startswith("automations.") or name == "app"))
"""


def test_every_package_stands_on_a_floor() -> None:
    packages = {path.name for path in (ROOT / "automations").iterdir() if (path / "__init__.py").exists()}
    assert packages == FLOORS.keys()


def test_a_file_imports_only_from_floors_below() -> None:
    wrong = [
        f"{importer} imports {imported}"
        for importer, targets in graph().items()
        for imported in targets
        if not _may(importer, imported)
    ]
    assert wrong == []


@pytest.mark.parametrize("package", FLOORS)
def test_a_floor_loads_nothing_from_above_in_a_fresh_interpreter(package: str) -> None:
    command = [sys.executable, "-c", _LOAD_ALL, package]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.split(".")[1] if "." in name else TOP for name in done.stdout.split()}
    allowed = {other for other, floor in FLOORS.items() if floor < FLOORS[package]} | {package}
    assert loaded <= allowed


def test_no_file_imports_itself_by_a_detour() -> None:
    try:
        TopologicalSorter(graph()).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_imports_stand_at_the_top_and_not_inside_functions() -> None:
    inside = {
        f"{one.name}:{node.lineno}"
        for one in source.everything()
        for function in one.functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert inside == set()


def test_app_is_imported_by_nobody_in_the_product() -> None:
    assert [importer for importer, targets in graph().items() if "app" in targets] == []


def graph() -> dict[str, set[str]]:
    """Module -> the product's modules it imports."""
    known = {one.module for one in source.product()}
    return {one.module: set(_imports(one, known)) for one in source.product()}


def _imports(one: Source, known: set[str]) -> Iterator[str]:
    for node in ast.walk(one.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert not node.level, f"{one.name} has a relative import"
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                target = submodule if submodule in known else node.module
                if target in known:
                    yield target


def _may(importer: str, imported: str) -> bool:
    return _package(importer) == _package(imported) or _floor(imported) < _floor(importer)


def _package(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def _floor(module: str) -> int:
    return FLOORS.get(_package(module), TOP)
