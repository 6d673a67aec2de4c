"""The whole pipeline once: an order comes in over HTTP, an email leaves, the log explains why."""

from __future__ import annotations

import requests
from flask import Flask
from flask.testing import FlaskClient

from automations.models.db.base import db, write
from automations.models.tables.run import SUCCEEDED, Run
from tests.kit.live import serving, wait_until, working
from tests.kit.outside.smtp_sink import SmtpSink
from tests.kit.set_up import api_key, sign_in, use_smtp_server
from tests.kit.shop import condition, email_to, publish_automation

CONFIRMATION = email_to(
    subject="Your order {{ order.number }} is confirmed",
    message="Hello {{ customer.first_name }},\n\nwe deliver on {{ order.delivery_date | date: '%-d %B' }}.",
)
ORDER = {
    "number": "10482",
    "status": "Confirmed",
    "payment_status": "Unpaid",
    "fulfilment_method": "Delivery",
    "delivery_date": "2026-11-24",
    "total": "86.50",
    "customer": {"number": "C-1"},
}


def test_an_order_travels_from_the_till_to_the_log(app: Flask, client: FlaskClient) -> None:
    paid = [
        condition("fulfilment_method", "equals", "delivery"),
        condition("payment_status", "equals", "paid"),
    ]
    big = condition("total", "greater_than", "40.00")
    relay = condition("fulfilment_method", "equals", "relay")
    trigger = "payment_status_changed"
    publish_automation("Confirm paid deliveries", trigger, *paid, big, actions=[CONFIRMATION])
    publish_automation("Relay handover", trigger, relay, actions=[email_to("manager")])

    with SmtpSink() as smtp, serving(app) as address, working(app):
        use_smtp_server(app, smtp.port)
        till = {"Authorization": f"Bearer {api_key('Front desk till')}"}

        placed = requests.post(f"{address}/api/orders", json=ORDER, headers=till, timeout=60)
        assert (placed.status_code, placed.json()["triggers"]) == (201, ["created"])
        paid_now = {"number": "10482", "payment_status": "Paid"}
        changed = requests.post(f"{address}/api/orders", json=paid_now, headers=till, timeout=60)
        assert (changed.status_code, changed.json()["triggers"], changed.json()["fired"]) == (
            200,
            [trigger],
            1,
        )

        wait_until(lambda: len(smtp.emails) == 1)
        wait_until(lambda: [run.state for run in db.session.query(Run)] == [SUCCEEDED])

    (email,) = smtp.emails
    assert smtp.recipients == [["anna@grandhotel.example"]]
    assert email["Subject"] == "Your order 10482 is confirmed"
    assert "we deliver on 24 November." in email.get_content()

    sign_in(client, "rosa@bloom.example")
    log = client.get("/orders/10482").text
    for words in (
        "Payment status changed",
        "Front desk till",
        "Confirm paid deliveries",
        "Fulfilment method is Delivery",
        "Payment status is Paid",
        "Total £86.50 is over £40.00",
        "anna@grandhotel.example",
        "Relay handover",
        "Fulfilment method is Delivery, needs Relay",
        "Not applicable",
    ):
        assert words in log


def test_an_order_that_meets_no_condition_leaves_no_run_and_no_failure(
    app: Flask, client: FlaskClient
) -> None:
    publish_automation("Big ones", "created", condition("total", "greater_than", "500"))
    with serving(app) as address:
        headers = {"Authorization": f"Bearer {api_key('web shop')}"}
        answer = requests.post(f"{address}/api/orders", json=ORDER, headers=headers, timeout=60)
    assert answer.json()["fired"] == 0
    with write() as session:
        assert session.query(Run).count() == 0
