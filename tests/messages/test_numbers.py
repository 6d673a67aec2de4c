"""Numbers in templates compare, calculate and print as exact decimals."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.engine.fields.shared_fields import custom_field
from automations.messages.message_context import context_from
from automations.messages.render import render
from automations.messages.template_check import check
from tests.messages.samples import label, order_context

AMOUNTS = st.decimals("-99999.999", "99999.999", allow_nan=False, places=3) | st.decimals(
    "-99.99", "99.99", allow_nan=False, places=2
)
COMPARED: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


@given(AMOUNTS, AMOUNTS, st.sampled_from(list(COMPARED)))
def test_a_field_compares_with_a_number_as_their_decimals_do(
    left: Decimal, right: Decimal, sign: str
) -> None:
    for other in (right, left):
        expected = "yes" if COMPARED[sign](left, other) else "no"
        for condition in (f"order.total {sign} {other}", f"{left} {sign} order.amount_paid"):
            text = f"{{% if {condition} %}}yes{{% else %}}no{{% endif %}}"
            context = order_context(total=str(left), amount_paid=str(other))
            assert render(text, context) == expected


@given(AMOUNTS, AMOUNTS)
def test_a_case_compares_with_a_number_as_their_decimals_do(left: Decimal, right: Decimal) -> None:
    text = f"{{% case order.total %}}{{% when {right} %}}yes{{% else %}}no{{% endcase %}}"
    assert render(text, order_context(total=str(left))) == ("yes" if left == right else "no")
    assert render(text, order_context(total=str(right))) == "yes"


@pytest.mark.parametrize(
    ("total", "condition", "holds"),
    [
        ("20.10", "order.total >= 20.10", True),
        ("20.10", "order.total <= 20.1", True),
        ("49.90", "order.total > 49.90", False),
        ("49.90", "order.total < 49.9", False),
        ("19.90", "order.total == 19.90", True),
        ("19.90", "order.total != 19.9", False),
        ("19.90", "order.lines[0].unit_price == 0.3", True),
        ("19.90", "19.90 == order.total", True),
        ("19.90", "order.number == '1042' and order.total == 19.90", True),
    ],
)
def test_an_amount_equals_the_same_number_in_a_condition(total: str, condition: str, holds: bool) -> None:
    text = f"{{% if {condition} %}}yes{{% else %}}no{{% endif %}}"
    assert check(text, "order") == []
    context = order_context(total=total, lines=[{"name": "Card", "unit_price": "0.30"}])
    assert render(text, context) == ("yes" if holds else "no")


@given(AMOUNTS, AMOUNTS)
def test_filters_calculate_as_decimals_do(left: Decimal, right: Decimal) -> None:
    context = order_context(total=str(left))
    for name, calculate in {"plus": operator.add, "minus": operator.sub, "times": operator.mul}.items():
        shown = render(f"{{{{ order.total | {name}: {right} }}}}", context)
        assert Decimal(shown) == calculate(left, right)
        assert "E" not in shown and (Decimal(shown) != 0 or "-" not in shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{{ order.total | round: -2 }}", "1200"),
        ("{{ order.total | round: -1 }}", "1230"),
        ("{{ order.total | round: -6 }}", "0"),
        ("{{ order.total | times: 0.1 }}", "123.456"),
        ("{{ order.total | times: -0 }}", "0.00"),
        ("{{ order.total | minus: 1234.56 | times: -1 }}", "0.00"),
        ("{{ -0.4 | round }}", "0"),
        ("{{ '1E+5' | times: 1 }}", "100000"),
        ("{{ '1E+5' | times: 1 | upcase }}", "100000"),
        ("{{ '1E-7' | times: 1 }}", "0.0000001"),
        ("{{ 20.10 }}", "20.10"),
        ("{{ '12345678901234567890' | plus: 0.12345678901 }}", "12345678901234567890.12345678901"),
        ("{{ order.lines[9].quantity | plus: 2 }}", "2"),
        ("{{ '  ' | plus: 2 }}", "2"),
    ],
)
def test_a_result_is_written_out_in_full(text: str, shown: str) -> None:
    assert render(text, order_context(total="1234.56")) == shown


def test_a_number_of_the_stores_own_is_written_out_in_full() -> None:
    own = {"custom.guests": custom_field("guests", "Guests", "number")}
    context = context_from("order", {"custom": {"guests": "1E+5"}}, label, own=own)
    assert render("{{ order.custom.guests }}", context) == "100000"
    assert render("{{ order.custom.guests | downcase }}", context) == "100000"
