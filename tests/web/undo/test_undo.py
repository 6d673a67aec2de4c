"""Undo takes a change back as it was, refuses what someone changed since, and is in the audit."""

from __future__ import annotations

import datetime as dt
import re

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from automations.features.authoring import publish, shadow_mode
from automations.features.figures import counting
from automations.models.access import undo_steps
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.custom_field import CustomField
from automations.models.tables.day_figure import DayFigure
from automations.models.tables.expectation import Expectation
from automations.models.tables.order import Order
from automations.models.tables.people import Audit, User
from automations.models.tables.segment import Campaign, Segment, SegmentMember
from automations.models.tables.shadow import Shadow
from automations.models.tables.store import Choice, Store
from automations.models.tables.undo_step import UndoStep
from tests.kit import shop
from tests.kit.pages.one_of_each import one_of_each
from tests.web.pages import sign_in, signed_in, text_of
from tests.world import NOW

LATER = shop.email_to() | {"timing": {"when": "after", "amount": "2", "unit": "days"}, "recheck": True}


def undo_in(page: str) -> str:
    """The address of the Undo that a page offers."""
    (address,) = re.findall(
        r'action="([^"]+)" class="d-inline"[^>]*>(?:<input[^>]+>)*<button class="[^"]*toast-undo', page
    )
    return address


def undo_after(client: FlaskClient, url: str, **values: str) -> str:
    """Do something and return the address of the Undo that is offered then."""
    return undo_in(client.post(url, data=values, follow_redirects=True).text)


def automation_of(automation_id: int) -> Automation:
    db.session.expire_all()
    return db.session.get_one(Automation, automation_id)


def _picked() -> Choice:
    bloom = db.session.query(Store).filter_by(name="Bloom & Wild St").one()
    return db.session.query(Choice).filter_by(store_id=bloom.id, list_key="order_status", key="picked").one()


def last_audit() -> str:
    row = db.session.scalars(sa.select(Audit).order_by(Audit.number.desc()).limit(1)).one()
    return f"{row.action} {row.about}"


def test_undoing_an_archive_switches_on_again_and_lets_the_actions_wait_again(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "created", actions=[LATER])
    shop.place_order()
    due_at = shop.runs()[0].due_at
    answer = as_rosa.post(undo_after(as_rosa, f"/automations/{automation_id}/archive"), follow_redirects=True)
    assert "“Thank you” is back, and on as before. One action waits again." in text_of(answer)
    automation = automation_of(automation_id)
    assert automation.archived_at is None and automation.active_version_id == automation.latest_version_id
    run = shop.runs()[0]
    assert (run.state, run.reason, run.finished_at, run.due_at) == ("waiting", None, None, due_at)
    assert last_audit() == "undid archiving automation “Thank you”"
    shop.place_order("10483")
    assert len(shop.runs()) == 2


def test_actions_that_wait_again_are_counted_as_waiting_again(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "created", actions=[LATER])
    shop.place_order()
    address = undo_after(as_rosa, f"/automations/{automation_id}/archive")
    later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    counting.FigureCounting().once(later)
    as_rosa.post(address)
    counting.FigureCounting().once(later)
    figures = db.session.query(DayFigure).filter_by(automation_id=automation_id).all()
    assert {one.standing: one.count for one in figures} == {"dropped": 0, "under_way": 1}


def test_an_undone_archive_goes_on_with_its_shadow_mode(as_rosa: FlaskClient, rosa: User) -> None:
    automation_id = shop.publish_automation("Thank you", "created", actions=[LATER])
    with write() as session:
        automation = session.get_one(Automation, automation_id)
        automation.draft = automation.draft | {"actions": [shop.email_to()]}
        shadow_mode.start(session, automation, session.get_one(User, rosa.id), 3, dt.datetime.now(dt.UTC))
    as_rosa.post(undo_after(as_rosa, f"/automations/{automation_id}/archive"))
    db.session.expire_all()
    shadow = db.session.query(Shadow).one()
    assert (shadow.stopped_at, shadow.decided_at, shadow.decision) == (None, None, None)


