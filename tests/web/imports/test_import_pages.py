"""The pages of an import: upload, columns, what each row would do, start, and what was refused."""

from __future__ import annotations

import csv
import io

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from automations.models.db.base import db
from automations.models.tables.csv_import import CsvImport, CsvPiece, CsvRecord
from automations.models.tables.order import Order
from tests.features.csv_import.uploads import FIRST, SECOND, SHOPIFY, text_of, work
from tests.kit import shop
from tests.kit.pages.forms import post_forms


def upload(client: FlaskClient, content: str | bytes, subject: str = "order") -> TestResponse:
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    return client.post("/imports", data={"subject": subject, "file": (file, "orders.csv")})


def press(client: FlaskClient, page: str, action: str, **more: str) -> TestResponse:
    """Send the form of the page that has a button to an address that ends so."""
    return sent(client, client.get(page).text, action, **more)


def sent(client: FlaskClient, text: str, action: str, **more: str) -> TestResponse:
    """Send the form of a page, given as its text, to its address that ends so."""
    ((form, address),) = {
        address: (form, address)
        for form in post_forms(text)
        for address in form.addresses
        if address.endswith(action)
    }.values()
    return client.post(address, data={**form.values, **more}, follow_redirects=True)


def test_a_file_is_uploaded_checked_and_imported(as_rosa: FlaskClient) -> None:
    shop.publish_automation("Thank you", "created", actions=[shop.email_to()])
    rows = [FIRST, SECOND, {**FIRST, "Name": "#1002", "Total": "a lot"}]
    page = upload(as_rosa, text_of(SHOPIFY, rows)).location
    columns = as_rosa.get(page).text
    assert "Shopify, orders · 3 rows · separated by commas · UTF-8" in columns
    assert "Show what each of the 3 rows would do" in columns
    assert "0 of 3 rows checked" in press(as_rosa, page, "/checks").text
    work()
    preview = as_rosa.get(page).text
    assert "Import 1 order" in preview and "“Thank you” may fire" in preview
    assert "Needs an amount such as 1,234.50, not “a lot”." in preview
    errors = as_rosa.get(f"{page}/errors.csv").text
    assert list(csv.reader(io.StringIO(errors.removeprefix("\ufeff")))) == [
        ["Row", "Column", "What is wrong"],
        ["4", "Total", "Needs an amount such as 1,234.50, not “a lot”."],
    ]
    press(as_rosa, page, "/start", known="change")
    work()
    done = as_rosa.get(page).text
    assert (
        "1 order added, 0 changed, 0 left as they are, 1 refused." in done and "No automation fired." in done
    )
    assert [order.number for order in db.session.query(Order)] == ["1001"]
    assert db.session.query(CsvPiece).count() == 0
    assert [record.verdict for record in db.session.query(CsvRecord)] == ["refused"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"Number,Total\n", "There is nothing below the headings."),
        (b"PK\x03\x04rest", "It is a workbook, not a CSV file."),
        (b"<!DOCTYPE html><html>\n<body>Sign in", "It is a web page, not a CSV file."),
        (b"Number#Total\n1#2\n", "Its columns are separated by “#”. Save it with one of these: commas, semi"),
        (b"Number^Total\n1^2\n", "Its columns are separated by “^”. Save it with one of these: commas, semi"),
        (b'Number,Note\n1,"half of it', "saved or uploaded only in part"),
        ("Number\nRosé".encode()[:-1] + b"\x81\x8d", "encoding is not recognised"),
        (b"Number\n1\x002\n", "a character that cannot be kept (NUL)"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_nothing_is_kept(
    as_rosa: FlaskClient, content: bytes, sentence: str
) -> None:
    answer = upload(as_rosa, content)
    assert answer.status_code == 422 and sentence in answer.text and 'role="alert"' in answer.text
    assert db.session.query(CsvImport).count() == db.session.query(CsvPiece).count() == 0


def test_a_file_that_is_too_large_is_refused(as_rosa: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("automations.features.csv_import.uploading.MOST_ROWS", 2)
    answer = upload(as_rosa, "Number\n1\n2\n3\n")
    assert answer.status_code == 422 and "It has 3 rows. The limit is 2: split it." in answer.text


def test_a_missing_column_is_asked_for(as_rosa: FlaskClient) -> None:
    page = upload(as_rosa, "Colour,Total\nred,1\n").location
    answer = press(as_rosa, page, "/checks")
    assert answer.status_code == 422
    assert "No column is the number of the order. Choose the one that is." in answer.text
    fixed = press(as_rosa, page, "/checks", **{"column-0": "number"})
    assert "0 of 1 rows checked" in fixed.text
    twice = upload(as_rosa, "Number,Other\n1,1\n").location
    answer = press(as_rosa, twice, "/checks", **{"column-1": "number"})
    assert "Two columns are the number." in answer.text


def test_the_order_of_day_and_month_is_asked_for(as_rosa: FlaskClient) -> None:
    page = upload(as_rosa, "Number,Delivery date\n1,03/04/2026\n").location
    assert "comes first" in as_rosa.get(page).text
    answer = press(as_rosa, page, "/checks")
    assert answer.status_code == 422 and "Choose which" in answer.text
    press(as_rosa, page, "/checks", date_order="month")
    work()
    press(as_rosa, page, "/start", known="change")
    work()
    assert f"{db.session.query(Order).one().delivery_date}" == "2026-03-04"


AMBIGUOUS = "Number;Total;Delivery date;State of it\n1;1.234;03/04/2026;Half-way\n"
WORD = {"amounts": "comma", "date_order": "day", "column-3": "status"}
NOT_CHECKED = "The rows were not checked with what is chosen here. Check them again, then import."


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("amounts", "point", 'name="amounts" value="point" checked'),
        ("date_order", "month", 'name="date_order" value="month" checked'),
        ("meant-0", "confirmed", '<option value="confirmed" selected>'),
    ],
)
def test_nothing_is_imported_that_was_not_checked_as_chosen(
    as_rosa: FlaskClient, name: str, value: str, shown: str
) -> None:
    page = upload(
        as_rosa, AMBIGUOUS + AMBIGUOUS.splitlines()[1].replace("1;", "2;", 1).replace("Half-way", "")
    ).location
    press(as_rosa, page, "/checks", **WORD)
    work()
    answer = press(as_rosa, page, "/start", known="change", fires="y", **{name: value})
    assert answer.status_code == 422 and NOT_CHECKED in answer.text and shown in answer.text
    assert 'name="fires" value="y" checked' in answer.text
    assert db.session.query(CsvImport).one().state == "checked"
    sent(as_rosa, answer.text, "/checks")
    work()
    assert shown in as_rosa.get(page).text
    press(as_rosa, page, "/start", known="change")
    work()
    second = db.session.query(Order).filter_by(number="2").one()
    assert (f"{second.total}", f"{second.delivery_date}") == (
        "1.23" if name == "amounts" else "1234.00",
        "2026-03-04" if name == "date_order" else "2026-04-03",
    )
    first = db.session.query(Order).filter_by(number="1").one_or_none()
    assert (first.status if first else None) == ("confirmed" if name == "meant-0" else None)


