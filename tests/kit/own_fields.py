"""Custom fields in the shop of the tests."""

from __future__ import annotations

from automations.models.base import write
from automations.models.people import User
from automations.models.store import Store
from automations.pipeline import custom_fields


def own_field(label: str, type: str = "text", subject: str = "order", choices: str = "") -> str:
    """Add a custom field to Bloom & Wild St; return its key in conditions: "custom.ribbon_colour"."""
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        user = session.query(User).filter_by(email="ada@bloom.example").one()
        key = custom_fields.add(session, store, user, subject, label, type, choices).key
    return f"custom.{key}"
