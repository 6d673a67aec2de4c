"""The figures of a shop that is open: something fires all the time, and is not counted yet."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import sqlalchemy as sa
from flask import Flask

from automations.features.figures.counting import FigureCounting
from automations.features.figures.day_figures import figures, last_days, sums
from automations.models.db.base import db, run_in_write
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.store import Store
from benchmarks import pages_grow
from tests.kit import shop
from tests.kit.statements import Statement, plan_of, recorded_statements
from tests.world import NOW

#: So many that Postgres reads all runs rather than a third of them one by one.
MANY = 3_000
#: The steps of either database that read runs, and those of them that read some by an index.
READS_RUNS = re.compile(r"(SCAN|SEARCH|Scan on|Scan using \w+ on) run\b")
BY_AN_INDEX = re.compile(r"SEARCH|Index Scan")


def test_the_runs_of_what_is_new_are_read_alone(app: Flask, bloom: Store) -> None:
    shop.publish_automation("Thanks", "created", now=NOW)
    for number in range(3):
        shop.place_order(f"{number}", customer_id=1, now=NOW + dt.timedelta(hours=number))
    pages_grow.grow(db.engine, MANY)
    FigureCounting().once(NOW.replace(year=2030))
    newest = db.session.query(Evaluation.at).order_by(Evaluation.id.desc()).limit(1).scalar()
    shop.place_order("new", now=newest)
    run_in_write(lambda session: session.execute(sa.text("ANALYZE")))
    days = last_days(bloom.timezone, newest, 30)
    with recorded_statements() as statements:
        of_days = sum(count for *_, count in sums(db.session(), bloom, days))
        assert MANY / 2 < of_days == sum(one.count for one in figures(db.session(), bloom, days))
    of_runs = [one for one in statements if "JOIN run" in one[0]]
    assert len(of_runs) == 2
    for statement in of_runs:
        plan = _plan(statement)
        reads = [line for line in plan if READS_RUNS.search(line)]
        assert reads and all(BY_AN_INDEX.search(line) for line in reads), plan


def _plan(statement: Statement) -> Sequence[str]:
    if db.engine.dialect.name == "sqlite":
        return plan_of(statement)
    text, values = statement
    return db.session().connection().exec_driver_sql(f"EXPLAIN {text}", values).scalars().all()
