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


@pytest.mark.parametrize(
    "spelling", ["+44 7700 900223", "0044 7700 900 223", "(07700) 900-223", "7700900223"]
)
@pytest.mark.parametrize("kept", ["07700 900223", "+44 (0)7700 900223"])
def test_a_number_that_is_not_valid_is_found_in_any_spelling_too(kept: str, spelling: str) -> None:
    ends = {*endings(phone(kept, "GB"))}
    asked_for = [word for way in asked(spelling, "GB") for word in way]
    assert any(end.startswith(word) for word in asked_for for end in ends)


@pytest.mark.parametrize("name", ["Łukasz Ørsted", "lukasz ørsted", "LUKASZ ORSTED"])
def test_letters_with_strokes_are_found_with_and_without_them(name: str) -> None:
    assert words("Łukasz Ørsted") == ["lukasz", "orsted"] and asked(name, "GB")[0] == ["lukasz", "orsted"]
    assert words("Æsa Þór Đoko Işık") == ["aesa", "thor", "doko", "isik"]


def test_accents_and_signs_do_not_matter() -> None:
    assert words("Königs-Winter, José") == ["konigs", "winter", "jose"]
    assert words("STRASSE") == words("straße")
    assert code("1Z 999-aa1") == "1z999aa1"


def test_a_long_code_has_few_endings() -> None:
    assert [*endings("1z999aa10123456784")] == [
        "1z999aa10123456784",
        *("784", "6784", "56784", "456784", "3456784", "23456784"),
    ]
