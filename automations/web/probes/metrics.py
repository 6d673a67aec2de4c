"""Metrics for a monitoring program, in the text format of Prometheus."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from flask import Blueprint, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from automations.models.db.base import db
from automations.models.health import health_metrics
from automations.models.health.health_metrics import COUNTED, HealthMetrics

PREFIX = "store_automations_"

bp = Blueprint("metrics", __name__)


class _VitalsCollector:
    """Yields metrics read from the database for this scrape; the processes themselves keep no counters."""

    def __init__(self, vitals: HealthMetrics, now: dt.datetime) -> None:
        self._vitals = vitals
        self._now = now

    def collect(self) -> Iterator[Metric]:
        vitals = self._vitals
        yield _gauge("queue_runs", "Runs that are due and not started.", vitals.due)
        age = vitals.age_of_queue(self._now)
        yield _gauge("queue_age_seconds", "How long the oldest of them has waited.", age)
        runs = GaugeMetricFamily(f"{PREFIX}runs", "Unfinished runs, by state.", labels=["state"])
        for state in COUNTED:
            runs.add_metric([state], vitals.runs.get(state, 0))
        yield runs
        yield _gauge("evaluations_held", "Evaluations held because of a loop.", vitals.held)
        yield _gauge("stores_on_hold", "Stores that send nothing after a restore.", vitals.stores_on_hold)
        yield _gauge("hosts_not_called", "Hosts not called because they fail.", vitals.hosts_open)
        yield _gauge("endpoints_closed", "Endpoints closed as gone for good.", vitals.endpoints_closed)
        yield _gauge("automations_paused", "Automations paused for a loop.", vitals.paused)
        beats = GaugeMetricFamily(
            f"{PREFIX}last_timestamp_seconds", "When each part last ran.", labels=["part"]
        )
        for part, beat in sorted(vitals.beats.items()):
            beats.add_metric([part], beat.at.timestamp())
        yield beats
        yield from self._sizes()
        yield InfoMetricFamily(
            f"{PREFIX}schema", "The schema of the database.", value={"revision": vitals.revision or ""}
        )

    def _sizes(self) -> Iterator[Metric]:
        backup = self._vitals.beats.get("backup")
        if backup and backup.size is not None:
            yield _gauge("backup_bytes", "Size of the last backup.", backup.size)
        if self._vitals.file_size is not None:
            yield _gauge("database_bytes", "Size of the SQLite file.", self._vitals.file_size)
        if self._vitals.log_size is not None:
            yield _gauge("wal_bytes", "Size of the write-ahead log beside it.", self._vitals.log_size)


@bp.get("/metrics")
def show() -> Response:
    now = dt.datetime.now(dt.UTC)
    registry = CollectorRegistry()
    registry.register(_VitalsCollector(health_metrics.measure(db.session(), now), now))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _gauge(name: str, help: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{PREFIX}{name}", help, value=value)
