"""What is empty compares as empty, and is shown as nothing."""

from __future__ import annotations

import pytest

from automations.messages.message_context import context_from
from automations.messages.message_fields import known
from automations.messages.render import render
from automations.messages.template_check import check
from automations.messages.value_shapes import FieldShape, ListOf
from tests.messages.samples import label, order_context

EMPTY = (None, "", "   ", " \n")


@pytest.mark.parametrize("note", EMPTY)
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{% if order.note != "" %}Note: {{ order.note }}{% endif %}', ""),
        ("{% if order.note <> '' %}Note{% endif %}", ""),
        ('{% if order.note == "" %}none{% endif %}', "none"),
        ('{% if "" == order.note %}none{% endif %}', "none"),
        ("{% if order.note == ' ' %}none{% endif %}", "none"),
        ('{% unless order.note == "" %}Note{% endunless %}', ""),
        ('{% case order.note %}{% when "" %}none{% else %}Note{% endcase %}', "none"),
        ("{% if order.note %}Note{% endif %}", ""),
        ('{{ order.note | default: "none" }}', "none"),
        ('{{ order.note | date: "%Y" }}{{ order.note | money }}{{ order.note | truncate: 3 }}', ""),
        ("{{ order.lines[9].name | upcase }}{{ order.lines[9].unit_price | money }}", ""),
    ],
)
def test_a_text_that_holds_nothing_is_empty(text: str, shown: str, note: str | None) -> None:
    assert render(text, order_context(note=note)) == shown


def test_a_text_that_holds_something_is_not_empty() -> None:
    text = (
        '{% if order.note != "" %}Note: {{ order.note }}{% endif %}{% if order.note == "" %}none{% endif %}'
    )
    assert check(text, "order") == []
    assert render(text, order_context(note="Ring twice")) == "Note: Ring twice"


@pytest.mark.parametrize("subject", ["order", "event", "customer"])
def test_every_field_of_an_empty_record_equals_nothing_and_shows_nothing(subject: str) -> None:
    context = context_from(subject, {}, label)
    for name, group in known(subject).items():
        for key, shape in group.fields.items():
            path = f"{name}.{key}"
            shown = "" if isinstance(shape, ListOf) else f"{{{{ {path} }}}}"
            text = f'{{% if {path} == "" %}}empty{{% endif %}}{{% if {path} != "" %}}full{{% endif %}}{shown}'
            assert render(text, context) == "empty", path
            if isinstance(shape, FieldShape) and shape.type != "bool":
                assert check(text, subject) == [], path


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{{ answers.a.words }}", "x, y"),
        ("{{ answers.a.flags }}", "true, false"),
        ("{{ answers.a.sums }}", "100000.0, 0.50"),
        ("{{ answers.a }}", ""),
        ("{{ answers.a.missing }}{{ answers.a.spaces | default: 'none' }}", "none"),
    ],
)
def test_a_list_or_object_of_an_answer_never_shows_the_names_of_python(text: str, shown: str) -> None:
    answer = {
        "words": ["x", None, "", "y"],
        "flags": [True, False, None],
        "sums": [1e5, "0.50"],
        "missing": None,
        "spaces": " ",
    }
    assert render(text, {"answers": {"a": answer}}) == shown
