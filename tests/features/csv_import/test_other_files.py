"""Files of other shops and our own: each in its own words, encodings and ways to write."""

from __future__ import annotations

from decimal import Decimal

import pytest

from automations.features.csv_files import csv_lines
from automations.features.csv_files.csv_cells import rows_of
from automations.features.csv_files.csv_columns import columns_of
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.csv_import import CsvRecord
from automations.models.tables.customer import Account, Customer
from automations.models.tables.event import Event
from automations.models.tables.order import Order
from automations.models.tables.store import Store
from tests.features.csv_import.uploads import check, loaded, take, text_of, upload
from tests.kit import shop

pytestmark = pytest.mark.usefixtures("app")


def test_items_of_square_are_put_together_with_date_time_and_zone() -> None:
    headings = "Date,Time,Time Zone,Category,Item,Qty,SKU,Gross Sales,Discounts,Net Sales,Tax,Transaction ID"
    row = {"Date": "2026-10-07", "Time": "14:30:00", "Time Zone": "Pacific Time (US & Canada)"}
    row |= {
        "Transaction ID": "T1",
        "Customer ID": "C77",
        "Customer Name": "Ivy Cole",
        "Event Type": "Payment",
    }
    sums = {"Gross Sales": "$45.00", "Discounts": "-$5.00", "Net Sales": "$40.00", "Tax": "$3.20"}
    rows = [
        row | sums | {"Item": "Roses", "Qty": "2.0"},
        row | {"Item": "Card", "Qty": "1.0", "Gross Sales": "$1.00", "Net Sales": "$1.00", "Tax": "$0.08"},
    ]
    take(text_of([*headings.split(","), "Event Type", "Customer ID", "Customer Name"], rows))
    order = db.session.query(Order).one()
    assert [(line["name"], line["quantity"], line["unit_price"]) for line in order.lines] == [
        ("Roses", 2, "22.50"),
        ("Card", 1, "1.00"),
    ]
    assert (order.total, order.tax, order.discount) == (Decimal("44.28"), Decimal("3.28"), Decimal("5.00"))
    assert (order.payment_status, order.amount_paid, order.source) == ("paid", Decimal("44.28"), "till")
    assert f"{order.placed_at:%Y-%m-%d %H:%M}" == "2026-10-07 21:30"
    assert db.session.get_one(Customer, order.customer_id).number == "square-C77"


def test_the_report_of_woocommerce_has_its_items_in_one_cell() -> None:
    headings = ["Date", "Order #", "N. Revenue (formatted)", "Status", "Customer", "Product(s)", "Net Sales"]
    row = {"Date": "2026-10-07 14:30:00", "Order #": "88", "Status": "on-hold", "Customer": "Ivy Cole"}
    take(text_of(headings, [row | {"Product(s)": "2× Tulips, 1× Vase, tall", "Net Sales": "31.5"}]))
    order = db.session.query(Order).one()
    assert (order.number, order.status, order.total) == ("88", "unconfirmed", Decimal("31.50"))
    assert [(line["quantity"], line["name"]) for line in order.lines][:2] == [(2, "Tulips"), (1, "Vase")]


def test_a_german_file_of_excel_is_read_as_it_is_written() -> None:
    content = "Number;Note;Total;Delivery date\n1;Für Müller;1.234,50;24.12.2026\n".encode("cp1252")
    take(content)
    order = db.session.query(Order).one()
    assert (order.note, order.total) == ("Für Müller", Decimal("1234.50"))
    assert f"{order.delivery_date}" == "2026-12-24"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_every_way_to_save_a_file_is_read(encoding: str, separator: str, ends: str) -> None:
    text = text_of(["Number", "Note"], [{"Number": "1", "Note": "Zoë’s"}], separator).replace("\r\n", ends)
    import_id = upload(text.encode(encoding))
    assert check(import_id) == "" and loaded(import_id).figures == {"create": 1}
    assert loaded(import_id).headings == ["Number", "Note"]


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_line_that_tells_excel_the_separator_is_no_heading(separator: str) -> None:
    text = f"sep={separator}\r\n" + separator.join(["Number", "Note"]) + "\r\n" + separator.join(["1", "a"])
    import_id = upload(text)
    assert check(import_id) == "" and loaded(import_id).figures == {"create": 1}
    assert loaded(import_id).headings == ["Number", "Note"]


def test_amounts_are_rounded_by_the_rule_and_the_difference_is_kept() -> None:
    take("Number,Total,Item,Item price\n1,10.90909,Rose,10.90909\n")
    order = db.session.query(Order).one()
    assert order.total == Decimal("10.91")
    assert order.roundings["total"] == {"written": "10.90909", "difference": "0.00091"}