def test_an_archive_that_somebody_took_back_first_is_not_undone(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "created")
    address = undo_after(as_rosa, f"/automations/{automation_id}/archive")
    as_rosa.post(f"/automations/{automation_id}/restoration")
    answer = as_rosa.post(address, follow_redirects=True)
    assert "“Thank you” was restored in the meantime, so nothing was undone." in text_of(answer)
    assert automation_of(automation_id).active_version_id is None


def test_a_switch_goes_back_once(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "created")
    address = undo_after(as_rosa, f"/automations/{automation_id}/deactivation")
    assert "“Thank you” is on again." in text_of(as_rosa.post(address, follow_redirects=True))
    assert automation_of(automation_id).active_version_id
    assert last_audit() == "undid switching off automation “Thank you”"
    assert "This was undone already." in text_of(as_rosa.post(address, follow_redirects=True))


def test_switching_on_again_goes_back_to_paused(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "created")
    with write() as session:
        automation = session.get_one(Automation, automation_id)
        publish.deactivate(session, automation, NOW)
        automation.paused_at, automation.paused_why = NOW, "It fired too often."
    as_rosa.post(undo_after(as_rosa, f"/automations/{automation_id}/activation"))
    automation = automation_of(automation_id)
    assert (automation.active_version_id, automation.paused_why) == (None, "It fired too often.")


def test_a_switch_that_somebody_used_since_is_not_undone(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "created")
    address = undo_after(as_rosa, f"/automations/{automation_id}/deactivation")
    as_rosa.post(f"/automations/{automation_id}/activation")
    answer = as_rosa.post(address, follow_redirects=True)
    assert "“Thank you” was switched or published in the meantime." in text_of(answer)


def test_a_status_goes_back_and_may_fire_again(as_rosa: FlaskClient) -> None:
    shop.publish_automation("Tell them", "payment_status_changed", actions=[shop.email_to()])
    shop.place_order(payment_status="unpaid")
    address = undo_after(as_rosa, "/orders/10482/status", revision="1", payment_status="paid")
    answer = as_rosa.post(address, follow_redirects=True)
    assert "Payment status now Paid then Unpaid Nothing has been undone yet." in " ".join(
        text_of(answer).split()
    )
    answer = as_rosa.post(address, data={"sure": "yes"}, follow_redirects=True)
    assert "Undone. One automation fired." in text_of(answer)
    order = db.session.query(Order).one()
    assert (order.payment_status, order.revision) == ("unpaid", 3)
    assert last_audit() == "undid a change of order 10482"


def test_a_status_that_was_changed_since_stays(as_rosa: FlaskClient) -> None:
    shop.place_order(payment_status="unpaid")
    address = undo_after(as_rosa, "/orders/10482/status", revision="1", payment_status="paid")
    shop.place_order(note="Ring twice", payment_status="refunded")
    answer = as_rosa.post(address, follow_redirects=True)
    assert "The payment status was changed in the meantime, so nothing was undone." in text_of(answer)
    assert db.session.query(Order).one().payment_status == "refunded"


def test_removed_segments_expectations_entries_fields_and_files_come_back(
    as_rosa: FlaskClient, bloom: Store, rosa: User
) -> None:
    ids = one_of_each(bloom, rosa)
    with write() as session:
        session.execute(sa.delete(Campaign))
    file_id = ids["file_id"]
    members = db.session.query(SegmentMember).count()
    was = {
        model: undo_steps.row_data(db.session.get_one(model, ids[key]))
        for model, key in (
            (Segment, "segment_id"),
            (Expectation, "expectation_id"),
            (CustomField, "field_id"),
        )
    }
    for url in (
        f"/segments/{ids['segment_id']}/removal",
        f"/expectations/{ids['expectation_id']}/removal",
        f"/settings/fields/{ids['field_id']}/removal",
        f"/settings/email-files/{file_id}/removals",
    ):
        words = text_of(as_rosa.post(undo_after(as_rosa, url), follow_redirects=True))
        assert "back" in words, url
        assert last_audit().startswith("put back"), url
    db.session.expire_all()
    for model, row in was.items():
        now = undo_steps.row_data(db.session.get_one(model, row["id"]))
        kept = {name for name in row if name not in ("updated_at", "refreshed_on")}
        assert {name: now[name] for name in kept} == {name: row[name] for name in kept}
    assert db.session.query(SegmentMember).count() == members
    assert "Care.pdf" in as_rosa.get("/settings/email-files").text


