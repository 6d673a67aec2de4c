"""The pages of a backtest: begun from a draft, read, shared inside the store, exported and stopped."""

from __future__ import annotations

import csv
import io
import re

import pytest
from flask.testing import FlaskClient

from automations.features.backtest import backtest_reading
from automations.features.privacy import complete_erasure
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.backtest import Backtest
from automations.models.tables.customer import Customer
from automations.models.tables.people import Audit
from automations.models.tables.run import Message, Run
from automations.models.tables.store import Store
from tests.features.backtest import story
from tests.features.backtest.story import DELIVERY, over
from tests.kit import shop
from tests.web.log.test_csv import live
from tests.web.pages import text_of

#: What is said to spreadsheets, too.
NAME = "=1+1"


@pytest.fixture
def automation_id(bloom: Store) -> int:
    story.pay_the_orders(
        shop.place_customer("C-9", first_name=NAME, last_name="Hollis", email="bram@mail.example").id
    )
    return story.live_and_draft(DELIVERY, over("40"))


def begin(client: FlaskClient, automation_id: int, period: str = "90") -> str:
    answer = client.post(f"/automations/{automation_id}/backtests", data={"period": period})
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def test_a_manager_sees_for_whom_the_draft_changes_something(
    as_rosa: FlaskClient, automation_id: int
) -> None:
    address = begin(as_rosa, automation_id)
    page = text_of(as_rosa.get(address))
    assert "This draft against version 1" in page and "Nothing is sent." in page
    assert "6 of 6 payment status changes" in page
    assert "4 would have fired; version 1 fired 2" in page
    assert "#1049 =1+1 Hollis would now get it: total £52.80 is over £40.00, was not over £60.00." in page
    assert "Email to bram@mail.example" in page and "Your order #1049 is confirmed" in page
    assert "Version 1 would have done nothing: total is £52.80, needs over £60.00." in page
    # The trigger narrows to Paid, and one order is a collection.
    assert "Fulfilment method is Delivery 5 5" in page and "Total is over £40.00 was £60.00 4 2" in page
    assert db.session.query(Run).count() == db.session.query(Message).count() == 0


def test_each_tab_and_row_has_an_address(as_rosa: FlaskClient, automation_id: int) -> None:
    address = begin(as_rosa, automation_id)
    assert "#1040" in text_of(as_rosa.get(f"{address}?tab=same"))
    assert "No order would change" in text_of(as_rosa.get(f"{address}?tab=lost"))
    assert "What #1045 would have got" in text_of(as_rosa.get(f"{address}?tab=gained&row=1"))
    for odd in ("?tab=odd", "?row=99", "?row=x&shown=-1", "?shown=99999999"):
        assert as_rosa.get(f"{address}{odd}").status_code == 200


def test_more_rows_are_a_link(as_rosa: FlaskClient, bloom: Store) -> None:
    for number in range(40):
        shop.place_order(f"7{number:02}", now=story.NOW - story.DAY)
    id = shop.draft_automation("New", "created")
    address = begin(as_rosa, id)
    page = as_rosa.get(address)
    assert "10 of 40" in text_of(page) and "Show 25 more" in text_of(page)
    (more,) = re.findall(r'href="([^"]+shown=35[^"]*)"', page.text)
    assert "35 of 40" in text_of(as_rosa.get(more.replace("&amp;", "&")))
    assert "Show 5 more" in text_of(as_rosa.get(f"{address}?shown=35"))


def test_a_first_publish_shows_only_the_drafts_figures(as_rosa: FlaskClient, automation_id: int) -> None:
    id = shop.draft_automation("New", "payment_status_changed", DELIVERY, after="paid")
    page = text_of(as_rosa.get(begin(as_rosa, id)))
    assert "5 would have fired" in page and "Would have fired 5" in page
    assert "Gained" not in page and "version" not in page.replace("version 1, for", "")


def test_a_viewer_of_the_store_may_look_and_export_but_not_begin(
    as_rosa: FlaskClient, as_finn: FlaskClient, as_mallory: FlaskClient, automation_id: int
) -> None:
    address = begin(as_rosa, automation_id)
    assert as_finn.get(address).status_code == as_finn.get(f"{address}.csv").status_code == 200
    assert "Compare again" not in text_of(as_finn.get(address))
    assert as_finn.post(f"/automations/{automation_id}/backtests").status_code == 403
    for elsewhere in (address, f"{address}.csv", f"/automations/{automation_id}/backtests"):
        assert as_mallory.get(elsewhere).status_code == 404


