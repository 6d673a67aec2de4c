"""The files of what is no record: with what the page shows, of this store and this person only."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.features.audience import campaign_edits, segment_edits
from automations.models.db.base import db, write
from automations.models.tables.customer import Customer
from automations.models.tables.notification import Notification
from automations.models.tables.people import Audit, User
from automations.models.tables.run import FAILED, WAITING
from automations.models.tables.segment import Segment
from automations.models.tables.shop_connection import ShopDelivery, ShopWord
from automations.models.tables.store import Store
from automations.web.exports import csv_response
from automations.web.kit.export_permissions import EXPORTS
from automations.web.kit.permissions import PERMISSIONS
from tests.kit import shop
from tests.kit.pages.one_of_each import one_of_each
from tests.kit.pages.permitted import filled
from tests.web.exports.test_list_exports import rows_of
from tests.web.pages import sign_in
from tests.world import NOW

#: What every store and every person has some of.
OF_EVERY_STORE = {"settings_exports.choices", "settings_exports.sessions"}


@pytest.fixture
def anna(bloom: Store) -> Customer:
    return db.session.query(Customer).filter_by(store_id=bloom.id, number="C-1").one()


@pytest.fixture
def ids(app: Flask, bloom: Store, rosa: User) -> dict[str, Any]:
    sign_in(app.test_client(), "rosa")
    return one_of_each(bloom, rosa)


def test_segments_and_campaigns_say_who_and_how_many(
    as_ada: FlaskClient, ids: dict[str, Any], bloom: Store, rosa: User
) -> None:
    assert 'href="/segments.csv"' in as_ada.get("/segments").text
    (best,) = rows_of(as_ada, "/segments.csv")
    assert (best["Segment"], best["Customers who"]) == ("Best", "every customer")
    assert 'href="/campaigns.csv"' in as_ada.get("/campaigns").text
    (spring,) = rows_of(as_ada, "/campaigns.csv")
    assert (spring["Campaign"], spring["Segment"], spring["Channel"]) == ("Spring", "Best", "Email")
    assert (spring["State"], spring["Chosen"], spring["Finished"]) == ("Not sent yet", "", "")
    with write() as session:
        vip = shop.condition("tags", "contains", "vip")
        segment_edits.save(session, bloom, rosa, None, "=VIP", [vip], NOW)
    about = {row["Segment"]: row["Customers who"] for row in rows_of(as_ada, "/segments.csv")}
    assert about == {"Best": "every customer", "'=VIP": "their tags include vip"}


def test_campaigns_beyond_a_page_are_listed_and_exported(
    as_ada: FlaskClient, ids: dict[str, Any], bloom: Store, rosa: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_response, "AT_ONCE", 20)
    text = {"channel": "sms", "subject": "", "message": "Hello"}
    with write() as session:
        segment = session.get_one(Segment, ids["segment_id"])
        for number in range(60):
            campaign_edits.create(session, bloom, rosa, segment, f"Week {number}", text, None, NOW)
    names = [row["Campaign"] for row in rows_of(as_ada, "/campaigns.csv")]
    assert names == [*(f"Week {number}" for number in range(59, -1, -1)), "Spring"]
    assert rows_of(as_ada, "/campaigns.csv")[0]["Channel"] == "SMS"
    first = as_ada.get("/campaigns").text
    assert "Week 59" in first and "Spring" not in first and 'rel="next"' in first


def test_notifications_are_the_persons_own(as_ada: FlaskClient, ids: dict[str, Any], bloom: Store) -> None:
    assert rows_of(as_ada, "/notifications.csv") == []
    with write() as session:
        ada = session.query(User).filter_by(name="Ada Quill").one()
        told = Notification(store_id=bloom.id, user_id=ada.id, title="Large order", created_at=NOW)
        told.body, told.run_id, told.subject, told.record_id = "£900", ids["run_id"], "order", 1
        session.add(told)
    assert 'href="/notifications.csv"' in as_ada.get("/notifications").text
    (row,) = rows_of(as_ada, "/notifications.csv")
    assert (row["At"], row["Notification"], row["Text"]) == ("2026-11-22 10:00+00:00", "Large order", "£900")
    assert (row["By the automation"], row["Outcome"], row["Read"]) == ("Bloom thanks", "Waiting", "")


def test_the_messages_of_a_shop_are_all_there_without_their_payloads(
    as_ada: FlaskClient, ids: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_response, "AT_ONCE", 7)
    with write() as session:
        first = session.get_one(ShopDelivery, ids["delivery_id"])
        whose = {"store_id": first.store_id, "connection_id": first.connection_id}
        for number in range(30):
            one = ShopDelivery(**whose, delivery_id=f"d-{number}", body_hash="ff", topic="orders/updated")
            one.payload, one.headers, one.understood = '{"secret": "card"}', {}, {}
            one.received_at = one.tried_at = NOW
            one.outcome, one.sentence = "taken", "Changed."
            one.subject, one.record_id = "order", shop.runs()[0].evaluation.occurrence.record_id
            session.add(one)
    address = f"/settings/shops/{ids['shop_id']}/messages.csv"
    assert f'href="{address}"' in as_ada.get(f"/settings/shops/{ids['shop_id']}").text
    rows = rows_of(as_ada, address)
    assert [row["The sender’s own id"] for row in rows] == [*(f"d-{n}" for n in range(29, -1, -1)), "d"]
    assert (rows[0]["About"], rows[0]["Outcome"], rows[0]["Record"]) == (
        "orders/updated",
        "Taken",
        "Order N-1",
    )
    assert rows[-1]["What became of it"] == "Square sent an object without an id."
    assert "card" not in as_ada.get(address).text


def test_shops_and_their_words_are_exported(as_ada: FlaskClient, ids: dict[str, Any], bloom: Store) -> None:
    with write() as session:
        whose = {"store_id": bloom.id, "connection_id": ids["shop_id"]}
        known = ShopWord(**whose, kind="status", said="processing", count=4)
        known.is_optional, known.usual, known.target = False, "status=confirmed", "status=picked"
        known.first_at = known.last_at = known.chosen_at = NOW
        session.add(known)
    shops = {row["Name"]: row for row in rows_of(as_ada, "/settings/shops.csv")}
    assert shops["Web shop"]["What sends"] == "Shopify" and shops["Web shop"]["Unknown words"] == "1"
    address = f"/settings/shops/{ids['shop_id']}/words.csv"
    assert f'href="{address}"' in as_ada.get(f"/settings/shops/{ids['shop_id']}/words").text
    waiting, processing = rows_of(as_ada, address)
    assert (waiting["Kind"], waiting["Word"], waiting["Means here"]) == ("Order statuses", "on hold", "")
    assert (processing["Word"], processing["Times"]) == ("processing", "4")
    assert processing["Means here"] == "Picked" and processing["Chosen"]


def test_a_customers_messages_are_those_of_the_page(
    as_ada: FlaskClient, ids: dict[str, Any], anna: Customer
) -> None:
    shop.place_order("A-1", customer_id=anna.id)
    shop.set_run(shop.runs()[-1].id, state=FAILED, reason="No such mailbox.")
    page = as_ada.get("/customers/C-1/messages")
    assert 'href="/customers/C-1/messages.csv"' in page.text and "No such mailbox." in page.text
    rows = rows_of(as_ada, "/customers/C-1/messages.csv")
    (failed,) = [row for row in rows if row["Why"] == "No such mailbox."]
    assert failed["Outcome"] == "Failed, needs you" and failed["By the automation"] == "Bloom thanks"
    assert failed["Message"] == "Email the customer"


def test_what_needs_someone_and_what_is_retried_are_exported(
    as_ada: FlaskClient, ids: dict[str, Any]
) -> None:
    assert rows_of(as_ada, "/needs-you.csv") == []
    shop.set_run(ids["run_id"], state=FAILED, reason="=No such mailbox.")
    assert 'href="/needs-you.csv"' in as_ada.get("/needs-you").text
    (failed,) = rows_of(as_ada, "/needs-you.csv")
    assert (failed["Outcome"], failed["Why"]) == ("Failed, needs you", "'=No such mailbox.")
    assert (failed["Record"], failed["Automation"], failed["Version"]) == ("Order N-1", "Bloom thanks", "1")
    shop.set_run(ids["run_id"], state=WAITING, reason="The server is busy.")
    (busy,) = rows_of(as_ada, "/needs-you.csv")
    assert busy["Why"] == "The server is busy."


def test_the_runs_of_an_automation_are_exported_with_their_outcome(
    as_ada: FlaskClient, ids: dict[str, Any], anna: Customer
) -> None:
    base = f"/automations/{ids['automation_id']}"
    shop.set_run(ids["run_id"], state=FAILED, reason="No such mailbox.")
    for number in range(5):
        shop.place_order(f"R-{number}", customer_id=anna.id)
    assert f'href="{base}/runs.csv?outcome=wrong"' in as_ada.get(f"{base}/runs?outcome=wrong").text
    (failed,) = rows_of(as_ada, f"{base}/runs.csv?outcome=wrong")
    assert (failed["Record"], failed["Outcome"], failed["Why"]) == ("Order N-1", "Failed", "No such mailbox.")
    assert (failed["Action"], failed["Version"]) == ("Email the customer", "1")
    waiting = rows_of(as_ada, f"{base}/runs.csv?outcome=waiting")
    assert {row["Customer"] for row in waiting} == {"Anna Petrova"}
    assert [row["Record"] for row in waiting] == [f"Order R-{number}" for number in range(4, -1, -1)]
    assert len(rows_of(as_ada, f"{base}/runs.csv")) == 6


def test_what_is_coming_up_is_exported(as_ada: FlaskClient, ids: dict[str, Any]) -> None:
    address = f"/automations/{ids['automation_id']}/upcoming"
    assert f'href="{address}.csv"' in as_ada.get(address).text
    (coming,) = rows_of(as_ada, f"{address}.csv")
    assert (coming["Action"], coming["Record"]) == ("Email the customer", "Order N-1")
    assert (coming["Records"], coming["Waits already"]) == ("1", "yes")


def test_the_audit_names_each_export_and_another_store_gets_nothing(
    app: Flask, as_ada: FlaskClient, as_mallory: FlaskClient, ids: dict[str, Any]
) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint in EXPORTS]
    assert len(rules) == len(EXPORTS)
    for rule in rules:
        for address in filled(app, rule, ids):
            answer = as_ada.get(address)
            assert answer.status_code == 200 and answer.mimetype == "text/csv", address
            theirs = as_mallory.get(address)
            if rule.arguments & ids.keys():
                assert theirs.status_code in (403, 404), address
            elif PERMISSIONS[rule.endpoint] == "admin":
                assert theirs.status_code == 403, address
            elif rule.endpoint not in OF_EVERY_STORE:
                assert theirs.text.count("\r\n") == 1, address
    noted = db.session.query(Audit).filter_by(action="exported").all()
    assert len({row.about for row in noted}) == len(EXPORTS)


def test_automations_are_exported_with_their_search_and_filters(
    as_ada: FlaskClient, ids: dict[str, Any]
) -> None:
    shop.publish_automation("Large orders", "created", shop.condition("total", "greater_than", "50"))
    shop.switch_off(shop.publish_automation("=Off", "created"))
    shop.set_run(ids["run_id"], state=FAILED, reason="No.")
    page = as_ada.get("/automations?q=over&after=9").text
    assert 'href="/automations.csv?q=over"' in page
    (large,) = rows_of(as_ada, "/automations.csv?q=over")
    assert (large["Automation"], large["State"], large["Version"]) == ("Large orders", "On", "1")
    assert "if its total is over £50.00" in large["What it does"] and large["Last fired"] == ""
    states = {row["Automation"]: row["State"] for row in rows_of(as_ada, "/automations.csv")}
    assert states == {"Bloom thanks": "On", "Large orders": "On", "'=Off": "Off"}
    assert rows_of(as_ada, "/automations.csv?subject=event") == []


def test_what_belongs_to_an_automation_is_exported(as_ada: FlaskClient, ids: dict[str, Any]) -> None:
    base = f"/automations/{ids['automation_id']}"
    shadow, first = rows_of(as_ada, f"{base}/versions.csv")
    assert (first["Version"], first["Live"], first["Shadow"]) == ("1", "yes", "")
    assert (shadow["Version"], shadow["Live"], shadow["Shadow"]) == ("2", "", "yes")
    assert first["By"] and first["What it does"].startswith("Every time an order is created")
    (example,) = rows_of(as_ada, f"{base}/examples.csv")
    assert (example["Record"], example["It"], example["Answer"]) == ("Order N-1", "must fire", "and does")
    (backtest,) = rows_of(as_ada, f"{base}/backtests.csv")
    assert (backtest["By"], backtest["State"], backtest["Against version"]) == ("Rosa Lind", "Done", "1")
    assert (backtest["Gained"], backtest["Lost"], backtest["The same"]) == ("0", "0", "0")
    (kept,) = rows_of(as_ada, "/expectations.csv")
    assert (kept["Expectation"], kept["State"], kept["Broken"]) == ("Thanked at once", "Broken by 1", "1")
    assert rows_of(as_ada, "/automations/archived.csv") == []
    as_ada.post(f"{base}/archive")
    (gone,) = rows_of(as_ada, "/automations/archived.csv")
    assert (gone["Automation"], gone["By"]) == ("Bloom thanks", "Ada Quill")


def test_imported_files_are_listed_with_what_became_of_them(as_ada: FlaskClient, ids: dict[str, Any]) -> None:
    assert 'href="/imports.csv"' in as_ada.get("/imports?subject=event").text
    (one,) = rows_of(as_ada, "/imports.csv")
    assert one["State"] in as_ada.get("/imports").text and one["File"] in as_ada.get("/imports").text
    assert int(one["Rows"]) and one["Uploaded"]


def test_lists_of_the_settings_are_exported_without_secrets(as_ada: FlaskClient, ids: dict[str, Any]) -> None:
    team = {row["Name"]: row for row in rows_of(as_ada, "/settings/team.csv")}
    assert (team["Rosa Lind"]["Role"], team["Rosa Lind"]["State"]) == ("Manager", "Active")
    (store,) = [row for row in rows_of(as_ada, "/settings/stores.csv") if row["You are here"]]
    assert (store["Store"], store["Role"], store["Currency"]) == ("Bloom & Wild St", "Admin", "GBP")
    (field,) = rows_of(as_ada, "/settings/fields.csv")
    assert (field["Field"], field["Of"], field["In the API"]) == ("Ribbon", "Order", "custom.ribbon")
    statuses = rows_of(as_ada, "/settings/lists/order_status.csv")
    assert statuses[0]["Entry"] == "Unconfirmed" and statuses[0]["Records"] == "1"
    assert as_ada.get("/settings/lists/nothing.csv").status_code == 404
    (key,) = rows_of(as_ada, "/settings/keys.csv")
    assert (key["Name"], key["Begins with"], key["Revoked"]) == ("Till", "sa_…", "")
    (hook,) = rows_of(as_ada, "/settings/webhooks.csv")
    assert hook["Name"] == "Shop" and hook["Address"].endswith("/hooks/records/t")
    (secret,) = rows_of(as_ada, "/settings/connections/secrets.csv")
    assert secret.keys() == {"Name", "Only for the host", "Changed"} and secret["Name"] == "courier"
    (file,) = rows_of(as_ada, "/settings/email-files.csv")
    assert file["File"] == "Care.pdf"
    (mine,) = rows_of(as_ada, "/sessions.csv")
    assert mine["This one"] == "yes"
