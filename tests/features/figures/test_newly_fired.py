"""The figures of a shop that is open: something fires all the time, and is not counted yet."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from flask import Flask

from automations.features.figures.counting import FigureCounting
from automations.features.figures.day_figures import figures, last_days, sums
from automations.models.db.base import db, run_in_write
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.store import Store
from benchmarks import pages_grow
from tests.kit import shop
from tests.kit.statements import recorded_statements
from tests.world import NOW

#: So many that Postgres reads all runs rather than a third of them one by one.
MANY = 3_000


def test_postgres_reads_the_runs_of_what_is_new_alone(app: Flask, bloom: Store) -> None:
    if db.engine.dialect.name == "sqlite":
        return  # tests/test_list_plans.py asks it of its plans
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
    for text, values in of_runs:
        plan = db.session().connection().exec_driver_sql(f"EXPLAIN {text}", values).scalars().all()
        assert not [line for line in plan if "Seq Scan on run" in line], "\n".join(plan)
