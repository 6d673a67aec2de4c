"""The operators for several values, for prefixes, for days and for changes."""

from __future__ import annotations

from datetime import time
from decimal import Decimal

import pytest

from automations.engine.operators.date_operators import DATE_OPERATORS
from automations.engine.operators.operators import OPERATORS, fact_key


@pytest.mark.parametrize(
    ("actual", "values", "holds"),
    [
        ("paid", {"paid", "void"}, True),
        ("Paid", {"paid"}, False),
        (Decimal("6.0"), {Decimal(6), Decimal(12)}, True),
        (frozenset({"VIP", "late"}), {"vip", "trade"}, True),
        (frozenset({"late"}), {"vip"}, False),
    ],
)
def test_a_value_equal_to_any_list_entry_matches(actual: object, values: set[object], holds: bool) -> None:
    assert OPERATORS["is_one_of"].compare(actual, frozenset(values)) is holds
    assert OPERATORS["is_none_of"].compare(actual, frozenset(values)) is not holds


def test_between_includes_both_ends() -> None:
    between = OPERATORS["between"].compare
    held = [between(Decimal(amount), (Decimal(40), Decimal(50))) for amount in (39, 40, 45, 50, 51)]
    assert held == [False, True, True, True, False]


def test_a_range_of_times_may_wrap_around_midnight() -> None:
    night = (time(22), time(6))
    asked = (time(21, 59), time(22), time(0), time(6), time(6, 1))
    assert [OPERATORS["between"].compare(at, night) for at in asked] == [False, True, True, True, False]


def test_starts_with_ignores_case() -> None:
    starts = OPERATORS["starts_with"].compare
    assert starts("JD000123", "jd") and not starts("XJD", "jd") and not starts(None, "jd")


def test_a_derived_value_has_its_own_fact_key() -> None:
    found = {key: fact_key("status", one.derives) for key, one in OPERATORS.items() if one.derives}
    assert found == {
        **{entry.key: f"status@{entry.derives}" for entry in DATE_OPERATORS},
        "changed_from": "status@from",
        "changed_to": "status@to",
    }
    assert fact_key("status", "") == "status"
