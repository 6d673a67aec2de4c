"""The reusable components of the OpenAPI document: schemas and refusals."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from automations.engine.fields.subjects import SUBJECTS
from automations.features.examples.answering import STATES as STATES_OF_EXAMPLES
from automations.features.examples.pinning import LONGEST_NOTE
from automations.features.past.period import PERIODS
from automations.models.tables.backtest import FATES
from automations.pipeline.intake.composite_types import (
    LINE,
    LINE_NEEDS,
    PARCEL,
    PARCEL_STARTS,
    PERSON,
    AddressType,
    LinesType,
    ParcelsType,
    PersonType,
)
from automations.pipeline.intake.custom_values import YesNoType
from automations.pipeline.intake.field_types import ChoiceType, FieldType, MoneyType
from automations.pipeline.intake.order_types import ADDRESS_PARTS
from automations.pipeline.intake.reading import WHO
from automations.pipeline.intake.record_schema import FIELDS
from automations.pipeline.runs.deliveries import STATES

Schema = dict[str, Any]

REFUSALS = {
    400: "The body cannot be read as JSON, or a header cannot be used",
    401: "There is no valid API key in the Authorization header",
    403: "The API key may not do this with this kind of record",
    404: "This store has no such record",
    409: "The Idempotency-Key was used for another request, or there is nothing to decide any more",
    413: "The body is larger than the server takes",
    415: "The body is not sent as application/json",
    422: "Something in it has to be changed; `errors` names every place",
    503: "The database is busy or away; send the same again in a moment",
}
_TEXT: Schema = {"type": "string"}
_ID: Schema = {"type": "integer"}
_OR_NULL: Schema = {"type": ["string", "null"]}


def given(subject: str) -> str:
    """Return the name of the schema in which a record is sent."""
    return f"{subject.capitalize()}Given"


def new(subject: str) -> str:
    """Return the name of the schema in which a record that may be new is sent."""
    return "CustomerNew" if subject == "customer" else given(subject)


def schemas() -> dict[str, Schema]:
    """Return everything under components/schemas."""
    found: dict[str, Schema] = {
        "Person": _object(PERSON, _ours(_answered_person() - PERSON.keys())) | _one_of_them(PERSON),
        "Line": _object(LINE) | {"required": list(LINE_NEEDS)},
        "Parcel": _object(PARCEL) | _one_of_them({name: PARCEL[name] for name in PARCEL_STARTS}),
        "Address": _object(ADDRESS_PARTS),
        "Problem": _problem(),
        "Outcome": _outcome(),
    }
    for subject, fields in FIELDS.items():
        name = subject.capitalize()
        answered = _record(subject, fields)["properties"].keys()
        found[given(subject)] = _object(fields, _ours(answered - fields.keys()))
        found[name] = _record(subject, fields)
        found[f"{name}Answer"] = _with_outcome({"record": reference(name)})
        found[f"{name}Page"] = _page(name)
    found["CustomerNew"] = reference(given("customer")) | _one_of_them(
        {name: FIELDS["customer"][name] for name in WHO}
    )
    found["Delivery"] = _delivery()
    found["DeliveryAnswer"] = _closed({"delivery": reference("Delivery")})
    found["DeliveryPage"] = _page("Delivery")
    found |= _pasts() | _backtests() | _examples()
    found["BatchAnswer"] = _closed({"results": {"type": "array", "items": _with_outcome(_names())}})
    return found


def reference(name: str) -> Schema:
    """Return a reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def responses() -> dict[str, Schema]:
    """Return everything under components/responses: the refusals."""
    content = {"application/problem+json": {"schema": reference("Problem")}}
    return {
        f"Refused{status}": {"description": words, "content": content} for status, words in REFUSALS.items()
    }


def _one_of_them(fields: Mapping[str, FieldType]) -> Schema:
    """Return that one of these at least has to say something."""
    says: dict[str, Schema] = {
        name: {"const": True} if isinstance(kind, YesNoType) else {"type": "string", "pattern": r"\S"}
        for name, kind in fields.items()
    }
    return {"anyOf": [{"required": [name], "properties": {name: what}} for name, what in says.items()]}


def _ours(names: Collection[str]) -> dict[str, Schema]:
    """Return the parts that are answered and never taken: they may be sent back as they were read."""
    words = "Set by us. Leave it out, or send it back as it was answered."
    return {name: {"readOnly": True, "description": words} for name in sorted(names)}


def _answered_person() -> set[str]:
    return {entry.key for entry, _ in SUBJECTS["customer"].placed("json")}


