"""All changes lock the same tables in the same order: no two of them wait for each other."""

from __future__ import annotations

from flask import Flask

from automations.models.base import db
from automations.models.people import User
from automations.models.store import Store
from tests.kit.doing import do_due
from tests.kit.examples import EXAMPLES
from tests.kit.locks import locking
from tests.web.test_everything_is_noted import World

#: Held, then locked -> why nobody can wait there.
ALONE = {("sign_in_failure", "sign_in_link"): "links of long ago are removed, which nobody else touches"}


def test_all_changes_lock_in_one_order(app: Flask, bloom: Store, rosa: User) -> None:
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
