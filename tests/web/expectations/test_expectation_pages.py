"""The pages of expectations: written from the dropdowns, listed, seen to, and refused in sentences."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from automations.features.expectations.looking_after import look_after_all
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.expectation import Expectation
from automations.models.tables.store import Choice, Store
from tests.kit.expecting import MINUTE, confirming, expect_one, pay, pay_and_send, the_expectation
from tests.kit.shop import condition
from tests.kit.statements import recorded_statements
from tests.web.building import HTMX
from tests.web.pages import assert_fragment, sign_in, text_of

FORM = {
    "subject": "order",
    "trigger-key": "payment_status_changed",
    "trigger-shown": "payment_status_changed",
    "trigger-to": "paid",
    "conditions-0-field": "fulfilment_method",
    "conditions-0-shown": "fulfilment_method",
    "conditions-0-operator": "equals",
    "conditions-0-value": "delivery",
    "follow-count": "exactly_one",
    "follow-what": "email",
    "follow-whose": "any",
    "follow-to": "customer",
    "follow-amount": "10",
    "follow-unit": "minutes",
}
SENTENCE = (
    "Every time an order’s payment status changes to Paid, if its fulfilment method is Delivery, "
    "exactly one email goes to the customer within 10 minutes"
)


@pytest.fixture
def rosa_client(app: Flask) -> FlaskClient:
    return sign_in(app.test_client(), "rosa")


def recently() -> dt.datetime:
    return dt.datetime.now(dt.UTC) - dt.timedelta(hours=2)


def save(client: FlaskClient, path: str = "/expectations", **changes: str) -> TestResponse:
    return client.post(path, data=FORM | changes)


def test_it_is_saved_and_called_by_its_sentence(rosa_client: FlaskClient) -> None:
    answer = save(rosa_client)
    saved = db.session.query(Expectation).one()
    assert answer.status_code == 303 and answer.headers["Location"] == f"/expectations/{saved.id}"
    assert SENTENCE in text_of(rosa_client.get("/expectations"))
    assert "Nothing happened yet" in text_of(rosa_client.get(f"/expectations/{saved.id}"))


def test_the_past_is_looked_at_before_it_is_saved(rosa_client: FlaskClient) -> None:
    now = recently()
    confirming("Confirm", now=now)
    pay_and_send("1", now + MINUTE)
    confirming("Confirm again", now=now + 2 * MINUTE)
    pay_and_send("2", now + 3 * MINUTE)
    drawn = rosa_client.post("/expectations/draft-form", data=FORM, headers=HTMX)
    assert_fragment(drawn, "expectation-new-form")
    assert "looking…" in text_of(drawn)
    looked = rosa_client.post("/expectations/past", data=FORM, headers=HTMX)
    assert_fragment(looked, "expectation-new-past")
    words = text_of(looked)
    assert (
        "1 of 2 orders broke it" in words and "1 got exactly one email in time, all only kept here" in words
    )
    assert "Order 2" in words and "2 were kept here: Confirm at" in words and "Confirm again at" in words
    # Without JavaScript the whole page comes with it.
    assert "1 of 2 orders broke it" in text_of(rosa_client.post("/expectations/draft-form", data=FORM))
    assert db.session.query(Expectation).count() == 0


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"trigger-key": ""}, "Choose"),
        ({"trigger-key": "date_reached"}, "An expectation starts from something that happens"),
        ({"trigger-key": "manual"}, "An expectation starts from something that happens"),
        ({"conditions-0-value": ""}, "Choose"),
        ({"follow-amount": "soon"}, "as a whole number, for example 10"),
        ({"follow-amount": "0"}, "as a whole number, for example 10"),
        ({"follow-amount": "31", "follow-unit": "days"}, "The most time it can be given is 30 days."),
        ({"follow-whose": "automation:999"}, "what was chosen is gone"),
        ({"follow-whose": "group:"}, "what was chosen is gone"),
        ({"follow-count": "two"}, "Choose how many must follow."),
        ({"follow-what": "fax"}, "Choose what must follow."),
        ({"follow-unit": "years"}, "Choose minutes, hours or days."),
        ({"name": "x" * 121}, "Shorten the name to 120 characters; it has 121."),
    ],
)
def test_what_cannot_be_judged_is_refused_with_what_to_change(
    rosa_client: FlaskClient, changes: dict[str, str], sentence: str
) -> None:
    answer = save(rosa_client, **changes)
    assert answer.status_code == 422 and sentence in text_of(answer)
    assert db.session.query(Expectation).count() == 0


def test_an_automation_of_another_store_cannot_be_named(rosa_client: FlaskClient) -> None:
    id = confirming()
    with write() as session:
        thorn = session.query(Store).filter_by(name="Thorn & Co").one()
        session.get_one(Automation, id).store_id = thorn.id
    assert save(rosa_client, **{"follow-whose": f"automation:{id}"}).status_code == 422


def test_the_sentence_names_automations_groups_and_what_is_counted(rosa_client: FlaskClient) -> None:
    id = confirming("Confirm")
    with write() as session:
        session.get_one(Automation, id).group_name = "Orders"
    for changes, words in (
        ({"follow-whose": f"automation:{id}"}, "exactly one email of “Confirm” goes to the customer within"),
        ({"follow-whose": "group:Orders"}, "exactly one email of the group “Orders” goes to the customer"),
        ({"follow-what": "sms", "follow-to": "anybody"}, "exactly one SMS is sent within 10 minutes"),
        ({"follow-what": "run", "follow-count": "none"}, "no run is done within 10 minutes"),
        ({"follow-amount": "1", "follow-unit": "hours"}, "goes to the customer within 1 hour"),
    ):
        page = rosa_client.post("/expectations/draft-form", data=FORM | changes)
        assert words in text_of(page)


def test_a_broken_one_is_shown_seen_to_and_removed(rosa_client: FlaskClient) -> None:
    now = recently()
    id = expect_one(now)
    pay("77", now + MINUTE)
    assert look_after_all(dt.datetime.now(dt.UTC)) == 1
    assert "Broken by 1" in text_of(rosa_client.get("/expectations"))
    page = text_of(rosa_client.get(f"/expectations/{id}"))
    assert "Mark 1 as seen" in page and "Order 77" in page and "No automation that could have sent it" in page
    assert "Broken: “Every time an order" in text_of(rosa_client.get("/notifications"))
    seen = rosa_client.post(f"/expectations/{id}/sightings", follow_redirects=True)
    assert "1 marked as seen." in text_of(seen) and "Mark 1 as seen" not in text_of(seen)
    gone = rosa_client.post(f"/expectations/{id}/removal", follow_redirects=True)
    assert "No expectations yet" in text_of(gone)


def test_the_automation_that_it_is_about_says_that_it_is_broken(rosa_client: FlaskClient) -> None:
    now = recently()
    id = confirming("Confirm", now=now)
    expect_one(now, whose=f"automation:{id}")
    page = f"/automations/{id}/overview"
    assert "Broken by" not in text_of(rosa_client.get(page))
    pay("77", now + MINUTE)
    look_after_all(dt.datetime.now(dt.UTC))
    assert "Broken by 1" in text_of(rosa_client.get(page))


def test_one_whose_choice_is_gone_says_why_it_cannot_be_judged(rosa_client: FlaskClient) -> None:
    save(rosa_client, **{"trigger-key": "status_changed", "trigger-to": "picked"})
    id = db.session.query(Expectation).one().id
    with write() as session:
        session.query(Choice).filter_by(key="picked").delete()
    assert "Cannot be judged" in text_of(rosa_client.get("/expectations"))
    assert "It cannot be judged: " in text_of(rosa_client.get(f"/expectations/{id}"))
    assert rosa_client.get(f"/expectations/{id}/edit").status_code == 200


def test_who_saves_second_is_told_and_loses_nothing(rosa_client: FlaskClient) -> None:
    id = expect_one()
    path = f"/expectations/{id}"
    assert save(rosa_client, path, revision="1", name="First").status_code == 303
    answer = save(rosa_client, path, revision="1", name="Second")
    assert answer.status_code == 409 and "Someone else saved" in text_of(answer)
    assert 'value="Second"' in answer.text
    assert save(rosa_client, path, revision="2", name="Second").status_code == 303
    assert the_expectation(id).name == "Second"


def test_changing_it_begins_its_counts_anew(rosa_client: FlaskClient) -> None:
    now = recently()
    id = expect_one(now)
    pay("77", now + MINUTE)
    look_after_all(dt.datetime.now(dt.UTC))
    save(rosa_client, f"/expectations/{id}", revision="1", **{"follow-count": "at_most_one"})
    assert (the_expectation(id).broken, the_expectation(id).told_at) == (0, None)
    assert look_after_all(dt.datetime.now(dt.UTC) + MINUTE) == 0


def test_more_records_that_broke_it_cost_no_more_statements(rosa_client: FlaskClient) -> None:
    """Each record is explained by the same automations and versions, which are read once."""
    now = recently()
    confirming("Confirm large ones", condition("total", "greater_than", "1000"), now=now - MINUTE)
    expectation = expect_one(now - MINUTE)
    counts = []
    for numbers in (range(3), range(3, 9)):
        for number in numbers:
            pay(f"E-{number}", now + number * MINUTE)
        rosa_client.get(f"/expectations/{expectation}")
        with recorded_statements() as statements:
            page = text_of(rosa_client.get(f"/expectations/{expectation}"))
        counts.append(len(statements))
        assert page.count("E-") >= len(numbers)
    assert counts[0] == counts[1]
