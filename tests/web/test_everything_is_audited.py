"""Every address that changes something leaves a row in the audit or in the log.

The addresses come from the table of permissions; one without an example here makes a test fail.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from automations.features.authoring import publish
from automations.features.operations import summary_words
from automations.models.access import password_tokens
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.backtest import Backtest
from automations.models.tables.bulk_change import BulkChange
from automations.models.tables.csv_import import CsvImport
from automations.models.tables.customer import Customer
from automations.models.tables.daily_summary import UNKNOWN as UNKNOWN_SUMMARY
from automations.models.tables.daily_summary import DailySummary
from automations.models.tables.example import Example
from automations.models.tables.expectation import Expectation
from automations.models.tables.notification import Notification
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.people import Audit, Membership, SignIn, User
from automations.models.tables.run import FAILED, HELD, UNKNOWN, WAITING, Run
from automations.models.tables.store import Connection, Store
from automations.models.tables.surge_hold import SurgeHold
from automations.models.tables.task import Task
from automations.pipeline.evaluation import consent
from automations.pipeline.runs import store_hold
from automations.web.kit.permissions import PERMISSIONS
from automations.web.kit.secret_box import secret_box
from tests.kit import shop
from tests.kit.pages.forms import post_forms
from tests.kit.pages.one_of_each import one_of_each
from tests.kit.pages.permitted import page_addresses
from tests.kit.pages.request_examples import EXAMPLES, SOON
from tests.kit.pages.rule_file_forms import apply_plan, plan_files
from tests.kit.rows import all_rows
from tests.kit.shops import Shop, payload
from tests.web.api.conftest import till_of
from tests.web.api.test_inbound_webhooks import Service, body_of
from tests.web.api.test_incoming_webhooks import SECRET, call, event
from tests.web.building import opened, published
from tests.web.not_audited import IN_THE_LOG, PRIVATE
from tests.web.pages import EMAILS, sign_in
from tests.web.records.test_merging_customers import merge_form
from tests.web.settings.test_email_files import upload
from tests.world import NOW

Values = dict[str, Any]
RULE_FILE = ("asters.yaml", b"name: Asters\nsubject: order\n")
FIGURES = {"fired": 2, "limit": 1, "seconds": 3600, "per_day": None}
AUDIT = frozenset({"audit", "audit_head"})


class World:
    """A store with one record of each kind, and Ada, who may do everything."""

    def __init__(self, app: Flask, bloom: Store, rosa: User) -> None:
        self.app, self.bloom = app, bloom
        sign_in(app.test_client(), "rosa")
        self.ids = one_of_each(bloom, rosa) | {"plural": "orders", "list_key": "order_status"}
        sign_in(app.test_client(), "ada")
        self.ids["sign_in_id"] = db.session.query(sa.func.max(SignIn.id)).scalar()
        self.till = till_of(app, scope="write deliveries:write examples:write")
        self.ada = sign_in(app.test_client(), "ada")
        with write() as session:
            task = session.query(Task).one()
            task.checklist = [{"text": "Ring", "done": False}]
            ada = session.query(User).filter_by(email=EMAILS["ada"]).one()
            notice = session.get_one(Notification, self.ids["notification_id"])
            notice.user_id = ada.id
            thorn = session.query(Store).filter_by(name="Thorn & Co").one()
            session.add(Membership(user_id=ada.id, store_id=thorn.id, role="admin"))
        self.shown = self._forms()

    def _forms(self) -> dict[str, Values]:
        """Return address -> the values its form sends as rendered on the page."""
        values: dict[str, Values] = {}
        for address in page_addresses(self.app, self.ids):
            page = self.ada.get(address)
            for form in post_forms(page.text) if page.mimetype == "text/html" else ():
                for action in form.addresses:
                    values.setdefault(action, dict(form.values))
        return values

    def address(self, endpoint: str) -> str:
        rule = next(self.app.url_map.iter_rules(endpoint))
        parts = {part: self.ids[part] for part in rule.arguments}
        return self.app.url_map.bind("localhost").build(endpoint, parts, method="POST")

    def send(self, endpoint: str) -> TestResponse:
        """Send the example of an endpoint as the person or program it is meant for."""
        if endpoint in BY_OTHERS:
            return BY_OTHERS[endpoint](self)
        BEFORE.get(endpoint, lambda world: None)(self)
        address = self.address(endpoint)
        return self.ada.post(address, data=self.shown.get(address, {}) | EXAMPLES[endpoint])

    def run(self, state: str, due_at: dt.datetime = NOW, reason: str | None = None) -> None:
        """Put the run into a state, as the worker would have left it."""
        shop.set_run(self.ids["run_id"], state=state, due_at=due_at, reason=reason)

    def by_key(self, state: str, decision: str) -> TestResponse:
        self.run(state)
        return self.till.post(f"/api/deliveries/{self.ids['run_id']}/{decision}")

    def merge(self) -> TestResponse:
        """Merge another customer into the one there is."""
        shop.place_customer("M-1")
        with write() as session:
            other = session.query(Customer.id).filter_by(number="M-1").scalar()
        address = self.address("customer_merges.create")
        return self.ada.post(address, data=merge_form(self.ada, address, other))

    def change(self, model: Any, part: str, **values: Any) -> None:
        with write() as session:
            row = session.get_one(model, self.ids[part])
            for name, value in values.items():
                setattr(row, name, value)

    def publish(self) -> TestResponse:
        return published(self.ada, self.ids["automation_id"], name="Other words")

    def review(self) -> TestResponse:
        form = opened(self.ada, self.ids["automation_id"])
        values = form.values.to_dict() | {"name": "Read before it is published"}
        return self.ada.post(self.address("automation_reviews.create"), data=values)

    def keep(self) -> TestResponse:
        values = opened(self.ada, self.ids["automation_id"]).values.to_dict() | {"name": "Bloom is grateful"}
        return self.ada.post(self.address("draft_saves.create"), data=values)

    def in_shadow(self) -> TestResponse:
        revision = db.session.get_one(Automation, self.ids["automation_id"]).revision
        return self.ada.post(self.address("shadows.create"), data={"reviewed": str(revision)})

    def send_ahead(self) -> TestResponse:
        """Send an upcoming run of a date trigger early, with the form of the automation's page."""
        automation_id, now = shop.draft_automation("Tomorrow", "date_reached"), dt.datetime.now(dt.UTC)
        schedule = {"field": "delivery_date", "direction": "before", "amount": "1", "unit": "days"}
        with write() as session:
            automation = session.get_one(Automation, automation_id)
            trigger = {
                "key": "date_reached",
                "from": None,
                "to": None,
                "schedule": schedule | {"time": "09:00"},
            }
            automation.draft = automation.draft | {"trigger": trigger}
        with write() as session:
            automation = session.get_one(Automation, automation_id)
            publish.publish(session, automation, session.query(User).order_by(User.id).first(), now)
        shop.place_order("N-6", now=now, delivery_date=now.date() + dt.timedelta(days=10))
        page = f"/automations/{automation_id}/upcoming"
        forms = {action: form for form in post_forms(self.ada.get(page).text) for action in form.addresses}
        return self.ada.post(f"{page}/sending", data=forms[f"{page}/sending"].values)

    def surge(self) -> None:
        """Hold the one firing of the automation, for a manager to decide about."""
        self.run(HELD)
        with write() as session:
            evaluation = session.get_one(Run, self.ids["run_id"]).evaluation
            kept = session.query(SurgeHold).first() or SurgeHold(id=1, decisions=[], figures=FIGURES, at=NOW)
            kept.store_id, kept.automation_id = evaluation.store_id, evaluation.automation_id
            kept.version_id, kept.first_id = evaluation.version_id, evaluation.id
            kept.passed_to, kept.ended_at = evaluation.id - 1, None
            session.add(kept)

    def hold(self) -> None:
        """Put the store on hold with a run that may have been sent before the restore."""
        self.run(WAITING, NOW.replace(year=2020))
        with write() as session:
            store_hold.begin(session, dt.datetime.now(dt.UTC))

    def invite(self) -> None:
        """Leave the person of the membership with an unused invitation."""
        with write() as session:
            person = session.get_one(Membership, self.ids["membership_id"]).user
            password_tokens.invite(session, person, self.bloom.id, person, NOW)

    def sign_in_link(self) -> TestResponse:
        with write() as session:
            finn, now = session.query(User).filter_by(email=EMAILS["finn"]).one(), dt.datetime.now(dt.UTC)
            token = password_tokens.issue(
                password_tokens.request_link(session, password_tokens.RESET, finn.email, now), finn, now
            )
        return self.app.test_client().post(f"/password-links/{token}", data=EXAMPLES["password_links.update"])

    def unsubscribe(self) -> TestResponse:
        with write() as session:
            anna = session.query(Customer).filter_by(number="C-1").one()
            anna.marketing_consent = True
            token = consent.token_for(anna.store_id, anna.id)
        return self.app.test_client().post(f"/unsubscribe/{token}")

    def end_summary(self) -> TestResponse:
        token = summary_words.token_for(self.ids["membership_id"])
        return self.app.test_client().post(f"/daily-summary/{token}")

    def settle_summary(self) -> TestResponse:
        with write() as session:
            ada = session.query(User).filter_by(email=EMAILS["ada"]).one()
            membership = session.query(Membership).filter_by(user_id=ada.id, store_id=self.bloom.id).one()
            now = dt.datetime.now(dt.UTC)
            day = now.astimezone(ZoneInfo(self.bloom.timezone)).date()
            whose = {"store_id": self.bloom.id, "membership_id": membership.id}
            session.add(DailySummary(**whose, day=day, state=UNKNOWN_SUMMARY, due_at=now))
        return self.ada.post("/notifications/daily-summary/decision", data={"decision": "arrived"})

    def carrier(self) -> TestResponse:
        shop.change(self.bloom.name, "order", "N-2", tracking_number="JD0002")
        settings = {"token": f"{self.bloom.id}-abcdef"}
        with self.app.test_request_context(), write() as session:
            row = session.query(Connection).filter_by(kind="easypost").one()
            row.settings, row.secret = settings, secret_box().encrypt(SECRET)
        return call(self.app.test_client(), f"/hooks/easypost/{settings['token']}", event())

    def shop(self) -> TestResponse:
        return Shop(self.app, "shopify").send(payload("shopify-order-paid.json"))

    def look_elsewhere(self) -> TestResponse:
        thorn = db.session.query(Store).filter_by(name="Thorn & Co").one()
        return self.ada.post("/current-store", data={"store": str(thorn.id)})

    def sign_in_again(self) -> TestResponse:
        return self.app.test_client().post("/sign-in", data=EXAMPLES["sign_ins.create"])