@pytest.mark.parametrize(
    ("chosen", "total", "on"), [("comma", "£1,234.00", "3 Apr"), ("point", "£1.23", "4 Mar")]
)
def test_each_record_shows_how_it_was_read(as_rosa: FlaskClient, chosen: str, total: str, on: str) -> None:
    page = upload(as_rosa, "Number;Total;Delivery date\n1;1.234;03/04/2026\n").location
    press(as_rosa, page, "/checks", amounts=chosen, date_order="day" if chosen == "comma" else "month")
    work()
    text = as_rosa.get(page).text
    assert f"Total {total}, Delivery date " in text and f"{on} 2026</span>" in text


def test_amounts_of_items_and_quantities_are_shown_too(as_rosa: FlaskClient) -> None:
    page = upload(
        as_rosa, "Number;Item;Item quantity;Item price\n1;Silk;2;1.234,50\n1;Vase;1;3,00\n"
    ).location
    press(as_rosa, page, "/checks")
    work()
    assert "Item quantity 2, Item price £1,234.50" in as_rosa.get(page).text
    people = upload(as_rosa, "Email\nzoe@example.com\n", "customer").location
    press(as_rosa, people, "/checks")
    work()
    assert "Row 2</span>" in as_rosa.get(people).text


def test_an_imported_order_names_no_source_of_its_own_and_the_audit_says_what_came_in(
    as_rosa: FlaskClient, as_ada: FlaskClient
) -> None:
    page = upload(as_rosa, "Number,Source\n1,\n2,Phone\n").location
    press(as_rosa, page, "/checks")
    work()
    press(as_rosa, page, "/start", known="change")
    work()
    assert {order.number: order.source for order in db.session.query(Order)} == {"1": None, "2": "phone"}
    assert "adding 2, without automations" in as_ada.get("/settings/audit").text


