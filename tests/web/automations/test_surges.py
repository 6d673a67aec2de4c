"""The page of an automation that is held: what waits and why, and the decisions."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.automation import Automation
from automations.models.tables.people import Audit
from automations.models.tables.run import CANCELLED, HELD, QUEUED, WAITING
from tests.kit import shop
from tests.kit.surging import FREE, hold, import_orders, relay_all, states, usually
from tests.web.pages import sign_in

LEFT = 60 - FREE


@pytest.fixture
def thanks(app: Flask) -> int:
    """An automation that is held: sixty orders came at once."""
    now = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)
    id = shop.publish_automation("Thanks", "created", now=now)
    usually(id)
    import_orders(60, now=now)
    relay_all(now)
    return id


@pytest.fixture
def rosa(app: Flask, thanks: int) -> FlaskClient:
    return sign_in(app.test_client(), "rosa")


def test_every_page_of_the_automation_says_it(rosa: FlaskClient, thanks: int) -> None:
    overview = rosa.get(f"/automations/{thanks}/overview").text
    assert "Held: 60 fired, more than 25 in a minute; usually 2 a day." in overview
    assert "nearly all came from till “Front desk”" in overview
    assert "held, needs you" in rosa.get(f"/automations/{thanks}/runs").text
    for page in ("/automations", f"/automations/{thanks}", f"/automations/{thanks}/upcoming"):
        assert f"/automations/{thanks}/hold" in rosa.get(page).text
    assert "held, needs you" in rosa.get("/orders/I-59").text.lower()


def test_all_of_many_are_asked_about_once_more(rosa: FlaskClient, thanks: int) -> None:
    where = f"/automations/{thanks}/hold"
    page = rosa.get(where).text
    assert "Release the first 10" in page and "I-59" in page
    form = {"hold": str(hold().id), "up_to": "999999"}
    asked = rosa.post(f"{where}/releases", data=form).text
    assert f"Yes, release all {LEFT}" in asked and states()[HELD] == LEFT
    done = rosa.post(f"{where}/releases", data=form | {"sure": "yes"}, follow_redirects=True).text
    assert f"{LEFT} firings are released." in done and states() == {QUEUED: FREE, WAITING: LEFT}


def test_the_first_ten_go_at_once_and_none_is_asked_about(rosa: FlaskClient, thanks: int) -> None:
    where, form = f"/automations/{thanks}/hold", {"hold": str(hold().id), "up_to": "999999"}
    rosa.post(f"{where}/releases", data=form | {"which": "first"})
    assert states() == {QUEUED: FREE, WAITING: 10, HELD: LEFT - 10}
    assert f"Yes, cancel all {LEFT - 10}" in rosa.post(f"{where}/cancellations", data=form).text
    rosa.post(f"{where}/cancellations", data=form | {"sure": "yes"})
    assert states() == {QUEUED: FREE, WAITING: 10, CANCELLED: LEFT - 10}
    late = rosa.post(f"{where}/releases", data=form | {"sure": "yes"}, follow_redirects=True).text
    assert "Someone else got there first: nothing is held any more." in late
    assert "Nothing is held" in rosa.get(where).text


def test_when_it_is_held_can_be_set_with_a_reason(rosa: FlaskClient, thanks: int) -> None:
    where = f"/automations/{thanks}/hold"
    for by, wrong in (("limit", {"limit": "0"}), ("limit", {"limit": "many"}), ("never", {"reason": "  "})):
        refused = rosa.post(f"{where}/measures", data={"by": by} | wrong)
        assert refused.status_code == 422 and 'id="hold-problem"' in refused.text
    rosa.post(f"{where}/measures", data={"by": "limit", "limit": "40"})
    assert "40 in an hour" in rosa.get(where).text
    rosa.post(f"{where}/measures", data={"by": "never", "reason": "Labels for an import"})
    assert "Never, because: Labels for an import" in rosa.get(where).text
    rosa.post(f"{where}/measures", data={"by": "past"})
    automation = db.session.get_one(Automation, thanks)
    assert (automation.hold_limit, automation.hold_off) == (None, None)
    assert [row.action for row in db.session.query(Audit).order_by(Audit.id)][-3:] == ["set when to hold"] * 3


def test_who_only_looks_sees_it_and_has_no_buttons(app: Flask, thanks: int) -> None:
    finn = sign_in(app.test_client(), "finn")
    page = finn.get(f"/automations/{thanks}/overview").text
    assert "A manager of the store decides." in page and "Release none" not in page
    assert finn.post(f"/automations/{thanks}/hold/cancellations", data={"hold": "1"}).status_code == 403


def test_a_hold_of_another_automation_is_not_found(rosa: FlaskClient, thanks: int) -> None:
    other = shop.publish_automation("Other", "status_changed")
    form = {"hold": str(hold().id), "up_to": "999999", "sure": "yes"}
    assert rosa.post(f"/automations/{other}/hold/releases", data=form).status_code == 404
    assert rosa.post(f"/automations/{thanks}/hold/releases", data={"hold": "x"}).status_code == 404