#: Endpoint -> how to prepare the world for its example.
BEFORE: dict[str, Callable[[World], object]] = {
    "tasks.reopen": lambda world: world.change(Task, "task_id", state="done"),
    "team_invitations.create": lambda world: world.invite(),
    "automation_owners.update": lambda world: world.change(Automation, "automation_id", owner_id=2),
    "upcoming.send_now": lambda world: world.run(WAITING, SOON),
    "upcoming.skip_run": lambda world: world.run(WAITING, SOON),
    "runs.retry": lambda world: world.run(FAILED),
    "runs.settle": lambda world: world.run(UNKNOWN),
    "runs.hurry": lambda world: world.run(WAITING, dt.datetime.now(dt.UTC) + dt.timedelta(days=1), "Busy"),
    "examples.restore": lambda world: world.change(Example, "example_id", removed_at=SOON),
    "backtests.stop": lambda world: world.change(Backtest, "backtest_id", state="waiting"),
    "imports.stop": lambda world: world.change(CsvImport, "import_id", state="checking"),
    "imports.start": lambda world: world.change(CsvImport, "import_id", state="checked"),
    "imports.destroy": lambda world: world.change(CsvImport, "import_id", state="stopped"),
    "expectations.see": lambda world: world.change(Expectation, "expectation_id", broken=1),
    "segments.destroy": lambda world: world.ids.update(segment_id=world.ids["segment_id"] + 1),
    "shadows.publish": lambda world: world.in_shadow(),
    "surges.release": lambda world: world.surge(),
    "surges.drop": lambda world: world.surge(),
    "bulk_changes.stop": lambda world: world.change(BulkChange, "change_id", state="running"),
    "bulk_changes.undo": lambda world: world.change(
        BulkChange, "change_id", state="done", counts={"changed": 1}, created_at=dt.datetime.now(dt.UTC)
    ),
    "holds.release": lambda world: world.hold(),
    "holds.arrived": lambda world: world.hold(),
    "holds.all_arrived": lambda world: world.hold(),
}
#: Endpoint -> how to send an example that Ada cannot simply post.
BY_OTHERS: dict[str, Callable[[World], TestResponse]] = {
    "api.create": lambda world: world.till.post("/api/orders", EXAMPLES["api.create"]),
    "api.create_many": lambda world: world.till.post("/api/orders/batch", [{"number": "N-4"}]),
    "api.update": lambda world: world.till.patch("/api/orders/N-3", EXAMPLES["api.update"]),
    "automation_publications.create": World.publish,
    "automation_reviews.create": World.review,
    "shadows.create": World.in_shadow,
    "current_store.update": World.look_elsewhere,
    "customer_merges.create": World.merge,
    "email_files.create": lambda world: upload(world.ada, "Terms.pdf"),
    "rule_files.plan": lambda world: plan_files(world.ada, RULE_FILE),
    "rule_files.create": lambda world: apply_plan(world.ada, plan_files(world.ada, RULE_FILE)),
    "upcoming.send_ahead": World.send_ahead,
    "draft_saves.create": World.keep,
    "api.deliveries_retry": lambda world: world.by_key(FAILED, "retries"),
    "api.deliveries_arrived": lambda world: world.by_key(UNKNOWN, "arrivals"),
    "api.deliveries_send_again": lambda world: world.by_key(UNKNOWN, "resends"),
    "api.examples_create": lambda world: world.till.post(
        f"/api/automations/{world.ids['automation_id']}/examples", {"record": "N-1", "must_fire": True}
    ),
    "api.examples_update": lambda world: world.till.patch(
        f"/api/automations/{world.ids['automation_id']}/examples/{world.ids['example_id']}",
        {"note": "Small ones"},
    ),
    "api.examples_destroy": lambda world: world.till.delete(
        f"/api/automations/{world.ids['automation_id']}/examples/{world.ids['example_id']}"
    ),
    "api.backtests_create": lambda world: world.till.post(
        f"/api/automations/{world.ids['automation_id']}/backtests", {"period": "30"}
    ),
    "imports.create": lambda world: world.ada.post(
        "/imports", data={"subject": "order", "file": (io.BytesIO(b"Number\n1\n"), "orders.csv")}
    ),
    "hooks.records": lambda world: Service(world.app, world.ada).tell(body_of("N-5")),
    "hooks.easypost": World.carrier,
    "shop_deliveries.create": World.shop,
    "unsubscribe.update": World.unsubscribe,
    "daily_summaries.end": World.end_summary,
    "daily_summaries.settle": World.settle_summary,
    "password_links.update": World.sign_in_link,
    "sign_ins.create": World.sign_in_again,
}


