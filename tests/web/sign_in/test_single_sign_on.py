"""Signing in through a provider, tested against a real one and one that issues false tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import OctKey, RSAKey

from automations.connectors import oidc
from automations.connectors.oidc_provider import NOT_BELIEVED, Provider
from automations.models.db.base import db, write
from automations.models.tables.people import Membership, SignIn, User
from automations.web.setup import config
from tests.kit.outside.oidc_provider import CLIENT_ID, CLIENT_SECRET, Issuer, running_issuer
from tests.kit.outside.outside import allowing
from tests.web.pages import sign_in, text_of
from tests.world import NOW

START = "/sign-in/provider"


@pytest.fixture(scope="module")
def running() -> Iterator[Issuer]:
    with running_issuer() as issuer:
        yield issuer


@pytest.fixture
def issuer(app: Flask, running: Issuer) -> Iterator[Issuer]:
    """A configured provider that issues correct tokens for Rosa."""
    running.email, running.verified, running.algorithm = "rosa@bloom.example", True, "RS256"
    running.lies, running.signs_with = {}, None
    running.asked.clear()
    app.config["OIDC"] = Provider(running.url, CLIENT_ID, CLIENT_SECRET, "Bloom login")
    with allowing("127.0.0.1"):
        yield running
    app.config["OIDC"] = None


def visit_provider(client: FlaskClient, next_page: str = "") -> str:
    """Start signing in, visit the provider, and return the address it sends the browser back to."""
    begun = client.get(START, query_string={"next": next_page})
    assert begun.status_code == 303, begun.text
    answer = requests.get(begun.location, allow_redirects=False, timeout=60)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def finish(client: FlaskClient, address: str) -> str:
    """Open the callback `address` and return where it redirects to."""
    parts = urlsplit(address)
    assert parts.netloc == "localhost:8000"
    return client.get(f"{parts.path}?{parts.query}").location


def sign_in_page(client: FlaskClient) -> str:
    return text_of(client.get("/sign-in"))


def test_single_sign_on_is_off_unless_configured(client: FlaskClient) -> None:
    assert "Sign in with" not in sign_in_page(client).replace("Sign in with it", "")
    assert [client.get(page).status_code for page in (START, f"{START}/callback")] == [404, 404]


def test_a_verified_email_signs_in_the_person_with_that_account(client: FlaskClient, issuer: Issuer) -> None:
    assert "Sign in with Bloom login" in sign_in_page(client)
    assert finish(client, visit_provider(client, "/sessions")) == "/sessions"
    assert "Rosa Lind" in text_of(client.get("/sessions"))
    asked = issuer.asked[0]
    assert asked["redirect_uri"] == "http://localhost:8000/sign-in/provider/callback"
    assert len(asked["state"]) >= 32 and len(asked["nonce"]) >= 32


def test_each_sign_in_has_its_own_state_nonce_and_proof(client: FlaskClient, issuer: Issuer) -> None:
    for _ in range(2):
        visit_provider(client)
    first, second = issuer.asked
    assert all(first[name] != second[name] for name in ("state", "nonce", "code_challenge"))


@pytest.mark.parametrize("next_page", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_single_sign_on_redirects_only_inside_this_site(
    client: FlaskClient, issuer: Issuer, next_page: str
) -> None:
    assert finish(client, visit_provider(client, next_page)) == "/"


def test_signing_in_ends_the_previous_session(client: FlaskClient, issuer: Issuer) -> None:
    sign_in(client, "finn")
    old = client.get_cookie("sign_in")
    finish(client, visit_provider(client))
    assert old
    stale = client.application.test_client()
    stale.set_cookie("sign_in", old.value)
    assert stale.get("/sessions").status_code == 303
    assert "Rosa Lind" in text_of(client.get("/sessions"))


def test_signing_in_through_the_provider_voids_a_first_password(
    app: Flask, client: FlaskClient, issuer: Issuer
) -> None:
    app.test_cli_runner().invoke(args=["set-password", "rosa@bloom.example"])
    finish(client, visit_provider(client))
    assert client.get("/orders").status_code == 200
    db.session.rollback()
    assert db.session.query(User).filter_by(email="rosa@bloom.example").one().password_given_at is None


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_unverified_email_is_refused(client: FlaskClient, issuer: Issuer, verified: Any) -> None:
    issuer.verified = verified
    assert finish(client, visit_provider(client)) == "/sign-in"
    assert oidc.UNVERIFIED in sign_in_page(client)
    assert db.session.query(SignIn).count() == 0


def test_a_verified_email_without_an_account_is_refused(client: FlaskClient, issuer: Issuer) -> None:
    issuer.email = "eve@elsewhere.example"
    assert finish(client, visit_provider(client)) == "/sign-in"
    assert "There is no account with eve@elsewhere.example." in sign_in_page(client)
    assert db.session.query(SignIn).count() == 0


@pytest.mark.parametrize("change", ["disabled", "without a store"])
def test_a_person_without_access_cannot_sign_in_through_the_provider(
    client: FlaskClient, issuer: Issuer, change: str
) -> None:
    with write() as session:
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
        if change == "disabled":
            rosa.disabled_at = NOW
        else:
            session.query(Membership).filter_by(user_id=rosa.id).delete()
    assert finish(client, visit_provider(client)) == "/sign-in"


@pytest.mark.parametrize(
    "lies",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"iss": "https://evil.example"},
        {"aud": "another program"},
        {"aud": ["store-automations", "another program"], "azp": "another program"},
        {"exp": 1_500_000_000},
        {"iat": None},
        {"sub": None},
        {"at_hash": "x" * 22},
    ],
    ids=str,
)
def test_a_token_for_another_sign_in_is_refused(
    client: FlaskClient, issuer: Issuer, lies: dict[str, Any]
) -> None:
    issuer.lies = lies
    assert finish(client, visit_provider(client)) == "/sign-in"
    assert NOT_BELIEVED in sign_in_page(client)


def test_a_token_signed_by_somebody_else_is_refused(client: FlaskClient, issuer: Issuer) -> None:
    issuer.signs_with = RSAKey.generate_key(2048, {"kid": "one"})
    assert finish(client, visit_provider(client)) == "/sign-in"


def test_a_token_signed_with_the_client_secret_is_refused(client: FlaskClient, issuer: Issuer) -> None:
    issuer.algorithm, issuer.signs_with = "HS256", OctKey.import_key(CLIENT_SECRET)
    assert finish(client, visit_provider(client)) == "/sign-in"
    assert NOT_BELIEVED in sign_in_page(client)


def test_a_code_is_exchanged_once_and_only_by_the_browser_that_started(
    client: FlaskClient, issuer: Issuer
) -> None:
    address = visit_provider(client)
    stranger = client.application.test_client()
    assert finish(stranger, address) == "/sign-in" and "not started in this browser" in sign_in_page(stranger)
    assert finish(client, address) == "/"
    client.post("/sign-out")
    assert finish(client, address) == "/sign-in"


def test_a_forged_state_ends_the_sign_in(client: FlaskClient, issuer: Issuer) -> None:
    address = visit_provider(client)
    for forged in ("", "x" * 48):
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()} | {
            "state": forged
        }
        assert client.get(f"{START}/callback", query_string=query).location == "/sign-in"
    assert finish(client, address) == "/sign-in"


def test_the_code_verifier_belongs_to_the_browser_that_started(client: FlaskClient, issuer: Issuer) -> None:
    with client.session_transaction() as before:
        assert not before
    address = visit_provider(client)
    with client.session_transaction() as session:
        session["single_sign_on"] = session["single_sign_on"] | {"verifier": "v" * 64}
    assert finish(client, address) == "/sign-in"


def test_an_answer_from_another_issuer_is_refused(client: FlaskClient, issuer: Issuer) -> None:
    address = visit_provider(client).replace("iss=http", "iss=https")
    assert finish(client, address) == "/sign-in"


def test_the_sign_in_must_be_finished_in_time(client: FlaskClient, issuer: Issuer) -> None:
    with time_machine.travel(NOW, tick=True) as clock:
        address = visit_provider(client)
        clock.shift(601)
        assert finish(client, address) == "/sign-in"


def test_a_refusal_by_the_provider_is_reported(client: FlaskClient, issuer: Issuer) -> None:
    state = parse_qs(urlsplit(visit_provider(client)).query)["state"][0]
    client.get(f"{START}/callback", query_string={"state": state, "error": "access_denied"})
    assert "The sign-in provider did not let you in." in sign_in_page(client)


def test_an_unreachable_or_different_provider_lets_nobody_in(
    app: Flask, client: FlaskClient, issuer: Issuer
) -> None:
    issuer.lies = {"issuer": "https://evil.example"}
    assert client.get(START).location == "/sign-in" and NOT_BELIEVED in sign_in_page(client)
    app.config["OIDC"] = replace(app.config["OIDC"], issuer="http://127.0.0.1:9")
    assert client.get(START).location == "/sign-in" and oidc.AWAY in sign_in_page(client)


def test_production_requires_https_and_a_client_id() -> None:
    given = config.from_environment() | {
        "PRODUCTION": True,
        "SECRET_KEY": "x" * 40,
        "DATABASE_URL": "sqlite://",
    }
    given |= {"TRUSTED_HOSTS": ["shop.example"], "OIDC_ISSUER": "http://login.example"}
    with pytest.raises(config.BadConfiguration, match="OIDC_CLIENT_ID"):
        config.finish(dict(given))
    with pytest.raises(config.BadConfiguration, match="https://"):
        config.finish(given | {"OIDC_CLIENT_ID": "shop"})
