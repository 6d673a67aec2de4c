"""Whatever a service with the secret sends gets an answer, and the same answer when repeated."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from itertools import count

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from werkzeug.test import TestResponse

from automations.models.db.base import db
from automations.models.tables.order import Order
from tests.kit.hostile.any_json import BODIES
from tests.web.api.test_inbound_webhooks import Service, service
from tests.web.api.test_incoming_webhooks import address, call

__all__ = ["address", "service"]
EXAMPLES = 200


def is_answered(tell: Callable[[bytes, int], TestResponse]) -> None:
    """Send many bodies, each with its own number, and send every accepted one twice."""
    numbers, statuses = count(), set()

    @settings(max_examples=EXAMPLES, database=None, suppress_health_check=list(HealthCheck))
    @given(body=BODIES)
    def send(body: bytes) -> None:
        number = next(numbers)
        answer = tell(body, number)
        expected = {401} if not _is_text(body) else {200, 201, 202, 400, 422}
        assert answer.status_code in expected | {400}, answer.text
        if answer.status_code < 300:
            assert tell(body, number).data == answer.data
        statuses.add(answer.status_code)

    send()
    assert next(numbers) >= EXAMPLES and statuses >= {202, 400}


@pytest.mark.slow
def test_every_signed_message_gets_an_answer(service: Service) -> None:
    key = base64.b64decode(service.secret.removeprefix("whsec_"))

    def tell(body: bytes, number: int) -> TestResponse:
        head = {"webhook-id": f"msg_{number}", "webhook-timestamp": str(int(time.time()))}
        signed = ".".join(head.values()).encode() + b"." + body
        code = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return service.client.post(
            service.address, data=body, headers=head | {"webhook-signature": f"v1,{code}"}
        )

    is_answered(tell)
    assert db.session.query(Order).count() > 0


@pytest.mark.slow
def test_every_message_from_the_carrier_gets_an_answer(app: Flask, client: FlaskClient, address: str) -> None:
    is_answered(lambda body, _: call(client, address, body))


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
