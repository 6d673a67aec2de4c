"""Comparisons that would fail for every record, or never hold, are refused with what to write."""

from __future__ import annotations

import pytest

from automations.engine.fields.shared_fields import custom_field
from automations.messages.template_check import check

OWN = {
    field.key: field
    for field in (
        custom_field("gift", "Gift", "bool", subject="order"),
        custom_field(
            "ribbon", "Ribbon", "choice", subject="order", labels={"red": "Red", "blue": "Dark blue"}
        ),
    )
}
REFUSED = [
    ("order.total contains '2'", "order.total is a number, which contains nothing."),
    ("order.custom.gift contains 'y'", "ask {% if order.custom.gift %}"),
    ("order.lines contains 'Roses'", "order.lines is a list of several fields."),
    ("order.tags contains 5", "in quotation marks"),
    ("order.note contains order.tags", "order.tags is a list."),
    ("order.lines == 2", "compare its number, order.lines.size"),
    ("order.tags > 2", "compare its number, order.tags.size"),
    ("order.note == true", "ask {% if order.note %}"),
    ("order.delivery_date == '24 November 2026'", "compare it with one written like '2026-11-24'"),
    ("order.delivery_date > 'tomorrow'", "compare it with one written like '2026-11-24'"),
    ("'yesterday' < order.placed_at", "compare it with one written like '2026-11-24'"),
    ("order.delivery_date == 2026", "order.delivery_date is a date and 2026 is a number."),
    ("order.status > 'Paid'", "compare it with == or !="),
    ("order.custom.ribbon == 'Green'", "“Ribbon” has no “Green”. Choose Red or Dark blue."),
]
ACCEPTED = [
    "order.tags == nil",
    "order.lines.size > 2",
    "order.delivery_date == '2026-11-24'",
    "order.delivery_date == order.placed_at",
    "order.delivery_date != ''",
    "order.placed_at contains '2026-11'",
    "order.status contains 'Courier'",
    "order.custom.ribbon == 'dark BLUE'",
    "order.note contains 5",
    "order.status != order.note",
]


@pytest.mark.parametrize(("condition", "sentence"), REFUSED)
def test_a_comparison_that_cannot_hold_is_refused(condition: str, sentence: str) -> None:
    (problem,) = check(f"{{% if {condition} %}}x{{% endif %}}", "order", own=OWN)
    assert sentence in problem.sentence


@pytest.mark.parametrize(
    ("value", "other", "sentence"),
    [
        ("order.total", "'20'", "order.total is a number and '20' is a text."),
        ("order.delivery_date", "'soon'", "written like '2026-11-24'"),
        ("order.custom.ribbon", "'Green'", "“Ribbon” has no “Green”."),
        ("order.custom.gift", "'yes'", "ask {% if order.custom.gift %}"),
    ],
)
def test_a_case_is_checked_like_a_comparison(value: str, other: str, sentence: str) -> None:
    (problem,) = check(f"{{% case {value} %}}{{% when {other} %}}x{{% endcase %}}", "order", own=OWN)
    assert sentence in problem.sentence


@pytest.mark.parametrize("condition", ACCEPTED)
def test_a_comparison_that_can_hold_is_accepted(condition: str) -> None:
    assert check(f"{{% if {condition} %}}x{{% endif %}}", "order", own=OWN) == []
