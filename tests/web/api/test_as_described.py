"""What the OpenAPI document calls valid is taken, and what it does not is refused, field by field."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.pipeline.intake import reading
from automations.pipeline.intake.composite_types import LINE, PERSON
from automations.pipeline.intake.record_schema import FIELDS
from automations.web.api.openapi import document
from tests.pipeline.intake.test_take_records import READERS
from tests.web.api.conftest import Till, problems

#: The document cannot know a shop's lists and own fields, nor how many decimals its currency has.
OWN = {"status", "payment_status", "order_type", "event_type", "fulfilment_method", "delivery_type"}
OWN |= {"delivery_status", "source", "custom"}
MONEY = {"total", "amount_paid", "budget", "unit_price", "shipping", "discount", "tax", "amount_refunded"}
PLACES = [(subject, name) for subject, fields in FIELDS.items() for name in fields]

odd = st.sampled_from(
    [" ", "\n", "\t", "\xa0", "\u200b", "\u202e", "\u2028", "/", ".", "\0", "é", "0", "Z", "\U000e0041"]
)
texts = st.text(odd | st.characters(exclude_categories=["Cs"]), max_size=12)
long_texts = st.builds(
    lambda sign, size: sign * size,
    st.sampled_from(["x", " ", "é"]),
    st.sampled_from([50, 51, 60, 61, 100, 101, 200, 201, 254, 255, 10_000, 10_001]),
)
numbers = (
    st.integers(-2, 1_000_001) | st.floats(allow_nan=False, allow_infinity=False) | st.integers().map(float)
)
amounts = st.from_regex(r"-?[0-9]{1,13}(\.[0-9]{0,4})?", fullmatch=True)
days = st.dates().map(dt.date.isoformat) | st.sampled_from(
    ["2026-02-29", "2028-02-29", "20261122", "2026-W48-7", "1899-12-31"]
)
moments = st.builds(
    "".join,
    st.tuples(
        days,
        st.sampled_from(["T", "t", " ", ""]),
        st.sampled_from(
            ["10:00:00", "23:59:59", "23:59:60", "10:00:60", "24:00:00", "10:00", "", "10:60:00", "1:00:00"]
        ),
        st.sampled_from(["", ".5", ".123456789", ".", ",5", ".1234567890123"]),
        st.sampled_from(["Z", "z", "+01:00", "-00:00", "+23:59", "-24:00", "+0100", "+01", "", "+1:00"]),
    ),
)
plain = st.none() | st.booleans() | numbers | texts | long_texts | amounts | days | moments
line = st.dictionaries(st.sampled_from([*LINE, "colour"]), plain, max_size=6)
good_line = st.fixed_dictionaries(
    {"name": texts, "unit_price": amounts}, optional={"quantity": numbers, "sku": texts}
)
person = st.dictionaries(st.sampled_from([*PERSON, "colour"]), plain, max_size=3)
values = plain | st.lists(texts | long_texts, max_size=3) | st.lists(line | good_line, max_size=3) | person


@cache
def validator(name: str) -> Any:
    schema = {"$ref": f"#/components/schemas/{name}", "components": document()["components"]}
    return jsonschema_rs.validator_for(schema, validate_formats=True)


def taken(subject: str, sent: Any) -> bool:
    try:
        reading.read_one(json.dumps(sent).encode(), READERS[subject])
    except (reading.IntakeRefused, reading.RequestNotJson):
        return False
    return True


def knowable(name: str, value: Any) -> bool:
    """Whether the document can say if this value is taken: no third decimal, no lines beyond any sum.

    It does not list all languages that there are.
    """
    if name in OWN or name == "language" or (isinstance(value, dict) and "language" in value):
        return False
    if name in MONEY and isinstance(value, str) and "." in value:
        return len(value.partition(".")[2].rstrip("0")) <= 2
    if name == "lines" and isinstance(value, list):
        return all(
            len(str(one.get("unit_price")).partition(".")[0]) < 6
            and not str(one.get("unit_price")).partition(".")[2][2:].rstrip("0")
            for one in value
            if isinstance(one, dict)
        )
    return True


@pytest.mark.parametrize(("subject", "name"), PLACES)
@settings(max_examples=60)
@given(value=values)
def test_a_field_is_taken_exactly_when_the_document_calls_it_valid(
    subject: str, name: str, value: Any
) -> None:
    is_valid = validator(f"{subject.capitalize()}Given").is_valid({name: value})
    if not is_valid or knowable(name, value):
        assert taken(subject, {name: value}) == is_valid


@settings(max_examples=300)
@given(text=moments)
def test_the_time_an_order_was_placed_is_rfc_3339(text: str) -> None:
    assert taken("order", {"placed_at": text}) == validator("OrderGiven").is_valid({"placed_at": text})


@settings(max_examples=200)
@given(
    moment=st.datetimes(dt.datetime(1900, 1, 2), dt.datetime(2199, 12, 30)), minutes=st.integers(-1439, 1439)
)
def test_every_moment_is_taken_with_every_offset(moment: dt.datetime, minutes: int) -> None:
    offset = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    text = f"{moment.isoformat(timespec='microseconds')}{offset}"
    item = reading.read_one(json.dumps({"placed_at": text}).encode(), READERS["order"])
    assert item.values["placed_at"] == moment.replace(tzinfo=dt.UTC) - dt.timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("text", "answered"),
    [
        ("2026-11-22t10:00:00z", "2026-11-22T10:00:00Z"),
        ("2026-11-22T10:00:00.123456789Z", "2026-11-22T10:00:00Z"),
        ("2026-11-22T10:00:00-00:00", "2026-11-22T10:00:00Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
        ("2017-01-01T00:59:60+01:00", "2016-12-31T23:59:59Z"),
        ("1900-01-01T00:00:00+05:00", "1899-12-31T19:00:00Z"),
    ],
)
def test_an_unusual_time_is_taken(till: Till, text: str, answered: str) -> None:
    record = till.post("/api/orders", {"number": "1", "placed_at": text}).json["record"]
    assert record["placed_at"] == answered
    assert till.patch("/api/orders/1", {"placed_at": record["placed_at"]}).json["triggers"] == []


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22",
        "2026-11-22 10:00:00Z",
        "2026-11-22T10:00Z",
        "2026-11-22T10:00:00",
        "2026-11-22T10:00:00+0100",
        " 2026-11-22T10:00:00Z",
        "2026-11-22T10:00:60Z",
        "2026-11-22T24:00:00Z",
    ],
)
def test_what_is_no_rfc_3339_time_is_refused_with_an_example(till: Till, text: str) -> None:
    found = problems(till.post("/api/orders", {"placed_at": text}))
    assert found["placed_at"].startswith(
        "Needs a date and time with its offset, such as 2026-11-22T10:00:00Z"
    )


def test_a_whole_number_may_be_written_with_a_point(till: Till) -> None:
    sent = b'{"number": "1", "guests": 80.0}'
    assert till.raw("/api/events", sent).json["record"]["guests"] == 80
    lines = b'{"number": "1", "lines": [{"name": "Roses", "quantity": 2.0, "unit_price": "1.00"}]}'
    assert till.raw("/api/orders", lines).json["record"]["item_count"] == 2


@settings(max_examples=200)
@given(
    sent=st.dictionaries(
        st.sampled_from(["number", "email", "first_name", "last_name", "phone", "note"]),
        texts | st.none(),
        max_size=4,
    )
)
def test_a_customer_who_may_be_new_needs_what_the_document_says(sent: dict[str, Any]) -> None:
    read = reading.requiring_identity(READERS["customer"])
    try:
        reading.read_one(json.dumps(sent).encode(), read)
    except reading.IntakeRefused:
        is_taken = False
    else:
        is_taken = True
    assert is_taken == validator("CustomerNew").is_valid(sent)
