"""The documentation is complete and names only what exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
from flask import Flask

from app import create_app
from automations.actions import ACTIONS
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.operators import OPERATORS
from automations.engine.operators.value_types import TYPES
from automations.messages.message_filters import FILTERS
from automations.models.settings.choices import DEFAULTS, LIST_LABELS
from tests.kit import api_fields, source
from tests.kit.source import ROOT, Source

DOCS = ROOT / "docs"
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
README_MOST = 80
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
PAGE = re.compile(r"\bdocs/[\w/-]+\.md\b")
PATH = re.compile(
    r"`((?:automations|benchmarks|tests|templates|static|web|worker|features|pipeline|engine|models|actions|connectors|messages|faults)/[\w./-]*\w)`"
)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
WORD = re.compile(r"^### (.+)\n(.+)\nIn the code: `([\w.]+)`$", re.MULTILINE)
#: Commands every Flask program has.
FLASKS_OWN = {"run", "shell", "routes"}


@pytest.mark.parametrize("kind", ACTIONS.values(), ids=ACTIONS)
def test_every_action_is_in_the_docs(kind: Any) -> None:
    assert _has_row("actions.md", kind.label, kind.key)


@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_of_messages_is_in_the_docs(name: str) -> None:
    assert re.search(rf"`{name}\b", _text("actions.md"))


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=OPERATORS)
def test_every_operator_is_in_the_docs(operator: Any) -> None:
    assert _has_row("operators.md", operator.label, operator.key)


@pytest.mark.parametrize("type", TYPES)
def test_every_type_is_in_the_docs(type: str) -> None:
    assert f"| `{type}` |" in _text("operators.md")


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)
def test_every_trigger_and_field_is_in_the_docs(subject: Any) -> None:
    for trigger in subject.triggers.values():
        assert f"| {trigger.label} | `{trigger.key}` | {trigger.note} |" in _text("triggers.md")
    for field in subject.fields.values():
        assert f"| {field.label} | `{field.key}` | {field.type}" in _text("triggers.md")


@pytest.mark.parametrize("key", DEFAULTS)
def test_every_list_is_in_the_docs_with_what_it_starts_with(key: str) -> None:
    assert f"| {LIST_LABELS[key]} | `{key}` | {', '.join(DEFAULTS[key])} |" in _text("triggers.md")


@pytest.mark.parametrize("heading", api_fields.SECTIONS)
def test_every_field_of_the_api_is_in_the_docs_with_what_it_takes(heading: str) -> None:
    section = _text("api-fields.md").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    documented = [line for line in section.splitlines() if line.startswith("| `")]
    assert documented == list(api_fields.rows(heading))


def test_every_setting_is_in_the_docs_and_no_other() -> None:
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", _text("operations.md"), re.MULTILINE))
    assert documented == set(_settings())


def test_every_command_is_in_the_docs_and_no_other(tmp_path: Path) -> None:
    documented = set(re.findall(r"^\| `([a-z-]+)` \|", _text("operations.md"), re.MULTILINE))
    app = create_app({"SECRET_KEY": "x" * 40, "DATABASE_URL": f"sqlite:///{tmp_path / 'shop.db'}"})
    assert documented == set(_commands(app))


def test_every_glossary_term_is_used_in_the_code() -> None:
    words = WORD.findall(_text("glossary.md"))
    assert len(words) == _text("glossary.md").count("### ")
    assert [word for word, _, place in words if not _found(place)] == []


def test_every_table_that_people_work_with_is_in_the_glossary() -> None:
    places = {place.rpartition(".")[2] for _, _, place in WORD.findall(_text("glossary.md"))}
    tables = {"Store", "Customer", "Account", "Order", "Event", "Automation", "Version", "Choice"}
    assert tables | {"Occurrence", "Evaluation", "Run", "Attempt", "Message"} <= places


def test_the_readme_is_short_and_has_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) < README_MOST
    commands = re.findall(r"```sh\n(.+)\n```", text)
    assert [command.rpartition(".venv/bin/")[2] for command in commands] == [
        "python app.py",
        "python -m pytest -n 3",
    ]
    assert "python -m pytest -n 3 --durations=25 ||" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_a_question_an_answer_its_reasons_and_what_was_refused(path: Path) -> None:
    title, blank, answer, *rest = path.read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(r"# .+\?", title)
    assert not blank
    assert re.fullmatch(r"Answer: .+\.", answer)
    assert [line for line in rest if line.startswith("## ")] == ["## Reasons", "## Refused"]


@pytest.mark.parametrize("path", source.pages(), ids=lambda path: path.stem)
def test_every_link_in_the_docs_resolves(path: Path) -> None:
    targets = [target for target in LINK.findall(path.read_text(encoding="utf-8")) if "://" not in target]
    assert [target for target in targets if not (path.parent / target.partition("#")[0]).exists()] == []


@pytest.mark.parametrize("path", source.pages(), ids=lambda path: path.stem)
def test_every_file_named_in_the_docs_exists(path: Path) -> None:
    named = PATH.findall(path.read_text(encoding="utf-8"))
    assert [name for name in named if not _is_file(name)] == []


@pytest.mark.parametrize("path", source.pages(), ids=lambda path: path.stem)
def test_every_test_named_in_the_docs_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = TEST.findall(text)
    assert len(named) == text.count(".py::")
    assert [f"{file}::{test}" for file, test in named if test not in _functions(file)] == []


def test_every_requirement_is_answered_once() -> None:
    ids = re.findall(r"\bV\d+\.\d+\.\d+\b", _text("security/asvs.md"))
    assert len(ids) == len(set(ids)) > 200


def test_every_docs_page_named_in_the_code_exists() -> None:
    named = {page for one in source.product() for page in PAGE.findall(one.path.read_text(encoding="utf-8"))}
    assert [page for page in named if not (ROOT / page).exists()] == []


def _text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def _has_row(name: str, label: str, key: str) -> bool:
    return f"| {label} | `{key}` |" in _text(name)


def _is_file(name: str) -> bool:
    return (ROOT / name).exists() or (ROOT / "automations" / name).exists()


def _functions(file: str) -> set[str]:
    """Return the names of the functions in a file; empty if the file does not exist."""
    return {function.name for function in Source(ROOT / file).functions} if (ROOT / file).exists() else set()


def _settings() -> Iterator[str]:
    """Return the names of the environment variables that the product reads."""
    for one in source.product():
        for node in ast.walk(one.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("os.environ.get", "os.getenv"):
                yield ast.literal_eval(node.args[0])


def _commands(app: Flask) -> set[str]:
    assert isinstance(app.cli, click.Group)
    return app.cli.commands.keys() - FLASKS_OWN


def _found(place: str) -> bool:
    """Whether "automations.models.tables.run.Run.state" can be reached."""
    parts = place.split(".")
    for end in range(len(parts), 0, -1):
        if (ROOT / Path(*parts[:end])).with_suffix(".py").exists():
            found: Any = import_module(".".join(parts[:end]))
            for name in parts[end:]:
                found = getattr(found, name, None)
            return found is not None
    return False
