"""Each type of field describes in JSON Schema what it takes."""

from __future__ import annotations

import pytest

from automations.pipeline.intake.field_types import Schema, TextType


@pytest.mark.parametrize(
    ("type", "more"),
    [
        (TextType(10), {}),
        (TextType(10, least=1), {"minLength": 1}),
        (TextType(10, "Rosa"), {"examples": ["Rosa"]}),
    ],
)
def test_a_text_says_how_long_it_may_be_and_gives_an_example(type: TextType, more: Schema) -> None:
    schema = type.schema()
    assert schema.pop("pattern") == "^[^\0]*$"
    assert schema == {"type": "string", "maxLength": 10} | more
