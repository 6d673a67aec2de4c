"""A sitting saves over itself in any order of arrival, and never over anyone else."""

from __future__ import annotations

import datetime as dt

import pytest

from automations.features.authoring import drafts, sittings
from automations.features.authoring.drafts import Conflict
from automations.features.authoring.sittings import Edit
from automations.models.access.undo_steps import CannotUndo
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.people import Audit, User
from automations.models.tables.store import Store
from automations.models.tables.undo_step import UndoStep
from tests.world import NOW

DRAFT = drafts.blank()


@pytest.fixture
def automation_id(bloom: Store, rosa: User) -> int:
    with write() as session:
        store, user = session.get_one(Store, bloom.id), session.get_one(User, rosa.id)
        return drafts.create(session, store, "Thanks", DRAFT, user, NOW).id


def _keep(
    bloom: Store,
    rosa: User,
    id: int | None,
    name: str,
    *,
    at: dt.datetime = NOW,
    token: str = "a",
    **edit: int,
) -> tuple[int, int]:
    """Save under a name; return the automation's id and its revision."""
    sent = Edit(name, DRAFT, edit.get("revision", 1), token, edit.get("number", 0))
    with write() as session:
        known = session.get_one(Automation, id) if id else None
        store, user = session.get_one(Store, bloom.id), session.get_one(User, rosa.id)
        saved, _ = sittings.keep(session, store, known, sent, user, at)
        return saved.id, saved.revision


def _name(id: int) -> str:
    db.session.rollback()
    return db.session.get_one(Automation, id).name


def test_a_sitting_saves_on_from_the_revision_it_has_seen(
    bloom: Store, rosa: User, automation_id: int
) -> None:
    assert _keep(bloom, rosa, automation_id, "One", number=1)[1] == 2
    assert _keep(bloom, rosa, automation_id, "Two", number=2)[1] == 3
    assert _name(automation_id) == "Two"


def test_a_save_that_comes_late_changes_nothing(bloom: Store, rosa: User, automation_id: int) -> None:
    _keep(bloom, rosa, automation_id, "Newer", number=2)
    assert _keep(bloom, rosa, automation_id, "Older", number=1)[1] == 2
    assert _name(automation_id) == "Newer"


def test_a_new_automation_is_made_once_however_often_it_is_sent(bloom: Store, rosa: User) -> None:
    id, _ = _keep(bloom, rosa, None, "New", revision=0, number=1)
    assert _keep(bloom, rosa, None, "New and named", revision=0, number=2) == (id, 2)
    assert db.session.query(Automation).count() == 1


def test_nobody_else_is_overwritten(bloom: Store, rosa: User, automation_id: int) -> None:
    _keep(bloom, rosa, automation_id, "Mine", number=1)
    _keep(bloom, rosa, automation_id, "Theirs", token="b", revision=2, number=1)
    with pytest.raises(Conflict):
        _keep(bloom, rosa, automation_id, "Mine again", number=2)
    assert _name(automation_id) == "Theirs"


def test_what_did_not_change_is_no_revision(bloom: Store, rosa: User, automation_id: int) -> None:
    assert _keep(bloom, rosa, automation_id, "Thanks", number=1)[1] == 1
    assert db.session.query(UndoStep).count() == 0


def test_the_audit_has_one_row_and_another_after_a_pause(
    bloom: Store, rosa: User, automation_id: int
) -> None:
    for number, name in enumerate(("One", "Two", "Three"), 1):
        _keep(bloom, rosa, automation_id, name, number=number)
    assert db.session.query(Audit).filter_by(action="changed").count() == 1
    later = dt.datetime.now(dt.UTC) + sittings.PAUSE + dt.timedelta(minutes=1)
    _keep(bloom, rosa, automation_id, "Four", number=4, at=later)
    assert db.session.query(Audit).filter_by(action="changed").count() == 2


def test_undoing_takes_back_only_what_came_after_the_other(
    bloom: Store, rosa: User, automation_id: int
) -> None:
    _keep(bloom, rosa, automation_id, "Mine", number=1)
    _keep(bloom, rosa, automation_id, "Theirs", token="b", revision=2, number=1)
    _keep(bloom, rosa, automation_id, "Mine anyway", revision=3, number=2)
    with write() as session:
        step = session.query(UndoStep).filter_by(token="a").one()
        sittings.take_back(session, step, session.get_one(User, rosa.id), NOW)
    assert _name(automation_id) == "Theirs"


def test_what_somebody_changed_since_is_not_undone(bloom: Store, rosa: User, automation_id: int) -> None:
    _keep(bloom, rosa, automation_id, "Mine", number=1)
    _keep(bloom, rosa, automation_id, "Theirs", token="b", revision=2, number=1)
    with pytest.raises(CannotUndo, match="changed in the meantime"), write() as session:
        step = session.query(UndoStep).filter_by(token="a").one()
        sittings.take_back(session, step, session.get_one(User, rosa.id), NOW)
    assert _name(automation_id) == "Theirs"
