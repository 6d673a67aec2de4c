"""Requests drawn at random for a small shop, and its rows without ids, to compare two ways of taking them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from automations.features.audience import segment_edits
from automations.features.authoring import publish
from automations.models.db.base import write
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.pipeline.intake.idempotency import RequestKey, StoredAnswer
from automations.pipeline.intake.intake_task import IntakeTask
from automations.pipeline.intake.reading import Item
from automations.pipeline.records.change import Cause, Received, SourceMessage
from tests.kit import shop
from tests.kit.own_fields import own_field
from tests.world import NOW

BLOOM = "Bloom & Wild St"
CAUSES = (Cause("api", "Front desk"), Cause("api", "Web shop"))
#: Every table whose rows a request may write, in the order in which they refer to each other.
TABLES = (
    *("account", "customer", "order", "event", "numbering", "occurrence", "evaluation", "run"),
    *("segment_member", "idempotency_key", "last_told"),
)
NAMES = st.sampled_from(["Anna", "Mia", ""])
EMAILS = st.sampled_from(
    ["anna@grandhotel.example", "ANNA@grandhotel.example", "mia@shop.example", "zoë@x.example"]
)
CUSTOMERS = st.sampled_from(["C-1", "C-2", "C-3", "4711"])
PEOPLE = (
    st.none()
    | st.fixed_dictionaries({"number": CUSTOMERS})
    | st.fixed_dictionaries({"number": CUSTOMERS, "first_name": NAMES})
    | st.fixed_dictionaries({"email": EMAILS}, optional={"first_name": NAMES})
    | st.fixed_dictionaries({"first_name": NAMES})
)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "payment_status": st.sampled_from(["paid", "unpaid"]),
        "status": st.sampled_from(["confirmed", "picked", "cancelled"]),
        "amount_paid": st.sampled_from([Decimal("10.00"), Decimal("250.00")]),
        "custom": st.fixed_dictionaries({"colour": st.sampled_from(["red", None])}),
    },
)
PERSONAL = st.fixed_dictionaries(
    {}, optional={"first_name": NAMES, "email": EMAILS, "tags": st.just(["vip"])}
)
ACCOUNTS = st.sampled_from([None, "Grand Hotel", "New & Co"])
NUMBERS = st.sampled_from([None, "1", "2", "3", "n1", "n2", "n3", "O-1", "O-2"])
ORDERS = st.builds(Item, NUMBERS, VALUES, PEOPLE, ACCOUNTS)
PERSONS = st.builds(Item, st.none() | CUSTOMERS, PERSONAL, st.none(), ACCOUNTS)
KEYS = st.none() | st.builds(
    RequestKey, st.sampled_from(["k1", "k2", "k3", "old"]), st.sampled_from(["a", "b"])
)
MESSAGES = st.none() | st.builds(
    SourceMessage,
    st.sampled_from(["webhook 1", "webhook 2"]),
    st.sampled_from([NOW - dt.timedelta(hours=1), NOW, NOW + dt.timedelta(hours=1)]),
)


def tasks(store_id: int) -> st.SearchStrategy[list[IntakeTask]]:
    """Draw what arrives together: orders and customers, singly and in lists, changes, messages, with keys."""
    return st.sampled_from(["order", "order", "customer"]).flatmap(
        lambda subject: st.lists(_task(store_id, subject), min_size=3, max_size=6)
    )


def _task(store_id: int, subject: str) -> st.SearchStrategy[IntakeTask]:
    common = {"store_id": st.just(store_id), "subject": st.just(subject), "say": st.just(say)}
    common |= {"cause": st.sampled_from(CAUSES), "key": KEYS}
    item = ORDERS if subject == "order" else PERSONS
    one = st.builds(IntakeTask, items=item.map(lambda each: [each]), message=MESSAGES, **common)
    many = st.builds(IntakeTask, items=st.lists(item, max_size=3), **common)
    number = st.sampled_from(["1", "2", "absent"] if subject == "order" else ["C-1", "absent"])
    change = number.flatmap(
        lambda name: st.builds(
            IntakeTask,
            items=item.map(lambda each: [Item(name, each.values, each.customer, each.account)]),
            existing=st.just(name),
            **common,
        )
    )
    return one | many | change


def say(_session: Session, _store: Store, received: Sequence[Received]) -> StoredAnswer:
    """Answer with everything that is known of the results, but ids."""
    results = [(one.number, one.revision, one.created, one.triggers, one.fired, one.late) for one in received]
    return StoredAnswer(200, repr([*results, *(plain(one.snapshot) for one in received)]))


def furnish(segments: bool) -> None:
    """Give the shop orders, a field of its own, automations with caps and conditions, perhaps segments."""
    own_field("Colour", subject="order")
    for number, customer in (("1", "C-1"), ("2", "C-2"), ("3", "C-1")):
        _order(number, customer)
    _published("All", "created")
    _published("Anna", "created", shop.condition("customer.first_name", "equals", "Anna"))
    _published("Changed", "field_changed")
    _published("Now and then", "created", caps={"once_per_customer_days": 3})
    _published("Three an hour", "payment_status_changed", caps={"per_hour": 3})
    _published("Hello", "created", subject="customer", caps={"per_hour": 2})
    if segments:
        _segment("VIP", shop.condition("tags", "contains", "vip"))
        _segment("Buyer", shop.condition("order_count", "greater_than", "1"))


def rows(session: Session) -> dict[str, list[Any]]:
    """Return the rows of the tables without ids: what they refer to stands in their place."""
    named: dict[tuple[str, int], Any] = {}
    found: dict[str, list[Any]] = {}
    for name in TABLES:
        table = Automation.metadata.tables[name]
        found[name] = sorted(
            (_row(table, dict(row), named) for row in session.execute(sa.select(table)).mappings()), key=repr
        )
    return found


def _row(table: sa.Table, row: dict[str, Any], named: dict[tuple[str, int], Any]) -> Any:
    id = row.pop("id")
    for column in table.columns:
        for key in column.foreign_keys:
            id_there = row.get(column.name, 0)
            row[column.name] = named.get((key.column.table.name, id_there), id_there)
    if "record_id" in row:
        row["record_id"] = named[row["subject"], row["record_id"]]
    # Merged customers may be gone, so the column is no foreign key; their ids still differ between tries.
    if row.get("customer_id") and not table.c.customer_id.foreign_keys:
        row["customer_id"] = named["customer", row["customer_id"]]
    whole = plain(row)
    identity = row.get("number") or row.get("name") or whole
    named[table.name, id] = (table.name, identity)
    return sorted(whole.items())


#: The keys under which a snapshot has another record, and what was before has its id.
REFERRED = ("account", "customer")


def plain(value: Any) -> Any:
    """Return a value without the ids in it."""
    if isinstance(value, Mapping):
        # What an account or customer was before stands there as its id.
        named = {
            key: "one" if key in REFERRED and isinstance(part, int) else part for key, part in value.items()
        }
        return {key: plain(part) for key, part in named.items() if key != "id"}
    return [plain(part) for part in value] if isinstance(value, list) else value


def _order(number: str, customer: str) -> None:
    with write() as session:
        store = session.query(Store).filter_by(name=BLOOM).one()
        table = Automation.metadata.tables["customer"]
        id = session.scalar(sa.select(table.c.id).where(table.c.number == customer))
        name = store.name
    shop.place_order(number, name, customer_id=id)


def _published(
    name: str, trigger: str, *conditions: Any, subject: str = "order", caps: dict[str, Any] | None = None
) -> None:
    id = shop.draft_automation(name, trigger, *conditions, subject=subject)
    with write() as session:
        automation = session.get_one(Automation, id)
        automation.draft = automation.draft | ({"caps": caps} if caps else {})
        publish.publish(session, automation, shop._manager(), NOW)


def _segment(name: str, *conditions: dict[str, Any]) -> None:
    with write() as session:
        store = session.query(Store).filter_by(name=BLOOM).one()
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
        segment_edits.save(session, store, rosa, None, name, conditions, NOW)
