"""Every installed package is used, and every used package is pinned to an exact version."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.kit import source
from tests.kit.source import ROOT, Source

LINE = re.compile(
    r"(?P<name>[\w.-]+)(\[\w+\])?==(?P<version>[\w.]+)(; sys_platform == \"linux\")?\s+# (?P<why>.+)"
)
#: Used without an import, and how.
BY_NAME = {
    "psycopg": "postgresql+psycopg",
    "tzdata": "zoneinfo",
    "pytest-xdist": "pytest -n 3",
    "pytest-rerunfailures": "pytest.mark.flaky",
    "flask-migrate": 'LIBRARY = "flask_migrate"',
    "zxcvbn": 'import_module("zxcvbn")',
    "arabic-reshaper": 'import_module("arabic_reshaper")',
    "python-bidi": 'import_module("bidi")',
    "ruff": "ruff format --check",
    "mypy": ".venv/bin/mypy",
    "types-pyyaml": "import yaml",
    "types-reportlab": "from reportlab",
    "bandit": ".venv/bin/bandit -q",
}
#: Lock file -> what it is made from.
LOCKS = {
    "requirements.lock": ["requirements.txt"],
    "requirements-test.lock": ["requirements.txt", "requirements-test.txt"],
}
OURS = {"app", "automations", "tests", "benchmarks"}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-test.txt"])
def test_every_line_has_an_exact_version_and_a_reason(name: str) -> None:
    assert [line for line in _lines(name) if not LINE.fullmatch(line)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_pins_every_package_with_its_hashes(lock: str) -> None:
    locked = _locked(lock)
    wanted = {
        line.partition("#")[0].partition(";")[0].strip() for name in LOCKS[lock] for line in _lines(name)
    }
    plain = {_pin(one) for one in wanted}
    assert plain - locked.keys() == set(), "Run .ci/lock: it writes what was changed into the lock files."
    assert [name for name, hashes in locked.items() if not hashes] == []


def test_tests_use_the_same_versions_as_production() -> None:
    assert _locked("requirements.lock").items() <= _locked("requirements-test.lock").items()


@pytest.mark.parametrize("path", ["README.md", ".ci/run", "docs/operations.md"])
def test_everything_is_installed_by_its_hashes(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    installs = re.findall(r"pip install [^&\n`]+", text)
    assert installs and all(
        re.search(r"--require-hashes -r \S*requirements\S*\.lock", one) for one in installs
    )


def test_every_import_of_the_product_is_a_runtime_requirement() -> None:
    assert _imported(_with_migrations()) <= _required("requirements.txt")


def test_every_import_of_the_tests_is_a_test_requirement() -> None:
    known = _required("requirements.txt") | _required("requirements-test.txt")
    assert _imported([one for one in source.everything() if one.name.startswith("tests/")]) <= known


def test_every_requirement_is_used() -> None:
    used = _imported([*source.everything(), *_with_migrations()]) | BY_NAME.keys() | _plugins_in_use()
    assert (_required("requirements.txt") | _required("requirements-test.txt")) - used == set()


@pytest.mark.parametrize("mention", BY_NAME.values())
def test_a_requirement_used_without_an_import_is_named_where_it_is_used(mention: str) -> None:
    texts = [(ROOT / ".ci" / "run").read_text(encoding="utf-8")]
    texts += [
        one.path.read_text(encoding="utf-8") for one in source.everything() if one.path != Path(__file__)
    ]
    assert any(mention in text for text in texts)


def _lines(name: str) -> list[str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _locked(name: str) -> dict[str, frozenset[str]]:
    """ "flask==3.1.3" -> the hashes of its files."""
    found: dict[str, frozenset[str]] = {}
    entries = re.split(r"\n(?=\S)", (ROOT / name).read_text(encoding="utf-8").strip())
    for entry in entries:
        found[_pin(entry.split()[0])] = frozenset(re.findall(r"--hash=sha256:([0-9a-f]{64})", entry))
    return found


def _pin(text: str) -> str:
    name, _, version = text.partition("==")
    return f"{_plain(name.partition('[')[0])}=={version}"


def _required(name: str) -> set[str]:
    return {_plain(line.partition("==")[0].partition("[")[0]) for line in _lines(name)}


def _with_migrations() -> list[Source]:
    return [*source.product(), *map(Source, sorted((ROOT / "migrations").rglob("*.py")))]


def _imported(sources: list[Source]) -> set[str]:
    owners = _owners()
    found: set[str] = set()
    for one in sources:
        for name in _modules(one.tree) - OURS - sys.stdlib_module_names:
            found.update(map(_plain, owners.get(name, [name])))
    return found


@cache
def _owners() -> Mapping[str, list[str]]:
    return packages_distributions()


def _modules(tree: ast.Module) -> set[str]:
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names} - {""}


def _plugins_in_use() -> set[str]:
    """The browser plugin is asked for by its fixture `page` or `browser`."""
    browser = [path.read_text(encoding="utf-8") for path in Path(ROOT / "tests" / "browser").rglob("*.py")]
    return (
        {"pytest-playwright"}
        if any(re.search(r"\b(page|browser|context): ", text) for text in browser)
        else set()
    )


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
