from __future__ import annotations

import copy
import json
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from automations.models.db.base import db, write
from automations.models.settings.choices import DEFAULTS, StoreWords, key_of
from automations.models.tables.customer import Customer
from automations.models.tables.store import Store
from automations.pipeline.intake import reading, take_records, vocabulary_cache
from automations.pipeline.intake.amounts import Amounts
from automations.pipeline.intake.composite_types import LINE, LINE_NEEDS, LINE_STARTS, LinesType, ObjectReader
from automations.pipeline.intake.field_types import InvalidInput, ReadingContext, each
from automations.pipeline.intake.record_schema import FIELDS
from automations.pipeline.records.change import Cause
from tests.kit.statements import recorded_statements
from tests.world import NOW

CAUSE = Cause("api", "Front desk till")


class NewStore:
    """The vocabulary of a store with the default choices, without a database."""

    currency = "GBP"

    def options(self, list_key: str) -> list[tuple[str, str]]:
        return [(key_of(label), label) for label in DEFAULTS[list_key]]

    def key_for(self, list_key: str, word: str) -> str | None:
        return {label.casefold(): key for key, label in self.options(list_key)}.get(word.strip().casefold())

    def custom(self, subject: str) -> dict[str, Any]:
        return {}


WORDS: Any = NewStore()
READERS = {subject: reading.reader(subject, WORDS) for subject in FIELDS}

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
texts = st.sampled_from(["Paid", "86.50", "1.5", "2026-11-24", "2026-11-22T10:00:00Z", "", " x ", "\0"])
parts = st.sampled_from(sorted({*LINE, "colour"}))
counts = st.sampled_from([0, 1, 100_000, 100_001, -1, True, 3.0, 2.5, "2", 2**70])
whole = st.fixed_dictionaries(
    {"sku": texts, "name": texts, "category": texts, "quantity": counts, "unit_price": texts}
)
some = st.dictionaries(parts, texts | counts | plain, max_size=6)
lines = st.lists(whole, max_size=3) | st.lists(whole | some | plain, max_size=4)


@settings(max_examples=300)
@given(st.sampled_from(sorted(FIELDS)), st.data())
def test_any_record_is_read_or_refused_with_sentences(subject: str, data: st.DataObject) -> None:
    names = st.sampled_from([*sorted(FIELDS[subject]), "other"])
    sent = data.draw(st.dictionaries(names, texts | lines | plain, max_size=8) | plain)
    try:
        reading.read_one(json.dumps(sent).encode(), READERS[subject])
    except reading.RequestNotJson as error:
        assert str(error)
    except reading.IntakeRefused as error:
        assert error.problems and all(problem.sentence[-1] in ".…?" for problem in error.problems)


@settings(max_examples=300)
@given(lines)
def test_the_fast_reader_of_lines_agrees_with_the_careful_one(sent: list[Any]) -> None:
    context = ReadingContext(WORDS, Amounts("GBP"))
    careful = ObjectReader(LINE, context)

    def slowly(value: Any) -> dict[str, Any]:
        line = careful.read(value)
        if not all(name in line for name in LINE_NEEDS):
            raise InvalidInput(("", "Is missing."))
        return LINE_STARTS | line | {"unit_price": str(line["unit_price"])}

    expected = _or_none(lambda: each(copy.deepcopy(sent), slowly))
    assert _or_none(lambda: LinesType().reader(context)(copy.deepcopy(sent))) == expected


@pytest.mark.parametrize(
    ("currency", "good", "bad"),
    [("GBP", "1.25", "1.255"), ("JPY", "125", "1.5"), ("KWD", "1.255", "1.2555"), ("XXX", "-0.10", "0.001")],
)
def test_an_amount_has_the_decimals_of_its_currency(currency: str, good: str, bad: str) -> None:
    amounts = Amounts(currency)
    assert amounts[good] == Decimal(good)
    with pytest.raises(ValueError, match="decimals in"):
        amounts[bad]


