"""Drafts: kept whatever their state, one editor at a time, with their problems in words."""

from __future__ import annotations

import pytest

from automations.features.authoring import drafts
from automations.features.authoring.duplicate import duplicate
from automations.features.authoring.unique_name import free_name
from automations.features.starters.gallery import STARTERS
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.world import NOW

READY = STARTERS["confirm_paid_deliveries"].data


def made(store: Store, user: User, name: str = "Confirm") -> Automation:
    with write() as session:
        return drafts.create(session, store, name, READY, user, NOW)


def test_a_new_automation_is_off_and_last(bloom: Store, rosa: User) -> None:
    first, second = made(bloom, rosa, "One"), made(bloom, rosa, "Two")
    assert first.active_version_id is None and first.position < second.position


def test_saving_raises_the_revision_and_names_the_editor(bloom: Store, rosa: User) -> None:
    one = made(bloom, rosa)
    with write() as session:
        drafts.save(session, one, "Renamed", drafts.blank(), 1, rosa, NOW)
    assert (one.name, one.revision, one.editor) == ("Renamed", 2, rosa)


def test_the_second_save_of_a_revision_is_a_conflict_that_changes_nothing(bloom: Store, rosa: User) -> None:
    one = made(bloom, rosa)
    with write() as session:
        drafts.save(session, one, "First", READY, 1, rosa, NOW)
    with pytest.raises(drafts.Conflict, match="Rosa Lind") as conflict, write() as session:
        drafts.save(session, one, "Second", READY, 1, rosa, NOW)
    assert conflict.value.theirs.name == "First" and one.name == "First"


@pytest.mark.parametrize(
    ("name", "said"), [(" ", "Give the automation a name"), ("x" * 121, "Shorten"), ("Taken", "already")]
)
def test_an_unusable_name_is_refused_with_a_reason(bloom: Store, rosa: User, name: str, said: str) -> None:
    made(bloom, rosa, "Taken")
    problem = drafts.name_problem(db.session(), bloom, name, None)
    assert problem and problem.path == "name" and said in problem.sentence


def test_a_name_may_stay_and_may_exist_in_another_store(bloom: Store, rosa: User) -> None:
    one = made(bloom, rosa, "Mine")
    thorn = db.session.query(Store).filter_by(name="Thorn & Co").one()
    assert drafts.name_problem(db.session(), bloom, "Mine", one.id) is None
    assert drafts.name_problem(db.session(), thorn, "Mine", None) is None


def test_a_free_name_counts_up_and_stays_short_enough(bloom: Store, rosa: User) -> None:
    made(bloom, rosa, "Thanks_%")
    made(bloom, rosa, "Thanks_% 2")
    assert free_name(db.session(), bloom, "Thanks_%") == "Thanks_% 3"
    assert len(free_name(db.session(), bloom, "x" * 500)) <= drafts.LONGEST_NAME


def test_a_copy_shares_nothing_with_the_first(bloom: Store, rosa: User) -> None:
    one = made(bloom, rosa)
    with write() as session:
        copy = duplicate(session, bloom, one, rosa, NOW)
    assert (copy.name, copy.draft) == ("Copy of Confirm", one.draft)
    assert copy.id != one.id and copy.active_version_id is None


def test_a_blank_draft_says_what_it_lacks(bloom: Store) -> None:
    found = drafts.problems(StoreWords(db.session(), bloom), drafts.blank())
    assert [problem.path for problem in found] == ["trigger.key", "actions"]


@pytest.mark.parametrize("key", [key for key, one in STARTERS.items() if not one.asks])
def test_every_starter_without_a_gap_is_ready(bloom: Store, key: str) -> None:
    assert drafts.problems(StoreWords(db.session(), bloom), STARTERS[key].data) == []


@pytest.mark.parametrize("key", [key for key, one in STARTERS.items() if one.asks])
def test_a_starter_for_one_account_asks_which(bloom: Store, key: str) -> None:
    found = drafts.problems(StoreWords(db.session(), bloom), STARTERS[key].data)
    assert [problem.path for problem in found] == ["conditions.0.value"]


def test_too_many_actions_are_refused(bloom: Store) -> None:
    data = {**READY, "actions": list(READY["actions"]) * 21}
    found = drafts.problems(StoreWords(db.session(), bloom), data)
    assert [(problem.path, problem.sentence[:30]) for problem in found] == [
        ("actions", "This automation has 21 actions")
    ]
