"""With a protection removed, the tests that walk over every address fail."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.web.kit.permissions import PERMISSIONS
from automations.web.request import authorization, security
from tests.web import test_forms
from tests.web.kit import test_permissions
from tests.web.pages import sign_in


@pytest.fixture
def guarded(app: Flask) -> Iterator[FlaskClient]:
    """Ada's browser, with the check of form tokens on."""
    client = sign_in(app.test_client(), "ada")
    app.config["WTF_CSRF_ENABLED"] = True
    yield client
    app.config["WTF_CSRF_ENABLED"] = False


def test_a_missing_token_check_would_be_detected(
    app: Flask, guarded: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security.csrf, "protect", lambda: None)
    with pytest.raises(AssertionError):
        test_forms.test_every_form_is_refused_without_its_token(app, guarded, {})


def test_a_missing_role_check_would_be_detected(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authorization, "can", lambda permission: True)
    with pytest.raises(AssertionError):
        test_permissions.test_each_role_may_use_what_was_written_down(app, "finn")


@pytest.mark.parametrize(("endpoint", "wrong"), [("audit.index", "view"), ("orders.show", "admin")])
def test_a_wrong_row_of_permissions_would_be_detected(
    app: Flask, monkeypatch: pytest.MonkeyPatch, endpoint: str, wrong: str
) -> None:
    monkeypatch.setitem(PERMISSIONS, endpoint, wrong)
    with pytest.raises(AssertionError):
        test_permissions.test_each_role_may_use_what_was_written_down(app, "finn")
    with pytest.raises(AssertionError):
        test_permissions.test_every_route_is_written_down_and_has_the_row_that_was_meant(app)


def test_a_missing_scope_check_would_be_detected(
    app: Flask, bloom: Store, rosa: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authorization, "key_may", lambda scopes, permission, kind: True)
    with pytest.raises(AssertionError):
        test_permissions.test_a_key_may_use_what_was_written_down(app, bloom, rosa, "read")
