"""The engine is pure: no clock, no randomness, no files, no network, no third-party library."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator

from tests.kit import source
from tests.kit.source import ROOT, Source

#: Modules of the standard library that do I/O or are not deterministic.
OUTSIDE = {
    "asyncio",
    "ctypes",
    "glob",
    "http",
    "io",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "pickle",
    "platform",
    "random",
    "secrets",
    "shutil",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib",
    "uuid",
    "zoneinfo",
}
CALLS = {"open", "print", "input", "eval", "exec", "compile", "__import__", "breakpoint"}
CLOCK = {"now", "utcnow", "today", "monotonic", "perf_counter"}
_LOAD = """
import sys
from importlib import import_module
before = set(sys.modules)
for name in sys.argv[1:]:
    import_module(name)
print("\\n".join(set(sys.modules) - before))
"""


def test_the_engine_imports_the_standard_library_and_itself() -> None:
    foreign = {
        f"{one.name}: {name}"
        for one in _engine()
        for name in _imports(one)
        if not name.startswith("automations.engine") and name.split(".")[0] not in sys.stdlib_module_names
    }
    assert foreign == set()


def test_the_engine_loads_nothing_else_in_a_fresh_interpreter() -> None:
    names = [one.module for one in _engine()]
    command = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        f"import sys; sys.path.insert(0, {str(ROOT)!r}){_LOAD}",
        *names,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = [name for name in done.stdout.split() if name not in ("automations", "automations.engine")]
    foreign = [name for name in loaded if name.split(".")[0] not in sys.stdlib_module_names]
    assert [name for name in foreign if not name.startswith("automations.engine.")] == []


def test_the_engine_uses_no_module_that_does_io_or_is_random() -> None:
    reached = {
        f"{one.name}: {name}" for one in _engine() for name in _imports(one) if name.split(".")[0] in OUTSIDE
    }
    assert reached == set()


def test_the_engine_opens_no_file_and_asks_no_clock() -> None:
    calls = [
        (one.name, node.func)
        for one in _engine()
        for node in ast.walk(one.tree)
        if isinstance(node, ast.Call)
    ]
    named = {f"{name}: {func.id}" for name, func in calls if isinstance(func, ast.Name) and func.id in CALLS}
    asked = {
        f"{name}: {func.attr}"
        for name, func in calls
        if isinstance(func, ast.Attribute) and func.attr in CLOCK
    }
    assert named | asked == set()


def _engine() -> list[Source]:
    return [file for file in source.product() if file.name.startswith("automations/engine/")]


def _imports(one: Source) -> Iterator[str]:
    for node in ast.walk(one.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