def _object(fields: Mapping[str, FieldType], others: Mapping[str, Schema] | None = None) -> Schema:
    properties = {name: _or_null(kind) for name, kind in fields.items()} | dict(others or {})
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _or_null(kind: FieldType) -> Schema:
    schema = kind.schema()
    if not kind.nullable:
        return schema
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return schema | {"type": [schema["type"], "null"]}


def _record(subject: str, fields: Mapping[str, FieldType]) -> Schema:
    """Return the schema of a record in an answer: every field it takes, and the derived ones."""
    properties: dict[str, Schema] = {name: _answered(kind) for name, kind in fields.items()}
    properties |= {"id": _ID, "number": _TEXT, "revision": _ID, "created_at": _TEXT, "updated_at": _TEXT}
    properties |= {"account": {"type": ["object", "null"]}, "store": {"type": "object"}}
    if subject != "customer":
        properties |= {"currency": _TEXT, "balance_due": _TEXT, "total": _TEXT}
    else:
        properties |= {"name": _TEXT, "order_count": _ID, "total_spent": _TEXT, "last_order_date": _OR_NULL}
    if subject == "order":
        words = "Whether the total was given; otherwise it is added up from the lines."
        properties |= {
            "item_count": {"type": "number"},
            "total_given": {"type": "boolean", "description": words},
        }
        properties |= _derived()
    return {"type": "object", "description": SUBJECTS[subject].label, "properties": properties} | {
        "required": ["id", "number", "revision"]
    }


def _derived() -> dict[str, Schema]:
    """Return what an order is answered with that follows from other fields."""
    differs = "By how much a total that was given differs from the lines with shipping and discount."
    rounding = _closed({"written": _TEXT, "difference": _TEXT})
    rounded = "By field, what a source wrote with more decimals than the currency has, and the difference."
    return {
        "total_difference": {**_TEXT, "description": differs},
        "roundings": {"type": "object", "additionalProperties": rounding, "description": rounded},
        "parcel_count": _ID,
        "carriers": {"type": "array", "items": _TEXT},
    }


def _answered(kind: FieldType) -> Schema:
    if isinstance(kind, PersonType):
        return {"type": ["object", "null"]}
    if isinstance(kind, AddressType):
        return {"type": "object"}
    if isinstance(kind, LinesType | ParcelsType):
        return {"type": "array", "items": {"type": "object"}}
    if isinstance(kind, ChoiceType):
        return {**(_OR_NULL if kind.nullable else _TEXT), "description": "The key of the choice."}
    if isinstance(kind, MoneyType):
        return _OR_NULL if kind.nullable else _TEXT
    kept = kind.schema()
    return {"type": [kept["type"], "null"] if kind.nullable and kept["type"] != "array" else kept["type"]}


def _page(name: str) -> Schema:
    following = {**_OR_NULL, "description": "The address of the next page; null on the last one."}
    return _closed({"items": {"type": "array", "items": reference(name)}, "next": following})


def _delivery() -> Schema:
    states = {**_TEXT, "enum": list(STATES)}
    automation = _closed({"id": _ID, "name": _TEXT})
    record = _closed({"subject": {**_TEXT, "enum": list(SUBJECTS)}, "number": _TEXT})
    stayed = "Whether its message reached nobody, because no server or gateway was set up: it was only kept."
    kept = {"type": "boolean", "description": stayed}
    reason = {**_OR_NULL, "description": "Why it is in this state, as a sentence."}
    action = {**_TEXT, "description": "The kind of action, such as send_email."}
    times = {"due_at": _TEXT, "finished_at": _OR_NULL}
    about = {"automation": automation, "record": record}
    return _closed(
        {"id": _ID, "state": states, "kept_here": kept, "reason": reason, "action": action, "tries": _ID}
        | times
        | about
    )


def _pasts() -> dict[str, Schema]:
    """Return what is answered about how often a draft would have fired."""
    step = {**dict.fromkeys(("came", "passed", "errors"), _ID), "path": _TEXT}
    last = "The newest entry of the log that this row turned away; null if none."
    step["last_no"] = {"type": ["integer", "null"], "description": last}
    within = "How many are left by its own limits; null if it has none."
    past = {
        **dict.fromkeys(("automation_id", "of", "fired", "records", "unknown"), _ID),
        "period": {**_TEXT, "enum": list(PERIODS)},
        "within_limits": {"type": ["integer", "null"], "description": within},
        "known_from": _OR_NULL,
        "written_since": {"type": "array", "items": _closed({"field": _TEXT, "since": _OR_NULL})},
        "unjudged": {"type": "array", "items": _TEXT, "description": "Rows of the draft left out."},
        "steps": {"type": "array", "items": _closed(step)},
        "days": {"type": "array", "items": _closed({"day": _TEXT, "fired": _ID})},
    }
    return {"PastAnswer": _closed({"past": _closed(past)})}


