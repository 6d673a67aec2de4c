"""All changes lock the same tables in the same order, so they cannot deadlock."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy.orm import Session

from automations.models.automation import Automation
from automations.models.base import db, write
from automations.models.people import User
from automations.models.store import Store
from automations.pipeline import archive, breaker, holding, ownership, switched_off
from tests.kit import shop
from tests.kit.doing import do_due
from tests.kit.examples import EXAMPLES
from tests.kit.locks import locking
from tests.kit.statements import counted
from tests.web.test_everything_is_noted import World
from tests.world import NOW

#: Held, then locked -> why nobody can wait there.
ALONE = {("sign_in_failure", "sign_in_link"): "links of long ago are removed, which nobody else touches"}


def test_all_changes_take_locks_in_the_same_order(app: Flask, bloom: Store, rosa: User) -> None:
    if db.engine.dialect.name == "sqlite":
        return  # it locks as a whole, and says so in no statement
    world = World(app, bloom, rosa)
    with locking() as order:
        for endpoint in EXAMPLES:
            order.doing = endpoint
            world.send(endpoint)
        order.doing = "the worker"
        do_due()
    circle = order.circle(ALONE)
    assert not circle, order.told(circle)
    assert len(order.after) > 5


def test_a_change_of_many_runs_locks_them_by_id(bloom: Store, rosa: User) -> None:
    if db.engine.dialect.name == "sqlite":
        return
    one = db.session.get_one(Automation, shop.publish_automation("Thanks", "created"))
    finn = db.session.query(User).filter_by(email="finn@bloom.example").one()
    host = (bloom.id, "down.example")
    changes: list[Callable[[Session], object]] = [
        lambda session: [breaker.failed(session, *host, "down", NOW) for _ in range(breaker.FAILURES)],
        lambda session: breaker.hold_back(session, NOW),
        lambda session: breaker.answered(session, *host, NOW),
        lambda session: switched_off.let_go(session, one, NOW),
        lambda session: ownership.take_over(session, one, finn, NOW),
        lambda session: archive.archive(session, one, rosa, NOW),
        lambda session: holding.begin(session, NOW),
    ]
    with counted() as statements:
        for change in changes:
            with write() as session:
                change(session)
    of_runs = [text for text, _ in statements if text.startswith("UPDATE run ")]
    assert len(of_runs) >= 6
    assert [text for text in of_runs if "ORDER BY run.id FOR NO KEY UPDATE" not in text] == []
