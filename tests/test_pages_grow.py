"""The benchmark of the pages multiplies a shop whose pages and figures stay those of a real one."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from automations.features.figures.counting import FigureCounting
from automations.models.db.base import db
from automations.models.tables.day_figure import DayFigure
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.order import Order
from automations.models.tables.run import Run
from benchmarks import pages_grow
from tests.kit import shop
from tests.kit.set_up import sign_in
from tests.world import NOW

WANTED = 60


@pytest.fixture
def grown(client: FlaskClient) -> FlaskClient:
    shop.publish_automation("Thanks", "created", now=NOW)
    for number in range(3):
        shop.place_order(f"{number}", customer_id=1, now=NOW + dt.timedelta(hours=number))
    sign_in(client, "rosa@bloom.example")
    pages_grow.grow(db.engine, WANTED)
    return client


def test_a_multiplied_shop_is_one_in_which_ids_and_instants_rise_together(grown: FlaskClient) -> None:
    occurrences = db.session.query(Occurrence).order_by(Occurrence.id).all()
    assert len(occurrences) == WANTED
    assert [one.at for one in occurrences] == sorted(one.at for one in occurrences)
    assert all(db.session.get_one(Order, one.record_id) for one in occurrences)
    own = sa.select(Evaluation.id).join(Evaluation.occurrence).where(Occurrence.at == Evaluation.at)
    assert (
        len(db.session.scalars(own).all()) == db.session.query(Run.evaluation_id).distinct().count() == WANTED
    )


def test_its_pages_open_its_figures_are_counted_and_its_numbers_go_on(grown: FlaskClient) -> None:
    number = db.session.query(Order.number).order_by(Order.id.desc()).limit(1).scalar()
    assert "Thanks" in grown.get(f"/orders/{number}").text
    assert FigureCounting().once(NOW.replace(year=2030)) == WANTED
    assert db.session.query(sa.func.sum(DayFigure.count)).scalar() == WANTED
    shop.place_order("next")
    assert db.session.query(Occurrence).count() == WANTED + 1
