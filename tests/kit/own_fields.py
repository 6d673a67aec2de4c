"""Fields of the store's own, in the shop of the tests."""

from __future__ import annotations

from automations.models.base import write
from automations.models.people import User
from automations.models.store import Store
from automations.pipeline import custom_fields


def own_field(label: str, type: str = "text", subject: str = "order", choices: str = "") -> str:
    """Add one to Bloom & Wild St; returns its key as conditions know it: "custom.ribbon_colour"."""
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        user = session.query(User).filter_by(email="ada@bloom.example").one()
        key = custom_fields.add(session, store, user, subject, label, type, choices).key
    return f"custom.{key}"
