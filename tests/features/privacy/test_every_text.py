"""A name planted in every text of every table, ours and the workflow library's, is gone after erasing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.features.examples.pinning import Pin, pin_occurrence
from automations.features.privacy import complete_erasure
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.called_host import CalledHost
from automations.models.tables.notification import Notification
from automations.models.tables.people import IdempotencyKey, User
from automations.models.tables.run import SUCCEEDED, Attempt
from automations.models.tables.store import Store
from automations.models.tables.task import Task
from tests.kit import everywhere, shop
from tests.kit.live import wait_until, working
from tests.kit.pages.one_edit import one_edit
from tests.kit.pages.one_import import one_import
from tests.kit.pages.one_merge import one_merge
from tests.kit.shops import Shop, payload
from tests.kit.words_caught_up import words_caught_up
from tests.world import NOW

CANARY = "zephyrine@quill.example"

#: Tables about the shop and the people who work there: nothing writes a customer's data into them.
OF_THE_SHOP = {
    *("store", "user", "membership", "choice", "custom_field", "connection", "secret", "api_key", "hold"),
    *("automation", "version", "listening", "segment", "campaign", "closed_endpoint", "inbound_hook"),
    # A draft, counts and days; its rows are ids of occurrences.
    "backtest",
    # A rule, what must follow, and counts.
    "expectation",
    # Figures, and ids of evaluations.
    *("usual_pace", "surge_hold", "counted_to", "day_figure", "open_figure"),
    *(
        "daily_summary",
        "sign_in",
        "sign_in_link",
        "sign_in_failure",
        "beat",
        "release",
        "scan_mark",
        "shadow",
    ),
    # The store's logos.
    "store_file",
    # A company, through which others buy as well.
    "account",
    # It names records by their numbers only, and its rows are chained for good.
    *("audit", "audit_head"),
    # Ids, days and times, and the keys of fields.
    *("due", "shadow_due", "own_date", "last_told", "segment_member", "numbering"),
    "backtest_part",
    # A status or a tag that many get, and ids.
    *("bulk_change", "bulk_record"),
    # Addresses, secrets and counts of the shops that send.
    "shop_connection",
    # Ids of what is still to be fetched from them.
    "shop_fetch",
    # Ids of stores and of their customers.
    "search_progress",
    # Names that people gave to filters of the log.
    "saved_filter",
    # Times and counts of fetching what they did not send.
    "shop_catch_up",
}
#: Columns with keys, states and numbers in the other tables.
KEYS: Mapping[str, set[str]] = {
    "called_host": {"host"},
    "customer": {"number"},
    "order": {"number", "status", "payment_status", "order_type", "fulfilment_method", "delivery_type"}
    | {"delivery_status", "delivery_from", "delivery_until", "source", "currency"},
    "event": {"number", "status", "payment_status", "event_type", "currency"},
    "occurrence": {"subject", "trigger", "changed", "cause_kind"},
    "evaluation": {"outcome"},
    "run": {"kind", "state", "workflow_id", "lane", "deaths"},
    "attempt": {"result"},
    "example": {"label", "subject", "trigger", "changed", "schedule", "erased"},
    "message": {"channel", "connector", "sender"},
    "notification": {"subject", "path"},
    "parcel_number": {"tracking_number"},
    "task": {"subject", "assignee_role", "priority", "state"},
    "customer_merge": {"merged_number"},
    "shop_record": {"subject", "source_id", "refunds"},
    "shop_delivery": {"subject", "body_hash", "outcome"},
    "csv_import": {"subject", "options", "columns", "state", "problem", "claim", "asked_by"},
    "csv_record": {"verdict", "changed"},
    "undo_step": {"kind", "token"},
    "shop_word": {"kind", "usual", "target"},
    # Words are what the records say, and are made anew from them.
    "search_word": {"word"},
    "search_ending": {"ending"},
    "search_entry": {"subject"},
}


@pytest.fixture
def customer_id(app: Flask, bloom: Store, rosa: User) -> int:
    """A customer with a row in every table that may hold something about them."""
    now = dt.datetime.now(dt.UTC)
    automation_id = shop.publish_automation("Thank", "created", actions=[shop.email_to()])
    id = shop.place_customer("C-77", first_name="Zephyrine", last_name="Quillfeather", email=CANARY).id
    parcels = [{"carrier": "DHL", "tracking_number": "D1", "status": None}]
    address = {"street": f"1 Lane, {CANARY}", "city": "Bath"}
    shop.place_order("1", customer_id=id, now=now, parcels=parcels, delivery_address=address)
    shop.place_event("E-1", customer_id=id)
    with write() as session:
        pin = Pin(True, session.get_one(User, rosa.id), NOW, note="Thank them")
        words = StoreWords(session, session.get_one(Store, bloom.id))
        about = (session.get_one(Automation, automation_id), shop.occurrences()[1])
        pin_occurrence(session, words, *about, pin)
    theirs = {"customer": None, "billing_address": None, "email": CANARY}
    Shop(app, "shopify").send(payload("shopify-order-paid.json", **theirs))
    with working(app):
        wait_until(lambda: {run.state for run in shop.runs()} == {SUCCEEDED})
    with write() as session:
        one_import(session, session.get_one(Store, bloom.id))
        one_edit(session, bloom.id, session.get_one(User, rosa.id), id)
        one_merge(session, session.get_one(Store, bloom.id), session.get_one(User, rosa.id), "C-77")
        session.add(Task(store_id=bloom.id, title="Call", created_at=NOW))
        session.add(Notification(store_id=bloom.id, user_id=rosa.id, title="Called", created_at=NOW))
        session.add(CalledHost(store_id=bloom.id, host="a.example", failures=1, changed_at=NOW))
        kept = IdempotencyKey(store_id=bloom.id, key="one", body_hash="x", status=200, created_at=NOW)
        kept.answer = "{}"
        session.add(kept)
    words_caught_up()
    assert everywhere.find_in_database(["zephyrine"]).keys() >= {"zephyrine"}
    return id


def test_every_table_is_looked_through_or_known_to_hold_no_customer(app: Flask) -> None:
    tables = db.metadata.tables.keys()
    assert tables >= OF_THE_SHOP | KEYS.keys()
    for name, columns in KEYS.items():
        assert columns <= {column.name for column in db.metadata.tables[name].columns}, name


def test_a_name_in_any_text_of_any_table_is_erased(app: Flask, customer_id: int, bloom: Store) -> None:
    planted = []
    with db.engine.begin() as connection:
        for table in _tables(connection):
            columns = _texts(table)
            if columns and table.name != "customer":
                assert _plant(connection, table, columns), f"{table.name} has no row"
                planted += [f"{table.name}.{column.name}" for column in columns]
    assert len(planted) >= 60
    assert {"run.prepared", "operation_outputs.output", "workflow_input.inputs"} <= set(planted)
    store_id = bloom.id
    db.session.rollback()
    complete_erasure.erase_completely(store_id, customer_id, NOW, lambda _: None)
    assert everywhere.find_in_database([CANARY]) == {}
    assert everywhere.find_in_files([CANARY]) == {}


def test_what_an_earlier_release_gave_the_workflow_library_is_erased(
    app: Flask, customer_id: int, bloom: Store
) -> None:
    """Outcomes with what was sent, as the output of a step; an error with a name in its text."""
    old = f'[{{"parts": [{{"prepared": {{"to": "{CANARY}", "body": "Dear Zephyrine"}}}}]}}]'
    with db.engine.begin() as connection:
        where = {"schema": _schema(), "autoload_with": connection}
        outputs = sa.Table("operation_outputs", sa.MetaData(), **where)
        connection.execute(sa.update(outputs).values(output=old, error=f"ValueError: {CANARY}"))
    assert db.session.query(Attempt).count()
    store_id = bloom.id
    db.session.rollback()
    complete_erasure.erase_completely(store_id, customer_id, NOW, lambda _: None)
    assert everywhere.find_in_database([CANARY, "Zephyrine", "zephyrine"]) == {}


def _schema() -> str | None:
    return None if db.engine.dialect.name == "sqlite" else "dbos"


def _tables(connection: sa.Connection) -> Iterator[sa.Table]:
    """Yield our tables that may hold a customer's data, and all of the workflow library."""
    for table in db.metadata.sorted_tables:
        if table.name not in OF_THE_SHOP:
            yield table
    for name in sa.inspect(connection).get_table_names(schema=_schema()):
        if name not in {*db.metadata.tables, "alembic_version"}:
            yield sa.Table(name, sa.MetaData(), schema=_schema(), autoload_with=connection, resolve_fks=False)


