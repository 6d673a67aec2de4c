"""An automation that fires far more than its past says, and the relay that holds what is too much."""

from __future__ import annotations

import datetime as dt
from typing import Any

from automations.engine.surge.pace import HOURS
from automations.engine.surge.usual import WINDOWS, Usual
from automations.models.db.base import db, run_in_write, write
from automations.models.tables.automation import Automation
from automations.models.tables.run import Run
from automations.models.tables.store import Store
from automations.models.tables.surge_hold import SurgeHold, UsualPace
from automations.pipeline.delivery.relay import relay
from automations.pipeline.evaluation.receive import receive
from automations.pipeline.records.change import Change
from tests.kit.shop import TILL
from tests.world import NOW

#: With the past of these tests, the most that goes in ten minutes.
FREE = 25


class NoLibrary:
    """Stands in for the workflow library and keeps what is enqueued."""

    def __init__(self) -> None:
        self.enqueued: list[int] = []

    def enqueue_in_transaction(self, _session: object, _options: object, run_ids: list[int]) -> None:
        """Keep the runs of one workflow."""
        self.enqueued += run_ids


def usually(automation_id: int, per_hour: float = 0.1, share: float | None = None) -> None:
    """Give an automation a past of a month in which it fired so often."""
    usual = Usual(dt.timedelta(days=30), per_hour * 24, [per_hour] * HOURS, dict.fromkeys(WINDOWS, 0), share)
    with write() as session:
        automation = session.get_one(Automation, automation_id)
        values: dict[str, Any] = {"store_id": automation.store_id, "automation_id": automation_id}
        values |= {"version_id": automation.active_version_id, "made_at": NOW, "figures": usual.to_data()}
        session.add(UsualPace(**values))


def import_orders(count: int, begin: int = 0, now: dt.datetime = NOW, **values: Any) -> None:
    """Receive so many new orders in one transaction, as an import sends them."""
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        values = {"customer_id": 1} | values
        changes = [Change(f"I-{begin + place}", values) for place in range(count)]
        receive(session, store, "order", changes, TILL, now)


def relay_all(now: dt.datetime = NOW) -> list[int]:
    """Relay until nothing more goes; return the runs that were queued."""
    library: Any = NoLibrary()
    while run_in_write(lambda session: relay(session, library, now)):
        pass
    return list(library.enqueued)


def states() -> dict[str, int]:
    """Return how many runs are in each state."""
    db.session.rollback()
    found: dict[str, int] = {}
    for run in db.session.query(Run):
        found[run.state] = found.get(run.state, 0) + 1
    return found


def hold() -> SurgeHold:
    """Return the hold that is open."""
    db.session.rollback()
    return db.session.query(SurgeHold).filter_by(ended_at=None).one()
