"""A shop under load: automations on every channel, tills that post changes, and the wait for quiet."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask import Flask

from automations.connectors.secret_encryption import SecretBox
from automations.models.db.base import db, run_in_write, write
from automations.models.tables.run import FINAL, WAITING, Run
from automations.models.tables.store import Connection, Store
from tests.kit.fire.tills import BatchTill
from tests.kit.outside.outside import allowing
from tests.kit.outside.sinks import Sinks
from tests.kit.set_up import api_key, use_smtp_server
from tests.kit.shop import condition, email_to, never_held, publish_automation
from tests.world import NOW

#: The text by which an effect is known outside: a word for the action, then the note of the order.
ABOUT = "{{ order.note }}"
#: Number of changes of one order that one till posts in a row.
BURST = 3
STATUSES = ("Unconfirmed", "Confirmed", "Picked", "Out for delivery")

_WORKFLOWS = "SELECT count(*) FROM {schema}workflow_status WHERE status IN ('PENDING', 'ENQUEUED', 'DELAYED')"

ShouldFire = Callable[[str, Mapping[str, Any]], bool]


def call(sinks: Sinks, word: str) -> dict[str, Any]:
    """Return an action that calls the API outside."""
    settings = {
        "method": "POST",
        "url": f"http://127.0.0.1:{sinks.http_port}/jobs",
        "headers": "",
        "body_kind": "json",
        "body": f"about = {word} {ABOUT}",
        "signed_with": "",
        "status": "",
        "answer_path": "",
        "answer_value": "",
    }
    return {"kind": "http_request", "settings": settings}


def text(word: str) -> dict[str, Any]:
    """Return an action that sends a text message to the customer."""
    settings = {"to": "customer", "number": "", "message": f"{word} {ABOUT}"}
    return {"kind": "send_sms", "settings": settings}


def task(word: str) -> dict[str, Any]:
    """Return an action that creates a task."""
    settings = {"title": f"{word} {ABOUT}", "assignee": "manager", "due_from": "", "priority": "low"}
    return {"kind": "create_task", "settings": settings}


def mail(word: str) -> dict[str, Any]:
    """Return an action that sends an email to the customer."""
    return email_to(subject=f"{word} {ABOUT}")


def publish_automations(app: Flask, sinks: Sinks) -> dict[str, ShouldFire]:
    """Connect the sinks and publish the automations; return by name whether each should fire.

    The conditions are written a second time here, so that the engine is not its own witness.
    """
    use_smtp_server(app, sinks.smtp_port)
    _use_gateway(app, sinks)
    large = condition("total", "greater_than", "100")
    delivery = condition("fulfilment_method", "equals", "delivery")
    confirmed = condition("status", "equals", "confirmed")
    first = [mail("confirm"), call(sinks, "book"), task("wrap")]
    with allowing("127.0.0.1"):
        publish_automation("Confirm", "created", delivery, large, actions=first)
        publish_automation("Text", "status_changed", large, actions=[text("news")])
        courier = [call(sinks, "courier")]
        publish_automation("Courier", "status_changed", large, confirmed, actions=courier)
        publish_automation("Never", "created", condition("fulfilment_method", "equals", "relay"))
    never_held()
    return {
        "Confirm": lambda trigger, order: trigger == "created" and _is_large(order),
        "Text": lambda trigger, order: _is_large(order),
        "Courier": lambda trigger, order: order["status"] == "confirmed" and _is_large(order),
        "Never": lambda trigger, order: False,
    }


def _is_large(snapshot: Mapping[str, Any]) -> bool:
    return float(snapshot["total"]) > 100


def tills(ports: Sequence[int], orders: int, changes: int, seed: int, clients: int = 4) -> list[BatchTill]:
    """Return tills that share the changes of all orders: all of them change each order, in bursts."""
    chance, key = random.Random(seed), api_key(f"tills {seed}")
    shares: list[list[dict[str, Any]]] = [[] for _ in range(clients)]
    totals = [str(chance.randrange(5, 125)) + ".50" for _ in range(orders)]
    for first in range(0, changes, BURST):
        for order in range(orders):
            for change in range(first, min(first + BURST, changes)):
                values = order_change(f"{seed}-{order}", change, chance.choice(STATUSES), totals[order])
                shares[(order + first // BURST) % clients].append(values)
    rotated_ports = [[*ports[place % len(ports) :], *ports[: place % len(ports)]] for place in range(clients)]
    return [
        BatchTill(rotated_ports[place], key, f"{seed}-{place}", share) for place, share in enumerate(shares)
    ]


def order_change(number: str, change: int, status: str, total: str = "124.50") -> dict[str, Any]:
    """Return one change of one order, identified by its note."""
    values = {"number": number, "note": f"{number}/{change}", "status": status, "total": total}
    return values | {"fulfilment_method": "Delivery", "customer": {"number": "C-1"}}


def endless(name: str, ends: threading.Event) -> Iterator[dict[str, Any]]:
    """Yield orders that are placed, confirmed and picked, one after the other, until `ends` is set."""
    for place in itertools.count():
        if ends.is_set():
            return
        for change, status in enumerate(("Unconfirmed", "Confirmed", "Picked")):
            yield order_change(f"{name}-{place}", change, status)


def is_quiet() -> bool:
    """Return whether every run is final and no workflow is in progress."""
    open_runs = sa.select(sa.func.count(Run.id)).where(Run.state.not_in(FINAL))
    return not db.session.scalar(open_runs) and not workflows_under_way()


def workflows_under_way() -> int:
    """Return the number of unfinished workflows of the library."""
    schema = "" if db.engine.dialect.name == "sqlite" else "dbos."
    return int(db.session.scalar(sa.text(_WORKFLOWS.format(schema=schema))) or 0)


def make_all_due() -> None:
    """Make runs that wait for another attempt due now, so that a test need not wait."""
    now = dt.datetime.now(dt.UTC)
    # Not those that are due: they would be put before earlier ones of their record that are under way.
    update = sa.update(Run).where(Run.state == WAITING, Run.due_at > now)
    # The product also updates many runs at once, in another order: Postgres then aborts one of the two.
    run_in_write(lambda session: session.execute(update.values(due_at=now)))


def box_of(app: Flask) -> SecretBox:
    """Return the box that encrypts the secrets of the shop."""
    return SecretBox([app.config["SECRET_KEY"]])


def _use_gateway(app: Flask, sinks: Sinks) -> None:
    settings = {"preset": "generic", "url": f"http://127.0.0.1:{sinks.http_port}/sms"}
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        secret = box_of(app).encrypt("token")
        session.add(
            Connection(store_id=store.id, kind="sms", settings=settings, secret=secret, updated_at=NOW)
        )