def test_an_entry_of_a_list_comes_back_in_its_place(as_rosa: FlaskClient) -> None:
    before = StoreWords(db.session(), db.session.query(Store).filter_by(name="Bloom & Wild St").one())
    choice = _picked()
    labels, id = list(before.choices("order_status")), choice.id
    as_rosa.post(undo_after(as_rosa, f"/settings/choices/{id}/removal"))
    db.session.expire_all()
    after = StoreWords(db.session(), db.session.query(Store).filter_by(name="Bloom & Wild St").one())
    assert list(after.choices("order_status")) == labels


def test_an_entry_whose_name_was_given_away_does_not_come_back(as_rosa: FlaskClient) -> None:
    id = _picked().id
    address = undo_after(as_rosa, f"/settings/choices/{id}/removal")
    as_rosa.post("/settings/lists/order_status/choices", data={"label": "Picked"})
    answer = as_rosa.post(address, follow_redirects=True)
    assert "The list was changed in the meantime and has no place for “Picked”." in text_of(answer)
    assert db.session.get(Choice, id) is None


def test_a_step_of_long_ago_is_refused_and_deleted_at_night(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "created")
    address = undo_after(as_rosa, f"/automations/{automation_id}/deactivation")
    with write() as session:
        step = session.query(UndoStep).one()
        step.updated_at -= undo_steps.KEPT_FOR + dt.timedelta(minutes=1)
    assert "This is too long ago to be undone." in text_of(as_rosa.post(address, follow_redirects=True))
    with write() as session:
        assert undo_steps.forget_old(session, dt.datetime.now(dt.UTC)) == 1


def test_only_who_may_change_it_may_undo_it(as_rosa: FlaskClient, client: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "created")
    address = undo_after(as_rosa, f"/automations/{automation_id}/deactivation")
    assert sign_in(client, "finn").post(address).status_code == 403
    assert sign_in(client, "mallory").post(address).status_code == 404
    assert automation_of(automation_id).active_version_id is None


def test_a_finished_task_and_a_closed_account_offer_their_reverse(
    app: Flask, as_ada: FlaskClient, bloom: Store, rosa: User
) -> None:
    signed_in(app.test_client(), "rosa")
    ids = one_of_each(bloom, rosa)
    assert undo_after(as_ada, f"/tasks/{ids['task_id']}/completion") == f"/tasks/{ids['task_id']}/reopening"
    team = f"/settings/team/{ids['membership_id']}"
    assert undo_after(as_ada, f"{team}/disabling") == f"{team}/enabling"


def test_a_redrawn_switch_brings_its_message_along(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "created")
    answer = as_rosa.post(f"/automations/{automation_id}/deactivation", headers={"HX-Request": "true"})
    assert 'hx-swap-oob="innerHTML:#notices"' in answer.text and "“Thank you” is off." in answer.text
    assert undo_in(answer.text).startswith("/undo/")
    # It has been said, so the next page does not say it again.
    assert "is off." not in text_of(as_rosa.get("/automations"))


def test_what_is_final_offers_no_undo(as_ada: FlaskClient) -> None:
    shop.place_customer("C-9", first_name="Anna")
    page = as_ada.post("/customers/C-9/erasure", data={"number": "C-9"}, follow_redirects=True).text
    assert "erased" in page and "toast-undo" not in page
