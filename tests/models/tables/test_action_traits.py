"""Versions published before their traits were kept get them from the migration, as publishing would."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from automations.features.authoring import drafts, publish
from automations.models.db import schema
from automations.models.db.base import db, write
from automations.models.tables.automation import Version
from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.kit.downgrading import downgrade
from tests.world import NOW

LETTER = {"kind": "send_email", "settings": {"to": "customer", "subject": "Hello", "message": "Thank you"}}
OFFER = {"kind": "send_marketing", "settings": {"channel": "sms", "subject": "", "message": "Tulips"}}
REQUEST = {"method": "POST", "url": "https://till.example:8443/{{ order.number }}", "body_kind": "none"}
CALL = {"kind": "http_request", "settings": REQUEST}


def test_the_migration_gives_a_version_the_traits_that_publishing_does(
    app: Flask, bloom: Store, rosa: User
) -> None:
    trigger = {"key": "created", "from": None, "to": None}
    draft = {"subject": "order", "trigger": trigger, "conditions": [], "actions": [LETTER, OFFER, CALL]}
    with write() as session:
        store, user = session.get_one(Store, bloom.id), session.get_one(User, rosa.id)
        automation = drafts.create(session, store, "Three kinds", draft, user, NOW)
        published = publish.freeze(session, automation, 1, user, NOW).action_traits
    db.session.remove()
    downgrade("0016")
    schema.upgrade()
    migrated = db.session.scalars(sa.select(Version.action_traits)).all()
    assert migrated == [published]
    assert published == [
        {"lane": "", "marketing": False},
        {"lane": "", "marketing": True},
        {"lane": "till.example:8443", "marketing": False},
    ]
