"""The owner of an automation in the builder, and taking over ownership."""

from __future__ import annotations

from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.people import User
from tests.kit.shop import publish_automation
from tests.web.pages import text_of
from tests.world import NOW


def test_the_builder_names_the_owner(as_rosa: FlaskClient, as_finn: FlaskClient) -> None:
    page = f"/automations/{publish_automation('Thank you', 'created')}"
    assert "Runs as you" in text_of(as_rosa.get(page))
    seen = as_finn.get(page)
    assert "Runs as Rosa Lind" in text_of(seen) and "Take it over" not in seen.text


def test_a_manager_takes_over_an_automation_whose_owner_may_no_longer_own_it(as_ada: FlaskClient) -> None:
    page = f"/automations/{publish_automation('Thank you', 'created')}"
    db.session.query(User).filter_by(email="rosa@bloom.example").update({"disabled_at": NOW})
    db.session.commit()
    assert "Rosa Lind owns this automation and cannot sign in any more" in text_of(as_ada.get(page))
    assert as_ada.post(f"{page}/ownership").status_code == 303
    assert "Runs as you" in text_of(as_ada.get(page))
    assert as_ada.post(f"{page}/ownership").status_code == 303