def _backtests() -> dict[str, Schema]:
    """Return what is sent to begin a backtest, and what is answered about it."""
    period = {**_TEXT, "enum": list(PERIODS)}
    given = {"type": "object", "properties": {"period": period}, "additionalProperties": False}
    version = {"type": ["integer", "null"], "description": "The live version it is compared with, if any."}
    words = "How often it would have run within its own limits; null without limits."
    ran = {"type": ["integer", "null"], "description": words}
    backtest = {
        **dict.fromkeys(("id", "automation_id", "total", "read", *FATES), _ID),
        **dict.fromkeys(("since", "until", "created_at"), _TEXT),
        **dict.fromkeys(("problem", "read_to", "finished_at"), _OR_NULL),
        "version": version,
        **dict.fromkeys(("within_limits", "live_within_limits"), ran),
        "state": {**_TEXT, "enum": ["waiting", "running", "done", "stopped", "failed"]},
        "period": period,
    }
    record = {
        "anyOf": [_closed({"subject": {**_TEXT, "enum": list(SUBJECTS)}, "number": _TEXT}), {"type": "null"}],
        "description": "Null once its entry in the log is deleted.",
    }
    about = {"fate": {**_TEXT, "enum": list(FATES)}, "at": _TEXT, "occurrence_id": _ID, "record": record}
    row = {**about, "sentence": _TEXT, "would_have_done": _TEXT}
    return {
        "BacktestGiven": given,
        "Backtest": _closed(backtest),
        "BacktestAnswer": _closed({"backtest": reference("Backtest")}),
        "BacktestRow": _closed(row),
        "BacktestRowPage": _page("BacktestRow"),
    }


def _examples() -> dict[str, Schema]:
    """Return what is sent to pin an example, and what is answered about it."""
    text = {**_TEXT, "maxLength": LONGEST_NOTE, "pattern": "^[^\\u0000]*$"}
    must_fire = {"type": "boolean", "description": "Whether the automation must fire on it, or must not."}
    given = {
        "must_fire": must_fire,
        "record": {**text, "minLength": 1, "description": "The number of a record as it is, or a sample."},
        "occurrence_id": {"type": "integer", "minimum": 1, "description": "An entry of the log instead."},
        "note": text,
    }
    example = {"id": _ID, "label": _TEXT, "must_fire": must_fire, "sentence": _TEXT, "note": _TEXT}
    example |= {"state": {**_TEXT, "enum": list(STATES_OF_EXAMPLES)}, "pinned_at": _TEXT}
    fires = {"type": ["boolean", "null"], "description": "Null where it was not judged."}
    example |= {"fires": fires, "occurrence_id": {"type": ["integer", "null"]}}
    body = {"type": "object", "properties": given, "required": ["must_fire"], "additionalProperties": False}
    some = {name: given[name] for name in ("must_fire", "note")}
    change = {"type": "object", "properties": some, "minProperties": 1, "additionalProperties": False}
    return {
        "ExampleGiven": body,
        "ExampleChange": change,
        "Example": _closed(example),
        "ExampleAnswer": _closed({"example": reference("Example")}),
        "ExampleList": _closed({"items": {"type": "array", "items": reference("Example")}}),
    }


def _names() -> dict[str, Schema]:
    return {"id": _ID, "number": _TEXT}


def _outcome() -> Schema:
    return {
        "type": "object",
        "properties": {
            "created": {"type": "boolean"},
            "revision": _ID,
            "triggers": {
                "type": "array",
                "items": _TEXT,
                "description": "What happened: created, status_changed, payment_status_changed, changed. "
                "Empty when nothing changed.",
            },
            "fired": {"type": "integer", "description": "How many automations fired."},
        },
        "required": ["created", "revision", "triggers", "fired"],
    }


def _with_outcome(properties: dict[str, Schema]) -> Schema:
    own = {"type": "object", "properties": properties, "required": list(properties)}
    return {"allOf": [own, reference("Outcome")]}


def _problem() -> Schema:
    error = _closed({"path": {**_TEXT, "examples": ["3.total"]}, "detail": _TEXT})
    properties = {"type": _TEXT, "title": _TEXT, "status": _ID, "detail": _TEXT}
    schema = _closed(properties)
    schema["properties"] |= {"errors": {"type": "array", "items": error}}
    return schema


def _closed(properties: dict[str, Schema]) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}