def _texts(table: sa.Table) -> list[sa.Column[Any]]:
    """Return the columns with text that are no keys."""
    kinds = (sa.String, sa.JSON)
    texts = [
        column
        for column in table.columns
        if isinstance(column.type, kinds) or isinstance(getattr(column.type, "impl_instance", None), kinds)
    ]
    keys = KEYS.get(table.name, set()) if table.schema is None else set()
    free = [column for column in texts if not column.primary_key and not column.foreign_keys]
    return [column for column in free if column.name not in keys]


def _plant(connection: sa.Connection, table: sa.Table, columns: list[sa.Column[Any]]) -> int:
    """Write the canary into these columns of every row; into a new row if there is none."""
    rows = connection.execute(sa.select(table)).mappings().all()
    if not rows and table.name not in db.metadata.tables:
        connection.execute(sa.insert(table).values(_row(connection, table)))
        rows = connection.execute(sa.select(table)).mappings().all()
    keys = list(table.primary_key.columns)
    for row in rows:
        new = {column.name: _with_canary(row[column.name], column) for column in columns}
        same = sa.and_(*(key == row[key.name] for key in keys))
        connection.execute(sa.update(table).where(same).values(new))
    return len(rows)


def _with_canary(value: Any, column: sa.Column[Any]) -> Any:
    if isinstance(value, dict):
        return {**value, "planted": CANARY}
    if isinstance(value, list):
        return [*value, {"planted": CANARY}]
    is_text = isinstance(column.type, sa.String)
    return f"{value or ''} {CANARY}" if is_text else {"planted": CANARY}


def _row(connection: sa.Connection, table: sa.Table) -> dict[str, Any]:
    """Return a row of a table of the workflow library that it has not used yet."""
    status = sa.table("workflow_status", sa.column("workflow_uuid"), schema=_schema())
    workflow = connection.scalar(sa.select(status.c.workflow_uuid).limit(1))
    values: dict[str, Any] = {}
    for column in table.columns:
        if column.name in ("workflow_uuid", "destination_uuid"):
            values[column.name] = workflow
        elif isinstance(column.type, sa.String):
            values[column.name] = "x"
        elif not column.nullable and column.server_default is None:
            values[column.name] = 1
    return values
