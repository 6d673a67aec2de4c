"""Custom fields in the shop of the tests."""

from __future__ import annotations

from automations.features.authoring import custom_field_edits
from automations.models.db.base import write
from automations.models.tables.people import User
from automations.models.tables.store import Store


def own_field(label: str, type: str = "text", subject: str = "order", choices: str = "") -> str:
    """Add a custom field to Bloom & Wild St; return its key in conditions: "custom.ribbon_colour"."""
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        user = session.query(User).filter_by(email="ada@bloom.example").one()
        key = custom_field_edits.add(session, store, user, subject, label, type, choices)[0].key
    return f"custom.{key}"
