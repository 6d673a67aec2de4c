"""Build the OpenAPI document from the tables that read the requests."""

from __future__ import annotations

from functools import cache
from typing import Any

from automations.features.past.period import DEFAULT, PERIODS
from automations.models.tables.backtest import FATES
from automations.pipeline.intake.reading import MOST_AT_ONCE
from automations.pipeline.runs.deliveries import OPEN, STATES
from automations.web.api import openapi_parts as parts
from automations.web.api.api_blueprint import SUBJECTS
from automations.web.api.api_requests import KEY_HEADER, LARGEST_ID, LONGEST_KEY, MOST_ON_A_PAGE
from automations.web.api.openapi_parts import reference

Part = dict[str, Any]

ABOUT = (
    "Send a shop's orders, events and customers; automations that are switched on act on what changes. "
    "Money is decimal text in the store's currency. Choices are taken by name or key and answered by key."
)
_EXAMPLES: dict[str, Part] = {
    "order": {
        "number": "1042",
        "status": "Ready for Fulfilment",
        "payment_status": "Paid",
        "fulfilment_method": "Delivery",
        "customer": {"email": "anna@grandhotel.example", "first_name": "Anna", "last_name": "Petrova"},
        "lines": [{"sku": "ROSE-50", "name": "Red roses, long stem", "quantity": 2, "unit_price": "43.25"}],
    },
    "event": {"number": "E-7", "name": "Summer wedding", "status": "Quote Sent", "event_date": "2026-12-19"},
    "customer": {"number": "C-1", "first_name": "Anna", "email": "anna@grandhotel.example"},
}


@cache
def document() -> Part:
    """Return the whole document, OpenAPI 3.1."""
    paths: Part = {}
    for plural, subject in SUBJECTS.items():
        paths[f"/api/{plural}"] = {"get": _index(plural, subject), "post": _create(plural, subject)}
        paths[f"/api/{plural}/batch"] = {"post": _create_many(plural, subject)}
        paths[f"/api/{plural}/{{number}}"] = {"get": _show(subject), "patch": _update(subject)}
    paths |= _deliveries() | _pasts() | _backtests() | _examples()
    return {
        "openapi": "3.1.0",
        "info": {"title": "Store Automations", "version": "1", "description": ABOUT},
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "schemas": parts.schemas(),
            "responses": parts.responses(),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key of the store: sa_live_…",
                }
            },
        },
    }


def _index(plural: str, subject: str) -> Part:
    answers = {"200": _answer("A page, oldest first", f"{subject.capitalize()}Page")}
    return _operation(f"list_{plural}", f"List {plural}", answers | _refusals(400, 401, 422), _paging())


def _show(subject: str) -> Part:
    record = {
        "type": "object",
        "properties": {"record": reference(subject.capitalize())},
        "required": ["record"],
    }
    answers = {"200": {"description": "The record", "content": {"application/json": {"schema": record}}}}
    return _operation(f"show_{subject}", f"One {subject}", answers | _refusals(400, 401, 404), [_number()])


def _create(plural: str, subject: str) -> Part:
    name = f"{subject.capitalize()}Answer"
    answers = {"201": _answer("Created", name), "200": _answer("Updated, or as it was", name)}
    operation = _operation(f"save_{subject}", f"Create or update one of the {plural} by its number", answers)
    body = _body(reference(parts.new(subject)), _EXAMPLES[subject])
    return _writing(operation, body, 400, 401, 403, 409, 413, 415, 422)


def _create_many(plural: str, subject: str) -> Part:
    answers = {"200": _answer("What came of each, in the order sent", "BatchAnswer")}
    operation = _operation(f"save_{plural}", f"Create or update {plural}: all of them or none", answers)
    many = {"type": "array", "items": reference(parts.new(subject)), "maxItems": MOST_AT_ONCE}
    return _writing(operation, _body(many, [_EXAMPLES[subject]]), 400, 401, 403, 409, 413, 415, 422)


def _update(subject: str) -> Part:
    answers = {"200": _answer("Updated, or as it was", f"{subject.capitalize()}Answer")}
    operation = _operation(
        f"change_{subject}", f"Change the given fields of one {subject}", answers, [_number()]
    )
    body = _body(reference(parts.given(subject)), {"note": "Ring the bell twice."})
    return _writing(operation, body, 400, 401, 403, 404, 409, 413, 415, 422)


def _deliveries() -> Part:
    """Return the paths for deliveries and for the decisions that some of them need."""
    states = {"type": "string", "enum": list(STATES)}
    meaning = f"Only those in this state. Without it, those that need a decision: {' and '.join(OPEN)}."
    parameters = [*_paging(), _query("state", states, meaning)]
    page = {"200": _answer("A page, oldest first", "DeliveryPage")} | _refusals(400, 401, 403, 422)
    words = "List deliveries: those that wait, were sent, or need a decision"
    here = "/api/deliveries/{run_id}"
    one = {"200": _answer("The delivery", "DeliveryAnswer")} | _refusals(400, 401, 403, 404)
    return {
        "/api/deliveries": {"get": _operation("list_deliveries", words, page, parameters)},
        here: {"get": _operation("show_delivery", "One delivery", one, [_id("run_id")])},
        f"{here}/retries": _decision("retry_delivery", "Try one that failed again"),
        f"{here}/arrivals": _decision("delivery_arrived", "One of state unknown did arrive"),
        f"{here}/resends": _decision("send_delivery_again", "One of state unknown is sent once more"),
    }