def test_one_button_takes_all_that_is_chosen_along(as_rosa: FlaskClient) -> None:
    page = upload(as_rosa, AMBIGUOUS).location
    press(as_rosa, page, "/checks", **WORD)
    work()
    press(as_rosa, page, "/checks", **{"amounts": "point", "date_order": "month", "meant-0": "picked"})
    work()
    press(as_rosa, page, "/start", known="change")
    work()
    order = db.session.query(Order).one()
    assert (f"{order.total}", f"{order.delivery_date}", order.status) == ("1.23", "2026-03-04", "picked")


def test_a_page_from_before_the_columns_were_changed_starts_nothing(as_rosa: FlaskClient) -> None:
    page = upload(as_rosa, "Number,Note,Other\n1,One,Two\n").location
    press(as_rosa, page, "/checks", **{"column-1": "note", "column-2": ""})
    work()
    before = as_rosa.get(page).text
    changing = as_rosa.get(f"{page}?columns=change").text
    assert "Which column is what" in changing and "Back without a change" in changing
    sent(as_rosa, changing, "/checks", **{"column-1": "", "column-2": "note"})
    work()
    assert "“Other” as Note" in as_rosa.get(page).text and "Left out: Note." in as_rosa.get(page).text
    answer = sent(as_rosa, before, "/start", known="change")
    assert answer.status_code == 422 and NOT_CHECKED in answer.text
    sent(as_rosa, answer.text, "/start", known="change")
    work()
    assert db.session.query(Order).one().note == "Two"


def test_a_page_from_before_it_began_does_not_change_how_it_goes_on(as_rosa: FlaskClient) -> None:
    page = upload(as_rosa, "Number\n1\n2\n").location
    press(as_rosa, page, "/checks")
    work()
    before = as_rosa.get(page).text
    press(as_rosa, page, "/start", known="leave")
    press(as_rosa, page, "/stop")
    answer = sent(as_rosa, before, "/start", known="change", fires="y")
    assert "It has changed since this page was loaded." in answer.text
    one = db.session.query(CsvImport).one()
    assert (one.state, one.options["known"], one.options["fires"]) == ("stopped", "leave", False)


def test_a_remembered_order_of_day_and_month_is_shown_and_can_be_changed(as_rosa: FlaskClient) -> None:
    content = "Number,Delivery date\n1,03/04/2026\n"
    press(as_rosa, upload(as_rosa, content).location, "/checks", date_order="month")
    work()
    page = upload(as_rosa, content).location
    for _ in range(2):
        text = as_rosa.get(page).text
        assert 'value="month" checked' in text and "As it was chosen for files of this kind." in text
        press(as_rosa, page, "/checks")
        work()
    press(as_rosa, page, "/checks", date_order="day")
    work()
    press(as_rosa, page, "/start", known="change")
    work()
    assert f"{db.session.query(Order).one().delivery_date}" == "2026-04-03"


