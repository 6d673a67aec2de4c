"""What the menu inserts can be read, whatever a store calls its own fields."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.engine.fields.shared_fields import custom_field
from automations.engine.fields.subjects import SUBJECTS
from automations.messages.message_context import context_from
from automations.messages.message_fields import fields
from automations.messages.render import render
from automations.messages.template_check import check
from automations.models.settings.choices import key_of
from tests.messages.samples import ORDER, label

WORDS = """
For With In Not Limit Empty Blank Nil Null True False And Or Contains Offset Reversed Cols Continue As If
Else Required Id Size First Last Name Case When Endif Forloop Custom Order Answers 2nd 2nd_visit 1.5 Größe
Émile 日本 _ __x a-b
"""
RESERVED = WORDS.split()
LABELS = st.sampled_from(RESERVED) | st.text(min_size=1, max_size=60).filter(str.strip)


def written(name: str, subject: str = "order") -> str:
    """Return what a message shows of an own text field of this name, inserted with the menu."""
    own = custom_field(key_of(name), name, "text", subject=subject)
    menu = next(group for group in fields(subject, {own.key: own}) if group.label == "Custom fields")
    (entry,) = menu.snippets
    assert (entry.label, check(entry.snippet, subject, own={own.key: own})) == (name, [])
    snapshot = {**ORDER, "custom": {key_of(name): "yellow"}}
    return render(entry.snippet, context_from(subject, snapshot, label, own={own.key: own}))


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("name", RESERVED)
def test_a_field_named_like_a_word_of_the_template_language_is_inserted_readably(
    name: str, subject: str
) -> None:
    assert written(name, subject) == "yellow"


@given(LABELS)
def test_a_field_of_any_name_is_inserted_readably(name: str) -> None:
    assert written(name) == "yellow"


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("{{ order.custom.for }}", 'Write order.custom["for"].'),
        ("{% if order.custom.with %}x{% endif %}", 'Write order.custom["with"].'),
        ("{{ order.custom.2 | upcase }}", 'Write order.custom["2"].'),
    ],
)
def test_a_name_that_cannot_follow_a_dot_is_refused_with_what_to_write(text: str, advice: str) -> None:
    assert advice in check(text, "order")[0].sentence
