from __future__ import annotations

import re
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from automations.models.db.base import db
from automations.pipeline.intake.record_schema import FIELDS
from automations.web.api.openapi import document
from tests.web.api.conftest import Till, till_of

#: The document cannot say which numbers a shop has, which choices are in its lists, or how long a day is.
UNKNOWABLE = {"positive_data_acceptance", "negative_data_rejection", "missing_required_header"}
#: How many cases there are for an operation: of what the document allows, and of what it does not.
CASES = {
    "sqlite": {GenerationMode.POSITIVE: 140, GenerationMode.NEGATIVE: 60},
    "postgresql": {GenerationMode.POSITIVE: 10, GenerationMode.NEGATIVE: 10},
}
OPERATIONS = sorted(f"{way.upper()} {path}" for path, ways in document()["paths"].items() for way in ways)


def test_the_document_is_public_and_names_every_field(app: Flask) -> None:
    answer = app.test_client().get("/api/openapi.json")
    assert answer.status_code == 200 and answer.json["openapi"] == "3.1.0"
    for subject, fields in FIELDS.items():
        given = answer.json["components"]["schemas"][f"{subject.capitalize()}Given"]
        taken = {name for name, part in given["properties"].items() if not part.get("readOnly")}
        assert taken == fields.keys()


def test_every_address_of_the_api_is_in_the_document(app: Flask) -> None:
    served = {
        (
            re.sub(
                r"<(?:int:|path:)?(number|run_id|automation_id|backtest_id|example_id)>", r"{\1}", rule.rule
            ),
            method,
        )
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and rule.endpoint != "api.openapi"
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    kind = "<any(orders, events, customers):plural>"
    served = {
        (path.replace(kind, plural), method)
        for path, method in served
        for plural in ("orders", "events", "customers")
    }
    described = {(path, method.upper()) for path, ways in document()["paths"].items() for method in ways}
    assert described == served


@pytest.mark.parametrize("plural", ["orders", "events", "customers"])
def test_the_examples_of_the_document_are_accepted(till: Till, plural: str) -> None:
    for path in (f"/api/{plural}", f"/api/{plural}/batch"):
        content = document()["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        assert till.post(path, content["examples"]["usual"]["value"]).status_code in (200, 201)


def test_answers_are_as_the_document_says(till: Till) -> None:
    till.post("/api/customers", {"account": "Town Hall"})
    for plural, subject in (("orders", "Order"), ("events", "Event"), ("customers", "Customer")):
        made = till.post(f"/api/{plural}", {"number": "1", "tags": ["a"]})
        _conforms(made.json, f"{subject}Answer")
        _conforms(till.get(f"/api/{plural}?limit=1").json, f"{subject}Page")
        _conforms(till.post(f"/api/{plural}/batch", [{"number": "2"}]).json, "BatchAnswer")
    _conforms(till.get("/api/deliveries").json, "Problem")
    _conforms(till.post("/api/orders", {"total": 1}).json, "Problem")
    _conforms(till.get("/api/orders/none").json, "Problem")


def test_a_machine_tries_five_thousand_cases() -> None:
    assert len(OPERATIONS) == 28
    assert len(OPERATIONS) * sum(CASES["sqlite"].values()) >= 5000


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_machine_that_sends_what_the_document_allows_and_what_not_finds_no_failure(
    app: Flask, operation: str
) -> None:
    found, till = _operations(app)[operation], till_of(app, scope="write deliveries:write examples:write")
    for mode, count in CASES[db.engine.dialect.name].items():
        assert _try(found, mode, count, till) == count


@cache
def _operations(app: Flask) -> dict[str, Any]:
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    operations = [result.ok() for result in schema.get_all_operations()]
    return {f"{operation.method.upper()} {operation.path}": operation for operation in operations}


def _try(operation: Any, mode: GenerationMode, count: int, till: Till) -> int:
    """Sends so many; every answer is checked to be one the document has. Returns how many were sent."""
    checks = [check for check in CHECKS.get_all() if check.__name__ not in UNKNOWABLE]
    from_document, sent = operation.as_strategy(generation_mode=mode), []

    @settings(
        max_examples=count,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=from_document)
    def send(case: Any) -> None:
        sent.append(case.call_and_validate(headers=till.headers, checks=checks).status_code)

    send()
    assert all(status < 500 for status in sent)
    return len(sent)


def _conforms(data: Any, name: str) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": document()["components"]}
    jsonschema_rs.validator_for(schema).validate(data)
