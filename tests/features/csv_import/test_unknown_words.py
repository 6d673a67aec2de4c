"""Words that the store's lists do not know: counted, given a meaning, remembered for the next file."""

from __future__ import annotations

import pytest

from automations.features.csv_import import word_meanings
from automations.features.csv_import.file_record import LEFT_OUT
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.csv_import import CsvRecord
from automations.models.tables.order import Order
from automations.models.tables.store import Store
from tests.features.csv_import.uploads import FIRST, SHOPIFY, check, loaded, start, text_of, upload

pytestmark = pytest.mark.usefixtures("app")

CONTENT = (
    "Number,Status,Fulfilment method,Payment status\n"
    "1,In the workshop,By bike,authorized\n"
    "2,in the  Workshop,Delivery,bezahlt\n"
    "3,Picked,,paid\n"
)


def choose(import_id: int, *choices: tuple[str, str, str]) -> str:
    """Say what words mean, and have the file checked again."""
    with write() as session:
        store = session.get_one(Store, loaded(import_id).store_id)
        word_meanings.keep(session, import_id, choices, StoreWords(session, store))
    return check(import_id)


def checked(content: str) -> int:
    import_id = upload(content)
    assert check(import_id) == ""
    return import_id


@pytest.mark.parametrize("chunk", [1, 500])
def test_each_unknown_word_is_counted_once_whatever_its_case(
    monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr("automations.features.csv_import.file_checking.CHUNK", chunk)
    figures = loaded(checked(CONTENT)).figures
    assert sorted(figures["words"]) == [
        ["fulfilment_method", "By bike", 1],
        ["payment_status", "bezahlt", 1],
        ["status", "In the workshop", 2],
    ]
    assert (figures["refused"], figures["create"]) == (2, 1)


def test_what_they_mean_is_imported_and_remembered() -> None:
    import_id = checked(CONTENT)
    choices = (
        ("status", "In the workshop", "picked"),
        ("fulfilment_method", "By bike", LEFT_OUT),
        ("payment_status", "bezahlt", "paid"),
    )
    assert choose(import_id, *choices) == ""
    assert {name: loaded(import_id).figures.get(name) for name in ("create", "refused")} == {
        "create": 3,
        "refused": None,
    }
    start(import_id)
    orders = {order.number: order for order in db.session.query(Order)}
    assert [orders[number].status for number in "123"] == ["picked"] * 3
    assert (orders["1"].fulfilment_method, orders["2"].payment_status) == (None, "paid")
    again = checked(CONTENT.replace("\n2,", "\n4,"))
    assert loaded(again).figures["create"] == 1 and "refused" not in loaded(again).figures
    assert choose(again, ("status", "In the workshop", "")) == ""
    assert loaded(again).figures["refused"] == 2


def test_files_of_another_kind_know_nothing_of_it() -> None:
    import_id = checked(CONTENT)
    choose(import_id, ("status", "In the workshop", "picked"))
    shopify = checked(text_of(SHOPIFY, [{**FIRST, "Fulfillment Status": "In the workshop"}]))
    assert loaded(shopify).figures["words"] == [["status", "In the workshop", 1]]


def test_what_no_list_has_is_no_meaning_and_what_was_started_is_left_alone() -> None:
    import_id = checked(CONTENT)
    choose(import_id, ("status", "In the workshop", "no such"), ("number", "1", "picked"))
    assert loaded(import_id).options["words"] == []
    start(import_id)
    assert "It has changed since" in choose(import_id, ("status", "In the workshop", "picked"))
    assert db.session.query(CsvRecord).count() == 2


def test_many_and_long_words_are_counted_together() -> None:
    rows = [{"Number": str(place), "Status": f"Word {place}"} for place in range(103)]
    rows.append({"Number": "long", "Status": "w" * 61})
    figures = loaded(checked(text_of(["Number", "Status"], rows))).figures
    assert len(figures["words"]) == 100 and figures["other_word_rows"] == 4
