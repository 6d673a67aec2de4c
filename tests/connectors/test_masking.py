"""A secret that a server says back is kept and shown nowhere."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request as Seen
from werkzeug import Response

from automations.connectors.egress import LONGEST_ANSWER
from automations.connectors.masking import INSTEAD, SHORTEST, Mask
from automations.connectors.receipts import Receipt, Refused
from automations.connectors.signed_requests import HttpConnector, OutgoingRequest, StoredSecret

SECRET = 'c4nary/t0ken+"ü"&=Zq8'
FORMS = {
    "plain": SECRET,
    "bearer": f"Bearer {SECRET}",
    "json": json.dumps(SECRET),
    "json of PHP": json.dumps(SECRET).replace("/", "\\/"),
    "html": html.escape(SECRET),
    "url": quote(SECRET, safe=""),
    "url in small letters": quote(SECRET, safe="").lower(),
    "form": quote_plus(SECRET),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64 for URLs": base64.urlsafe_b64encode(SECRET.encode()).decode(),
}


def mask(*secrets: str) -> Mask:
    return Mask(lambda: secrets)


@pytest.mark.parametrize("form", [form for name, form in FORMS.items() if "small" not in name])
def test_every_form_of_a_secret_is_taken_out(form: str) -> None:
    left = mask(SECRET)(f"you sent {form}, thank you")
    assert form not in left and INSTEAD in left
    assert left.startswith("you sent ") and left.endswith(", thank you")


def test_small_letters_behind_percent_signs_are_the_same_secret() -> None:
    assert "c4nary%2ft" not in mask("c4nary/t0ken")("?key=c4nary%2ft0ken")


@given(st.text(max_size=5), st.text(min_size=8, max_size=30), st.text(max_size=5))
def test_a_secret_inside_longer_base64_is_taken_out(before: str, secret: str, after: str) -> None:
    whole = base64.b64encode(f"{before}:{secret}{after}".encode("utf-8", "replace")).decode()
    left = mask(secret.encode("utf-8", "replace").decode())(whole)
    if len(secret.strip()) == len(secret):
        assert INSTEAD in left


@given(st.text(alphabet="abcXYZ019", min_size=SHORTEST, max_size=20), st.text(max_size=40), st.data())
def test_no_text_that_was_cut_ends_in_the_beginning_of_a_secret(
    secret: str, before: str, data: st.DataObject
) -> None:
    kept = data.draw(st.integers(1, len(secret)))
    left = mask(secret)(before + secret[:kept], cut=True)
    assert left.endswith(INSTEAD)


def test_what_holds_no_secret_stays_as_it_is_and_so_does_what_is_too_short_to_be_one() -> None:
    assert mask(SECRET, "", "ok")("All is ok.") == "All is ok."


def send(httpserver: HTTPServer, status: int, pad: int = 0) -> tuple[str, str]:
    """What is told and what is kept of a server that says every header back."""

    def echo(seen: Seen) -> Response:
        return Response(" " * pad + json.dumps(dict(seen.headers)), status)

    httpserver.clear()
    httpserver.expect_request("/echo").respond_with_handler(echo)
    headers = {"Authorization": (("text", "Bearer "), ("secret", "courier"))}
    url = httpserver.url_for("/echo")
    request = OutgoingRequest("POST", url, headers, "{}", "application/json", "", "", "", "", "run-9-0")
    secrets = {"courier": StoredSecret("s3cret-c4nary")}
    try:
        said: Receipt | Refused = HttpConnector(secrets.get, 5, mask=mask("s3cret-c4nary")).send(request)
    except Refused as error:
        said = error
    return said.detail if isinstance(said, Receipt) else str(said), json.dumps(said.answer)


@pytest.mark.usefixtures("local_calls")
@pytest.mark.parametrize("status", [200, 401])
def test_a_server_that_echoes_its_headers_reveals_no_secret(httpserver: HTTPServer, status: int) -> None:
    told, kept = send(httpserver, status)
    assert "c4nary" not in told + kept
    assert "Idempotency-Key" in kept


@pytest.mark.usefixtures("local_calls")
def test_a_secret_on_the_edge_of_what_is_kept_is_taken_out(httpserver: HTTPServer) -> None:
    _, kept = send(httpserver, 200)
    where = len(json.loads(kept)["body"].partition("Bearer ")[0])
    _, kept = send(httpserver, 200, LONGEST_ANSWER - where - len("Bearer ") - 6)
    assert json.loads(kept)["cut"] and "s3c" not in kept
