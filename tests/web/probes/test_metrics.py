"""Metrics are correct and readable only by the monitoring program."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from automations.models.db import schema
from automations.models.db.base import run_in_write, write
from automations.models.tables import heartbeat
from automations.models.tables.automation import Automation
from automations.models.tables.called_host import CalledHost, ClosedEndpoint
from automations.pipeline.runs import store_hold
from tests.kit.shop import place_order, publish_automation, set_run

TOKEN = "a token that only the monitoring program knows"


@pytest.fixture
def monitor(app: Flask) -> Iterator[FlaskClient]:
    app.config["METRICS_TOKEN"] = TOKEN
    yield app.test_client()
    app.config["METRICS_TOKEN"] = ""


def read(client: FlaskClient) -> dict[str, float]:
    """Return each sample's value by "name/label"."""
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200, answer.text
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(answer.text)
    samples = [sample for family in families for sample in family.samples]
    named = [(sample.name.removeprefix("store_automations_"), sample) for sample in samples]
    return {"/".join([name, *sample.labels.values()]): sample.value for name, sample in named}


def test_the_queue_has_its_length_and_age(monitor: FlaskClient) -> None:
    now = dt.datetime.now(dt.UTC)
    publish_automation("Confirm", "created")
    for number in range(3):
        place_order(str(number), customer_id=1, now=now - dt.timedelta(minutes=10))
    set_run(3, state="unknown")
    values = read(monitor)
    assert values["queue_runs"] == 2
    assert 600 <= values["queue_age_seconds"] < 700
    assert (values["runs/waiting"], values["runs/unknown"], values["runs/failed"]) == (2, 1, 0)


def test_runs_on_hold_do_not_count_as_queued(monitor: FlaskClient) -> None:
    publish_automation("Confirm", "created")
    place_order("1", customer_id=1)
    with write() as session:
        store_hold.begin(session, dt.datetime.now(dt.UTC))
    values = read(monitor)
    assert (values["queue_runs"], values["queue_age_seconds"], values["stores_on_hold"]) == (0, 0, 2)


def test_heartbeats_the_backup_and_the_schema_are_reported(monitor: FlaskClient) -> None:
    at = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
    run_in_write(lambda session: heartbeat.note(session, {"relay": at}))
    run_in_write(lambda session: heartbeat.note(session, {"backup": at}, 4711))
    values = read(monitor)
    assert values["last_timestamp_seconds/relay"] == at.timestamp()
    assert values["last_timestamp_seconds/backup"] == at.timestamp()
    assert values["backup_bytes"] == 4711
    assert values[f"schema_info/{schema.required_revision()}"] == 1


def test_hosts_with_an_open_breaker_are_counted(monitor: FlaskClient) -> None:
    now = dt.datetime.now(dt.UTC)
    with write() as session:
        for host, opened in (("well.example", None), ("hangs.example", now)):
            state = {"failures": 5, "last_error": "", "changed_at": now, "opened_at": opened}
            session.add(CalledHost(store_id=1, host=host, **state))
    assert read(monitor)["hosts_not_called"] == 1


def test_a_heartbeat_of_another_worker_does_not_go_back_in_time(monitor: FlaskClient) -> None:
    late = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
    early = late - dt.timedelta(seconds=30)
    run_in_write(lambda session: heartbeat.note(session, {"relay": late}))
    run_in_write(lambda session: heartbeat.note(session, {"relay": early, "scan": early}))
    values = read(monitor)
    assert values["last_timestamp_seconds/relay"] == late.timestamp()
    assert values["last_timestamp_seconds/scan"] == early.timestamp()


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer wrong", TOKEN, f"Basic {TOKEN}"])
def test_metrics_are_refused_without_the_token(monitor: FlaskClient, header: str) -> None:
    assert monitor.get("/metrics", headers={"Authorization": header}).status_code == 403


def test_without_a_configured_token_not_even_an_admin_reads_metrics(as_ada: FlaskClient) -> None:
    assert as_ada.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 403


def test_paused_automations_and_closed_endpoints_are_counted(monitor: FlaskClient) -> None:
    now = dt.datetime.now(dt.UTC)
    publish_automation("Loops", "created")
    publish_automation("Well", "created")
    assert (read(monitor)["automations_paused"], read(monitor)["endpoints_closed"]) == (0, 0)
    with write() as session:
        session.query(Automation).filter_by(id=1).one().paused_at = now
        session.add(
            ClosedEndpoint(store_id=1, url="https://gone.example", host="gone.example", closed_at=now)
        )
    assert (read(monitor)["automations_paused"], read(monitor)["endpoints_closed"]) == (1, 1)
