"""The shape of the code and how it stays so: sizes, and words that must not appear."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from statistics import median

import pytest

from automations.engine.fields.subjects import SUBJECTS
from tests.kit import source
from tests.kit.source import ROOT, Source

#: One process reads all files for all of these tests.
pytestmark = pytest.mark.xdist_group("source")

FILE_MEDIAN, FILE_MOST = 60, 300
FUNCTION_MEDIAN, FUNCTION_MOST = 8, 50
HANDLER_MEDIAN, HANDLER_MOST = 12, 40
TEMPLATE_MOST, PARTIAL_MOST = 120, 60

#: The packages whose `__init__` finds the kinds in its folder; the others hold no code.
REGISTRIES = {
    "automations/actions/__init__.py",
    "automations/engine/fields/subjects/__init__.py",
}
ROUTES = {"get", "post", "put", "patch", "delete", "route"}
#: Where a test may decide that it cannot run here.
MAY_SKIP = re.compile(r"tests/kit/|tests/(\w+/)*conftest\.py")
SKIPS = {"skip", "skipif", "xfail", "importorskip"}
#: Processor time is another thing: a pattern that explodes takes it on any machine.
CLOCKS = {"time.monotonic", "time.perf_counter", "time.time", "monotonic", "perf_counter"}
UNSAFE_NAMES = {"Markup", "render_template_string"}
IN_COMMENTS = re.compile(r"type:\s*ignore|\bnoqa\b|\bTODO\b|\bFIXME\b|\bXXX\b")
IN_TEMPLATES = {
    "marks text as safe": re.compile(r"\|\s*safe\b|autoescape\s+false"),
    "has hx-on": re.compile(r"\bhx-on\b"),
    "has an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "has an inline style": re.compile(r"<style\b|<[^>]*\sstyle\s*=", re.IGNORECASE),
    "has a to-do": re.compile(r"\bTODO\b|\bFIXME\b"),
}
INCLUDED = re.compile(r"{%-?\s*(?:include|import|from)\s+[\"']([^\"']+)[\"']")


def test_the_median_file_is_short() -> None:
    sizes = [size for one in source.product() if (size := one.code_lines())]
    assert median(sizes) <= FILE_MEDIAN


def test_no_file_is_long() -> None:
    sizes = {one.name: one.code_lines() for one in source.everything()}
    assert _over(sizes, FILE_MOST) == {}


def test_the_median_function_is_short() -> None:
    sizes = [one.length(function) for one in source.product() for function in one.functions]
    assert median(sizes) <= FUNCTION_MEDIAN


def test_no_function_is_long() -> None:
    sizes = {
        f"{one.name}:{function.name}": one.length(function)
        for one in source.everything()
        for function in one.functions
    }
    assert _over(sizes, FUNCTION_MOST) == {}


def test_request_handlers_are_thin() -> None:
    sizes = {
        f"{one.name}:{function.name}": one.length(function)
        for one in source.product()
        if one.name.startswith("automations/web/")
        for function in one.functions
        if _is_handler(function)
    }
    assert _over(sizes, HANDLER_MOST) == {}
    assert median(sizes.values()) <= HANDLER_MEDIAN


def test_templates_are_short_and_partials_shorter() -> None:
    sizes = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in source.templates()}
    pages = {_name(path): size for path, size in sizes.items() if not path.name.startswith("_")}
    partials = {_name(path): size for path, size in sizes.items() if path.name.startswith("_")}
    assert _over(pages, TEMPLATE_MOST) | _over(partials, PARTIAL_MOST) == {}


def test_what_a_template_includes_is_called_a_partial() -> None:
    named = {
        included
        for path in source.templates()
        for included in INCLUDED.findall(path.read_text(encoding="utf-8"))
        if not Path(included).name.startswith("_")
    }
    assert named == set()


@pytest.mark.parametrize("path", source.templates(), ids=lambda path: path.name)
def test_a_template_has_nothing_a_strict_browser_would_refuse(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [what for what, pattern in IN_TEMPLATES.items() if pattern.search(text)] == []


def test_no_text_is_called_safe_in_python() -> None:
    names = {
        f"{one.name}: {name}" for one in source.product() for name in _names(one.tree) if name in UNSAFE_NAMES
    }
    assert names == set()


def test_no_checker_is_silenced_and_nothing_is_left_for_later() -> None:
    found = [
        f"{one.name}: {comment}"
        for one in source.everything()
        for comment in one.comments
        if IN_COMMENTS.search(comment)
    ]
    assert found == []


def test_styles_and_scripts_leave_nothing_for_later() -> None:
    files = [path for path in (ROOT / "static").rglob("*") if path.suffix in (".css", ".js")]
    assert [_name(path) for path in files if IN_COMMENTS.search(path.read_text(encoding="utf-8"))] == []


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    found = {
        f"{one.name}: {name}"
        for one in source.everything()
        if one.name.startswith("tests/") and not MAY_SKIP.match(one.name)
        for name in _skips(one.tree)
    }
    assert found == set()


def test_no_test_fails_for_being_slow() -> None:
    """Waiting until something holds is no such thing: there the clock only ends the wait."""
    found = [
        f"{one.name}:{node.lineno}"
        for one in source.everything()
        if one.path.name.startswith("test_")
        for node in ast.walk(one.tree)
        if isinstance(node, ast.Assert) and CLOCKS & {_called(part) for part in ast.walk(node.test)}
    ]
    assert found == []


def _called(node: ast.AST) -> str:
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def test_packages_hold_no_code_of_their_own() -> None:
    packages = [one for one in source.everything() if one.path.name == "__init__.py"]
    assert [one.name for one in packages if one.code_lines() and one.name not in REGISTRIES] == []


def test_a_file_name_means_one_thing() -> None:
    files = {one.name for one in source.product() if one.path.name != "__init__.py"}
    # A kind is found by the name of its file: a subject has its entry and its table, both called by its key.
    files -= {f"automations/engine/fields/subjects/{key}.py" for key in SUBJECTS}
    assert _repeated(Path(name).name for name in files) == []


def test_a_class_name_means_one_thing() -> None:
    classes = (
        node.name for one in source.product() for node in one.tree.body if isinstance(node, ast.ClassDef)
    )
    assert _repeated(classes) == []


def _repeated(names: Iterable[str]) -> list[str]:
    return sorted(name for name, count in Counter(names).items() if count > 1)


def test_the_measure_counts_code_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "sample.py"
    path.write_text(
        '"""One\ntwo."""\n\n# three\n\ndef four() -> str:\n    """Five."""\n    # six\n    return "7"\n'
    )
    assert Source(path).code_lines() == 2


def _over(sizes: dict[str, int], most: int) -> dict[str, int]:
    return {name: size for name, size in sizes.items() if size > most}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _is_handler(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    calls = [one.func for one in function.decorator_list if isinstance(one, ast.Call)]
    return any(isinstance(call, ast.Attribute) and call.attr in ROUTES for call in calls)


def _names(tree: ast.Module) -> set[str]:
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    found |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return found | {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    }


def _skips(tree: ast.Module) -> set[str]:
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in SKIPS]
    return {node.attr for node in attributes if ast.unparse(node.value) in ("pytest", "pytest.mark", "mark")}