@pytest.mark.parametrize(
    ("row", "column", "sentence"),
    [
        ("6.1E+09,1.00", "Number", "was shortened by a spreadsheet"),
        ('1,"1.234,50"', "Total", "Needs an amount such as 1,234.50"),
        ("1", "", "Has 1 of 2 columns."),
        (",1.00", "Number", "Needs a number"),
    ],
)
def test_what_is_not_clear_is_refused_with_its_column(row: str, column: str, sentence: str) -> None:
    done = take(f"Number,Total\n2,1.00\n{row}\n")
    assert done.figures["refused"] == 1
    (refused,) = db.session.query(CsvRecord)
    assert refused.problems[0][:2] == [3, column] and sentence in refused.problems[0][2]


def test_events_and_accounts_come_in() -> None:
    content = "Number,Name,Event date,Guests,Customer,Account\nE-9,Gala,2027-05-01,80,Ivy Cole,Hotel\n"
    assert take(content, "event").figures["taken"] == {"create": 1}
    event = db.session.query(Event).one()
    assert (event.name, event.guests, event.account.name) == ("Gala", 80, "Hotel")
    assert take(content, "event").figures == {"same": 1}
    assert take("Company\nHotel\nPalace\n", "account").figures == {
        "same": 1,
        "create": 1,
        "taken": {"create": 1},
    }
    assert {account.name for account in db.session.query(Account)} >= {"Hotel", "Palace"}


def test_what_a_list_exports_changes_nothing_when_it_is_imported() -> None:
    customer = shop.place_customer("C-9", first_name="=Ivy", email="ivy@example.com", phone="+442079460124")
    lines = [{"sku": "R", "name": "Roses", "category": "", "quantity": 0.5, "unit_price": "2.50"}] * 2
    values = {"lines": lines, "tags": ["vip", "new"], "note": "-5 or so", "customer_id": customer.id}
    shop.place_order(
        "1001", status="picked", delivery_address={"street": "1 Lane", "postcode": "01"}, **values
    )
    words = StoreWords(db.session(), db.session.query(Store).filter_by(name="Bloom & Wild St").one())
    for subject, model in (("order", Order), ("customer", Customer)):
        columns = columns_of(subject, words)
        cells = [row for one in db.session.query(model) for row in rows_of(one, columns, words)]
        text = "".join(map(csv_lines.line, [[column.label for column in columns], *cells]))
        import_id = upload(csv_lines.BEGINNING + text, subject)
        assert check(import_id) == ""
        assert loaded(import_id).figures.keys() == {"same"}, loaded(import_id).figures


def test_an_amount_below_zero_is_refused_with_its_row_and_column() -> None:
    done = take("Number;Total;Amount paid\n20101;12,50;3,20\n20102;12,-;3,20-\n20103;-8,00;\n")
    assert done.figures == {"create": 1, "refused": 2, "taken": {"create": 1}}
    refused = db.session.query(CsvRecord).filter_by(verdict="refused").order_by(CsvRecord.row)
    more = " Only an order with items that come back has one."
    assert [one.problems for one in refused] == [
        [[3, "Amount paid", f"Needs an amount from 0, and “3,20-” is below zero.{more}"]],
        [[4, "Total", f"Needs an amount from 0, and “-8,00” is below zero.{more}"]],
    ]
    assert [order.number for order in db.session.query(Order)] == ["20101"]


def test_a_price_below_zero_is_refused_in_its_row() -> None:
    take("Number,Item,Item quantity,Item price\n7,Roses,1,5.00\n7,Vase,1,-5.00\n")
    (refused,) = db.session.query(CsvRecord)
    assert [problem[:2] for problem in refused.problems] == [[3, "Item price"]]
    assert not db.session.query(Order).count()


def test_an_order_with_items_that_come_back_may_be_below_zero() -> None:
    take("Number,Total,Amount paid,Item,Item quantity,Item price\n7,-5.00,-5.00,Roses,-1,5.00\n")
    order = db.session.query(Order).one()
    assert (order.total, order.amount_paid) == (Decimal("-5.00"), Decimal("-5.00"))


def test_the_money_of_an_event_is_refused_below_zero() -> None:
    take("Number,Name,Event date,Budget\nE-9,Gala,2027-05-01,-80\n", "event")
    (refused,) = db.session.query(CsvRecord)
    assert refused.problems == [[2, "Budget", "Needs an amount from 0, and “-80” is below zero."]]


def test_a_number_sign_behind_a_heading_separates_nothing() -> None:
    import_id = upload("Order #\n#1001\n#1002\n")
    assert loaded(import_id).headings == ["Order #"]
