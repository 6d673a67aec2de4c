"""Asks a copy of the program that has one more of each thing whether it is everywhere; run as a program.

Prints one line of JSON: the name of each claim, and what was missing ("" if nothing was).
"""

from __future__ import annotations

import json
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask import Flask

from app import create_app
from automations.actions import ACTIONS
from automations.actions.shared.changeable_fields import targets_of
from automations.connectors.sms_presets import PRESETS
from automations.engine.fields.subjects import SUBJECTS
from automations.features.authoring.loop_detection import circles
from automations.features.privacy.erasure import erase
from automations.features.trial.trial_records import SAMPLES
from automations.messages.message_context import context_from
from automations.messages.message_fields import fields
from automations.messages.render import render
from automations.models.db import schema
from automations.models.db.base import db, write
from automations.models.tables.customer import Customer
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.order import Order
from automations.models.tables.run import SUCCEEDED
from automations.models.tables.store import Store
from automations.models.tables.task import Task
from tests import world
from tests.kit import shop
from tests.kit.doing import perform_all
from tests.web.api.conftest import problems, till_of
from tests.web.pages import sign_in, text_of

WISH = "A card for Anna"
SENT = {"number": "G-1", "gift_wish": WISH, "deposit": "12.50"}
GREET = {"kind": "post_card", "settings": {"words": "Good morning"}}


def stored_field(app: Flask) -> None:
    _a_condition_on_it_fires(app)
    _the_api_takes_and_answers_it(app)
    _the_form_and_the_card_have_it(app)
    _messages_and_samples_have_it()
    _actions_change_it()
    _an_erased_customer_is_not_named_in_it()


def _a_condition_on_it_fires(app: Flask) -> None:
    asked = (shop.condition("gift_wish", "contains", "card"), shop.condition("deposit", "at_least", "10"))
    shop.publish_automation("Wishes", "created", *asked)
    answer = till_of(app).post("/api/orders", SENT)
    assert (answer.status_code, answer.get_json()["fired"]) == (201, 1), answer.text
    occurrence = db.session.query(Occurrence).order_by(Occurrence.id.desc()).first()
    snapshot = occurrence.snapshot if occurrence else {}
    assert (snapshot["gift_wish"], snapshot["deposit"]) == (WISH, "12.50")


def _the_api_takes_and_answers_it(app: Flask) -> None:
    till = till_of(app)
    record = till.get("/api/orders/G-1").get_json()["record"]
    assert (record["gift_wish"], record["deposit"]) == (WISH, "12.50")
    refused = till.patch("/api/orders/G-1", {"gift_wish": "x" * 201, "deposit": None})
    assert problems(refused).keys() == {"gift_wish", "deposit"}, refused.text
    schemas = till.get("/api/openapi.json").get_json()["components"]["schemas"]
    for name in ("OrderGiven", "Order"):
        assert {"gift_wish", "deposit"} <= schemas[name]["properties"].keys(), name


def _the_form_and_the_card_have_it(app: Flask) -> None:
    rosa = sign_in(app.test_client(), "rosa")
    form = rosa.get("/orders/new").text
    assert 'name="gift_wish"' in form and 'name="deposit"' in form and "Gift wish" in form
    typed = {"number": "G-2", "status": "confirmed", "payment_status": "paid"}
    made = rosa.post("/orders", data=typed | {"gift_wish": f" {WISH} ", "deposit": "7.50"})
    assert made.status_code == 303, text_of(made)
    order: Any = db.session.query(Order).filter_by(number="G-2").one()
    assert (order.gift_wish, order.deposit) == (WISH, Decimal("7.50"))
    card = text_of(rosa.get("/orders/G-2"))
    assert f"Gift wish {WISH}" in card and "Deposit £7.50" in card


def _messages_and_samples_have_it() -> None:
    menu = {entry.label: entry.snippet for entry in fields("order")[0].snippets}
    values = SAMPLES["order"][0].values
    written = render(f"{menu['Gift wish']}, {menu['Deposit']}", context_from("order", values, _label))
    assert written == "With a red ribbon, £5.00", written


def _label(list_key: str, key: str) -> str:
    return key


def _actions_change_it() -> None:
    assert {"gift_wish", "deposit"} <= targets_of("order").keys()
    changes = [_change("gift_wish", "None"), _change("deposit", "3.25")]
    automation_id = shop.publish_automation("Take it back", "field_changed", field="note", actions=changes)
    shop.place_order("G-1", note="Without, please.")
    perform_all()
    db.session.rollback()
    order: Any = db.session.query(Order).filter_by(number="G-1").one()
    assert (order.gift_wish, order.deposit) == ("None", Decimal("3.25"))
    shop.switch_off(automation_id)


