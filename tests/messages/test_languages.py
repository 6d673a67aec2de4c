"""Languages are known by their tags, in any spelling, and by their names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.engine.fields.language_tags import language_tag, spoken
from automations.messages.languages import known_tag, name_of, offered, same_language


@pytest.mark.parametrize(
    ("said", "tag"),
    [
        ("de", "de"),
        ("DE_at", "de-AT"),
        (" en-us ", "en-US"),
        ("zh-Hant-TW", "zh-TW"),
        ("es-419", "es-419"),
        ("German", "de"),
        ("deutsch", "de"),
        ("Français", "fr"),
        ("German (Austria)", "de-AT"),
        ("klingon", ""),
        ("qq", ""),
        ("d", ""),
        ("de;DROP", ""),
        ("", ""),
    ],
)
def test_a_language_is_known_by_its_tag_or_its_name(said: str, tag: str) -> None:
    assert known_tag(said) == tag


@given(st.text(max_size=60))
def test_any_text_is_a_tag_that_stays_as_it_is_or_none(text: str) -> None:
    tag = known_tag(text)
    assert known_tag(tag) == tag
    assert language_tag(text) in ("", language_tag(language_tag(text)))


def test_every_offered_language_has_a_name_and_is_known_by_it() -> None:
    for tag, name in offered():
        assert name_of(tag) == name != tag
        assert spoken(known_tag(name)) == spoken(tag)


def test_the_country_makes_no_other_language() -> None:
    assert same_language("de-AT", "de")
    assert not same_language("de", "da")
