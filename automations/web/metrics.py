"""Numbers for a monitoring program, in the text format of Prometheus."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from flask import Blueprint, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from automations.models import vitals
from automations.models.base import db
from automations.models.vitals import COUNTED, Vitals

PREFIX = "store_automations_"

bp = Blueprint("metrics", __name__)


class _Numbers:
    """What is read anew for each look; the processes themselves count nothing."""

    def __init__(self, found: Vitals, now: dt.datetime) -> None:
        self._found = found
        self._now = now

    def collect(self) -> Iterator[Metric]:
        found = self._found
        yield _gauge("queue_runs", "Runs that are due and not begun.", found.due)
        age = found.age_of_queue(self._now)
        yield _gauge("queue_age_seconds", "How long the oldest of them has waited.", age)
        runs = GaugeMetricFamily(f"{PREFIX}runs", "Runs that are not through, by state.", labels=["state"])
        for state in COUNTED:
            runs.add_metric([state], found.runs.get(state, 0))
        yield runs
        yield _gauge("evaluations_held", "Automations kept from going round in circles.", found.held)
        yield _gauge("stores_on_hold", "Stores that send nothing after a restore.", found.stores_on_hold)
        yield _gauge("hosts_not_called", "Hosts that failed, and are left alone for now.", found.hosts_open)
        yield _gauge("endpoints_closed", "Addresses that are gone for good.", found.endpoints_closed)
        yield _gauge("automations_paused", "Automations that led back to themselves.", found.paused)
        beats = GaugeMetricFamily(
            f"{PREFIX}last_timestamp_seconds", "When each part last did its work.", labels=["part"]
        )
        for name, one in sorted(found.beats.items()):
            beats.add_metric([name], one.at.timestamp())
        yield beats
        yield from self._sizes()
        yield InfoMetricFamily(
            f"{PREFIX}schema", "The schema of the database.", value={"revision": found.revision or ""}
        )

    def _sizes(self) -> Iterator[Metric]:
        backup = self._found.beats.get("backup")
        if backup and backup.size is not None:
            yield _gauge("backup_bytes", "Size of the last backup.", backup.size)
        if self._found.file_size is not None:
            yield _gauge("database_bytes", "Size of the SQLite file.", self._found.file_size)
        if self._found.log_size is not None:
            yield _gauge("wal_bytes", "Size of the write-ahead log beside it.", self._found.log_size)


@bp.get("/metrics")
def show() -> Response:
    now = dt.datetime.now(dt.UTC)
    registry = CollectorRegistry()
    registry.register(_Numbers(vitals.take(db.session(), now), now))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _gauge(name: str, help: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{PREFIX}{name}", help, value=value)
