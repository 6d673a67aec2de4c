from __future__ import annotations

from typing import Any

import pytest

from automations.engine.fields.subjects import SUBJECTS
from automations.messages.message_context import context_from
from automations.messages.message_fields import KNOWN, fields
from automations.messages.render import render
from automations.messages.template_check import check
from automations.messages.value_shapes import FieldShape
from tests.messages.samples import ORDER, label

SNIPPETS = [
    (subject, entry.snippet) for subject in KNOWN for group in fields(subject) for entry in group.snippets
]


@pytest.mark.parametrize(("subject", "snippet"), SNIPPETS)
def test_every_entry_of_the_menu_inserts_a_valid_template(subject: str, snippet: str) -> None:
    assert check(snippet, subject) == []
    render(snippet, context_from(subject, ORDER, label))


def test_the_menu_has_the_order_number() -> None:
    order = fields("order")[0]
    assert (order.label, order.snippets[0].label, order.snippets[0].snippet) == (
        "Order",
        "Number",
        "{{ order.number }}",
    )


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_field_of_a_condition_can_be_shown_in_a_message_under_the_same_name(subject: str) -> None:
    for field in SUBJECTS[subject].changing:
        if field.type == "bool":
            continue
        if field.reference:
            assert field.path[0] in KNOWN[subject]
            continue
        shape: Any = KNOWN[subject][subject]
        for step in field.path:
            shape = shape.fields[step]
        assert shape.label == field.label
        assert not isinstance(shape, FieldShape) or shape.choices == (field.choices or "")


def test_the_snippet_for_the_lines_lists_them_without_blank_lines() -> None:
    snippet = next(entry.snippet for entry in fields("order")[0].snippets if entry.label == "Lines")
    assert render(snippet, context_from("order", ORDER, label)) == "2 x Roses\n1 x Vase\n"


@pytest.mark.parametrize(
    "snapshot", [{}, {"order": 3, "customer": "x", "lines": 4, "tags": None, "total": "a lot"}]
)
def test_a_snapshot_with_gaps_still_makes_a_context(snapshot: dict[str, object]) -> None:
    context = context_from("order", snapshot, label)
    assert render("{{ order.total }}{{ customer.name }}{{ order.lines.size }}", context) == "0"
