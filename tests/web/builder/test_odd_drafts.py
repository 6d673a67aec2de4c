"""A draft with values that no page sends is kept, and every page that shows it still opens."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.web.building import Form, an_automation, automation, opened, send

ODD = "\U0001f600" * 300
PATHS = ("/automations", "/", "/activity", "/needs-you", "/upcoming", "/search?q=odd")


@pytest.mark.parametrize("route", ["reviews", "saves"])
@pytest.mark.parametrize("field", ["subject", "trigger-key", "trigger-to", "conditions-0-field", "actions-0-kind"])
def test_pages_open_for_a_draft_with_an_odd_value(
    as_rosa: FlaskClient, bloom: Store, rosa: User, route: str, field: str
) -> None:
    form = opened(as_rosa, an_automation(bloom, rosa))
    form.values["name"], form.values["sitting"] = "Odd", "f" * 24
    answer = send(as_rosa, f"/automations/0/{route}", form, **{field: ODD})
    assert answer.status_code in (200, 422), answer.text
    id = 2
    assert automation(id).name == "Odd"
    for path in (*PATHS, f"/automations/{id}", f"/automations/{id}/publish", f"/automations/{id}/overview"):
        shown = as_rosa.get(path, follow_redirects=True)
        print(path, shown.status_code)
        assert shown.status_code < 500, (path, shown.text)
    again = Form(as_rosa.get(f"/automations/{id}"))
    for path in ("draft-form", "reviews", "saves", "test-fires", "email-previews", "publications"):
        answer = send(as_rosa, f"/automations/{id}/{path}", again)
        print(path, answer.status_code)
        assert answer.status_code < 500, path
