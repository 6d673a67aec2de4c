"""Requests to other people's services, against a real server."""

from __future__ import annotations

import base64
import datetime as dt
from email.utils import format_datetime
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook, WebhookVerificationError

from automations.connectors.receipts import Refused, TryAgain
from automations.connectors.signed_requests import HttpConnector, OutgoingRequest, StoredSecret
from automations.connectors.webhook_signing import secret_problem

pytestmark = pytest.mark.usefixtures("local_calls")

NEW, OLD = (f"whsec_{base64.b64encode(bytes([n]) * 32).decode()}" for n in (1, 2))
SECRETS = {
    "courier": StoredSecret("s3cret"),
    "signing": StoredSecret(NEW),
    "rotated": StoredSecret(NEW, previous=OLD),
    "bound": StoredSecret("s3cret", host="api.courier.example"),
    "short": StoredSecret("whsec_abc"),
}
HTTP = HttpConnector(SECRETS.get, timeout=3)


def request(httpserver: HTTPServer, **changes: Any) -> OutgoingRequest:
    given: dict[str, Any] = {
        "method": "POST",
        "url": httpserver.url_for("/jobs"),
        "headers": {},
        "body": '{"reference": "1042 – “ü”"}',
        "content_type": "application/json",
        "signed_with": "",
        "status": "",
        "path": "",
        "value": "",
        "key": "run-9-0",
    }
    return OutgoingRequest(**given | changes)


def test_a_request_carries_its_body_its_key_and_its_secrets(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/jobs").respond_with_data('{"id": "J-7"}', status=201)
    headers = {"Authorization": (("text", "Bearer "), ("secret", "courier"))}
    receipt = HTTP.send(request(httpserver, headers=headers))
    ((seen, _),) = httpserver.log
    assert seen.data.decode() == '{"reference": "1042 – “ü”"}'
    assert seen.headers["Authorization"] == "Bearer s3cret"
    assert seen.headers["Idempotency-Key"] == "run-9-0"
    assert seen.headers["Content-Type"] == "application/json"
    assert (receipt.provider_id, receipt.detail) == ("J-7", "localhost answered 201")
    assert receipt.answer == {"status": 201, "body": '{"id": "J-7"}', "cut": False}


def test_a_header_is_sent_as_it_was_written(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/jobs").respond_with_data("{}")
    HTTP.send(request(httpserver, headers={"X-Filter": (("text", "name=?utf-8?q? or total=?"),)}))
    ((seen, _),) = httpserver.log
    assert seen.headers["X-Filter"] == "name=?utf-8?q? or total=?"


@pytest.mark.parametrize("name", ["signing", "rotated"])
def test_a_signature_is_verified_by_the_receiver(name: str, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/jobs").respond_with_data("ok")
    HTTP.send(request(httpserver, signed_with=name))
    ((seen, _),) = httpserver.log
    Webhook(NEW).verify(seen.data, dict(seen.headers))
    assert seen.headers["Webhook-Id"] == seen.headers["Idempotency-Key"]
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(seen.data + b" ", dict(seen.headers))


def test_during_a_rotation_both_secrets_verify(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/jobs").respond_with_data("ok")
    HTTP.send(request(httpserver, signed_with="rotated"))
    ((seen, _),) = httpserver.log
    for secret in (NEW, OLD):
        Webhook(secret).verify(seen.data, dict(seen.headers))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"signed_with": "gone"}, "There is no secret called “gone” any more"),
        ({"signed_with": "short"}, "A signing secret is"),
        ({"headers": {"A": (("secret", "bound"),)}}, "may only be sent to api.courier.example, not to"),
        ({"url": "http://10.0.0.1/x"}, "is not a public address"),
    ],
)
def test_a_request_that_cannot_be_sent_is_refused(
    changes: dict[str, Any], sentence: str, httpserver: HTTPServer
) -> None:
    with pytest.raises(Refused, match=sentence):
        HTTP.send(request(httpserver, **changes))
    assert httpserver.log == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 418, 422, 301, 302, 308])
def test_a_refusal_is_final_and_its_answer_kept(status: int, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/jobs").respond_with_data("no such street", status=status)
    with pytest.raises(Refused, match=f"answered {status}: no such street") as caught:
        HTTP.send(request(httpserver))
    assert caught.value.answer == {"status": status, "body": "no such street", "cut": False}
    assert ("closed for good" in str(caught.value)) is (status == 410)
    assert ("not followed" in str(caught.value)) is (status in (301, 302, 308))


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_temporary_refusal_is_retried(status: int, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/jobs").respond_with_data("later", status=status)
    with pytest.raises(TryAgain) as caught:
        HTTP.send(request(httpserver))
    assert caught.value.after is None


def _in(seconds: int) -> str:
    return format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [("120", 120, 120), (_in(7200), 3600, 7201), (_in(-60), 0, 0)],
    ids=["seconds", "date", "a date that is over"],
)
def test_the_wait_in_retry_after_is_passed_on(
    header: str, low: int, high: int, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/jobs").respond_with_data(status=429, headers={"Retry-After": header})
    with pytest.raises(TryAgain) as caught:
        HTTP.send(request(httpserver))
    assert caught.value.after is not None
    assert low <= caught.value.after <= high


@pytest.mark.parametrize("header", ["soon", "-5", "1e9", ""])
def test_an_unreadable_retry_after_is_ignored(header: str, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/jobs").respond_with_data(status=503, headers={"Retry-After": header})
    with pytest.raises(TryAgain) as caught:
        HTTP.send(request(httpserver))
    assert caught.value.after is None


def test_the_wanted_status_and_value_make_it_a_success(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/jobs").respond_with_json({"job": {"state": "accepted", "n": 2}}, status=202)
    wanted = {"status": "202", "path": "job.state", "value": "accepted"}
    assert HTTP.send(request(httpserver, **wanted))
    assert HTTP.send(request(httpserver, path="job.n", value="2"))
    with pytest.raises(Refused, match="is “accepted”, and “done” was expected"):
        HTTP.send(request(httpserver, **wanted | {"value": "done"}))
    with pytest.raises(Refused, match=r"The answer’s job\.id is missing"):
        HTTP.send(request(httpserver, path="job.id", value="7"))
    with pytest.raises(Refused, match="answered 202"):
        HTTP.send(request(httpserver, status="201"))


def test_a_request_without_an_answer_is_retried_under_its_key(httpserver: HTTPServer) -> None:
    assert HttpConnector.keyed
    httpserver.stop()
    with pytest.raises(TryAgain, match="cannot be reached"):
        HTTP.send(request(httpserver, url=f"http://127.0.0.1:{httpserver.port}/jobs"))
    httpserver.start()


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_abc", "whsec_" + "é" * 40, "x" * 500])
def test_a_secret_unfit_for_signing_is_reported(secret: str) -> None:
    assert secret_problem(secret)


def test_a_secret_fit_for_signing_has_no_problem() -> None:
    assert secret_problem(NEW) is None
