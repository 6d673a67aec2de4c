"""Canary values pass through a whole day of a shop and must not appear where they are forbidden."""

from __future__ import annotations

import base64
import datetime as dt
import io
import json
import logging
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from pytest_httpserver import HTTPServer
from werkzeug import Request as Seen
from werkzeug import Response

from automations.actions import ACTIONS
from automations.connectors.secret_encryption import SecretBox
from automations.models.db.base import db, write
from automations.models.tables import secret
from automations.models.tables.people import Membership, SignInLink, User
from automations.models.tables.run import Attempt
from automations.models.tables.secret import Secret
from automations.models.tables.store import Connection, Store
from tests.kit import shop
from tests.kit.everywhere import find_in_database
from tests.kit.outside.outside import allowing
from tests.kit.outside.smtp_sink import SmtpSink
from tests.kit.pages.one_of_each import one_of_each
from tests.kit.pages.permitted import page_addresses
from tests.kit.steps import perform_and_record
from tests.web.api.conftest import till_of
from tests.web.api.test_inbound_webhooks import Service, body_of
from tests.web.building import opened
from tests.web.pages import sign_in
from tests.web.setup.test_logs import Written
from tests.web.sign_in.test_password_link_pages import write_letters
from tests.world import NOW, PASSWORD

pytestmark = pytest.mark.slow

#: What nobody sees, whoever it is. The store's own secrets first.
COURIER, BEFORE, SMTP, SMS, CHAT, EASYPOST = (
    f"{word}-Qz8canary/+{place}"
    for place, word in enumerate(["courier", "old", "mail", "text", "chat", "parcel"])
)
SIGNING = "whsec_" + base64.b64encode(b"signing canary of thirty-two byt").decode()
TYPED = {
    name: f"{name} typed canary 5417"
    for name in ("wrong password", "unknown password", "new password", "key of nobody")
}
#: What people of this store may see, and nobody else.
PERSONAL = {
    "first_name": "Wilhelmina",
    "last_name": "Okonkwo-Birdsong",
    "email": "wilhelmina@canary.example",
    "phone": "+442079460123",
    "note": "allergic to yellow canaries",
    "order note": "leave it behind the aviary",
    "tag": "canary-lover",
    "line": "Nine canary lilies",
    "account": "Birdsong Aviaries Ltd",
    "company event": "Gala of the canaries",
    "event note": "no lilies on the aviary stage",
    "title": "Ring Wilhelmina about the perch",
    "message": "Dear aviary friend",
    "text message": "Perch ready",
    "http body": "aviary-reference",
    "hook email": "hookbird@canary.example",
    "hook name": "Hookbird",
    "hook note": "by the feeder",
    "automation": "Feed the canaries",
    "invited": "Ivo Nestling",
    "invited email": "ivo@nestling.example",
    "unknown email": "stranger@nestling.example",
}


