"""Whoever got it before is marked in the list of a manual run, and warned about."""

from __future__ import annotations

import datetime as dt

from flask import Flask
from flask.testing import FlaskClient

from automations.web.kit import template_filters
from tests.connectors.servers import Handler, mail_server
from tests.kit import shop
from tests.kit.doing import add_connection, perform_due
from tests.kit.outside.outside import allowing
from tests.web.automations.test_archive_pages import LATER
from tests.web.automations.ticking import select, ticked
from tests.web.pages import text_of


def test_nothing_is_ticked_beforehand_and_whoever_got_it_is_marked(as_rosa: FlaskClient, ann: int) -> None:
    automation_id = shop.publish_automation("Thank you", "manual")
    address = f"/automations/{automation_id}/manual-run"
    ids = [shop.place_order(number, customer_id=ann).id for number in ("1", "2", "3")]
    as_rosa.post(address, data={"record": str(ids[0])})
    shop.set_run(shop.runs()[0].id, state="succeeded")
    answer = as_rosa.get(f"{address}?all=1")
    assert ticked(answer) == set()
    assert "3 of 3 orders meet its conditions; 1 got it already" in text_of(answer)
    assert "Order 1 Ann Got it today" in text_of(answer) and text_of(answer).count("Got it") == 1
    assert "Email the customers of the ticked orders…" in text_of(answer)


def test_what_still_waits_is_nothing_that_anyone_got(as_rosa: FlaskClient, ann: int) -> None:
    automation_id = shop.publish_automation("Thank you", "manual", actions=[LATER])
    address = f"/automations/{automation_id}/manual-run"
    ids = [str(shop.place_order(number, customer_id=ann).id) for number in ("1", "2", "3")]
    as_rosa.post(address, data={"record": ids[:2]})
    later, due = shop.runs()
    shop.set_run(due.id, due_at=dt.datetime.now(dt.UTC))
    words = text_of(as_rosa.get(f"{address}?all=1"))
    assert "3 of 3 orders meet its conditions; 2 waiting for it. Nothing" in words
    assert "got it" not in words.lower() and words.count("Waiting") == 2
    assert f"Waiting until {template_filters.when(later.due_at)}" in words
    assert ticked(select(as_rosa, f"{address}/selection", {"all": "1", "tick": "new"})) == {ids[2]}
    review = text_of(select(as_rosa, f"{address}/selection", {"record": ids}))
    assert "2 of them wait for it already and get it again." in review
    one = text_of(select(as_rosa, f"{address}/selection", {"record": ids[0]}))
    assert "1 of them waits for it already and gets it again." in one
    shop.set_run(later.id, state="cancelled")
    shop.set_run(due.id, state="running")
    words = text_of(as_rosa.get(f"{address}?all=1"))
    assert "; 1 waiting for it." in words and words.count("Waiting") == 1


def test_a_run_of_which_nothing_came_does_not_count_as_got(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "manual")
    address = f"/automations/{automation_id}/manual-run"
    as_rosa.post(address, data={"record": str(shop.place_order().id)})
    shop.set_run(shop.runs()[0].id, state="skipped", reason="The customer has no email address.")
    assert "Got it" not in text_of(as_rosa.get(f"{address}?all=1"))


TEAM = {"to": "address", "address": "a@x.example, {{ order.note }}", "subject": "Hi", "message": "Hi"}


def test_whoever_failed_in_part_is_marked_left_out_and_warned_about(app: Flask, as_rosa: FlaskClient) -> None:
    """Those of them who got it would get it twice."""
    automation_id = shop.publish_automation(
        "Tell them", "manual", actions=[{"kind": "send_email", "settings": TEAM}]
    )
    address, handler = f"/automations/{automation_id}/manual-run", Handler()
    ids = [str(shop.place_order("1", note="n/a").id), str(shop.place_order("2", note="b@x.example").id)]
    with allowing("127.0.0.1"), mail_server(handler) as port:
        add_connection("smtp", {"host": "127.0.0.1", "port": port, "security": "none"})
        as_rosa.post(address, data={"record": ids[0]})
        perform_due(dt.datetime.now(dt.UTC))
    assert [mail.recipients for mail in handler.mails] == [["a@x.example"]]
    assert shop.runs()[0].state == "failed"
    page = as_rosa.get(f"{address}?all=1")
    assert "2 of 2 orders meet its conditions; 1 got it in part. Nothing" in text_of(page)
    assert "Some got it today" in text_of(page)
    assert ticked(select(as_rosa, f"{address}/selection", {"all": "1", "tick": "new"})) == {ids[1]}
    review = text_of(select(as_rosa, f"{address}/selection", {"record": ids}))
    assert "1 of them went to some only; those who got it get it again." in review
    assert "Some got it today" in review and "got it already" not in review


def test_what_was_only_kept_here_is_nothing_that_anyone_got(as_rosa: FlaskClient, ann: int) -> None:
    automation_id = shop.publish_automation("Thank you", "manual")
    address = f"/automations/{automation_id}/manual-run"
    ids = [str(shop.place_order(number, customer_id=ann).id) for number in ("1", "2", "3")]
    as_rosa.post(address, data={"record": ids[:2]})
    perform_due(dt.datetime.now(dt.UTC))
    page = as_rosa.get(f"{address}?all=1")
    words = text_of(page)
    assert "3 of 3 orders meet its conditions; 2 had it kept here. Nothing" in words
    assert words.count("Kept here today") == 2 and "got it" not in words.lower()
    assert "Those it has not run for yet, 1" in words and "did not get it yet" not in words
    assert ticked(select(as_rosa, f"{address}/selection", {"all": "1", "tick": "new"})) == {ids[2]}
    review = text_of(select(as_rosa, f"{address}/selection", {"record": ids}))
    assert "2 of them had it kept here before: it was written and not sent." in review
    assert "Kept here today" in review and "got it" not in review and "get it again" not in review


def test_what_is_no_message_was_done_not_got(as_rosa: FlaskClient) -> None:
    change = {"kind": "change_data", "settings": {"field": "status", "value": "confirmed"}}
    automation_id = shop.publish_automation("Confirm", "manual", actions=[change])
    address, id = f"/automations/{automation_id}/manual-run", str(shop.place_order().id)
    as_rosa.post(address, data={"record": id})
    perform_due(dt.datetime.now(dt.UTC))
    words = text_of(as_rosa.get(f"{address}?all=1"))
    assert "; 1 done already." in words and "Done today" in words and "Got it" not in words
    review = text_of(select(as_rosa, f"{address}/selection", {"record": id}))
    assert "1 of them had it done already, and it is done again." in review


def test_a_failed_run_of_which_nothing_left_does_not_count(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "manual")
    address = f"/automations/{automation_id}/manual-run"
    as_rosa.post(address, data={"record": str(shop.place_order().id)})
    shop.set_run(shop.runs()[0].id, state="failed", reason="The mail server refused it.")
    assert "got it" not in text_of(as_rosa.get(f"{address}?all=1")).lower()