@pytest.fixture
def world(app: Flask, bloom: Store, rosa: User) -> World:
    return World(app, bloom, rosa)


def test_every_address_that_changes_something_has_an_example(app: Flask) -> None:
    changing = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" not in (rule.methods or ())}
    assert EXAMPLES.keys() | BY_OTHERS.keys() == changing
    assert changing <= PERMISSIONS.keys()
    assert (IN_THE_LOG.keys() | PRIVATE.keys()) <= changing


@pytest.mark.slow
def test_every_change_is_recorded(world: World) -> None:
    silent = []
    for endpoint in EXAMPLES:
        before = _counted()
        rows = all_rows(AUDIT) if endpoint in IN_THE_LOG else {}
        answer = world.send(endpoint)
        assert answer.status_code < 400, (endpoint, answer.status_code, answer.text[-3000:])
        audited, logged = (now - then for now, then in zip(_counted(), before, strict=True))
        if endpoint in IN_THE_LOG:
            assert logged and all_rows(AUDIT) != rows, endpoint
        elif not audited and endpoint not in PRIVATE:
            silent.append(endpoint)
    assert not silent, ", ".join(silent)


def _counted() -> tuple[int, int]:
    db.session.rollback()
    return db.session.query(Audit).count(), db.session.query(Occurrence).count()
