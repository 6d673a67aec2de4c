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
    """Send the form of the page that goes to an address that ends so."""
    forms = post_forms(client.get(page).text)
    (form,) = (form for form in forms if form.addresses[0].endswith(action))
    return client.post(form.addresses[0], data={**form.values, **more}, follow_redirects=True)


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
    assert "1 has no meaning yet" in shown and "in 2 rows, refused as it is" in shown
    assert "Böhm &amp; &lt;b&gt;" in shown and "Check all 3 rows again with these meanings" in shown
    assert "0 of 3 rows checked" in press(as_rosa, page, "/meanings", **{"meant-0": "confirmed"}).text
    work()
    assert "Import 3 orders" in as_rosa.get(page).text
    late = post_forms(as_rosa.get(page).text)[0]
    press(as_rosa, page, "/start", known="change")
    answer = as_rosa.post(f"{page}/meanings", data=late.values, follow_redirects=True)
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
