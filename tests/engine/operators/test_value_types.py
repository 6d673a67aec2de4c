"""Plain text and plain JSON become typed values, or a sentence that says what to change."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.engine.operators.value_types import MAX_LENGTH, TYPES, InvalidValue, missing, parse, read


@pytest.mark.parametrize(
    ("type", "raw", "value"),
    [
        ("choice", "paid", "paid"),
        ("text", "  red rose ", "red rose"),
        ("reference", "7", "7"),
        ("number", "12", Decimal(12)),
        ("number", "-1.5", Decimal("-1.5")),
        ("number", "1e3", Decimal(1000)),
        ("money", " 40.00 ", Decimal(40)),
        ("money", "+0.10", Decimal("0.1")),
        ("date", "2026-11-24", date(2026, 11, 24)),
        ("datetime", "2026-11-24T09:30", datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
        ("datetime", "2026-11-24 09:30:15Z", datetime(2026, 11, 24, 9, 30, 15, tzinfo=UTC)),
        ("datetime", "2026-11-24T09:30+02:00", datetime(2026, 11, 24, 7, 30, tzinfo=UTC)),
        ("datetime", "2026-11-24", datetime(2026, 11, 24, tzinfo=UTC)),
        ("tags", " vip ", frozenset({"vip"})),
    ],
)
def test_typed_text_becomes_a_typed_value(type: str, raw: str, value: object) -> None:
    assert parse(type, raw) == value


@pytest.mark.parametrize(
    ("type", "raw", "sentence"),
    [
        ("money", "forty", "needs a number such as 40.00, not “forty”"),
        ("money", "£40", "needs a number such as 40.00, not “£40”"),
        ("money", "1,000", "needs a number such as 40.00, not “1,000”"),
        ("number", "NaN", "needs a number such as 40.00, not “NaN”"),
        ("number", "Infinity", "needs a number such as 40.00, not “Infinity”"),
        ("number", "1_000", "needs a number such as 40.00, not “1_000”"),
        ("number", "١٢", "needs a number such as 40.00, not “١٢”"),
        ("number", "1e999", "needs a number such as 40.00, not “1e999”"),
        ("number", "1e99", "needs a number of a usual size such as 40.00, not “1e99”"),
        ("number", "1e-99", "needs a number of a usual size such as 40.00, not “1e-99”"),
        ("number", "9" * 30, f"needs a number of a usual size such as 40.00, not “{'9' * 30}”"),
        ("date", "24/11/2026", "needs a date such as 2026-11-24, not “24/11/2026”"),
        ("date", "20261124", "needs a date such as 2026-11-24, not “20261124”"),
        ("date", "2026-02-30", "needs a date such as 2026-11-24, not “2026-02-30”"),
        ("datetime", "noon", "needs a date and time such as 2026-11-24T09:30, not “noon”"),
        (
            "datetime",
            "2026-11-24T25:00",
            "needs a date and time such as 2026-11-24T09:30, not “2026-11-24T25:00”",
        ),
        (
            "datetime",
            "0001-01-01T00:00+02:00",
            "needs a date and time such as 2026-11-24T09:30, not “0001-01-01T00:00+02:00”",
        ),
        ("text", "a\0b", "has a character that can’t be stored; type the value again"),
        ("text", "half \ud83d a flower", "has a character that can’t be stored; type the value again"),
        ("choice", "   ", "needs a value"),
        ("text", "x" * 501, "needs at most 500 characters, this value has 501"),
    ],
)
def test_an_unfit_value_is_refused_with_a_reason(type: str, raw: str, sentence: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        parse(type, raw)
    assert str(refused.value) == sentence


def test_a_long_refused_value_is_quoted_short() -> None:
    with pytest.raises(InvalidValue, match=r"not “x{40}…”$"):
        parse("number", "x" * MAX_LENGTH)


@given(st.sampled_from(TYPES), st.text())
def test_any_text_is_either_parsed_or_refused(type: str, raw: str) -> None:
    try:
        assert not missing(parse(type, raw))
    except InvalidValue as refused:
        assert str(refused)


@given(st.decimals(-1_000_000, 1_000_000, places=2))
def test_an_amount_survives_being_text(amount: Decimal) -> None:
    assert parse("money", str(amount)) == amount


@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize("stored", [None, "", []])
def test_an_empty_stored_value_is_missing(type: str, stored: object) -> None:
    assert read(type, stored) is None


@pytest.mark.parametrize(
    ("type", "stored", "value"),
    [
        ("number", 3, Decimal(3)),
        ("number", 2.5, Decimal("2.5")),
        ("money", "86.50", Decimal("86.50")),
        ("money", "1E+2", Decimal(100)),
        ("choice", "paid", "paid"),
        ("text", "   ", None),
        ("date", "2026-11-24", date(2026, 11, 24)),
        ("date", " ", None),
        ("datetime", "2026-11-22T10:00:00Z", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("datetime", " ", None),
        ("reference", 7, "7"),
        ("tags", ["vip", " trade ", ""], frozenset({"vip", "trade"})),
        ("tags", [""], None),
    ],
)
def test_plain_json_becomes_a_typed_value(type: str, stored: object, value: object) -> None:
    assert read(type, stored) == value


@pytest.mark.parametrize(
    ("type", "stored"),
    [
        ("number", True),
        ("number", {}),
        ("money", "forty"),
        ("money", float("nan")),
        ("date", 20261124),
        ("date", "tomorrow"),
        ("datetime", "now"),
        ("choice", ["paid"]),
        ("reference", False),
        ("text", 1.5),
        ("tags", "vip"),
        ("tags", [1]),
    ],
)
def test_an_unreadable_stored_value_never_counts_as_missing(type: str, stored: object) -> None:
    with pytest.raises(InvalidValue):
        read(type, stored)


@pytest.mark.parametrize(
    ("value", "answer"), [(None, True), ("", True), (frozenset(), True), (Decimal(0), False)]
)
def test_nothing_empty_text_and_no_tags_are_missing_but_zero_is_not(value: object, answer: bool) -> None:
    assert missing(value) is answer


@pytest.mark.parametrize("stored", ["40.00", "2026-11-24", "paid", "x" * 65, "nonsense"])
@pytest.mark.parametrize(
    "type", ["choice", "text", "number", "money", "date", "datetime", "tags", "reference"]
)
def test_a_value_seen_before_is_read_the_same(type: str, stored: str) -> None:
    assert _read_or_problem(type, stored) == _read_or_problem(type, stored)


def _read_or_problem(type: str, stored: str) -> object:
    try:
        return read(type, stored)
    except InvalidValue as problem:
        return str(problem)
