"""The words of records, and what a search text asks for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.features.search.record_words import asked, code, endings, phone, words

TEXTS = st.text(max_size=50)


@given(text=TEXTS, start=st.integers(0, 40), length=st.integers(3, 40))
def test_any_part_of_a_word_begins_one_of_its_endings(text: str, start: int, length: int) -> None:
    for word in words(text):
        part = word[start : start + length]
        if len(part) >= 4 and not any(map(str.isdigit, word)):
            assert any(ending.startswith(part) for ending in endings(word))


@given(text=TEXTS)
def test_the_words_of_a_text_are_the_same_in_any_case_and_told_twice(text: str) -> None:
    assert words(" ".join(words(text))) == words(text)
    assert words(text.upper()) == words(text.upper().lower())


@pytest.mark.parametrize(
    "spelling", ["+44 20 7946 0958", "020 7946 0958", "(020) 7946-0958", "0044 20 79460958", "02079460958"]
)
def test_a_phone_number_is_one_word_in_any_spelling(spelling: str) -> None:
    assert phone(spelling, "GB") == "442079460958"
    assert ["442079460958"] in asked(spelling, "GB")


def test_accents_and_signs_do_not_matter() -> None:
    assert words("Königs-Winter, José") == ["konigs", "winter", "jose"]
    assert words("STRASSE") == words("straße")
    assert code("1Z 999-aa1") == "1z999aa1"


def test_a_long_code_has_few_endings() -> None:
    assert [*endings("1z999aa10123456784")] == [
        "1z999aa10123456784",
        *("784", "6784", "56784", "456784", "3456784", "23456784"),
    ]
