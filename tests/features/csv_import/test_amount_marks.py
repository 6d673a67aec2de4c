"""Amounts with points, commas, spaces and apostrophes: read by the whole file, or asked about."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.connectors.sources.written_numbers import OTHER, UNCLEAR, mark_of, number_of
from automations.features.csv_import.amount_marks import settled
from automations.features.csv_import.mark_tallies import from_data, tallied, to_data
from automations.models.db.base import db
from automations.models.tables.csv_import import CHECKED, MAPPING, CsvRecord
from automations.models.tables.order import Order
from automations.models.tables.store import Store
from tests.features.csv_import.uploads import check, loaded, start, take, upload

_GAPS = ["", " ", "\u00a0", "\u2009", "\u202f", "'", "\u2019"]
amounts = st.decimals("-9999999", "9999999", places=2) | st.decimals("-99999", "99999", places=3)


def written(amount: Decimal, mark: str, gap: str) -> str:
    """Return an amount with this mark before its decimals and this text between thousands."""
    whole, _, decimals = f"{amount:f}".removeprefix("-").partition(".")
    groups = f"{int(whole):,}".replace(",", gap)
    return ("-" if amount < 0 else "") + groups + (mark + decimals if decimals else "")


@given(
    amounts,
    st.sampled_from(sorted(OTHER)),
    st.sampled_from(_GAPS) | st.none(),
    st.sampled_from(["", "€", "CHF"]),
)
def test_what_is_written_in_any_way_is_read_back(
    amount: Decimal, mark: str, gap: str | None, currency: str
) -> None:
    text = written(amount, mark, OTHER[mark] if gap is None else gap)
    for cell in (text, f"{currency} {text}", f"{text} {currency}", f" {text}\u00a0{currency} "):
        assert number_of(cell, mark) == amount
        assert mark_of(cell) in (mark, UNCLEAR)


@given(st.lists(amounts, min_size=1, max_size=20), st.sampled_from(sorted(OTHER)), st.booleans())
def test_a_column_is_never_read_by_the_wrong_mark(values: list[Decimal], mark: str, grouped: bool) -> None:
    rows = [[written(value, mark, OTHER[mark] if grouped else "")] for value in values]
    tallies = from_data(to_data(tallied(rows)))
    found = settled(tallies, ["total"], {"total": "money"}, "", False)
    assert found.by_column.get("total", mark) == mark
    assert found.is_unsettled == (not found.by_column)


@given(st.text(max_size=50))
def test_whatever_a_cell_holds_it_has_one_number_or_none(text: str) -> None:
    found = {mark: number_of(text, mark) for mark in OTHER}
    mark = mark_of(text)
    assert (mark == UNCLEAR) == (None not in found.values() and found[","] != found["."])
    if mark in OTHER:
        assert (found[mark] is not None and found[OTHER[mark]] is None) or " " in " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "mark", "number"),
    [
        ("1\u202f234,50 €", ",", "1234.50"),
        ("CHF 1\u2019234.50", ".", "1234.50"),
        ("12,-", ",", "12"),
        ("CHF 12.–", ".", "12"),
        ("(5.00)", ".", "-5.00"),
        ("3,20-", ",", "-3.20"),
        ("R$ 1.234,50", ",", "1234.50"),
        ("₹1,23,456.00", ".", "123456.00"),
        ("1 234.567", ".", "1234.567"),
        ("0.750", ".", "0.750"),
        (".5", ".", "0.5"),
        ("1.234.567", ",", "1234567"),
        ("69.8400", ".", "69.8400"),
    ],
)
def test_ways_that_show_by_themselves(text: str, mark: str, number: str) -> None:
    assert mark_of(text) == mark and number_of(text, mark) == Decimal(number)


@pytest.mark.parametrize(
    "text", ["12 34", "1.2.3", "--5", "1,2,3", ",,", "5%", "1e5", "1'23", "", "-", "€", "0.12.345"]
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert mark_of(text) == "" and number_of(text, ",") is number_of(text, ".") is None


pages = pytest.mark.usefixtures("app")


def totals() -> dict[str, Decimal]:
    return {order.number: order.total for order in db.session.query(Order)}


@pages
def test_a_column_without_decimals_follows_the_others_of_the_file() -> None:
    import_id = upload("Number;Total;Shipping\n1;1.234;4,90\n2;12;0,00\n")
    assert check(import_id) == ""
    options = loaded(import_id).options
    assert (options["unclear"], options["whole"], options["mark"]) == ("1.234", ",", "")
    start(import_id)
    assert totals() == {"1": Decimal(1234), "2": Decimal(12)}


@pages
def test_it_is_decided_by_all_rows_however_late_one_shows_it() -> None:
    rows = "".join(f"{number};1.{number % 1000:03}\n" for number in range(1, 1500))
    import_id = upload(f"Number;Total\n{rows}1500;9,90\n")
    assert check(import_id) == "" and loaded(import_id).options["marks"]["total"] == ","
    assert loaded(import_id).figures == {"create": 1500}


@pages
def test_what_no_amount_shows_is_asked_and_remembered() -> None:
    content = "Number;Total\n1;1.234\n2;2.000\n"
    import_id = upload(content)
    sentence = "Its amounts do not show whether “1.234” has thousands or decimals. Choose which."
    assert check(import_id) == sentence and loaded(import_id).state == MAPPING
    assert check(import_id, mark=",") == "" and loaded(import_id).state == CHECKED
    start(import_id)
    assert totals() == {"1": Decimal(1234), "2": Decimal(2000)}
    again = upload(content)
    assert loaded(again).options["whole"] == ","
    assert check(again) == "" and loaded(again).figures == {"same": 2}
    assert check(again, mark=".") == "" and loaded(again).figures == {"change": 2}
    assert loaded(upload(content)).options["whole"] == "."
    assert loaded(upload("Company\nHotel\n", "account")).options["mark"] == ""


@pages
def test_a_column_that_is_written_both_ways_is_asked_about() -> None:
    import_id = upload("Number;Total\n1;1.234\n2;2,50\n3;7.50\n")
    assert "Choose which" in check(import_id)
    assert check(import_id, mark=".") == "" and loaded(import_id).figures == {"create": 2, "refused": 1}
    (refused,) = db.session.query(CsvRecord).filter_by(verdict="refused")
    assert refused.problems == [[3, "Total", "Needs an amount such as 1,234.50, not “2,50”."]]


@pages
def test_each_column_keeps_its_own_way() -> None:
    take("Number;Total;Item;Item quantity;Item price\n1;1.234,50;Silk;0.750;12,00\n2;9,90;Silk;1.250;12,00\n")
    quantities = {
        order.number: [line["quantity"] for line in order.lines] for order in db.session.query(Order)
    }
    assert quantities == {"1": [0.75], "2": [1.25]} and totals()["1"] == Decimal("1234.50")


@pages
def test_a_currency_without_decimals_has_thousands() -> None:
    store = db.session.query(Store).filter_by(name="Bloom & Wild St").one()
    store.currency = "JPY"
    db.session.commit()
    take('Number,Total\n1,"5,400"\n2,980\n')
    assert totals() == {"1": Decimal(5400), "2": Decimal(980)}


@pages
def test_a_number_that_no_column_was_seen_to_have_is_refused_and_named() -> None:
    rows = "".join(f"{number};some\n" for number in range(1, 1200))
    done = take(f"Number;Total\n{rows}1200;1.234\n1201;1,50\n")
    assert done.figures["taken"] == {"create": 1}
    refused = db.session.query(CsvRecord).filter_by(row=1201).one()
    assert refused.problems[0][2] == "“1.234” may be 1234 or 1.234. Choose how amounts are written."


@pages
def test_the_order_of_day_and_month_is_remembered_too() -> None:
    content = "Number,Delivery date\n1,03/04/2026\n"
    import_id = upload(content)
    assert "Choose which" in check(import_id) and check(import_id, month_first=True) == ""
    again = upload(content)
    assert loaded(again).options["month_first"] is True and check(again) == ""


@pages
def test_what_a_file_shows_wins_over_what_was_remembered() -> None:
    asked = upload("Number;Total\n1;1.234\n")
    assert check(asked, mark=",") == ""
    later = upload("Number;Total;Shipping\n1;1.234;4.90\n")
    options = loaded(later).options
    assert (options["whole"], options["mark"], options["overruled"]) == (".", "", ",")
    assert check(later) == ""
    start(later)
    assert totals() == {"1": Decimal("1.23")}
    assert check(upload("Number;Total;Shipping\n1;1.234;4.90\n"), mark=",") == ""
    assert loaded(upload("Number;Total\n1;1.234\n")).options["overruled"] == ""
