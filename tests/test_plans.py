"""The worker's frequent queries use an index, however long the queue is."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from dbos import DBOSClient, DBOSPortableJSONSerializer
from flask import Flask
from sqlalchemy.orm import Session

from automations.models.db.base import db, run_in_write
from automations.models.db.database import workflow_engine
from automations.models.tables.run import QUEUED, RUNNING, SUCCEEDED, Run
from automations.pipeline.delivery.relay import relay
from automations.worker import recovery
from tests.kit.live import working
from tests.kit.shop import place_order, publish_automation, set_run
from tests.kit.statements import Statement, plan_of, recorded_statements
from tests.world import NOW

#: What only grows. The others hold a few rows, and a walk through them costs nothing.
MANY = 5000
GROWING = ("run", "attempt", "evaluation", "occurrence", "automation")


@pytest.fixture
def asked(app: Flask) -> list[Statement]:
    """The statements of one look of the relay and of the sweep that each find something to do."""
    publish_automation("Confirm", "created")
    for number in range(5):
        place_order(str(number), now=NOW.replace(year=2090))
    with working(app):
        pass  # the tables of the workflow library are there now, and nobody else asks anything
    set_run(1, state=QUEUED, workflow_id="gone")
    set_run(2, state=RUNNING, workflow_id="gone")
    set_run(3, deaths=["2026-11-22T10:00:00+00:00"])
    engine = workflow_engine(app.config["DATABASE_URL"], threading.Event())
    client = DBOSClient(system_database_engine=engine, serializer=DBOSPortableJSONSerializer())
    try:
        with recorded_statements() as statements:
            for state in (QUEUED, RUNNING):
                run_in_write(partial(_sweep, client=client, state=state))
            run_in_write(lambda session: relay(session, client, NOW.replace(year=2091)))
    finally:
        client.destroy()
        engine.dispose()
    return [one for one in statements if _is_about(one[0]) and not one[0].startswith("INSERT")]


def _sweep(session: Session, client: DBOSClient, state: str) -> None:
    recovery.put_back(session, recovery.orphans(session, client, state).runs, NOW.replace(year=2090))


def _is_about(text: str) -> bool:
    return any(f" {name} " in f"{text} ".replace("\n", " ") for name in GROWING)


def test_no_frequent_statement_scans_a_growing_table(asked: list[Statement]) -> None:
    assert len(asked) >= 8
    if db.engine.dialect.name == "sqlite":
        scans = [(step, one[0]) for one in asked for step in plan_of(one) if _scans(step)]
    else:
        _grow()
        db.session.execute(sa.text("SET LOCAL enable_seqscan = off"))
        scans = [(node["Node Type"], one[0]) for one in asked for node in _nodes(one) if _walks(node)]
    assert scans == []


def _grow() -> None:
    """As many rows of what was done long ago that Postgres would notice it if it walked through them."""
    numbers = sa.func.generate_series(1001, 1000 + MANY).table_valued("n", name="numbers").render_derived()
    place = numbers.c.n
    done = {"state": sa.literal(SUCCEEDED), "workflow_id": sa.null()}
    made: dict[str, dict[str, Any]] = {
        "occurrence": {"id": place},
        "evaluation": {"id": place, "occurrence_id": place},
        "run": {"id": place, "evaluation_id": place, **done},
    }
    for name, values in made.items():
        table = Run.metadata.tables[name]
        if "at" in table.c:
            values = {**values, "at": sa.literal(NOW, table.c.at.type)}
        columns = [values.get(column.name, column) for column in table.c]
        old = sa.select(*columns).select_from(table.join(numbers, sa.true()))
        first = sa.select(sa.func.min(table.c.id)).scalar_subquery()
        db.session.execute(sa.insert(table).from_select(list(table.c), old.where(table.c.id == first)))
    db.session.execute(sa.text("ANALYZE"))


def _scans(step: str) -> bool:
    """A step of SQLite that reads a whole table, but for an index that only holds some of its rows."""
    words = step.split()
    partial = step.endswith(("ix_automation_paused_for", "ix_run_lane", "ix_run_suspect"))
    return words[0] == "SCAN" and words[1] in GROWING and not partial


def _walks(node: dict[str, Any]) -> bool:
    """The same of Postgres, which was told to use an index wherever it can."""
    if node.get("Relation Name") not in GROWING or node["Node Type"] == "ModifyTable":
        return False
    partial = node.get("Index Name") in ("ix_automation_paused_for", "ix_run_lane", "ix_run_suspect")
    sought = "Index Cond" in node or "Recheck Cond" in node or partial
    return node["Node Type"] == "Seq Scan" or not sought


def _nodes(statement: Statement) -> Iterator[dict[str, Any]]:
    text, values = statement
    answer = db.session().connection().exec_driver_sql(f"EXPLAIN (FORMAT JSON) {text}", values).scalar()
    plans = json.loads(answer) if isinstance(answer, str) else answer
    todo = [one["Plan"] for one in plans]
    while todo:
        node = todo.pop()
        yield node
        todo += node.get("Plans", ())
