"""Settings: working hours and quiet hours."""

from __future__ import annotations

from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.store import Store


def test_the_default_hours_are_shown_until_they_are_changed(as_ada: FlaskClient, bloom: Store) -> None:
    page = as_ada.get("/settings/hours").text
    assert page.count('value="09:00"') == page.count('value="18:00"') == 6
    assert as_ada.post("/settings/hours", data={"opens-6": "10:00", "closes-6": "14:00"}).status_code == 303
    db.session.expire_all()
    assert bloom.working_hours == {"6": ["10:00", "14:00"]}
    assert as_ada.get("/settings/hours").text.count('value="10:00"') == 1


def test_incomplete_or_reversed_hours_are_refused(as_ada: FlaskClient, bloom: Store) -> None:
    for span in (
        {"opens-0": "09:00"},
        {"opens-0": "18:00", "closes-0": "09:00"},
        {"opens-0": "9", "closes-0": "10"},
        {"quiet-from": "20:00"},
        {"quiet-from": "20:00", "quiet-until": "20:00"},
    ):
        answer = as_ada.post("/settings/hours", data=span)
        assert answer.status_code == 422 and "invalid-feedback" in answer.text
    assert bloom.working_hours is None


def test_the_quiet_hours_of_marketing_can_be_changed(as_ada: FlaskClient, bloom: Store) -> None:
    page = as_ada.get("/settings/hours").text
    assert 'name="quiet-from" value="20:00"' in page and 'name="quiet-until" value="08:00"' in page
    as_ada.post("/settings/hours", data={"quiet-from": "21:30", "quiet-until": "07:00"})
    db.session.expire_all()
    assert bloom.quiet_hours == ["21:30", "07:00"]
    assert 'value="21:30"' in as_ada.get("/settings/hours").text
    as_ada.post("/settings/hours", data={})
    db.session.expire_all()
    assert bloom.quiet_hours == []