def test_a_backtest_of_another_automation_is_not_found(as_rosa: FlaskClient, automation_id: int) -> None:
    other = shop.draft_automation("Other", "created")
    number = begin(as_rosa, automation_id).rpartition("/")[2]
    assert as_rosa.get(f"/automations/{other}/backtests/{number}").status_code == 404
    assert as_rosa.post(f"/automations/{other}/backtests/{number}/stop").status_code == 404


def test_the_csv_has_every_row_with_its_reason_and_no_formula(
    as_rosa: FlaskClient, automation_id: int
) -> None:
    answer = as_rosa.get(f"{begin(as_rosa, automation_id)}.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"), newline="")))
    assert [(row["What changes"], row["Record"]) for row in rows] == [
        ("gained", "#1049"),
        ("gained", "#1045"),
        ("same", "#1040"),
        ("same", "#1036"),
    ]
    assert rows[0]["Sentence"].endswith("total £52.80 is over £40.00, was not over £60.00.")
    assert rows[0]["Would have been done"] == "Email to bram@mail.example"
    assert live(answer.text) == []
    assert db.session.query(Audit).filter(Audit.action == "exported a backtest of").count() == 1


def test_a_long_one_waits_is_stopped_and_says_what_was_read(
    as_rosa: FlaskClient, bloom: Store, automation_id: int
) -> None:
    backtest_id = story.begun(bloom, automation_id, at_once=-1).id
    other = story.begun(bloom, automation_id, at_once=-1).id
    address = f"/automations/{automation_id}/backtests/{backtest_id}"
    waits = as_rosa.get(f"/automations/{automation_id}/backtests/{other}")
    assert "Waits for 1 other backtest of this store" in text_of(waits)
    backtest_reading.read_all(story.moment, "one", story.turns(2))
    page = as_rosa.get(address)
    assert "Reading the past: 5 of 6" in text_of(page) and "not read yet" in text_of(page)
    assert 'hx-trigger="every 1s"' in page.text
    part = as_rosa.get(address, headers={"HX-Request": "true"})
    assert "<html" not in part.text and f'id="backtest-{backtest_id}"' in part.text
    stopped = text_of(as_rosa.post(f"{address}/stop", follow_redirects=True))
    assert "Stopped: 5 of 6 payment status changes" in stopped
    assert "It was over already." in text_of(as_rosa.post(f"{address}/stop", follow_redirects=True))
    assert "every 1s" not in as_rosa.get(address).text


def test_it_says_when_the_draft_has_changed_since(as_rosa: FlaskClient, automation_id: int) -> None:
    address = begin(as_rosa, automation_id)
    assert "has been changed since" not in text_of(as_rosa.get(address))
    with write() as session:
        automation = session.get_one(Automation, automation_id)
        automation.draft = automation.draft | {"conditions": []}
    assert "it shows the draft as it was then" in text_of(as_rosa.get(address))
    assert "#1049" in text_of(as_rosa.get(address))


def test_a_draft_that_cannot_be_judged_says_which_row(as_rosa: FlaskClient, bloom: Store) -> None:
    id = shop.draft_automation("Odd", "created", shop.condition("total", "greater_than", "lots"))
    answer = as_rosa.post(f"/automations/{id}/backtests", follow_redirects=True)
    assert "The draft cannot be judged yet." in text_of(answer)
    assert db.session.query(Backtest).count() == 0
    assert as_rosa.post(f"/automations/{id}/backtests", data={"period": "7"}).status_code == 400


def test_a_store_without_history_says_so(as_rosa: FlaskClient, bloom: Store) -> None:
    id = shop.draft_automation("New", "created")
    page = text_of(as_rosa.get(begin(as_rosa, id)))
    assert "Nothing recorded yet: counts appear as orders come in." in page


def test_earlier_ones_are_listed_with_who_asked(as_rosa: FlaskClient, automation_id: int) -> None:
    assert "Nothing is compared yet" in text_of(as_rosa.get(f"/automations/{automation_id}/backtests"))
    begin(as_rosa, automation_id, "30")
    page = text_of(as_rosa.get(f"/automations/{automation_id}/backtests"))
    assert "The last 30 days , against version 1" in page or "The last 30 days, against version 1" in page
    assert "Rosa Lind" in page and "+2 · −0 · 2 the same" in page


def test_a_customer_who_was_erased_is_not_named(
    as_rosa: FlaskClient, bloom: Store, automation_id: int
) -> None:
    address = begin(as_rosa, automation_id)
    store_id, customer_id = bloom.id, db.session.query(Customer).filter_by(number="C-9").one().id
    db.session.rollback()
    complete_erasure.erase_completely(store_id, customer_id, story.NOW, lambda _: None)
    page = text_of(as_rosa.get(address))
    assert "#1049" in page and "Hollis" not in page and "bram@mail.example" not in page