def _an_erased_customer_is_not_named_in_it() -> None:
    anna = db.session.query(Customer).filter_by(number="C-1").one()
    shop.place_order("G-3", customer_id=anna.id, gift_wish="A card for Anna Petrova")
    with write() as session:
        customer = session.get_one(Customer, anna.id)
        erase(session, session.get_one(Store, customer.store_id), customer, world.NOW)
    db.session.rollback()
    order: Any = db.session.query(Order).filter_by(number="G-3").one()
    assert "Petrova" not in order.gift_wish


def _change(field: str, value: str) -> dict[str, Any]:
    return {"kind": "change_data", "settings": {"field": field, "value": value}}


def trigger(app: Flask) -> None:
    automation_id = shop.publish_automation("Notes", "note_changed")
    shop.place_order("T-1")
    assert shop.place_order("T-1", tracking_number="JD1").fired == 0
    assert shop.place_order("T-1", note="Ring twice.").fired == 1
    builder = sign_in(app.test_client(), "rosa").get(f"/automations/{automation_id}")
    assert "Note changed" in builder.text and "’s note changes" in text_of(builder)
    noting = {"subject": "order", "trigger": {"key": "note_changed"}, "actions": [_change("note", "Again")]}
    assert circles("Notes", noting), "nobody warns of a circle through it"


def operator(app: Flask) -> None:
    offered = [entry.key for entry in SUBJECTS["order"].operators_for("tracking_number")]
    assert "ends_with" in offered
    shop.publish_automation("British", "created", shop.condition("tracking_number", "ends_with", "gb"))
    assert shop.place_order("O-1", tracking_number="AB12GB").fired == 1
    assert shop.place_order("O-2", tracking_number="AB12FR").fired == 0
    assert shop.place_order("O-3").fired == 0


def outside_action(app: Flask) -> None:
    assert "post_card" in ACTIONS
    automation_id = shop.publish_automation("Cards", "created", actions=[GREET])
    page = sign_in(app.test_client(), "rosa").get(f"/automations/{automation_id}")
    assert "Words on the card" in page.text
    shop.place_order("A-1")
    perform_all()
    db.session.rollback()
    (run,) = [run for run in shop.runs() if run.kind == "post_card"]
    assert run.state == SUCCEEDED, run.reason


def inside_action(app: Flask) -> None:
    assert "stamp_card" in ACTIONS
    assert ACTIONS["stamp_card"].contacts_customer({}) is False
    stamp = {"kind": "stamp_card", "settings": {"words": "Ten roses"}}
    automation_id = shop.publish_automation("Stamps", "created", actions=[stamp])
    rosa = sign_in(app.test_client(), "rosa")
    page = rosa.get(f"/automations/{automation_id}?record=sample:0")
    assert "Words on the stamp" in page.text and "A stamp" in page.text, "no preview in the builder"
    shop.place_order("S-1")
    perform_all()
    db.session.rollback()
    (run,) = [run for run in shop.runs() if run.kind == "stamp_card"]
    assert run.state == SUCCEEDED, run.reason
    assert "Ten roses" in [task.title for task in db.session.query(Task).filter_by(run_id=run.id)]
    shop.switch_off(automation_id)


def sms_preset(app: Flask) -> None:
    ada = sign_in(app.test_client(), "ada")
    assert "pigeon" in PRESETS
    page = ada.get("/settings/connections/sms?preset=pigeon")
    assert "Pigeon Post" in page.text and "Ring number" in page.text
    sent = {"preset": "pigeon", "secret": "GB-7", "sender": "Bloom"}
    assert ada.post("/settings/connections/sms", data=sent).status_code == 303


def page(app: Flask) -> None:
    assert app.test_client().get("/greetings").location.startswith("/sign-in")
    finn = sign_in(app.test_client(), "finn")
    assert "Good morning." in finn.get("/greetings").text
    assert 'href="/greetings"' in finn.get("/orders").text


CHECKS: Mapping[str, Callable[[Flask], None]] = {
    check.__name__: check
    for check in (stored_field, trigger, operator, outside_action, inside_action, sms_preset, page)
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(
            {
                "TESTING": True,
                "SECRET_KEY": "only-for-tests-" * 4,
                "DATABASE_URL": f"sqlite:///{Path(folder) / 'shop.db'}",
                "DATA_FOLDER": folder,
                "ASSETS": "local",
                "ARGON2": world.CHEAP,
                "WTF_CSRF_ENABLED": False,
            }
        )
        with app.app_context():
            schema.upgrade()
            with write() as session:
                world.build(session)
            json.dump({name: _missing(app, check) for name, check in CHECKS.items()}, sys.stdout)
            db.engine.dispose()


def _missing(app: Flask, check: Callable[[Flask], None]) -> str:
    db.session.rollback()
    try:
        check(app)
    except Exception:
        return traceback.format_exc()
    return ""


if __name__ == "__main__":
    main()
