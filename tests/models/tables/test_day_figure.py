"""Figures that were counted before outcomes had their words of today get them from the migrations."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import sqlalchemy as sa
from flask import Flask

from automations.features.figures.counting import FigureCounting
from automations.models.db import schema
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.day_figure import DayFigure, OpenFigure
from automations.models.tables.store import Store
from tests.kit import shop
from tests.kit.downgrading import downgrade
from tests.world import NOW

TWO = [shop.email_to(), shop.email_to("manager")]
#: The second run of each evaluation, the first is skipped -> what older figures called it.
CASES = (
    ({"state": "failed", "reason": "No."}, "failed", "failing"),
    ({"state": "unknown", "reason": "?"}, "unknown", "failing"),
    ({"state": "waiting", "reason": "503", "tries": 1}, "failing", "failing"),
    ({"state": "waiting", "reason": "Held: off."}, "kept_back", "kept_back"),
    ({"state": "waiting", "reason": "Silent."}, "under_way_skipped", "kept_back"),
    ({"state": "held", "reason": "Held: many."}, "kept_back", "under_way_skipped"),
    ({"state": "queued"}, "under_way_skipped", "under_way_skipped"),
    ({"state": "succeeded"}, "skipped", "skipped"),
)


def test_the_migration_tells_apart_what_older_figures_did_not(app: Flask, bloom: Store) -> None:
    automation_id = shop.publish_automation("Thanks", "created", actions=TWO, now=NOW)
    for place in range(len(CASES)):
        shop.place_order(str(place), now=NOW)
    ids = [run.id for run in shop.runs()]
    for place, (values, *_) in enumerate(CASES):
        shop.set_run(ids[2 * place], state="skipped", reason="No address.")
        shop.set_run(ids[2 * place + 1], **values)
    FigureCounting().once(NOW + dt.timedelta(hours=1))
    # Three failures of which the log keeps nothing any more.
    with write() as session:
        failed = sa.update(DayFigure).where(DayFigure.standing == "failed")
        session.execute(failed.values(count=DayFigure.count + 3))
    counted = _figures(), _open()
    assert counted[0] == Counter(new for _, new, _ in CASES) + Counter(failed=3)
    db.session.remove()
    downgrade("0040")
    _as_before(automation_id)
    schema.upgrade()
    assert (_figures(), _open()) == counted


def test_the_migration_tells_what_was_kept_and_done_from_what_was_sent(app: Flask, bloom: Store) -> None:
    with write() as session:
        session.get_one(Store, bloom.id).timezone = "Asia/Tokyo"
    shop.publish_automation("Thanks", "created", actions=TWO, now=NOW)
    for place in range(5):
        # In Tokyo it is the next day already.
        shop.place_order(str(place), now=NOW.replace(hour=20))
    ids = [run.id for run in shop.runs()]
    for id in ids:
        shop.set_run(id, state="succeeded")
    shop.keep_here(ids[2])
    shop.set_run(ids[4], kind="change_data")
    shop.set_run(ids[5], kind="notify")
    shop.set_run(ids[6], state="cancelled")
    shop.set_run(ids[7], kind="create_task")
    shop.set_run(ids[8], state="skipped", reason="No address.")
    FigureCounting().once(NOW + dt.timedelta(days=1))
    with write() as session:
        sent = sa.update(DayFigure).where(DayFigure.standing == "sent")
        session.execute(sent.values(count=DayFigure.count + 3))
    counted = _figures()
    assert counted == Counter(sent=4, kept_here=1, done=2, skipped=1)
    days = db.session.scalars(sa.select(DayFigure.day).distinct()).all()
    assert days == [(NOW + dt.timedelta(days=1)).date()]
    db.session.remove()
    downgrade("0050")
    assert _figures() == Counter(sent=7, skipped=1)
    schema.upgrade()
    assert _figures() == counted
    assert db.session.scalars(sa.select(DayFigure.day).distinct()).all() == days
    db.session.remove()


def _as_before(automation_id: int) -> None:
    """Write what older versions counted."""
    evaluations = db.session.scalars(sa.text("SELECT id FROM evaluation ORDER BY id")).all()
    for id, (_, _, old) in zip(evaluations, CASES, strict=True):
        db.session.execute(
            sa.text("UPDATE open_figure SET standing = :old WHERE evaluation_id = :id"),
            {"old": old, "id": id},
        )
    store_id, day = db.session.execute(sa.select(DayFigure.store_id, DayFigure.day).limit(1)).one()
    db.session.execute(sa.delete(DayFigure))
    assert db.session.get(Automation, automation_id)
    for standing, count in (Counter(old for *_, old in CASES) + Counter(failing=3)).items():
        whose = {"store_id": store_id, "automation_id": automation_id, "day": day}
        db.session.execute(sa.insert(DayFigure).values(**whose, standing=standing, count=count))
    db.session.commit()
    db.session.remove()


def _figures() -> Counter[str]:
    found: Counter[str] = Counter()
    for standing, count in db.session.execute(sa.select(DayFigure.standing, DayFigure.count)):
        found[standing] += count
    db.session.remove()
    return +found


def _open() -> list[tuple[int, str]]:
    query = sa.select(OpenFigure.evaluation_id, OpenFigure.standing).order_by(OpenFigure.evaluation_id)
    rows = [(id, standing) for id, standing in db.session.execute(query)]
    db.session.remove()
    return rows
