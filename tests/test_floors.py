"""Who may import whom: only from floors below, without cycles, and at the top of the file."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.kit import source
from tests.kit.source import ROOT, Source

#: One process reads all files for all of these tests.
pytestmark = pytest.mark.xdist_group("source")

#: The packages from the ground up. A package imports only from lines above its own; packages on one line
#: do not know each other.
FLOORS = (
    ("faults", "loading", "engine.operators"),
    ("engine.fields",),
    ("engine.fields.subjects",),
    ("engine.rules",),
    ("engine.index", "engine.explain", "engine.checks", "engine.surge"),
    ("engine.wording",),
    ("connectors", "messages", "emails"),
    ("connectors.sources",),
    ("models.db",),
    ("models.tables",),
    ("models.access",),
    ("models.settings", "models.inbox", "models.health"),
    ("models.accounts",),
    ("actions.shared",),
    ("actions",),
    ("pipeline.records",),
    ("pipeline.runs",),
    ("pipeline.evaluation", "pipeline.providers"),
    ("pipeline.intake",),
    ("pipeline.sources",),
    ("pipeline.delivery",),
    # What authoring asks before it publishes.
    ("features.examples", "features.figures", "features.search"),
    (
        "features.authoring",
        "features.scheduling",
        "features.starters",
        "features.privacy",
        "features.operations",
    ),
    ("features.csv_files", "features.merging"),
    ("features.trial", "features.audience", "features.history", "features.bulk"),
    ("features.past",),
    (
        "features.checks",
        "features.backtest",
        "features.expectations",
        "features.surge",
        "features.csv_import",
    ),
    ("features.rules_as_code",),
    ("features.sample_shop", "features.replay"),
    ("features.rollout",),
    ("worker",),
    ("web.kit",),
    ("web.setup",),
    ("web.request",),
    ("web.builder.clip",),
    ("web.records", "web.builder", "web.sign_in", "web.api", "web.probes", "web.cli"),
    (
        "web.automations",
        "web.expectations",
        "web.settings",
        "web.log",
        "web.inbox",
        "web.audience",
        "web.help",
        "web.home",
        "web.shops",
        "web.bulk",
    ),
    ("web.exports", "web.palette", "web.undo"),
    ("web.imports",),
    # Composition: finds the pages, and gives the templates what they can call.
    ("web",),
    ("app",),
)
FLOOR_OF = {package: floor for floor, packages in enumerate(FLOORS) for package in packages}
#: Folders of packages; they hold no code, and each stands where its highest package stands.
FOLDERS = ("engine", "models", "pipeline", "features")
FILES_MOST = 40
_LOAD_ALL = """
import pkgutil, sys
from importlib import import_module
package = import_module("automations." + sys.argv[1])
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    import_module(module.name)
print("\\n".join(name for name in sys.modules if name.startswith("automations.") or name == "app"))
"""


def test_every_package_stands_on_a_floor() -> None:
    packages = {_package(one.module, one.path.name) for one in source.product()}
    assert packages - {*FOLDERS, ""} == FLOOR_OF.keys()


def test_a_file_imports_only_from_floors_below() -> None:
    package_of = {one.module: _package(one.module, one.path.name) for one in source.product()}
    wrong = [
        f"{importer} imports {imported}"
        for importer, targets in graph().items()
        for imported in targets
        if not _may_import(package_of[importer], package_of[imported])
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "folder", sorted({package.split(".")[0] for package in FLOOR_OF if package != "app"})
)
def test_a_folder_loads_nothing_from_above_in_a_fresh_interpreter(folder: str) -> None:
    command = [sys.executable, "-c", _LOAD_ALL, folder]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.split(".")[1] if "." in name else name for name in done.stdout.split()}
    allowed = {other for other in loaded if _top_floor(other) < _top_floor(folder)} | {folder}
    assert loaded <= allowed


def test_no_folder_is_too_full_to_be_read_at_a_glance() -> None:
    counts = Counter(one.path.parent.relative_to(ROOT).as_posix() for one in source.everything())
    assert {folder: count for folder, count in counts.items() if count > FILES_MOST} == {}


def test_every_package_says_what_it_is_for() -> None:
    packages = [one for one in source.product() if one.path.name == "__init__.py"]
    assert [one.name for one in packages if not ast.get_docstring(one.tree)] == []


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


def _may_import(importer: str, imported: str) -> bool:
    return importer == imported or FLOOR_OF[imported] < FLOOR_OF[importer]


def _package(module: str, file: str) -> str:
    """The package a module stands in: "engine.rules" for "automations.engine.rules.rule"."""
    path = module.removeprefix("automations").removeprefix(".")
    return path if file in ("__init__.py", "app.py") else path.rpartition(".")[0]


def _top_floor(folder: str) -> int:
    """The floor of the highest package of a folder."""
    return max(floor for package, floor in FLOOR_OF.items() if package.split(".")[0] == folder)
