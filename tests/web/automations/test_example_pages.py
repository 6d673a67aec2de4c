"""Pinning examples from the log and the builder, the list of them, and publishing while one breaks."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from automations.features.examples import pinning
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.example import Example
from automations.models.tables.people import Audit
from tests.kit import shop
from tests.web.building import automation, opened, published, send
from tests.web.pages import text_of

OVER_40 = shop.condition("total", "greater_than", "40.00")

#: A button of the card "Try it".
PIN = 'name="must_fire"'


def placed(as_person: FlaskClient, total: str = "86.50") -> str:
    """Save an automation, place an order, and pin its entry as one that must fire; return the page."""
    automation = shop.draft_automation("Big ones", "created", OVER_40)
    shop.place_order("0987", total=Decimal(total))
    page = f"/automations/{automation}"
    pinned = {"occurrence_id": shop.occurrences()[-1].id, "must_fire": "yes"}
    assert as_person.post(f"{page}/examples", data=pinned).status_code == 303
    return page


def test_an_entry_of_the_log_is_pinned_and_listed_with_its_answer(as_rosa: FlaskClient) -> None:
    page = placed(as_rosa)
    listed = text_of(as_rosa.get(f"{page}/examples"))
    assert "Pinned. #0987 must fire, and does: total £86.50 is over £40.00." in listed
    assert "Now 1 of 1 behaves as expected." in listed and "Pinned by Rosa Lind" in listed
    assert "Pinned examples : 1 of 1 behaves as expected." in text_of(as_rosa.get(page))


def test_what_it_expects_is_changed_and_it_is_removed(as_rosa: FlaskClient, as_finn: FlaskClient) -> None:
    page = placed(as_rosa)
    example = f"{page}/examples/{db.session.query(Example).one().id}"
    as_rosa.post(example, data={"must_fire": "no", "note": " too  big "})
    seen = text_of(as_finn.get(f"{page}/examples"))
    assert "#0987 must not fire , but would" in seen and "too big" in seen and "Change" not in seen
    assert as_rosa.post(example, data={"must_fire": "maybe"}).status_code == 400
    assert as_rosa.post(f"{example}/removal").status_code == 303
    assert "No pinned examples yet" in text_of(as_rosa.get(f"{page}/examples"))
    actions = [
        row.action
        for row in db.session.query(Audit).filter(Audit.action.contains("example")).order_by(Audit.id)
    ]
    assert actions == ["pinned an example of", "changed an example of", "removed an example of"]


def test_a_removed_one_is_put_back_until_it_is_deleted(as_rosa: FlaskClient) -> None:
    page = placed(as_rosa)
    id, occurrence_id = db.session.query(Example.id, Example.occurrence_id).one()
    removed = as_rosa.post(f"{page}/examples/{id}/removal", follow_redirects=True)
    undo = f"{page}/examples/{id}/return"
    assert f'action="{undo}"' in removed.text and "Undo" in text_of(removed)
    assert as_rosa.post(f"{page}/examples/{id}", data={"must_fire": "no"}).status_code == 404
    assert "#0987 is an example again." in text_of(as_rosa.post(undo, follow_redirects=True))
    assert "1 of 1 behaves as expected" in text_of(as_rosa.get(f"{page}/examples"))
    as_rosa.post(f"{page}/examples/{id}/removal")
    as_rosa.post(f"{page}/examples", data={"occurrence_id": occurrence_id, "must_fire": "no"})
    assert "was pinned again meanwhile" in text_of(as_rosa.post(undo, follow_redirects=True))
    now = dt.datetime.now(dt.UTC)
    for later, left in ((dt.timedelta(hours=23), 2), (dt.timedelta(hours=25), 1)):
        with write() as session:
            pinning.delete_removed(session, now + later)
        assert db.session.query(Example).count() == left
    assert as_rosa.post(undo).status_code == 404
    actions = [row.action for row in db.session.query(Audit).filter(Audit.action.contains("put back"))]
    assert actions == ["put back an example of"]


def test_the_menu_of_a_verdict_pins_it(as_rosa: FlaskClient, as_finn: FlaskClient) -> None:
    shop.publish_automation("Big ones", "created", OVER_40)
    shop.place_order("0987", total=Decimal("32.50"))
    assert "Keep it as an example of Big ones" in as_rosa.get("/orders/0987").text
    assert "Keep it as an example of Big ones" not in as_finn.get("/orders/0987").text


def test_examples_of_another_store_do_not_exist(as_rosa: FlaskClient, as_mallory: FlaskClient) -> None:
    page = placed(as_rosa)
    id, other = db.session.query(Example).one().id, shop.draft_automation("Theirs", store="Thorn & Co")
    assert as_mallory.get(f"{page}/examples").status_code == 404
    for address in (f"{page}/examples/{id}", f"/automations/{other}/examples/{id}"):
        assert as_mallory.post(address, data={"must_fire": "no"}).status_code == 404
        assert as_mallory.post(f"{address}/removal").status_code == 404
    pinned = {"occurrence_id": shop.occurrences()[-1].id, "must_fire": "yes"}
    assert as_mallory.post(f"/automations/{other}/examples", data=pinned).status_code == 404


def test_publishing_is_held_back_and_goes_on_with_a_reason(as_rosa: FlaskClient) -> None:
    page = placed(as_rosa, total="32.50")
    id = int(page.rpartition("/")[2])
    refused = published(as_rosa, id)
    assert refused.status_code == 422
    said = text_of(refused)
    assert "#0987 must fire, but would not: total is £32.50, needs over £40.00." in said
    assert "Reason to publish anyway" in said
    revision = str(automation(id).revision)
    given = {"reviewed": revision, "reason": "Small ones are thanked too"}
    again = as_rosa.post(f"{page}/publications", data=given)
    assert again.status_code == 303 and "Version 1 is published and live." in text_of(as_rosa.get(page))
    (row,) = db.session.query(Audit).filter(Audit.action.contains("set broken"))
    assert row.after["reason"] == "Small ones are thanked too"


def test_a_test_in_the_builder_is_pinned_with_the_draft_as_typed(as_rosa: FlaskClient) -> None:
    automation = shop.draft_automation("Big ones", "created", OVER_40)
    page = f"/automations/{automation}"
    form = opened(as_rosa, automation)
    typed = {"record": "sample:paid_delivery", "must_fire": "no"}
    (amount,) = (name for name, value in form.values.items() if value == "40.00")
    answer = send(as_rosa, f"{page}/examples", form, **typed, **{amount: "100.00"})
    said = text_of(answer)
    assert answer.status_code == 200
    assert "Pinned. A sample delivery order, paid must not fire, and does not: total is £86.50" in said
    assert db.session.query(Automation).one().draft["conditions"][0]["value"] == "40.00"
    unknown = send(as_rosa, f"{page}/examples", form, must_fire="no", **{"record-number": "404"})
    assert unknown.status_code == 422 and "There is no order 404." in text_of(unknown)
    assert db.session.query(Example).one().must_fire is False
    again = send(as_rosa, f"{page}/examples", form, **typed | {"must_fire": "yes"}, **{amount: "100.00"})
    assert "That was pinned already. A sample delivery order, paid must fire" in text_of(again)
    db.session.expire_all()
    assert db.session.query(Example).one().must_fire is True


@pytest.mark.parametrize(
    ("trigger", "missing"),
    [
        ("", "Choose a trigger, then this can be kept as an example."),
        ("date_reached", "Finish the trigger, then this can be kept as an example."),
    ],
)
def test_what_is_missing_is_said_where_a_test_cannot_be_pinned_yet(
    as_rosa: FlaskClient, trigger: str, missing: str
) -> None:
    automation, ready = shop.draft_automation("Open", trigger), shop.draft_automation("Ready", "created")
    page = f"/automations/{automation}"
    form = opened(as_rosa, automation)
    assert PIN in as_rosa.get(f"/automations/{ready}").text
    shown = as_rosa.get(page)
    assert missing in text_of(shown) and PIN not in shown.text
    refused = send(as_rosa, f"{page}/examples", form, record="sample:paid_delivery", must_fire="yes")
    assert refused.status_code == 422 and missing in text_of(refused)
    assert db.session.query(Example).count() == 0


def test_one_record_is_pinned_once_as_it_is_and_told_apart_as_it_was(as_rosa: FlaskClient) -> None:
    automation = shop.draft_automation("Big ones", "created", OVER_40)
    shop.place_order("10482", total=Decimal(30))
    form, page = opened(as_rosa, automation), f"/automations/{automation}"
    typed = {"record-number": "10482", "must_fire": "no"}
    assert "Pinned. #10482 must not fire" in text_of(send(as_rosa, f"{page}/examples", form, **typed))
    assert "That was pinned already." in text_of(send(as_rosa, f"{page}/examples", form, **typed))
    assert "#10482 as it was" not in text_of(as_rosa.get(f"{page}/examples"))
    shop.place_order("10482", total=Decimal(35))
    assert "Pinned. #10482" in text_of(send(as_rosa, f"{page}/examples", form, **typed))
    listed = as_rosa.get(f"{page}/examples")
    assert text_of(listed).count("#10482 as it was today") == 2
    assert listed.text.count('aria-label="Change #10482 as it was today') == 2
