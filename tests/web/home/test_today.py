"""Today, the first page."""

from __future__ import annotations

import datetime as dt
import time

from flask import Flask
from flask.testing import FlaskClient

from automations.features.past import gone_quiet
from automations.models.db.base import write
from automations.models.tables.automation import Automation
from automations.models.tables.notification import Notification
from automations.models.tables.occurrence import Evaluation
from tests.kit import shop
from tests.web.pages import assert_fragment, text_of


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def fired(**values: object) -> int:
    """Publish an automation and let it fire once, now; its run gets `values`. Return the automation's id."""
    automation_id = shop.publish_automation("Thank you", "created")
    shop.place_order("7", customer_id=1, now=now())
    shop.set_run(shop.runs()[0].id, **values)
    return automation_id


def today(client: FlaskClient) -> str:
    return text_of(client.get("/"))


def test_a_new_shop_is_told_what_to_do_first(as_rosa: FlaskClient, as_finn: FlaskClient) -> None:
    page = as_rosa.get("/")
    assert "Nothing is automated yet" in text_of(page) and "Nothing needs you." in text_of(page)
    assert 'href="/automations/new">' in page.text and "Choose the first automation" in page.text
    assert "Choose the first automation" not in today(as_finn)


def test_the_store_and_today_are_named_on_top(as_finn: FlaskClient) -> None:
    page = as_finn.get("/")
    assert "<small>Store Automations</small>" in page.text.split("Bloom &amp; Wild St", 1)[1]
    assert '<a class="nav-link active" href="/" aria-current="page">Today' in page.text
    # Everything is below "/": it is current on no page but its own.
    assert '<a class="nav-link" href="/">Today' in as_finn.get("/tasks").text


def test_what_failed_is_told_and_counts_as_nothing_sent(as_rosa: FlaskClient) -> None:
    fired(state="failed", reason="550 no such user", tries=1, finished_at=now())
    words = today(as_rosa)
    assert "Needs you 1" in words and "550 no such user" in words and "Try again" in words
    assert "Sent 0 of 1 that fired today" in words and "Went wrong 1 1 failed" in words
    assert "Nothing needs you" not in words and "Nothing is automated" not in words


def test_what_was_sent_counts_and_leads_to_its_list(as_finn: FlaskClient) -> None:
    fired(state="succeeded")
    words = today(as_finn)
    assert "Sent 1 of 1 that fired today" in words and "Went wrong 0 of" in words
    assert "1 automation is on" in words and "Latest activity All activity Order 7" in words


def test_what_fails_went_wrong_and_does_not_wait_too(as_finn: FlaskClient) -> None:
    fired(state="waiting", reason="421 busy", tries=1, due_at=now() + dt.timedelta(minutes=5))
    words = today(as_finn)
    assert "Went wrong 1 1 failing" in words and "Waiting 0" in words


def test_what_could_not_be_checked_did_not_fire(as_finn: FlaskClient) -> None:
    automation_id = fired(state="succeeded")
    shop.place_order("8", now=now())
    with write() as session:
        newest = session.query(Evaluation).order_by(Evaluation.id.desc()).first()
        newest.outcome, newest.error = "error", "Because."
    words = today(as_finn)
    assert "Sent 1 of 1 that fired today" in words and "1 could not be checked" in words
    overview = text_of(as_finn.get(f"/automations/{automation_id}/overview"))
    assert "Sent 1 of 1 that fired" in overview and "Could not be checked 1" in overview


def test_what_was_only_kept_here_is_not_called_sent(as_finn: FlaskClient) -> None:
    fired()
    shop.keep_here(shop.runs()[0].id, now())
    words = today(as_finn)
    assert "Sent 0 of 1 that fired today Kept here 1 today, not sent" in words and "Done" not in words
    kept = as_finn.get(f"/activity?outcome=kept_here&from={now().date()}")
    assert "Kept here" in text_of(kept) and "Order 7" in text_of(kept)
    assert "Order 7" not in text_of(as_finn.get("/activity?outcome=sent"))
    assert "Kept here 1" in text_of(as_finn.get("/activity"))


def test_what_automations_did_comes_before_what_nobody_applied_to(as_finn: FlaskClient) -> None:
    fired(state="succeeded")
    shop.place_event("E-9")
    assert "E-9" not in today(as_finn)


def test_what_happened_is_shown_where_nothing_has_fired(as_finn: FlaskClient) -> None:
    shop.place_event("E-9")
    assert "Latest activity All activity Event E-9" in today(as_finn)


def test_what_waits_stands_with_its_automation(as_finn: FlaskClient) -> None:
    fired(state="waiting", due_at=now() + dt.timedelta(hours=2))
    words = today(as_finn)
    assert "Waiting 1 the next" in words
    assert "for Order 7 Thank you" in words.split("Waits for its time")[1]


def test_an_automation_is_quiet_until_it_fires_again(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "created")
    with write() as session:
        store_id = session.get_one(Automation, automation_id).store_id
        people = [user.id for user in gone_quiet.manager_alerts.people_of(session, store_id)]
        path, title = f"/automations/{automation_id}/overview", f"“Thank you” {gone_quiet.TITLE}"
        for user_id in people:
            values = {"title": title, "body": "It should have fired 12 times.", "path": path}
            earlier = now() - dt.timedelta(hours=1)
            session.add(Notification(store_id=store_id, user_id=user_id, created_at=earlier, **values))
    assert people and "Needs you Thank you It should have fired 12 times. Gone quiet" in today(as_rosa)
    shop.place_order("7", customer_id=1, now=now())
    assert "Gone quiet" not in today(as_rosa)


def test_another_store_sees_nothing_of_it(as_mallory: FlaskClient) -> None:
    fired(state="failed", reason="550 no such user", tries=1, finished_at=now())
    words = today(as_mallory)
    assert "550 no such user" not in words and "Order 7" not in words and "Went wrong 0 of" in words


def test_what_changed_comes_as_a_part_and_nothing_while_nothing_did(as_rosa: FlaskClient) -> None:
    fired(state="succeeded")
    asks = {"HX-Request": "true", "X-Follows": "true"}
    first = as_rosa.get("/", headers=asks)
    assert_fragment(first, "today")
    assert 'id="count-bell" hx-swap-oob="true"' in first.text and 'id="today-on"' in first.text
    asks["If-None-Match"] = first.headers["ETag"]
    again = as_rosa.get("/", headers=asks)
    assert (again.status_code, again.get_data()) == (304, b"")
    shop.set_run(shop.runs()[0].id, state="failed", reason="550 no such user", tries=1)
    changed = as_rosa.get("/", headers=asks)
    assert changed.status_code == 200 and "550 no such user" in changed.text
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_the_token_of_forms_makes_no_change(app: Flask, as_rosa: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    fired(state="failed", reason="550 no such user", tries=1, finished_at=now())
    asks = {"HX-Request": "true", "X-Follows": "true"}
    first = as_rosa.get("/", headers=asks)
    time.sleep(1.1)
    assert "Try again" in first.text and 'name="csrf_token"' in first.text
    asks["If-None-Match"] = first.headers["ETag"]
    assert as_rosa.get("/", headers=asks).status_code == 304
