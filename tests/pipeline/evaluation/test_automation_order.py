"""The list of automations of a store: its order, its groups, and who changed them."""

from __future__ import annotations

import pytest

from automations.features.authoring import archiving
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.people import Audit, User
from automations.pipeline.evaluation import automation_order
from tests.kit import shop
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")


def put(id: int, name: str) -> None:
    with write() as session:
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
        automation_order.put_in_group(session, session.get_one(Automation, id), name, rosa, NOW)


def move(id: int, up: bool) -> bool:
    with write() as session:
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
        return automation_order.move(session, session.get_one(Automation, id), up, rosa, NOW)


def noted(action: str) -> list[tuple[str, object, object, str]]:
    rows = db.session.query(Audit, User.name).join(User, User.id == Audit.user_id).order_by(Audit.id)
    return [(row.about, row.before, row.after, name) for row, name in rows if row.action == action]


def test_each_store_has_its_own_groups_in_alphabetical_order() -> None:
    for name, group in (("Thank you", "Sales"), ("Chase", "Money"), ("Remind", "Money"), ("Other", "")):
        put(shop.publish_automation(name, "created"), group)
    put(shop.draft_automation("Theirs", "created", store="Thorn & Co"), "Secret plans")
    bloom, thorn = (db.session.query(Automation).filter_by(name=name).one() for name in ("Chase", "Theirs"))
    assert automation_order.groups(db.session(), bloom.store_id) == ["Money", "Sales"]
    assert automation_order.groups(db.session(), thorn.store_id) == ["Secret plans"]


def test_a_group_of_archived_automations_only_is_in_use_no_more() -> None:
    id = shop.publish_automation("Thank you", "created")
    put(id, "Sales")
    with write() as session:
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
        archiving.archive(session, session.get_one(Automation, id), rosa, NOW)
    assert automation_order.groups(db.session(), db.session.get_one(Automation, id).store_id) == []


def test_grouping_is_audited_with_both_names_and_only_if_it_changes_something() -> None:
    id = shop.publish_automation("Thank you", "created")
    for name in ("Sales", "  Sales ", "After   sales", ""):
        put(id, name)
    about, who = "automation “Thank you”", "Rosa Lind"
    assert noted("grouped") == [
        (about, "", "Sales", who),
        (about, "Sales", "After sales", who),
        (about, "After sales", "", who),
    ]


def test_a_move_is_audited_with_its_direction_and_one_past_the_end_is_none() -> None:
    first, second = (shop.publish_automation(name, "created") for name in ("First", "Second"))
    assert (move(second, up=True), move(second, up=True), move(first, up=False)) == (True, False, False)
    assert move(second, up=False)
    about, who = "automation “Second”", "Rosa Lind"
    assert noted("moved") == [(about, None, "up", who), (about, None, "down", who)]
