"""Any JSON, any path: what the page shows of a field is what is taken of it."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automations.connectors.sources import json_paths, json_tree
from automations.connectors.sources.json_paths import MISSING, value_at
from automations.connectors.sources.mapping_targets import LINE, LIST, WORD, targets_for
from automations.connectors.sources.payload import json_value
from automations.connectors.sources.shop_messages import ShopRequest
from automations.models.db.base import db, write
from automations.models.settings import shop_connections
from automations.models.settings.choices import StoreWords
from automations.models.tables.people import User
from automations.models.tables.shop_connection import ShopConnection, ShopDelivery
from automations.models.tables.store import Store
from automations.pipeline.sources import delivery_intake, picked_preview
from automations.web.kit.secret_box import secret_box
from tests.kit.hostile.any_json import VALUES

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
KEYS = [
    target.key
    for target in targets_for("order")
    if target.kind != LIST and "." not in target.key and target.key not in ("number", "id", "at", "about")
]
#: Values that a source may well send.
LIKELY = st.sampled_from(
    ["84.50", "84,50", 12, "-3", "1e3", "2026-12-04", "04/12/2026", "GBP", "EUR", "Paid", True, "a, b", 7.125]
)
#: NaN and the like are no JSON.
PAYLOADS = st.fixed_dictionaries({"x": VALUES | LIKELY | st.lists(LIKELY, max_size=2)}).filter(
    lambda payload: not re.search("NaN|Infinity", json.dumps(payload))
)


@given(data=VALUES)
def test_every_value_of_the_tree_is_found_by_its_path_as_a_form_sends_it(data: Any) -> None:
    for leaf in json_tree.leaves(json_tree.tree_of(data)):
        path = json_paths.read(json_paths.written(leaf.path))
        assert (path == leaf.path) == leaf.can_be_picked
        found = value_at(data, leaf.path)
        assert found is not MISSING and json_tree.text_of(found) == leaf.text


@given(text=st.text(max_size=30) | VALUES.map(json.dumps), data=VALUES)
def test_no_text_is_anything_but_a_path(text: str, data: Any) -> None:
    path = json_paths.read(text)
    assert path is None or isinstance(json.loads(text), list)
    if path is not None:
        value_at(data, path)


def test_names_are_never_places_and_places_never_names() -> None:
    data = {"0": "name", "list": ["place"], "__class__": "own", "a.b": "dotted"}
    assert value_at(data, ("0",)) == "name" and value_at(data, (0,)) is MISSING
    assert value_at(data, ("list", 0)) == "place" and value_at(data, ("list", "0")) is MISSING
    assert value_at(data, ("list", -1)) is MISSING and value_at(data, ("list", 1)) is MISSING
    assert value_at(data, ("__class__",)) == "own" and value_at(data, ("a", "b")) is MISSING
    assert value_at("text", ("upper",)) is MISSING and value_at(data, ()) is data


def test_what_is_shown_of_any_payload_is_what_is_taken(app: Flask, bloom: Store) -> None:
    with app.test_request_context(), write() as session:
        ada = session.query(User).filter_by(email="ada@bloom.example").one()
        made, _ = shop_connections.create(session, bloom, ada, "other", "Market", secret_box(), NOW)
        session.flush()
        connection_id, count = made.id, iter(range(10_000))

    @given(payload=PAYLOADS, key=st.sampled_from(KEYS), draw=st.data())
    @settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
    def holds(payload: dict[str, Any], key: str, draw: st.DataObject) -> None:
        body = json.dumps(payload | {"n": f"P-{next(count)}"}).encode()
        leaves = json_tree.leaves(json_tree.tree_of(json_value(body)))
        path = draw.draw(st.sampled_from([leaf.path for leaf in leaves if leaf.can_be_picked]))
        _map(connection_id, {"number": ["n"], key: list(path)})
        with write() as session:
            delivery_intake.take(session, connection_id, ShopRequest(body), NOW)
        _compare(connection_id, key, body)

    holds()


def _map(connection_id: int, paths: dict[str, Any]) -> None:
    with write() as session:
        row = session.get_one(ShopConnection, connection_id)
        row.options = {**row.options, "mapping": {"paths": paths}, "mapped_at": NOW.isoformat()}


def _compare(connection_id: int, key: str, body: bytes) -> None:
    db.session.expire_all()
    connection = db.session.get_one(ShopConnection, connection_id)
    store = db.session.get_one(Store, connection.store_id)
    newest = db.session.query(ShopDelivery).order_by(ShopDelivery.id.desc()).limit(1).one()
    words = StoreWords(db.session(), store)
    shown = picked_preview.preview(db.session(), store, connection, words, newest, json_value(body))
    taken = newest.understood.get("values") or {}
    if newest.outcome in ("not understood", "not taken"):
        assert shown.problem == newest.sentence
        return
    assert shown.problem == "" and newest.outcome == "taken"
    targets = {target.key: target for target in targets_for("order")}
    if targets[key].kind == WORD:
        said = [word for kind, word, _ in newest.understood["words"] if kind == targets[key].words]
        assert said == ([str(shown.values[key])[:200]] if key in shown.values else [])
        assert (key in taken) == bool(shown.meanings.get(key))
    elif key != "currency":
        value = shown.values.get(key)
        assert taken.get(key) == (value.isoformat() if isinstance(value, dt.datetime) else value)
    assert not key.startswith(LINE)