@pytest.mark.parametrize(("currency", "text"), [("JPY", "505.00"), ("GBP", "86.500"), ("KWD", "37.100")])
def test_zeros_at_the_end_of_an_amount_are_not_too_many(currency: str, text: str) -> None:
    assert Amounts(currency)[text] == Decimal(text)
    with pytest.raises(ValueError, match="decimals in"):
        Amounts(currency)[f"{text}00"]


@pytest.mark.parametrize(("currency", "example"), [("JPY", "86"), ("GBP", "86.50"), ("KWD", "86.500")])
def test_the_example_of_an_amount_is_one_of_its_currency(currency: str, example: str) -> None:
    with pytest.raises(ValueError, match=rf"such as {example}, not “a lot”"):
        Amounts(currency)["a lot"]


def test_the_cache_of_amounts_is_bounded() -> None:
    amounts = Amounts("GBP")
    for number in range(20_000):
        amounts.texts[str(number)]
    assert len(amounts) < 5_000 and len(amounts.texts) < 5_000


def test_a_repeated_transaction_starts_from_the_items_as_sent(app: Flask, bloom: Store) -> None:
    body = b'{"account": "Town Hall", "customer": {"first_name": "Zoe"}}'
    item = reading.read_one(body, READERS["order"])
    before = copy.deepcopy(item)
    numbers = []
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), write() as session:
            numbers.append(_take(session, [item])[0].number)
            _ = 1 / 0
        assert item == before
    assert numbers == ["O-1", "O-1"]


def test_the_vocabulary_is_read_once_until_the_ruleset_rises(app: Flask, bloom: Store) -> None:
    vocabulary_cache.words_of(db.session(), bloom)
    with recorded_statements() as statements:
        assert vocabulary_cache.words_of(db.session(), bloom).key_for("order_status", "picked") == "picked"
    assert statements == []


def test_the_cached_vocabulary_never_uses_the_session_that_filled_it(app: Flask, bloom: Store) -> None:
    # Another request filled the cache, and its transaction has just failed.
    with Session(db.engine) as other:
        vocabulary_cache.words_of(other, other.get_one(Store, bloom.id))
        with pytest.raises(sa.exc.DBAPIError):
            other.execute(sa.text("SELECT nothing"))
        with patch.object(other, "scalars", side_effect=AssertionError("the session of another thread")):
            for subject in FIELDS:
                assert vocabulary_cache.reader_of(db.session(), bloom, subject)


def test_taking_a_thousand_orders_needs_few_statements(app: Flask, bloom: Store) -> None:
    sent = [
        {"customer": {"email": f"{number % 50}@x.example"}, "account": f"Hall {number % 7}", "total": "1.00"}
        for number in range(1000)
    ]
    items = reading.read_many(json.dumps(sent).encode(), "order", READERS["order"])
    with write() as session, recorded_statements() as statements:
        received = _take(session, items)
    assert len({record.number for record in received}) == 1000
    assert len(statements) < 60


def _take(session: Any, items: list[reading.Item]) -> Any:
    store = session.query(Store).filter_by(name="Bloom & Wild St").one()
    return take_records.take(session, store, "order", items, CAUSE, NOW, StoreWords(session, store))


def _or_none(read: Any) -> Any:
    try:
        return read()
    except InvalidInput:
        return None


def test_an_email_with_an_accent_is_one_customer_whatever_its_case(app: Flask, bloom: Store) -> None:
    for number, email in enumerate(("Émile@rosier.example", "émile@rosier.example", "ÉMILE@Rosier.example")):
        with write() as session:
            sent = {"number": str(number), "customer": {"email": email, "first_name": "Émile"}}
            _take(session, [reading.read_one(json.dumps(sent).encode(), READERS["order"])])
    same = sa.select(Customer.number).where(Customer.first_name == "Émile")
    assert len(db.session.scalars(same).all()) == 1
