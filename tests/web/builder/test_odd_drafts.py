"""A draft with a value that no page sends is kept, never published, and every page about it opens."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.web.building import Form, an_automation, automation, opened, send

ODD = "\U0001f600" * 300
STATUSES = {"reviews": 422, "saves": 200}


@pytest.mark.parametrize("route", STATUSES)
@pytest.mark.parametrize("field", ["subject", "trigger-key", "conditions-0-field", "actions-0-kind"])
def test_pages_open_for_a_new_draft_with_an_odd_value(
    as_rosa: FlaskClient, bloom: Store, rosa: User, route: str, field: str
) -> None:
    form = opened(as_rosa, an_automation(bloom, rosa))
    odd = {"name": "Odd", "sitting": "f" * 24, field: ODD}
    assert send(as_rosa, f"/automations/0/{route}", form, **odd).status_code == STATUSES[route]
    id = db.session.query(Automation.id).filter_by(name="Odd").scalar()
    page = f"/automations/{id}"
    for path in ("/", "/automations", "/activity", page, f"{page}/publish", f"{page}/overview"):
        assert as_rosa.get(path).status_code == 200, path
    again = Form(as_rosa.get(page))
    for path in ("draft-form", "reviews", "saves", "test-fires", "email-previews", "publications"):
        assert send(as_rosa, f"{page}/{path}", again).status_code < 500, path
    assert automation(id).latest_version_id is None
