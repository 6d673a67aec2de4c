"""Security headers, form tokens, host names, size limits and error pages."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.web.kit import safe_redirect
from automations.web.request import headers
from automations.web.setup import config
from automations.web.setup.assets import LIBRARIES
from tests.kit.source import ROOT
from tests.web.pages import text_of

MEGABYTE = 1024 * 1024


@pytest.fixture
def outside(built_app: Flask, app: Flask) -> Iterator[FlaskClient]:
    """A browser that is not signed in, with the check of form tokens on."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield app.test_client()
    app.config["WTF_CSRF_ENABLED"] = False


def test_the_policy_allows_only_named_files_and_nothing_unsafe() -> None:
    policy = headers.policy("cdn")
    assert "unsafe" not in policy and "*" not in policy and "nonce" not in policy
    assert "https://cdn.jsdelivr.net/npm/htmx.org@4.0.1/dist/htmx.min.js" in policy
    assert "https://cdn.jsdelivr.net;" not in policy and "https://cdn.jsdelivr.net " not in policy
    for directive in ("frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'", "object-src 'none'"):
        assert directive in policy


def test_every_response_has_the_security_headers(client: FlaskClient, as_ada: FlaskClient) -> None:
    for answer in (client.get("/sign-in"), client.get("/nothing"), as_ada.get("/settings/team")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Content-Security-Policy" in answer.headers
        assert "Strict-Transport-Security" not in answer.headers


def test_https_responses_set_strict_transport_security(client: FlaskClient) -> None:
    answer = client.get("/sign-in", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")


def test_pages_have_no_inline_script_or_style(client: FlaskClient, as_ada: FlaskClient) -> None:
    for page in (client.get("/sign-in").text, as_ada.get("/settings/team").text):
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|hx-on", page)


def test_the_integrity_hashes_match_the_published_files() -> None:
    installed = [file for file in LIBRARIES if (file.local_folder / file.name).exists()]
    for file in installed:
        digest = hashlib.sha384((file.local_folder / file.name).read_bytes()).digest()
        assert file.integrity == "sha384-" + base64.b64encode(digest).decode()


def test_local_assets_serve_only_the_libraries(app: Flask, client: FlaskClient) -> None:
    assert client.get("/assets/htmx.min.js").status_code in (200, 404)
    assert client.get("/assets/package.json").status_code == 404
    assert client.get("/assets/../app.py").status_code == 404
    app.config["ASSETS"] = "cdn"
    try:
        assert client.get("/assets/htmx.min.js").status_code == 404
        assert "integrity=" in client.get("/sign-in").text
    finally:
        app.config["ASSETS"] = "local"


def test_a_form_without_its_token_is_refused_with_a_sentence(outside: FlaskClient) -> None:
    answer = outside.post("/sign-in", data={"email": "rosa@bloom.example", "password": "x"})
    assert answer.status_code == 400
    assert "nothing was changed" in text_of(answer)


def test_a_fragment_without_the_token_keeps_the_page_and_shows_a_notice(outside: FlaskClient) -> None:
    answer = outside.post("/sign-in", headers={"HX-Request": "true"})
    assert answer.headers["HX-Retarget"] == "#notices"
    assert "<html" not in answer.text


def test_a_fragment_request_after_signing_out_keeps_what_was_typed(client: FlaskClient) -> None:
    answer = client.post("/settings/store", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Retarget"] == "#notices"
    assert "What you typed is still here" in text_of(answer)


def test_ten_megabytes_are_refused_with_a_sentence(as_ada: FlaskClient) -> None:
    answer = as_ada.post("/settings/store", data={"name": "x" * 10 * MEGABYTE})
    assert answer.status_code == 413
    assert "at most 8 MB" in text_of(answer)


@pytest.mark.parametrize(
    "path",
    [
        "/.git/config",
        "/.git/HEAD",
        "/static/../.git/HEAD",
        "/static/%2e%2e/.git/HEAD",
        "/assets/..%2f.git%2fHEAD",
    ],
)
def test_the_git_history_cannot_be_reached(client: FlaskClient, path: str) -> None:
    assert (ROOT / ".git").exists()
    answer = client.get(path)
    assert answer.status_code == 404 and "ref:" not in answer.text


def test_an_unknown_host_name_is_refused(client: FlaskClient) -> None:
    answer = client.get("/sign-in", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "TRUSTED_HOSTS" in answer.text


def test_a_nul_is_refused_without_an_error(client: FlaskClient) -> None:
    assert client.post("/sign-in", data={"email": "a\x00b", "password": "x"}).status_code == 400
    assert client.get("/sign-in?next=%00").status_code == 400


@pytest.mark.parametrize("address", ["/nothing", "/settings/choices/999999999999999999999999"])
def test_a_missing_page_is_reported_inside_the_layout(as_ada: FlaskClient, address: str) -> None:
    answer = as_ada.get(address)
    assert answer.status_code == 404
    assert "There is nothing here" in text_of(answer)
    assert "Sign out" in answer.text


def test_a_wrong_method_gets_a_sentence(as_ada: FlaskClient) -> None:
    answer = as_ada.get("/sign-out")
    assert answer.status_code == 405 and "Allow" in answer.headers
    assert "use the buttons of the page" in text_of(answer)


def test_a_server_error_gets_a_sentence(app: Flask, client: FlaskClient) -> None:
    view = app.view_functions["sign_ins.new"]
    app.view_functions["sign_ins.new"] = lambda: 1 / 0
    app.config["PROPAGATE_EXCEPTIONS"] = False
    try:
        answer = client.get("/sign-in")
    finally:
        app.view_functions["sign_ins.new"] = view
        app.config["PROPAGATE_EXCEPTIONS"] = None
    assert answer.status_code == 500
    assert "Something went wrong here" in text_of(answer)


def test_api_errors_are_problem_details(client: FlaskClient) -> None:
    answer = client.get("/api/nothing")
    assert answer.mimetype == "application/problem+json"
    assert answer.json and answer.json["status"] == 404 and answer.json["detail"]


@pytest.mark.parametrize("address", ["//a", "/\\a", "/\t/a", "https://a", "a", "", "javascript:1", "/a\n"])
def test_an_address_that_leads_away_is_not_local(address: str) -> None:
    assert not safe_redirect.is_local(address)


def test_the_theme_is_kept_in_a_cookie(client: FlaskClient) -> None:
    assert "data-bs-theme" not in client.get("/sign-in").text
    client.post("/theme", data={"theme": "dark", "next": "/sign-in"})
    assert 'data-bs-theme="dark"' in client.get("/sign-in").text
    client.post("/theme", data={"theme": "system"})
    assert "data-bs-theme" not in client.get("/sign-in").text


def test_production_needs_a_secret_and_its_host_names() -> None:
    given = config.from_environment() | {"PRODUCTION": True, "SECRET_KEY": "", "TRUSTED_HOSTS": []}
    with pytest.raises(config.BadConfiguration, match="Set SECRET_KEY"):
        config.finish(given)
    given["SECRET_KEY"] = "x" * 40
    with pytest.raises(config.BadConfiguration, match="Set TRUSTED_HOSTS"):
        config.finish(given)


def test_production_cookies_are_bound_to_https_and_this_host() -> None:
    given = config.from_environment() | {"PRODUCTION": True, "SECRET_KEY": "x" * 40}
    given |= {"TRUSTED_HOSTS": ["shop.example"], "DATABASE_URL": "sqlite://"}
    config.finish(given)
    assert given["SESSION_COOKIE_NAME"] == "__Host-session"
    assert given["SESSION_COOKIE_SECURE"] is True
