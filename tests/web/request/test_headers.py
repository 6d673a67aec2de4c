"""The headers and cookies of every route and of its refusals, generated from the routes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from automations.web.kit.permissions import PERMISSIONS
from automations.web.request import headers
from tests.web.kit.test_permissions import LEAVES, routes
from tests.web.pages import EMAILS, sign_in
from tests.world import CHEAP, PASSWORD

#: Headers of every response.
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
DIRECTIVES = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "object-src 'none'",
}
#: The page that frames an example of the store's emails, with styles on every element.
FRAMES_AN_EMAIL = "/settings/email-look"
_FRAME = re.compile(r"style-src-elem 'self'( 'sha256-[A-Za-z0-9+/]{43}='){2}")
#: Headers that would name the program to an attacker, or open a response to other sites.
NEVER = ("X-Powered-By", "Access-Control-Allow-Origin", "X-AspNet-Version")


def wrong_headers(answer: TestResponse) -> list[str]:
    """Return the names of headers that are missing, wrong or forbidden."""
    wrong = [name for name, value in ALWAYS.items() if answer.headers.getlist(name) != [value]]
    policies = answer.headers.getlist("Content-Security-Policy")
    if len(policies) != 1 or not _is_right(answer.request.path, set(policies[0].split("; "))):
        wrong.append("Content-Security-Policy")
    wrong += [name for name in NEVER if name in answer.headers]
    if answer.request.path.startswith(("/static/", "/assets/")):
        return wrong
    return wrong + ([] if answer.headers.get("Cache-Control") == "no-store" else ["Cache-Control"])


def _is_right(path: str, directives: set[str]) -> bool:
    if path != FRAMES_AN_EMAIL or directives == DIRECTIVES:
        return directives == DIRECTIVES
    framed = {one for one in directives if _FRAME.fullmatch(one)} | {"style-src-attr 'unsafe-inline'"}
    return len(framed) == 2 and directives - framed == DIRECTIVES - {"style-src 'self'"}


@pytest.fixture
def production(app: Flask, tmp_path: Path) -> Flask:
    """The application as in production, behind https, on the test's database."""
    return create_app(
        {
            "PRODUCTION": True,
            "SECRET_KEY": "only-for-tests-" * 4,
            "DATABASE_URL": app.config["DATABASE_URL"],
            "DATA_FOLDER": str(tmp_path),
            "TRUSTED_HOSTS": ["shop.example"],
            "ARGON2": CHEAP,
            "WTF_CSRF_ENABLED": False,
        }
    )


@pytest.mark.of_pages
@pytest.mark.slow
@pytest.mark.parametrize("person", [None, *EMAILS])
def test_every_route_and_its_refusals_have_the_headers(app: Flask, person: str | None) -> None:
    client = app.test_client()
    if person:
        sign_in(client, person)
    wrong = {
        f"{method} {address}": names
        for endpoint, method, address in _with_other_methods(app)
        if endpoint not in LEAVES
        for names in [wrong_headers(client.open(address, method=method))]
        if names
    }
    assert wrong == {}


def test_refusals_outside_any_route_have_the_headers(app: Flask, as_ada: FlaskClient) -> None:
    answers = {
        404: as_ada.get("/nothing/at/all"),
        405: as_ada.put("/orders"),
        413: as_ada.post("/settings/store", data={"name": "x" * 9_000_000}),
        400: as_ada.get("/orders?q=%00"),
        303: app.test_client().get("/orders"),
        308: as_ada.get("//orders"),
    }
    for status, answer in answers.items():
        assert wrong_headers(answer) == [], status
        assert answer.status_code == status or status == 308
    assert wrong_headers(as_ada.get("/orders", headers={"Host": "evil.example"})) == []


def test_a_server_error_has_the_headers(app: Flask, client: FlaskClient, monkeypatch: Any) -> None:
    monkeypatch.setitem(app.view_functions, "sign_ins.new", lambda: 1 / 0)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = client.get("/sign-in")
    assert answer.status_code == 500 and wrong_headers(answer) == []
    assert "ZeroDivisionError" not in answer.text and "Traceback" not in answer.text


def test_only_files_with_a_version_may_be_cached(client: FlaskClient) -> None:
    page = client.get("/sign-in").text
    files = re.findall(r'(?:src|href)="(/(?:static|assets)/[^"]+)"', page)
    assert files
    for address in files:
        answer = client.get(address.replace("&amp;", "&"))
        assert wrong_headers(answer) == [], address
        assert answer.status_code == 404 or "immutable" in answer.headers["Cache-Control"], address
    assert "immutable" not in client.get("/static/nothing.css?v=1").headers.get("Cache-Control", "")


def test_the_policy_for_the_cdn_names_two_files_and_no_host() -> None:
    outside = [word for word in headers.policy("cdn").split() if word.startswith("http")]
    assert len(outside) == 2
    assert all(word.rstrip(";").endswith((".css", ".js")) for word in outside)


def test_every_cookie_of_production_is_bound_to_https_and_this_host(production: Flask) -> None:
    client = production.test_client()
    answers = [
        client.get("/sign-in", base_url="https://shop.example"),
        client.post(
            "/sign-in",
            base_url="https://shop.example",
            data={"email": EMAILS["ada"], "password": PASSWORD},
        ),
        client.post("/theme", base_url="https://shop.example", data={"theme": "dark"}),
        client.get("/settings/store", base_url="https://shop.example"),
        client.post("/sign-out", base_url="https://shop.example"),
    ]
    assert [answer.status_code for answer in answers] == [200, 303, 303, 200, 303]
    cookies = [cookie for answer in answers for cookie in answer.headers.getlist("Set-Cookie")]
    assert {cookie.partition("=")[0] for cookie in cookies} >= {"__Host-sign_in", "__Host-theme"}
    for cookie in cookies:
        words = {word.strip() for word in cookie.split(";")[1:]}
        assert cookie.startswith("__Host-"), cookie
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= words, cookie
        assert not any(word.startswith("Domain") for word in words), cookie
    for answer in answers:
        assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"


def test_every_page_of_a_signed_in_person_varies_by_cookie(app: Flask, as_ada: FlaskClient) -> None:
    for endpoint, method, address in routes(app):
        if method == "GET" and PERMISSIONS[endpoint] in ("view", "edit", "admin"):
            assert "Cookie" in as_ada.get(address).headers.get("Vary", ""), endpoint


def _with_other_methods(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Yield every route with its own methods, and each address once with two methods that no route has."""
    seen = set()
    for endpoint, method, address in routes(app):
        yield endpoint, method, address
        if address not in seen:
            seen.add(address)
            yield endpoint, "PROPFIND", address
            yield endpoint, "OPTIONS", address
