"""The activity page: filters, pages and the CSV export."""

from __future__ import annotations

import csv
import datetime as dt
import html
import io

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from automations.features.csv_files.csv_lines import guarded
from automations.features.history import store_log
from automations.models.db.base import db
from automations.models.tables.people import Audit
from tests.kit import shop
from tests.web.pages import assert_fragment, text_of
from tests.world import NOW

HTMX = {"HX-Request": "true"}
DAY = dt.timedelta(days=1)


@pytest.fixture
def paid(app: object) -> int:
    """Two orders and an event; one automation fires for the first order's payment."""
    automation = shop.publish_automation(
        "Paid in full",
        "payment_status_changed",
        shop.condition("payment_status", "equals", "paid"),
        now=NOW - 9 * DAY,
    )
    shop.place_order("1", now=NOW - 3 * DAY)
    shop.place_order("2", now=NOW - 2 * DAY)
    shop.place_event("E-7", now=NOW - 2 * DAY)
    shop.place_order("1", now=NOW - DAY, payment_status="paid")
    shop.place_order("2", now=NOW, payment_status="void")
    return automation


def shown(client: FlaskClient, **filters: object) -> str:
    answer = client.get("/activity", query_string=filters, headers=HTMX)
    assert_fragment(answer, "#activity")
    return text_of(answer)


def test_an_empty_log_explains_what_appears_here(as_finn: FlaskClient) -> None:
    assert "Nothing has happened yet" in text_of(as_finn.get("/activity"))


def test_everything_is_listed_newest_first_as_sentences(as_finn: FlaskClient, paid: int) -> None:
    words = shown(as_finn)
    assert words.index("Order 2 payment status changed Unpaid → Void") < words.index(
        "Order 1 payment status changed"
    )
    assert "Waiting Paid in full · replay Email the customer waiting" in words
    assert "Event E-7 created Draft, Unpaid" in words


@pytest.mark.parametrize(
    ("filters", "present", "missing"),
    [
        ({"number": "1"}, ["Order 1 "], ["Order 2", "Event"]),
        ({"subject": "event"}, ["Event E-7"], ["Order"]),
        ({"outcome": "fired"}, ["Order 1 payment"], ["Order 2", "created"]),
        ({"outcome": "fired", "number": "2"}, [], ["Order"]),
        ({"outcome": "failing"}, [], ["Order"]),
        ({"from": "2026-11-21", "to": "2026-11-21"}, ["Order 1 payment"], ["Order 2", "created"]),
        ({"from": "2026-11-20"}, ["Order 1 payment", "Order 2 created"], ["Order 1 created"]),
        ({"to": "2026-11-19"}, ["Order 1 created"], ["Order 2", "payment"]),
        ({"outcome": "fired", "from": "2026-11-22"}, [], ["Order"]),
        ({"number": "404"}, ["No matching activity"], ["Order"]),
    ],
)
def test_filters_narrow_the_log(
    as_finn: FlaskClient, paid: int, filters: dict[str, str], present: list[str], missing: list[str]
) -> None:
    words = shown(as_finn, **filters)
    for text in present:
        assert text in words
    for text in missing:
        assert text not in words


def test_an_automations_log_lists_what_it_fired_on_and_what_did_not_apply(
    as_finn: FlaskClient, paid: int
) -> None:
    shop.publish_automation("Another", "payment_status_changed")
    words = shown(as_finn, automation=paid)
    assert "Order 1 payment" in words and "created" not in words
    assert "Not applicable Paid in full : Payment status is Void, needs Paid" in words
    assert "Another" not in words
    missed = shown(as_finn, automation=paid, outcome="not_applicable")
    assert "Order 2" in missed and "Order 1" not in missed


def test_failing_and_skipped_are_read_from_the_runs(as_finn: FlaskClient, paid: int) -> None:
    run_id = shop.runs()[0].id
    shop.set_run(run_id, state="skipped", reason="The customer has no email address.")
    assert "skipped : The customer has no email address." in shown(
        as_finn, outcome="skipped", automation=paid
    )
    assert "Order" not in shown(as_finn, outcome="failing")
    shop.set_run(run_id, state="waiting", tries=1, reason="503")
    assert "Failing Paid in full" in shown(as_finn, outcome="failing", subject="order")
    assert "Order" not in shown(as_finn, outcome="skipped")


def test_a_rule_that_could_not_be_evaluated_is_found_by_its_outcome(as_finn: FlaskClient) -> None:
    shop.publish_automation("Tagged", "created", shop.condition("tags", "contains", "vip"))
    shop.place_order(tags="vip")
    assert "Could not be checked Tagged" in shown(as_finn, outcome="error")


def test_an_invalid_date_is_reported(as_finn: FlaskClient, paid: int) -> None:
    assert "“soon” is not a date" in shown(as_finn, **{"from": "soon"})
    assert "“9999-12-31” is not a date" in shown(as_finn, to="9999-12-31")


@pytest.mark.parametrize("value", ["x", "-1", "9" * 30, "0"])
def test_an_invalid_automation_id_is_ignored(as_finn: FlaskClient, paid: int, value: str) -> None:
    assert as_finn.get("/activity", query_string={"automation": value}).status_code == 200


def address_of(link: str, answer: TestResponse) -> str:
    """Return the address of the link with this text or attribute."""
    return html.unescape(answer.text.split(link)[0].rsplit('href="', 1)[1].split('"')[0])


def test_a_search_that_stops_early_offers_to_look_further(
    as_finn: FlaskClient, paid: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_log, "SCANNED", (1,))
    missed = as_finn.get(f"/activity?automation={paid}&outcome=not_applicable")
    assert "Search further back" in missed.text
    address = address_of("Search further back", missed)
    assert "outcome=not_applicable" in address
    assert as_finn.get(address).status_code == 200


def test_paging_through_the_log_keeps_its_filters(as_finn: FlaskClient) -> None:
    for number in range(35):
        shop.place_order(str(100 + number))
    first = as_finn.get("/activity?subject=order", headers=HTMX)
    address = address_of('rel="next"', first)
    second = as_finn.get(address, headers=HTMX)
    assert "subject=order" in address
    assert "Order 104 " in text_of(second) and "Order 105 " not in text_of(second)


def test_another_stores_log_is_not_shown(as_mallory: FlaskClient, paid: int) -> None:
    assert "Order" not in shown(as_mallory)
    assert "Order" not in shown(as_mallory, automation=paid)
    assert "Order" not in shown(as_mallory, number="1")


def test_the_export_holds_the_filtered_log_and_is_audited(as_rosa: FlaskClient, paid: int) -> None:
    answer = as_rosa.get(f"/activity.csv?automation={paid}")
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert [(row["Record"], row["Outcome"]) for row in rows] == [
        ("Order 2", "Not applicable"),
        ("Order 1", "Waiting"),
    ]
    assert rows[0]["Why"] == "Payment status is Void, needs Paid"
    assert db.session.query(Audit).filter_by(action="exported").count() == 1


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠1", "  =1"])
def test_a_cell_of_the_file_is_never_a_formula(text: str) -> None:
    assert guarded(text).startswith("'")
    assert guarded("Order 1") == "Order 1"