def test_what_the_other_columns_show_is_not_remembered_as_a_choice(as_rosa: FlaskClient) -> None:
    page = upload(as_rosa, "Number;Total;Shipping\n1;1.234;4,50\n").location
    press(as_rosa, page, "/checks")
    work()
    assert "As the other columns of the file are written." in as_rosa.get(page).text
    press(as_rosa, page, "/checks")
    work()
    other = upload(as_rosa, "Number;Total;Shipping\n2;1.234;4.50\n").location
    assert 'value="point" checked' in as_rosa.get(other).text


def test_an_amount_that_may_be_two_is_asked_about_shown_and_read_anew(as_rosa: FlaskClient) -> None:
    page = upload(as_rosa, "Number;Total\n1;1.234\n").location
    assert "The amount 1.234 in the file is" in as_rosa.get(page).text
    answer = press(as_rosa, page, "/checks")
    assert answer.status_code == 422 and "whether “1.234” has thousands or decimals" in answer.text
    press(as_rosa, page, "/checks", amounts="comma")
    work()
    shown = as_rosa.get(page).text
    assert "1234: the point separates thousands" in shown
    assert "As it was chosen for files of this kind." in shown
    press(as_rosa, page, "/checks", amounts="point")
    work()
    press(as_rosa, page, "/start", known="change")
    work()
    assert f"{db.session.query(Order).one().total}" == "1.23"
    second = upload(as_rosa, "Number;Total;Shipping\n2;1.234;4,50\n", "order").location
    press(as_rosa, second, "/checks", amounts="comma")
    work()
    assert 'value="comma" checked' in as_rosa.get(second).text


def test_words_that_no_list_has_are_given_a_meaning(as_rosa: FlaskClient) -> None:
    page = upload(as_rosa, "Number,State of it\n1,Böhm & <b>\n2,Böhm & <b>\n3,Picked\n").location
    press(as_rosa, page, "/checks", **{"column-1": "status"})
    work()
    shown = as_rosa.get(page).text
    assert "1 has no meaning yet" in shown and "in 2 rows, refused until you choose" in shown
    assert "Böhm &amp; &lt;b&gt;" in shown and "Check all 3 rows again with these meanings" in shown
    assert "0 of 3 rows checked" in press(as_rosa, page, "/checks", **{"meant-0": "confirmed"}).text
    work()
    assert "Import 3 orders" in as_rosa.get(page).text
    late = as_rosa.get(page).text
    press(as_rosa, page, "/start", known="change")
    answer = sent(as_rosa, late, "/checks")
    assert "It has changed since this page was loaded." in answer.text
    work()
    assert sorted(order.status for order in db.session.query(Order)) == ["confirmed", "confirmed", "picked"]


def test_an_import_is_stopped_gone_on_with_and_removed(as_rosa: FlaskClient) -> None:
    page = upload(as_rosa, "Number\n1\n2\n").location
    press(as_rosa, page, "/checks")
    assert "Which column is what" in press(as_rosa, page, "/stop").text
    press(as_rosa, page, "/checks")
    work()
    press(as_rosa, page, "/start", known="change")
    assert "Stopped: 0 of 2 orders imported." in press(as_rosa, page, "/stop").text
    press(as_rosa, page, "/start")
    work()
    assert db.session.query(Order).count() == 2
    assert "The file is removed." in press(as_rosa, page, "/removal").text
    assert db.session.query(CsvImport).count() == db.session.query(CsvRecord).count() == 0


def test_nobody_sees_the_files_of_another_store(as_rosa: FlaskClient, as_mallory: FlaskClient) -> None:
    page = upload(as_rosa, "Number\n1\n").location
    assert as_mallory.get(page).status_code == as_mallory.get(f"{page}/errors.csv").status_code == 404
    assert "orders.csv" not in as_mallory.get("/imports").text


def test_the_empty_file_has_our_headings(as_rosa: FlaskClient) -> None:
    text = as_rosa.get("/imports/template.csv?subject=customer").text
    assert text.startswith('\ufeff"Number","Email","First name"')
    assert as_rosa.get("/imports/template.csv?subject=shop").status_code == 404
