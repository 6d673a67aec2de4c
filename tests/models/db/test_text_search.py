"""A text is found whatever the case of its letters, the same way in both databases."""

from __future__ import annotations

import ast
import unicodedata

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automations.models.db import text_search
from automations.models.db.base import db
from automations.models.tables.order import Order
from tests.kit import source
from tests.kit.kept_plans import kept_plan

letters = st.characters(categories=("Lu", "Ll", "Lt", "Nd", "Zs", "Po", "Sm", "Ps", "Pe"), codec="utf-8")
names = st.text(letters, min_size=1, max_size=12)


def holds(condition: sa.ColumnElement[bool]) -> bool:
    return bool(db.session.scalar(sa.select(condition)))


def column(text: str) -> sa.ColumnElement[str]:
    return sa.cast(sa.literal(text), sa.Text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=names, name=names, after=names)
def test_a_name_is_found_in_small_letters_and_in_capitals(
    app: Flask, before: str, name: str, after: str
) -> None:
    for typed in (name, name.lower(), name.upper()):
        if text_search.folded(typed) != text_search.folded(name) or len(typed) != len(name):
            continue  # "ŉ".upper() is two letters that nobody would call the same name.
        assert holds(text_search.contains(column(before + name + after), typed)), typed
        assert holds(text_search.begins(column(name + after), typed)), typed
        assert holds(text_search.equals(column(name), typed)), typed


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=names, typed=names)
def test_what_is_not_there_is_not_found(app: Flask, name: str, typed: str) -> None:
    if not holds(text_search.contains(column(name), typed)):
        return
    ways = {text_search.folded(unicodedata.normalize(form, name)) for form in ("NFC", "NFD")}
    assert any(text_search.folded(typed) in way for way in ways)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Émile", "émile"),
        ("Özlem", "özlem"),
        ("Çelik", "çelik"),
        ("İbrahim", "ibrahim"),
        ("Işıl", "IŞIL"),
        ("Straße 9", "STRASSE"),
        ("Strasse 9", "straße"),
        ("Οδυσσέας", "ΟΔΥΣΣΈΑΣ"),
        ("Ольга", "ольга"),
        ("E\u0301mile", "émile"),
        ("Émile", "e\u0301mile"),
        ("100% [a*b?] ^$.\\", "[A*B?] ^$.\\"),
    ],
)
def test_names_of_many_languages_are_found_as_people_type_them(app: Flask, name: str, typed: str) -> None:
    assert holds(text_search.begins(column(name), typed)) or holds(text_search.contains(column(name), typed))


@pytest.mark.parametrize(("name", "typed"), [("Emile", "émile"), ("axb", "a?b"), ("ab", "a*"), ("a", "[a]")])
def test_another_letter_is_another_name_and_no_character_is_a_wildcard(
    app: Flask, name: str, typed: str
) -> None:
    assert not holds(text_search.contains(column(name), typed))


def test_nobody_asks_the_database_for_the_case_of_letters() -> None:
    theirs = {"icontains", "istartswith", "iendswith", "ilike", "not_ilike"}
    used = {
        f"{one.name}: {node.attr}"
        for one in source.product()
        for node in ast.walk(one.tree)
        if isinstance(node, ast.Attribute) and node.attr in theirs
    }
    assert used == set()


def test_what_a_number_begins_with_is_found_by_an_index_with_a_plan_that_is_kept(app: Flask) -> None:
    query = sa.select(Order.id).where(Order.store_id == 1, text_search.starts_as(Order.number, "104"))
    sought = [line for line in kept_plan(query).splitlines() if "Index Cond" in line or "SEARCH" in line]
    assert [line for line in sought if "number" in line], sought
