"""A parameter that would be ignored is refused: its answer would be that of another question."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from automations.web.api.openapi import document
from automations.web.kit.permissions import SCOPES
from tests.web.api.conftest import Till, problems, till_of

#: What stands in the addresses. Nothing has these numbers: parameters are looked at first.
SAMPLES = {
    "plural": "orders",
    "number": "1",
    **dict.fromkeys(("run_id", "automation_id", "backtest_id", "example_id"), "1"),
}
#: Parameter -> a value that it takes; whole numbers for the rest.
VALUES = {"state": "failed", "fate": "lost", "period": "30"}
OPERATIONS = [
    (method, path, {one["name"] for one in operation["parameters"] if one["in"] == "query"})
    for path, operations in document()["paths"].items()
    for method, operation in operations.items()
]


@pytest.fixture
def everything(app: Flask) -> Till:
    return till_of(app, scope=" ".join(SCOPES))


def send(till: Till, method: str, path: str, query: str) -> Any:
    address = f"{path.format_map(SAMPLES)}?{query}"
    return till.get(address) if method == "get" else getattr(till, method)(address, {})


@pytest.mark.parametrize("unknown", ["status=Paid", "Limit=2", "dry_run", "after%5B%5D=1"])
def test_an_unknown_query_parameter_is_refused_by_name_everywhere(everything: Till, unknown: str) -> None:
    for method, path, takes in OPERATIONS:
        answer = send(everything, method, path, unknown)
        assert answer.status_code == 422, (path, answer.text)
        (place, sentence), *others = problems(answer).items()
        assert not others and place == unknown.partition("=")[0].replace("%5B%5D", "[]"), path
        assert all(name in sentence for name in takes) if takes else "takes none" in sentence, path


@pytest.mark.parametrize("query", ["limit=2&limit=3", "after=1&after=1"])
def test_a_parameter_that_is_there_twice_is_refused(everything: Till, query: str) -> None:
    answer = everything.get(f"/api/orders?{query}")
    assert answer.status_code == 422 and "more than once" in answer.text


def test_what_the_document_names_is_taken(everything: Till) -> None:
    for method, path, takes in OPERATIONS:
        for name in takes:
            answer = send(everything, method, path, f"{name}={VALUES.get(name, 1)}")
            assert answer.status_code == (404 if "automation_id" in path else 200), answer.text