def _pasts() -> Part:
    """Return the path for how often a draft would have fired."""
    words = "How often the saved draft would have fired, row by row"
    answers = {"200": _answer("Counted as of now", "PastAnswer")} | _refusals(400, 401, 403, 404, 422)
    period = _query("period", {"type": "string", "enum": list(PERIODS), "default": DEFAULT}, "In days.")
    show = _operation("show_past", words, answers, [_id("automation_id"), period])
    return {"/api/automations/{automation_id}/past": {"get": show}}


def _backtests() -> Part:
    """Return the paths for what drafts would have done."""
    here = "/api/automations/{automation_id}/backtests"
    ids = [_id("automation_id"), _id("backtest_id")]
    made = {"201": _answer("Done, or waiting to be read", "BacktestAnswer")}
    begin = "Compare the saved draft with the live version over the recorded past"
    one = {"200": _answer("The backtest, with the figures so far", "BacktestAnswer")}
    page = {"200": _answer("A page, newest first", "BacktestRowPage")}
    fate = _query("fate", {"type": "string", "enum": list(FATES), "default": FATES[0]}, "Which of them.")
    body = {"requestBody": _body(reference("BacktestGiven"), {"period": "90"})}
    create = _keyed(
        _operation("begin_backtest", begin, made, ids[:1]), 400, 401, 403, 404, 409, 413, 415, 422
    )
    refused = _refusals(400, 401, 403, 404, 422)
    rows = _operation("list_backtest_rows", "Its rows", page | refused, [*ids, *_paging(), fate])
    return {
        here: {"post": create | body},
        f"{here}/{{backtest_id}}": {"get": _operation("show_backtest", "One backtest", one | refused, ids)},
        f"{here}/{{backtest_id}}/rows": {"get": rows},
    }


def _examples() -> Part:
    """Return the paths for what an automation must do, or must not."""
    words = "List the pinned examples with what the saved draft answers"
    many = {"200": _answer("All of them, the oldest first", "ExampleList")} | _refusals(400, 401, 403, 404)
    made = {"201": _answer("Pinned, or pinned before", "ExampleAnswer")}
    body = {"requestBody": _body(reference("ExampleGiven"), {"record": "1042", "must_fire": True})}
    refused = _refusals(400, 401, 403, 404, 413, 415, 422)
    create = _operation("pin_example", "Pin an entry of the log, or a record as it is", made | refused)
    here = {"parameters": [_id("automation_id")]}
    one = {"parameters": [_id("automation_id"), _id("example_id")]}
    changed = {"200": _answer("Changed, or as it was", "ExampleAnswer")} | refused
    change = {"requestBody": _body(reference("ExampleChange"), {"must_fire": False})}
    gone = {"204": {"description": "Removed"}} | _refusals(400, 401, 403, 404, 422)
    return {
        "/api/automations/{automation_id}/examples": {
            "get": _operation("list_examples", words, many) | here,
            "post": create | here | body,
        },
        "/api/automations/{automation_id}/examples/{example_id}": {
            "patch": _operation("change_example", "Change what it expects, or its note", changed)
            | one
            | change,
            "delete": _operation("remove_example", "Remove a pinned example", gone) | one,
        },
    }


def _decision(name: str, words: str) -> Part:
    answers = {"200": _answer("As it is now", "DeliveryAnswer")}
    return {"post": _keyed(_operation(name, words, answers, [_id("run_id")]), 400, 401, 403, 404, 409)}


def _operation(name: str, words: str, answers: Part, parameters: list[Part] | None = None) -> Part:
    return {"operationId": name, "summary": words, "parameters": parameters or [], "responses": answers}


def _writing(operation: Part, body: Part, *refusals: int) -> Part:
    return _keyed(operation, *refusals) | {"requestBody": body}


def _keyed(operation: Part, *refusals: int) -> Part:
    """Return `operation` with the idempotency key header."""
    key = {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"}
    words = "The same key with the same body is done once; again, the first answer is given back."
    header = {"name": KEY_HEADER, "in": "header", "required": False, "schema": key, "description": words}
    parameters = [*operation["parameters"], header]
    answers = operation["responses"] | _refusals(*refusals)
    return operation | {"parameters": parameters, "responses": answers}


def _body(schema: Part, example: Any) -> Part:
    content = {"application/json": {"schema": schema, "examples": {"usual": {"value": example}}}}
    return {"required": True, "content": content}


def _answer(words: str, name: str) -> Part:
    return {"description": words, "content": {"application/json": {"schema": reference(name)}}}


def _refusals(*statuses: int) -> Part:
    return {str(status): {"$ref": f"#/components/responses/Refused{status}"} for status in (*statuses, 503)}


def _paging() -> list[Part]:
    after = {"type": "integer", "minimum": 0, "maximum": LARGEST_ID, "default": 0}
    limit = {"type": "integer", "minimum": 1, "maximum": MOST_ON_A_PAGE, "default": 50}
    return [_query("after", after, "The id of the last one seen."), _query("limit", limit, "How many.")]


def _id(name: str) -> Part:
    schema = {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _number() -> Part:
    schema = {"type": "string", "minLength": 1, "maxLength": 60}
    return {"name": "number", "in": "path", "required": True, "schema": schema}


def _query(name: str, schema: Part, words: str) -> Part:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": words}
