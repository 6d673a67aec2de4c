"""Single values in words."""

from __future__ import annotations

import pytest

from automations.engine.fields.subject import Field
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.value_types import Value, parse
from automations.engine.wording.value_phrases import stored_words, subject_of, value_words
from tests.engine.shop_words import ShopWords

_FIELDS = SUBJECTS["order"].fields
_NOTE = Field("note", "Note", "text", ("note",), "its note")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        (_FIELDS["total"], parse("money", "86.5"), "86.50 CHF"),
        (_FIELDS["item_count"], parse("number", "3"), "3"),
        (_FIELDS["delivery_date"], parse("date", "2026-11-24"), "24 Nov 2026"),
        (_FIELDS["placed_at"], parse("datetime", "2026-11-24T09:30"), "24 Nov 2026 10:30 CET"),
        (_FIELDS["payment_status"], "partially_paid", "Partially paid"),
        (_FIELDS["store"], "1", "Bloom & Wild St"),
        (_FIELDS["tags"], frozenset({"vip", "late", "gift"}), "gift, late and vip"),
        (_NOTE, "Ring twice", "“Ring twice”"),
        (_NOTE, "", "empty"),
        (_FIELDS["tags"], frozenset(), "empty"),
        (_FIELDS["account"], None, "empty"),
    ],
)
def test_each_value_type_has_its_own_format(field: Field, value: Value | None, words: str) -> None:
    assert value_words(field, value, ShopWords("CHF")) == words


@pytest.mark.parametrize(
    ("value", "words"), [("40", "£40.00"), ("", "…"), (None, "…"), ("  ", "…"), ("forty", "forty")]
)
def test_a_value_still_being_typed_is_shown_as_far_as_it_goes(value: str | None, words: str) -> None:
    assert stored_words(_FIELDS["total"], value, ShopWords()) == words


def test_a_subject_may_be_named_by_its_key() -> None:
    assert subject_of("order") is subject_of(SUBJECTS["order"]) is SUBJECTS["order"]