class Echo(SmtpSink):
    """A badly behaved mail server that reveals the password it expects."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        taken = await super().handle_DATA(server, session, envelope)
        pair = base64.b64encode(f"\0shop\0{SMTP}".encode()).decode()
        refused = b"refuse" in envelope.content
        return f"{'554' if refused else taken[:3]} {SMTP} {pair}"


class Day:
    """Everything that happens; the canaries that only came about on the way are added to `secrets`."""

    def __init__(self, app: Flask, bloom: Store, url: str) -> None:
        self.app, self.bloom, self.url = app, bloom, url
        self.secrets = {"courier": COURIER, "before": BEFORE, "smtp": SMTP, "sms": SMS, "chat": CHAT}
        self.secrets |= {"easypost": EASYPOST, "signing": SIGNING, "key": SIGNING[6:], "password": PASSWORD}
        self.secrets |= TYPED
        for name in ("courier", "smtp", "sms", "before"):
            self.secrets[f"{name} in base64"] = base64.b64encode(self.secrets[name].encode()).decode()
        self.ids: dict[str, Any] = {}
        self.ada = sign_in(app.test_client(), "ada")
        self.service = Service(app, self.ada)

    def connect(self, smtp_port: int) -> None:
        box = SecretBox([self.app.config["SECRET_KEY"]])
        mail = {"host": "127.0.0.1", "port": smtp_port, "security": "none", "username": ""}
        gateway = {"preset": "generic", "url": f"{self.url}/sms", "sender": "Bloom"}
        kinds: list[tuple[str, dict[str, Any], str]] = [("smtp", mail, SMTP), ("sms", gateway, SMS)]
        kinds += [("chat", {}, f"slack://{CHAT}"), ("easypost", {"token": "1-abc"}, EASYPOST)]
        with write() as session:
            for kind, settings, value in kinds:
                given = {"settings": settings, "secret": box.encrypt(value), "updated_at": NOW}
                session.add(Connection(store_id=self.bloom.id, kind=kind, **given))
            for name, value in (("courier", BEFORE), ("courier", COURIER), ("signing", SIGNING)):
                secret.keep(session, self.bloom.id, name, value, "", box, NOW)

    def publish(self) -> None:
        headers = "Authorization: Bearer {{ secrets.courier }}\nX-Key: {{ secrets.courier }}"
        calls = [shop.request_to(f"{self.url}/{path}") for path in ("echo", "refusal", "breaks")]
        for call in calls:
            sent = {"headers": headers, "signed_with": "signing", "body_kind": "json"}
            call["settings"] |= sent | {"body": f"about = {PERSONAL['http body']} {{{{ customer.name }}}}"}
        text = {"to": "customer", "number": "", "message": PERSONAL["text message"]}
        task = {"title": PERSONAL["title"], "assignee": "manager", "priority": "normal"}
        mails = [shop.email_to(message=f"{PERSONAL['message']} {{{{ customer.name }}}}")]
        mails.append(shop.email_to(subject="refuse", message=PERSONAL["message"]))
        inside = [{"kind": "send_sms", "settings": text}, {"kind": "create_task", "settings": task}]
        actions = [*calls, *mails, *inside]
        self.automation = shop.publish_automation(PERSONAL["automation"], "created", actions=actions)

    def order(self) -> None:
        till = till_of(self.app)
        self.secrets["api key"] = till.secret
        names = ("first_name", "last_name", "email", "phone")
        line = {"name": PERSONAL["line"], "sku": "L", "category": "cut", "quantity": 1, "unit_price": "4.00"}
        order = {"number": "K-1", "note": PERSONAL["order note"], "tags": [PERSONAL["tag"]], "lines": [line]}
        order |= {"customer": {name: PERSONAL[name] for name in names}, "account": PERSONAL["account"]}
        answer = till.post("/api/orders", order)
        assert answer.status_code == 201, answer.text
        till.post("/api/customers", {"email": PERSONAL["email"], "note": PERSONAL["note"]})
        event = {"number": "K-2", "name": PERSONAL["company event"], "note": PERSONAL["event note"]}
        till.post("/api/events", event)
        till.post("/api/orders", order | {"unknown": PERSONAL["note"]})
        wrong = {"Authorization": f"Bearer sa_live_{TYPED['key of nobody']}"}
        assert self.app.test_client().post("/api/orders", json=order, headers=wrong).status_code == 401

    def hook(self) -> None:
        service, self.secrets["webhook"] = self.service, self.service.secret
        who = {"email": PERSONAL["hook email"], "first_name": PERSONAL["hook name"]}
        body = body_of("K-3", customer=who, note=PERSONAL["hook note"])
        assert service.tell(body).status_code == 201
        assert service.tell(body, secret=SIGNING, id="msg_2").status_code == 401

    def sign_ins(self, sink: SmtpSink) -> None:
        browser = self.app.test_client()
        for email, typed in (
            ("rosa@bloom.example", "wrong password"),
            (PERSONAL["unknown email"], "unknown password"),
        ):
            given = {"email": email, "password": TYPED[typed]}
            assert browser.post("/sign-in", data=given).status_code in (401, 422)
        invited = {"name": PERSONAL["invited"], "email": PERSONAL["invited email"], "role": "viewer"}
        self.ada.post("/settings/team", data=invited)
        browser.post("/lost-password", data={"email": "finn@bloom.example"})
        before = len(sink.emails)
        write_letters(self.app)
        letters = [mail.get_content() for mail in sink.emails[before:]]
        links = [
            found[1]
            for found in (re.search(r"/password-links/([\w-]{43})", text) for text in letters)
            if found
        ]
        assert len(links) == 2
        self.secrets |= {f"link {place}": link for place, link in enumerate(links)}
        reset = next(one for one, text in zip(links, letters, strict=True) if "Finn" in text)
        changed = browser.post(f"/password-links/{reset}", data={"new": TYPED["new password"]})
        assert changed.status_code in (200, 303)
        assert db.session.query(SignInLink).count() == 2

    def trial(self) -> None:
        address = f"/automations/{self.automation}/test-fires"
        form = opened(self.ada, self.automation)
        for more in ({}, {"send": "1"}):
            tried = form.values.to_dict() | {"record": "K-1"} | more
            assert self.ada.post(address, data=tried).status_code == 200
        secret_id = db.session.query(Secret).filter_by(name="courier").one().id
        asked = {"url": f"{self.url}/refusal", "method": "POST"}
        self.ada.post(f"/settings/connections/secrets/{secret_id}/tests", data=asked)
        self.ada.post("/settings/connections/sms/tests", data={"to": "+442079460124"})
        self.ada.post("/settings/email/tests")


def echo(seen: Seen) -> Response:
    """Says back every header it was sent, as they are and in base64, and what they carried."""
    said = {"headers": dict(seen.headers), "status": "ok", "id": seen.headers.get("Authorization", "")}
    said["twice"] = base64.b64encode(seen.headers.get("Authorization", "").encode()).decode()
    said["error"] = f"{seen.headers.get('Authorization')} is not welcome"
    said["signed with"] = SIGNING
    return Response(json.dumps(said), {"/refusal": 401, "/breaks": 500}.get(seen.path, 200))


@pytest.fixture
def written() -> Iterator[Written]:
    handler, root = Written(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def day(
    app: Flask,
    bloom: Store,
    rosa: User,
    httpserver: HTTPServer,
    written: Written,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Day]:
    def breaks(*_: object) -> str:
        raise ValueError(f"cannot make “{PERSONAL['title']}” for {PERSONAL['last_name']} with {COURIER}")

    monkeypatch.setattr(ACTIONS["create_task"], "apply", breaks)
    httpserver.expect_request(re.compile("/.*")).respond_with_handler(echo)
    with allowing("localhost", "127.0.0.1"), Echo() as sink:
        found = Day(app, bloom, httpserver.url_for("").rstrip("/"))
        sign_in(app.test_client(), "rosa")
        found.ids = one_of_each(bloom, rosa)
        found.connect(sink.port)
        found.publish()
        found.order()
        found.hook()
        perform_and_record(app, _later())
        found.sign_ins(sink)
        found.trial()
        yield found


def test_canaries_never_appear_where_they_are_forbidden(app: Flask, day: Day, written: Written) -> None:
    kept = [json.dumps(one.answer) + one.detail for one in db.session.query(Attempt) if one.detail]
    assert len(kept) >= 5 and any("••••••" in one for one in kept), "what came back is kept"
    assert len(day.secrets) + len(PERSONAL) >= 40
    told = "\n".join(written.lines)
    assert "ValueError" in told
    assert found_in(told, day.secrets | PERSONAL) == []
    assert find_in_database(day.secrets.values()) == {}
    ids = day.ids | {"automation_id": day.automation, "number": "K-1"}
    addresses = list(page_addresses(app, ids))
    assert "/activity.csv" in addresses
    ada, seen = walked(day.ada, addresses)
    assert ada >= 60 and found_in(seen, day.secrets) == []
    for name, password in (("rosa", PASSWORD), ("finn", TYPED["new password"])):
        _, more = walked(sign_in(app.test_client(), name, password), addresses)
        assert found_in(more, day.secrets) == [], name
        seen += more
    assert found_in(seen, PERSONAL), "the store's own people see them"
    for browser in (sign_in(app.test_client(), "mallory"), admin_elsewhere(app), app.test_client()):
        _, seen = walked(browser, addresses)
        assert found_in(seen, day.secrets | PERSONAL) == []


def admin_elsewhere(app: Flask) -> FlaskClient:
    """Mallory once more, who may do everything in the other store now."""
    with write() as session:
        mallory = sa.select(User.id).where(User.email == "mallory@thorn.example").scalar_subquery()
        session.execute(sa.update(Membership).where(Membership.user_id == mallory).values(role="admin"))
    return sign_in(app.test_client(), "mallory")


def walked(browser: FlaskClient, addresses: list[str]) -> tuple[int, str]:
    """Return how many pages opened, and all response text."""
    count, told = 0, []
    for address in addresses:
        # A file is streamed: it has to be read before the next page is asked for.
        with browser.get(address) as answer:
            told.append(unpacked(answer.data) if answer.mimetype == "application/zip" else answer.text)
            count += answer.status_code == 200
    return count, "\n".join(told)


def unpacked(archive: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        return "\n".join(packed.read(name).decode() for name in packed.namelist())


def found_in(text: str, canaries: dict[str, str]) -> list[str]:
    return [name for name, canary in canaries.items() if canary in text]


def _later() -> dt.datetime:

    return dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)
