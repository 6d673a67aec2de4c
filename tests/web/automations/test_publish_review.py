"""The step before going live, without a browser: what it says, and what its three ways out do."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from flask.testing import FlaskClient

from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.people import Audit, User
from automations.models.tables.shadow import Shadow
from tests.kit.shop import condition, draft_automation, email_to, place_order, publish_automation, request_to
from tests.web.pages import sign_in, text_of

NOW = dt.datetime.now(dt.UTC)
PAID = {"after": "paid"}


def review_of(client: FlaskClient, id: int, status: int = 200) -> str:
    answer = client.get(f"/automations/{id}/publish")
    assert answer.status_code == status
    return text_of(answer)


def choose(client: FlaskClient, id: int, way: str, **values: Any) -> Any:
    revision = values.pop("reviewed", None) or db.session.get_one(Automation, id).revision
    return client.post(f"/automations/{id}/{way}", data={"reviewed": str(revision), **values})


def edit(id: int, **draft: Any) -> None:
    with write() as session:
        row = session.get_one(Automation, id)
        row.draft, row.revision = row.draft | draft, row.revision + 1


def test_the_four_emails_story_ends_at_the_review(client: FlaskClient) -> None:
    rosa = sign_in(client, "rosa")
    confirm = publish_automation("Confirm paid deliveries", **PAID)
    for number in ("1051", "1044"):
        place_order(number, customer_id=1, total=Decimal("86.50"), now=NOW - dt.timedelta(days=2))
        place_order(number, payment_status="paid", now=NOW - dt.timedelta(days=1))
    page = review_of(rosa, draft_automation("Thank you, again", **PAID))
    assert "Confirm paid deliveries" in page and "1051" in page and "1044" in page
    overlaps = page[page.index("Overlaps") : page.index("Other checks")]
    assert "Confirm paid deliveries" in overlaps and "1051" in overlaps and "1044" in overlaps
    assert "2 orders in the past 90 days" in page and "Yes, by email." in page
    assert db.session.get_one(Automation, confirm).active_version_id


def test_it_says_what_changes_against_the_live_version_and_who_is_gained(client: FlaskClient) -> None:
    rosa = sign_in(client, "rosa")
    id = publish_automation("Big ones", "created", condition("total", "greater_than", "60.00"))
    for number, total in (("1", "86.50"), ("2", "50.00")):
        place_order(number, customer_id=1, total=Decimal(total), now=NOW - dt.timedelta(days=1))
    edit(id, conditions=[condition("total", "greater_than", "40.00")])
    page = review_of(rosa, id)
    assert "Publish version 2?" in page and "its total is over £60.00 £40.00" in page
    assert "+1 −0" in page and "Anna Petrova" in page


def test_a_first_publish_has_no_row_of_changes_and_goes_live(client: FlaskClient) -> None:
    rosa = sign_in(client, "rosa")
    id = draft_automation("Thanks", "created")
    assert "What changes" not in review_of(rosa, id)
    assert choose(rosa, id, "publications").status_code == 303
    assert "Version 1 is published and live." in text_of(rosa.get(f"/automations/{id}"))


def test_nothing_to_publish_offers_only_the_way_back(client: FlaskClient) -> None:
    rosa = sign_in(client, "rosa")
    id = publish_automation("Thanks", "created")
    answer = rosa.get(f"/automations/{id}/publish")
    assert "Nothing to publish" in text_of(answer)
    assert "Start shadow mode" not in answer.text and "Publish version" not in answer.text
    assert "Nothing to publish" in rosa.get(f"/automations/{id}").text
    choose(rosa, id, "publications")
    assert db.session.get_one(Automation, id).latest_version.number == 1


def test_a_draft_that_changed_meanwhile_is_shown_anew_and_not_published(client: FlaskClient) -> None:
    rosa = sign_in(client, "rosa")
    id = draft_automation("Thanks", "created")
    with write() as session:
        ada = session.query(User).filter_by(email="ada@bloom.example").one()
        row = session.get_one(Automation, id)
        row.revision, row.updated_by = row.revision + 1, ada.id
    for way in ("publications", "shadow"):
        answer = choose(rosa, id, way, reviewed="1")
        assert answer.status_code == 409
        assert "Ada Quill saved this automation in the meantime" in text_of(answer)
        assert 'name="reviewed" value="2"' in answer.text
    db.session.rollback()
    assert db.session.get_one(Automation, id).latest_version_id is None
    assert db.session.query(Shadow).count() == 0


def test_a_missing_secret_stops_publishing_and_leaves_shadow_mode(client: FlaskClient) -> None:
    rosa = sign_in(client, "rosa")
    call = request_to("https://api.vans.example/jobs")
    call["settings"]["headers"] = "Authorization: Bearer {{ secrets.van }}"
    id = draft_automation("Vans", "created", actions=[call])
    answer = rosa.get(f"/automations/{id}/publish")
    assert "van" in text_of(answer) and "Ada Quill" in text_of(answer)
    assert "Ada Quill. Secrets" not in text_of(answer), "where she may not go is not named"
    assert choose(rosa, id, "publications").status_code == 422
    assert choose(rosa, id, "shadow", days="3").status_code == 303
    db.session.rollback()
    shadow = db.session.query(Shadow).one()
    assert shadow.until - shadow.started_at == dt.timedelta(days=3)
    assert "Shadow until" in rosa.get("/automations").text


def test_an_incomplete_draft_can_be_neither_published_nor_put_in_shadow_mode(client: FlaskClient) -> None:
    rosa = sign_in(client, "rosa")
    id = draft_automation("Thanks", "created", actions=[])
    assert "Add at least one action" in review_of(rosa, id)
    for way in ("publications", "shadow"):
        assert choose(rosa, id, way).status_code == 422


def test_days_that_shadow_mode_does_not_take_are_refused(client: FlaskClient) -> None:
    rosa = sign_in(client, "rosa")
    id = draft_automation("Thanks", "created")
    for days in ("0", "31", "two", "", "²"):
        refused = choose(rosa, id, "shadow", days=days)
        assert refused.status_code == 422
        assert f'value="{days}" inputmode="numeric"' in refused.text, "what was typed stays"


def test_the_report_leads_to_a_decision(client: FlaskClient) -> None:
    rosa = sign_in(client, "rosa")
    id = draft_automation("Thanks", "created", actions=[email_to(message="Dear {{ customer.name }}")])
    choose(rosa, id, "shadow")
    order = place_order("77", customer_id=1, now=NOW)
    page = rosa.get(f"/automations/{id}/shadow")
    assert "Would have" not in page.text or "It would have run" in text_of(page)
    log = rosa.get("/orders/77").text
    assert "Would have run (shadow)" in log
    link = f"/automations/{id}/shadow/"
    evaluation = log[log.index(link) + len(link) :].split('"')[0]
    assert "Dear Anna Petrova" in text_of(rosa.get(link + evaluation))
    finn = sign_in(client.application.test_client(), "finn")
    assert finn.get(link + evaluation).status_code == 200
    assert finn.post(f"/automations/{id}/shadow/publication").status_code == 403
    assert rosa.post(f"/automations/{id}/shadow/publication").status_code == 303
    db.session.rollback()
    assert db.session.get_one(Automation, id).active_version.number == 2
    notes = {row.action for row in db.session.query(Audit)}
    assert {"started shadow mode of", "published version 2 of"} <= notes and order.fired == 0


def test_a_rule_that_can_never_fire_has_no_way_out_but_back(client: FlaskClient) -> None:
    rosa = sign_in(client, "rosa")
    statuses = [condition("status", "equals", key) for key in ("picked", "cancelled")]
    id = draft_automation("Never", "created", *statuses)
    answer = rosa.get(f"/automations/{id}/publish")
    assert "It can never fire: “its status is Picked” and “its status is Cancelled”" in text_of(answer)
    assert answer.text.count(" disabled") == 2
    for way in ("publications", "shadow"):
        refused = choose(rosa, id, way, days="7")
        assert refused.status_code == 422 and "exclude each other" in text_of(refused)
    assert db.session.get_one(Automation, id).latest_version_id is None


def test_it_counts_times_records_and_customers_after_its_own_limits(client: FlaskClient) -> None:
    rosa, days = sign_in(client, "rosa"), [NOW - dt.timedelta(days=days) for days in (9, 8, 7, 6, 5, 4)]
    for place, now in enumerate(days):
        place_order(str(place), customer_id=1 if place < 4 else None, now=now)
    id = draft_automation("Thanks", "created")
    page = review_of(rosa, id)
    assert "6 orders in the past 90 days, of 1 customer" in page and "See all 6" in page
    edit(id, caps={"once_per_customer_days": 2})
    page = review_of(rosa, id)
    assert "4 orders in the past 90 days, of 1 customer" in page
    assert "6 fit; its own limits would have kept 2 of them from running." in page
    assert "See all 6 that fit" in page
    listed = rosa.post(f"/automations/{id}/backtests", data={"period": "90"}, follow_redirects=True)
    assert "6" in text_of(listed)


def test_who_fires_several_times_for_a_record_is_counted_apart(client: FlaskClient) -> None:
    rosa = sign_in(client, "rosa")
    for number in ("1", "2"):
        for status in ("paid", "unpaid", "paid"):
            place_order(number, customer_id=1, payment_status=status, now=NOW - dt.timedelta(hours=3))
    page = review_of(rosa, draft_automation("Payments", "payment_status_changed"))
    assert "times in the past 90 days, for 2 orders of 1 customer" in page


def test_publishing_without_a_review_shows_the_review(client: FlaskClient) -> None:
    rosa = sign_in(client, "rosa")
    id = draft_automation("Thanks", "created")
    answer = rosa.post(f"/automations/{id}/publications", data={"name": "Thanks", "revision": "1"})
    assert answer.status_code == 303 and answer.headers["Location"] == f"/automations/{id}/publish"
    db.session.rollback()
    assert db.session.get_one(Automation, id).latest_version_id is None


def test_publishing_twice_makes_one_version_and_says_so(client: FlaskClient) -> None:
    rosa = sign_in(client, "rosa")
    id = draft_automation("Thanks", "created")
    for _ in range(2):
        choose(rosa, id, "publications")
    words = text_of(rosa.get(f"/automations/{id}"))
    assert "the draft is the same as version 1, which is live." in words
    assert db.session.get_one(Automation, id).latest_version.number == 1


def test_one_archived_meanwhile_is_not_published_and_says_why(client: FlaskClient) -> None:
    rosa = sign_in(client, "rosa")
    id = draft_automation("Thanks", "created")
    with write() as session:
        session.get_one(Automation, id).archived_at = NOW
    for way in ("publications", "shadow"):
        answer = choose(rosa, id, way)
        assert answer.status_code == 422 and "This automation is archived." in text_of(answer)
