"""What a message does not show is never made."""

from __future__ import annotations

from automations.messages.lazy_values import LazyValues
from automations.messages.message_context import context_from
from automations.messages.render import render
from tests.messages.samples import ORDER


def test_a_value_is_made_once_when_it_is_first_looked_at() -> None:
    made: list[str] = []

    def make(name: str) -> object:
        made.append(name)
        return name.upper()

    values = LazyValues(("a", "b"), make)
    assert (len(values), list(values), "b" in values, "c" in values, made) == (2, ["a", "b"], True, False, [])
    assert (values["a"], values.get("a"), values.get("c"), made) == ("A", "A", None, ["a"])
    assert dict(values) == {"a": "A", "b": "B"}


def test_a_message_asks_the_store_only_for_the_choices_that_it_shows() -> None:
    asked: list[str] = []

    def label(list_key: str, key: str) -> str:
        asked.append(list_key)
        return key

    assert render("{{ order.number }}: {{ order.status }}", context_from("order", ORDER, label)) != ""
    assert asked == ["order_status"]
