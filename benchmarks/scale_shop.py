"""So many stores, each with an automation for every host that its orders may call."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Flask

from automations.features.authoring import drafts, publish
from automations.models.access import api_keys
from automations.models.db import schema
from automations.models.db.base import write
from automations.models.settings.call_limits import CallLimits
from automations.models.settings.choices import add_defaults
from automations.models.tables.people import Membership, User
from automations.models.tables.store import Connection, Store
from tests.kit.shop import condition, never_held, request_to

NOW = dt.datetime(2026, 11, 22, 10, 0, tzinfo=dt.UTC)


def prepare(app: Flask, stores: int, hosts: int, sink: int, at_once: int) -> list[str]:
    """Make them; return the secret of an API key of each store.

    An order whose total is 3 calls the host 127.0.0.4, which gets `at_once` requests of a store at a time.
    """
    with app.app_context():
        schema.upgrade()
        keys = [_store(place, hosts, sink, at_once) for place in range(stores)]
        never_held()
    return keys


def _store(place: int, hosts: int, sink: int, at_once: int) -> str:
    with write() as session:
        store = Store(name=f"Store {place}", created_at=NOW)
        email = f"ada{place}@bench.example"
        ada = User(email=email, name="Ada Quill", password_hash="x", created_at=NOW)
        session.add_all([store, ada])
        session.flush()
        session.add(Membership(user_id=ada.id, store_id=store.id, role="admin"))
        add_defaults(session, store)
        settings = CallLimits(at_once).to_settings()
        session.add(Connection(store_id=store.id, kind="http", settings=settings, updated_at=NOW))
        _, secret = api_keys.create(session, store, "Till", "write", ada, NOW)
        for host in range(hosts):
            made = drafts.create(session, store, f"Host {host}", _calls(host, sink), ada, NOW)
            session.flush()
            publish.publish(session, made, ada, NOW)
    return secret


def _calls(host: int, sink: int) -> dict[str, Any]:
    return {
        "subject": "order",
        "trigger": {"key": "created", "from": None, "to": None},
        "conditions": [condition("total", "equals", f"{host}.00")],
        "actions": [request_to(f"http://127.0.0.{host + 1}:{sink}/{{{{ order.number }}}}")],
    }
