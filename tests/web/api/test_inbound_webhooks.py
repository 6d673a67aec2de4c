"""Signed webhooks: only genuine messages are taken, each once."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook
from werkzeug.test import TestResponse

from automations.connectors.standard_webhooks import is_genuine, new_secret
from automations.models.db.base import db
from automations.models.settings.webhook_endpoints import InboundHook
from automations.models.tables.order import Order
from automations.models.tables.people import Audit
from tests.kit.rows import all_rows
from tests.kit.shop import occurrences, publish_automation, runs
from tests.web.pages import text_of
from tests.world import NOW

PAGE = "/settings/webhooks"
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


def body_of(number: str = "W-1", type: str = "order.created", **more: Any) -> bytes:
    return json.dumps({"type": type, "data": {"number": number, **more}}).encode()


def headers_of(body: bytes, secret: str, id: str = "msg_1", at: dt.datetime | None = None) -> dict[str, str]:
    moment = (at or dt.datetime.now(dt.UTC)).replace(microsecond=0)
    signature = Webhook(secret).sign(id, moment, body.decode())
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": signature,
    }


class Service:
    """A web shop that has an address and its secret."""

    def __init__(self, app: Flask, admin: FlaskClient) -> None:
        page = admin.post(PAGE, data={"name": "Web shop"})
        self.secret = secret_on(page)
        self.hook = db.session.query(InboundHook).order_by(InboundHook.id.desc()).limit(1).one()
        self.address, self.client = f"/hooks/records/{self.hook.token}", app.test_client()

    def tell(
        self, body: bytes, secret: str = "", id: str = "msg_1", at: dt.datetime | None = None
    ) -> TestResponse:
        return self.client.post(
            self.address, data=body, headers=headers_of(body, secret or self.secret, id, at)
        )


def secret_on(page: TestResponse) -> str:
    match = re.search(r'class="secret">(whsec_[^<]+)<', page.text)
    assert match
    return match[1]


@pytest.fixture
def service(app: Flask, as_ada: FlaskClient) -> Service:
    return Service(app, as_ada)


def test_a_signed_order_is_created_and_sets_off_automations(service: Service) -> None:
    publish_automation("Welcome", "created")
    answer = service.tell(body_of(status="Confirmed", customer={"email": "eva@web.example"}))
    assert (answer.status_code, answer.json) == (201, {"number": "W-1", "created": True, "fired": 1})
    assert (occurrences()[-1].cause_kind, occurrences()[-1].cause) == ("api", "Web shop")
    assert [run.evaluation.version.name for run in runs()] == ["Welcome"]


def test_a_cloudevents_envelope_is_accepted(service: Service) -> None:
    envelope = {"specversion": "1.0", "id": "7", "source": "/shop", "type": "example.shop.order.created"}
    body = json.dumps(envelope | {"data": {"number": "W-2"}}).encode()
    assert service.tell(body).status_code == 201
    assert db.session.query(Order).filter_by(number="W-2").count() == 1


def test_a_repeated_message_gets_the_first_answer_and_changes_nothing(service: Service) -> None:
    first = service.tell(body_of(note="first"))
    service.tell(body_of(note="later"), id="msg_2")
    before = all_rows()
    again = service.tell(body_of(note="first"))
    assert (again.status_code, again.text) == (first.status_code, first.text)
    assert (
        again.headers["Idempotency-Replayed"] == "true" and first.headers["Idempotency-Replayed"] == "false"
    )
    assert service.tell(body_of(note="another"), id="msg_1").status_code == 409
    assert all_rows() == before


@pytest.mark.parametrize(("seconds", "status"), [(-301, 401), (-299, 201), (299, 201), (301, 401)])
def test_a_message_is_valid_for_five_minutes(
    app: Flask, as_ada: FlaskClient, seconds: int, status: int
) -> None:
    with time_machine.travel(NOW, tick=False):
        answer = Service(app, as_ada).tell(body_of(), at=NOW + dt.timedelta(seconds=seconds))
    assert answer.status_code == status


def test_a_forged_message_changes_nothing(service: Service) -> None:
    before, body = all_rows(), body_of()
    good = headers_of(body, service.secret)
    forged: list[tuple[bytes, dict[str, str]]] = [(body, good | {name: ""}) for name in good]
    forged += [(body, {name: value for name, value in good.items() if name != missing}) for missing in good]
    forged.append((body, headers_of(body, new_secret())))
    forged.append((body_of("W-9"), good))
    forged.append((body + b" ", good))
    forged.append((body, good | {"webhook-id": "msg_2"}))
    forged.append((body, good | {"webhook-signature": good["webhook-signature"].replace("v1,", "v2,")}))
    forged.append((body.decode().encode("utf-16"), good))
    for sent, headers in forged:
        assert service.client.post(service.address, data=sent, headers=headers).status_code == 401, headers
    assert service.client.post("/hooks/records/nothing", data=body, headers=good).status_code == 404
    assert all_rows() == before


def test_one_valid_signature_among_several_is_enough(service: Service) -> None:
    body = body_of()
    good, other = headers_of(body, service.secret), headers_of(body, new_secret())
    good["webhook-signature"] = f"v1a,abc {other['webhook-signature']} {good['webhook-signature']}"
    assert service.client.post(service.address, data=body, headers=good).status_code == 201


@given(
    place=st.integers(0, 10_000),
    part=st.sampled_from(["body", "webhook-id", "webhook-timestamp", "webhook-signature"]),
    letter=st.characters(min_codepoint=33, max_codepoint=126),
)
def test_changing_any_character_invalidates_the_signature(place: int, part: str, letter: str) -> None:
    body = body_of("W-3", note="a note of some length")
    parts = headers_of(body, SECRET) | {"body": body.decode()}
    text = parts[part]
    here = place % len(text)
    parts[part] = text[:here] + letter + text[here + 1 :]
    altered = parts[part] != text
    assert is_genuine(parts.pop("body").encode(), parts, [SECRET]) == (not altered)


@given(
    body=st.binary(max_size=60),
    headers=st.fixed_dictionaries(
        {},
        optional={
            name: st.text(max_size=60) for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
        },
    ),
)
def test_arbitrary_headers_and_bodies_are_refused_without_an_error(
    body: bytes, headers: dict[str, str]
) -> None:
    assert not is_genuine(body, headers, [SECRET])


def test_the_previous_secret_stays_valid_for_a_day(app: Flask, as_ada: FlaskClient) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        service = Service(app, as_ada)
        old, new = service.secret, secret_on(as_ada.post(f"{PAGE}/{service.hook.id}/secret"))
        assert old != new
        secrets = (old, new)
        assert [service.tell(body_of(), key, f"a{key}").status_code for key in secrets] == [201, 200]
        clock.shift(24 * 3600)
        assert [service.tell(body_of(), key, f"b{key}").status_code for key in secrets] == [401, 200]


def test_the_secret_is_shown_once_and_stored_encrypted(service: Service, as_ada: FlaskClient) -> None:
    assert service.secret not in as_ada.get(PAGE).text
    assert service.secret not in str(all_rows())
    assert [row.action for row in db.session.query(Audit) if "webhooks" in row.about] == ["created"]


def test_a_closed_address_is_not_found(service: Service, as_ada: FlaskClient) -> None:
    assert as_ada.post(f"{PAGE}/{service.hook.id}/closing").status_code == 303
    assert service.tell(body_of()).status_code == 404
    assert "Closed" in text_of(as_ada.get(PAGE))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"nonsense", 400),
        (b"[]", 400),
        (b'{"type": "order.created"}', 400),
        (b'{"type": "order.created", "data": [1]}', 400),
        (b'{"type": "invoice.paid", "data": {}}', 202),
        (b'{"type": "order.created", "data": {"status": "Nowhere"}}', 422),
        (b'{"type": "order.created", "data": {"store_id": 2}}', 422),
    ],
)
def test_an_unusable_message_gets_a_sentence_and_changes_nothing(
    service: Service, body: bytes, status: int
) -> None:
    before = all_rows()
    answer = service.tell(body)
    assert answer.status_code == status and answer.mimetype == "application/problem+json" and answer.json
    assert answer.json["detail"]
    assert all_rows() == before
